#include "bed.hpp"
#include "cli/signals.hpp"
#include "program.hpp"
#include "tests/cli/silent_server.hpp"

#include <mlk/core/text.hpp>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

using namespace mlk::test;
using std::chrono::milliseconds;

namespace {

/// The program under test.
std::string binary() { return Mlk().start({}).argv.front(); }

Ended shell(const std::string& script) { return run_program({{"bash", "-c", script}, {{"MLK", binary()}}, {}, {}}); }

/// Names of the libraries that a file wants, and its search path, as readelf shows them.
std::set<std::string> dynamic_entries(const std::string& file, const std::string& tag) {
  std::set<std::string> found;
  for (const std::string& line : mlk::split(run_program({{"readelf", "-d", file}, {}, {}, {}}).out, '\n')) {
    const std::size_t open = line.find('[');
    const std::size_t close = line.rfind(']');
    if (line.find("(" + tag + ")") == std::string::npos || close == std::string::npos) continue;
    found.insert(line.substr(open + 1, close - open - 1));
  }
  return found;
}

/// A child that watches for signals and does as the test says; returns its exit code, 128 + signal for a death by one.
int run_child(const std::function<int()>& child, const std::function<void(pid_t)>& parent) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    // The test's own handlers aren't the child's.
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);
    ::_exit(child());
  }
  std::this_thread::sleep_for(milliseconds(300));
  parent(pid);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("process: a full disk behind standard output is exit code 1, said once", "[cli][process]") {
  const Ended ended = shell("$MLK help > /dev/full");
  CHECK(ended.code == 1);
  CHECK(ended.err == "error: can't write to standard output\n  why: No space left on device\n");
}

TEST_CASE("process: a reader that has gone is no failure and leaves no trace", "[cli][process]") {
  const Ended ended = shell("(sleep 0.3; $MLK help; echo \"code $?\" >&2) | true; sleep 0.6");
  CHECK(ended.err == "code 0\n");
}

TEST_CASE("process: closed standard streams disturb nobody", "[cli][process]") {
  CHECK(shell("$MLK version >&-").code == 0);
  CHECK(shell("$MLK version >&-").err.empty());
  CHECK(shell("$MLK version 2>&- <&-").out == "mlk 0.1.0\n");
  CHECK(shell("$MLK nonsense 2>&-").code == 2);
}

TEST_CASE("process: usage errors are exit code 2 with nothing on standard output", "[cli][process]") {
  for (const char* words : {"nonsense", "version --nonsense", "version x", "config", "completion", "version -o x"}) {
    const Ended ended = shell(std::string("$MLK ") + words);
    INFO(words);
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err.starts_with("error: "));
  }
}

TEST_CASE("process: a signal ends a wait at once, with 128 and its number", "[cli][process][signals]") {
  const SilentServer server;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    Mlk mlk("config");
    mlk.write("config", server.kubeconfig());
    Program program(mlk.start({"version", "--server", "--kubeconfig", (mlk.folder() / "config").string()}));
    std::this_thread::sleep_for(milliseconds(500));
    program.signal(number);
    const auto ended = program.wait(std::chrono::seconds(10));
    REQUIRE(ended);
    CHECK(ended->code == 128 + number);
    CHECK(ended->out.empty());
    CHECK(ended->err.starts_with("error: "));
  }
}

TEST_CASE("signals: the first one asks, the second one ends the process at once", "[cli][signals]") {
  auto deaf = [] {
    mlk::cli::SignalStop stop;
    static_cast<void>(stop.token());
    std::this_thread::sleep_for(std::chrono::seconds(20));
    return 0;
  };
  const int code = run_child(deaf, [](pid_t pid) {
    ::kill(pid, SIGINT);
    std::this_thread::sleep_for(milliseconds(200));
    ::kill(pid, SIGTERM);
  });
  CHECK(code == 128 + SIGTERM);
}

TEST_CASE("signals: a stop is requested, and which signal it was is known", "[cli][signals]") {
  auto attentive = [] {
    mlk::cli::SignalStop stop;
    const std::stop_token token = stop.token();
    for (int i = 0; i < 200 && !token.stop_requested(); ++i) std::this_thread::sleep_for(milliseconds(50));
    return stop.signal();
  };
  CHECK(run_child(attentive, [](pid_t pid) { ::kill(pid, SIGHUP); }) == SIGHUP);
}

TEST_CASE("signals: what was ignored when the program began stays ignored", "[cli][signals]") {
  auto with_nohup = [] {
    std::signal(SIGHUP, SIG_IGN);
    mlk::cli::SignalStop stop;
    const std::stop_token token = stop.token();
    for (int i = 0; i < 200 && !token.stop_requested(); ++i) std::this_thread::sleep_for(milliseconds(50));
    return stop.signal();
  };
  const int code = run_child(with_nohup, [](pid_t pid) {
    ::kill(pid, SIGHUP);
    std::this_thread::sleep_for(milliseconds(200));
    ::kill(pid, SIGTERM);
  });
  CHECK(code == SIGTERM);
}

TEST_CASE("process: before anybody asks for the stop token, a signal ends the program as usual", "[cli][signals]") {
  auto plain = [] {
    mlk::cli::SignalStop stop;
    std::this_thread::sleep_for(std::chrono::seconds(20));
    return stop.signal();
  };
  CHECK(run_child(plain, [](pid_t pid) { ::kill(pid, SIGINT); }) == 128 + SIGINT);
}

TEST_CASE("process: the program wants few libraries, and none that is slow to load", "[cli][process][start]") {
  const std::set<std::string> allowed{"libmlk.so.0.1",     "libfmt.so.9",    "libcrypto.so.3", "libzstd.so.1",
                                      "libsimdjson.so.14", "libyaml-0.so.2", "libre2.so.9",    "libstdc++.so.6",
                                      "libm.so.6",         "libgcc_s.so.1",  "libc.so.6",      "ld-linux-x86-64.so.2"};
  for (const std::string& name : dynamic_entries(binary(), "NEEDED")) {
    INFO(name);
    CHECK(allowed.count(name) == 1);
  }
}

TEST_CASE("process: libmlk is looked for beside the program and in ../lib", "[cli][process][start]") {
  CHECK(dynamic_entries(binary(), "RUNPATH") == std::set<std::string>{"$ORIGIN:$ORIGIN/../lib"});
}

TEST_CASE("process: mlk version loads nothing more", "[cli][process][start]") {
  const Ended ended = run_program({{binary(), "version"}, {{"LD_DEBUG", "files"}}, {}, {}});
  CHECK(ended.code == 0);
  for (const char* name : {"libcurl", "libgit2", "libarchive"}) {
    CHECK(ended.err.find(name) == std::string::npos);
  }
}
