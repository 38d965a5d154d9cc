#include "temporary_folder.hpp"

#include <mlk/process/process.hpp>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

using namespace mlk;
using namespace mlk::process;
using namespace std::chrono_literals;

namespace {

Command shell(std::string script) {
  Command command;
  command.argv = {"/bin/sh", "-c", std::move(script)};
  return command;
}

std::string line_of_status(const std::string& text, const std::string& key) {
  const auto at = text.find(key);
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

}  // namespace

TEST_CASE("process: output, the end of standard error and the exit code come back", "[process]") {
  auto command = shell("echo out; echo err >&2; exit 3");
  const auto outcome = run(command);
  REQUIRE(outcome);
  CHECK(outcome->out == "out\n");
  CHECK(outcome->err == "err\n");
  CHECK(outcome->exit_code == 3);
  CHECK_FALSE(outcome->is_success());
  CHECK(describe_end(*outcome) == "exited with code 3");
}

TEST_CASE("process: arguments reach the program as they are", "[process]") {
  Command command;
  command.argv = {"printf", "%s|", "a b", "$(id)", "*", ";x", ""};
  const auto outcome = run(command);
  REQUIRE(outcome);
  CHECK(outcome->out == "a b|$(id)|*|;x||");
}

TEST_CASE("process: input larger than a pipe goes in while output comes out", "[process]") {
  Command command;
  command.argv = {"cat"};
  command.input.assign(std::size_t{3} << 20, 'x');
  command.out_limit = std::size_t{4} << 20;
  const auto outcome = run(command);
  REQUIRE(outcome);
  CHECK(outcome->out == command.input);
}

TEST_CASE("process: a child that doesn't read its input does no harm", "[process]") {
  auto command = shell("exec 0<&-; exit 0");
  command.input.assign(std::size_t{1} << 20, 'x');
  const auto outcome = run(command);
  REQUIRE(outcome);
  CHECK(outcome->is_success());
}

TEST_CASE("process: without input the child reads end of file", "[process]") {
  Command command;
  command.argv = {"cat"};
  const auto outcome = run(command);
  REQUIRE(outcome);
  CHECK(outcome->out.empty());
}

TEST_CASE("process: environment and folder are the ones given", "[process]") {
  auto command = shell("echo $ONE $HOME; pwd");
  command.env = Environment{"ONE=1"};
  command.directory = "/";
  const auto outcome = run(command);
  REQUIRE(outcome);
  CHECK(outcome->out == "1\n/\n");
}

TEST_CASE("process: environment_with replaces names and keeps the rest", "[process]") {
  const auto env = environment_with({{"PATH", "/x"}, {"MLK_TEST_NEW", "y"}});
  CHECK(std::count_if(env.begin(), env.end(), [](const auto& e) { return e.starts_with("PATH="); }) == 1);
  CHECK(std::count(env.begin(), env.end(), "PATH=/x") == 1);
  CHECK(std::count(env.begin(), env.end(), "MLK_TEST_NEW=y") == 1);
}

TEST_CASE("process: more output than the limit ends the child and is an error", "[process]") {
  auto command = shell("yes");
  command.out_limit = 1000;
  const auto outcome = run(command);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == ErrorKind::failed);
  CHECK(outcome.error().what == "'/bin/sh' wrote too much on its standard output");
}

TEST_CASE("process: only the end of standard error is kept", "[process]") {
  auto command = shell("for i in 1 2 3 4 5 6 7 8 9; do echo line$i >&2; done");
  command.err_tail = 12;
  const auto outcome = run(command);
  REQUIRE(outcome);
  CHECK(outcome->err == "line8\nline9\n");
}

TEST_CASE("process: a time-out ends the whole process group", "[process]") {
  const auto marker = std::filesystem::temp_directory_path() / ("mlk-process-" + std::to_string(::getpid()));
  std::filesystem::remove(marker);
  // A grandchild that ignores SIGTERM would write the marker if it lived on.
  auto command = shell("(trap '' TERM; sleep 1.2; touch " + marker.string() + ") & wait");
  command.timeout = 100ms;
  const auto outcome = run(command);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == ErrorKind::timed_out);
  std::this_thread::sleep_for(1400ms);
  CHECK_FALSE(std::filesystem::exists(marker));
}

TEST_CASE("process: a stop ends the child at once", "[process]") {
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(50ms);
    source.request_stop();
  });
  auto command = shell("sleep 100000");
  const auto outcome = run(command, source.get_token());
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == ErrorKind::interrupted);
}

TEST_CASE("process: a child that ignores SIGTERM is killed", "[process]") {
  auto command = shell("trap '' TERM; while :; do sleep 0.05; done");
  command.timeout = 100ms;
  CHECK(run(command).error().kind == ErrorKind::timed_out);
}

TEST_CASE("process: a death by signal is told apart", "[process]") {
  const auto outcome = run(shell("kill -9 $$"));
  REQUIRE(outcome);
  CHECK(outcome->signal == 9);
  CHECK(outcome->exit_code == 137);
  CHECK(describe_end(*outcome) == "was ended by signal 9 (Killed)");
}

TEST_CASE("process: a background grandchild that holds the pipe isn't waited for", "[process]") {
  const TemporaryFolder folder;
  const std::string gate = (folder.path() / "gate").string();
  REQUIRE(::mkfifo(gate.c_str(), 0600) == 0);
  // The grandchild lives until the gate opens, which happens only after run has come back.
  const auto outcome = run(shell("echo token; cat '" + gate + "' & exit 0"));
  REQUIRE(outcome);
  CHECK(outcome->out == "token\n");
  const int fd = ::open(gate.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(fd >= 0);
  CHECK(::write(fd, "go\n", 3) == 3);
  ::close(fd);
}

TEST_CASE("process: the child has no blocked or ignored signals and only three descriptors", "[process]") {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  const int leaky = ::fcntl(0, F_DUPFD, 50);
  Command command;
  command.argv = {"cat", "/proc/self/status"};
  const auto status = run(command);
  const auto descriptors = run(shell("cd /proc/$$/fd; for fd in *; do printf '%s ' $fd; done"));
  ::close(leaky);
  ::signal(SIGPIPE, old);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  REQUIRE(status);
  CHECK(line_of_status(status->out, "SigBlk:") == "SigBlk:\t0000000000000000");
  // Signals 32 and 33 are the C library's own; its posix_spawn leaves them ignored.
  const auto ignored = std::stoull(line_of_status(status->out, "SigIgn:").substr(8), nullptr, 16);
  CHECK((ignored & ~0x180000000ULL) == 0);
  REQUIRE(descriptors);
  CHECK(descriptors->out == "0 1 2 3 ");  // 3 is the folder that the shell reads
}

TEST_CASE("process: a program that isn't there is named with where it was looked for", "[process]") {
  Command command;
  command.argv = {"no-such-program-here"};
  command.env = Environment{"PATH=/usr/bin:/bin"};
  const auto outcome = run(command);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == ErrorKind::not_found);
  CHECK(outcome.error().what == "can't find the program 'no-such-program-here'");
  CHECK(outcome.error().why == "it is in none of the folders of PATH (/usr/bin:/bin)");
  command.argv = {"./nor-this"};
  CHECK(run(command).error().kind == ErrorKind::not_found);
}

TEST_CASE("process: a file without the right to run it is told apart from a missing one", "[process]") {
  const auto file = std::filesystem::temp_directory_path() / ("mlk-plain-" + std::to_string(::getpid()));
  std::ofstream(file) << "text";
  Command command;
  command.argv = {file.string()};
  const auto outcome = run(command);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().why == "the file is there, but it may not be executed");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  CHECK(run(command).error().what == "can't run '" + file.string() + "'");
  std::filesystem::remove(file);
}

TEST_CASE("process: the current folder is never searched", "[process]") {
  CHECK_FALSE(find_program("sh", ":.:bin"));
  CHECK(find_program("sh", ":/bin")->string() == "/bin/sh");
  CHECK(find_program("./sh", {}, "/bin")->string() == "/bin/sh");
}

TEST_CASE("process: a detached program outlives the call, in a session of its own without our descriptors",
          "[process]") {
  const auto file = std::filesystem::temp_directory_path() / ("mlk-detached-" + std::to_string(::getpid()));
  std::filesystem::remove(file);
  const auto started =
      spawn_detached({"/bin/sh", "-c",
                      "readlink /proc/$$/fd/2 > $OUT.tmp; pwd >> $OUT.tmp; cut -d' ' -f6 /proc/$$/stat >> $OUT.tmp; "
                      "cd /proc/$$/fd; printf '%s,' * >> $OUT.tmp; mv $OUT.tmp $OUT"},
                     environment_with({{"OUT", file.string()}}));
  REQUIRE(started);
  for (int i = 0; i < 200 && !std::filesystem::exists(file); ++i) std::this_thread::sleep_for(20ms);
  std::ifstream in(file);
  std::string out;
  std::string folder;
  pid_t session = 0;
  std::string descriptors;
  in >> out >> folder >> session >> descriptors;
  CHECK(out == "/dev/null");
  CHECK(folder == "/");
  CHECK(session != ::getsid(0));
  CHECK(descriptors == "0,1,2,3,");
  std::filesystem::remove(file);
}

TEST_CASE("process: a detached program that can't start is an error", "[process]") {
  CHECK(spawn_detached({"no-such-program-here"}).error().kind == ErrorKind::not_found);
  const auto file = std::filesystem::temp_directory_path() / ("mlk-noexec-" + std::to_string(::getpid()));
  std::ofstream(file) << "text";
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  CHECK(spawn_detached({file.string()}).error().what == "can't start '" + file.string() + "'");
  std::filesystem::remove(file);
}
