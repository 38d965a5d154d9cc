#include "bed.hpp"
#include "http_server.hpp"

#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <list>
#include <optional>
#include <thread>
#include <vector>

using namespace mlk::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

// The program against a registry that refuses, is in trouble or hangs up: the real ones don't do that when asked to.

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// How a registry refuses, and what mlk makes of it.
struct Refusal {
  int status;
  int exit_code;
  std::string told;
  HeaderList headers = {};
};

const std::vector<Refusal> k_refusals = {
    {401, 9, "docker login ", {{"WWW-Authenticate", "Basic realm=\"r\""}}},
    {403, 9, "ask whoever runs it for the right to "},
    {404, 10, "has no "},
    {429, 12, "limits how often it may be asked", {{"Retry-After", "0"}}},
    {500, 12, "it says: UNKNOWN: disk on fire"},
};

HttpAnswer answer_of(const Refusal& refusal) {
  const bool is_own_trouble = refusal.status == 500;
  return {refusal.status, is_own_trouble ? R"({"errors":[{"code":"UNKNOWN","message":"disk on fire"}]})" : "",
          refusal.headers};
}

/// A user with a packed model in the layout "layout", and mlk.yaml and mlk.lock that name it.
class Packed {
 public:
  explicit Packed(const std::string& registry) {
    m_mlk.write("m/model.bin", std::string(3'000'000, 'w'));
    m_mlk.write("m/config.json", "{}");
    m_mlk.write("mlk.yaml", "mlk: v1\nname: t\nmodels:\n  tiny: {source: ./m, image: " + registry + "/nlp/tiny}\n");
    REQUIRE(m_mlk.run({"model", "pack", "m", "-t", "oci:layout:v1", "--no-lock"}).code == 0);
    REQUIRE(m_mlk.run({"model", "pack"}).code == 0);
    lock = mlk::read_file(m_mlk.folder() / "mlk.lock").value();
  }

  const Mlk& mlk() const { return m_mlk; }
  fs::path folder() const { return m_mlk.folder(); }
  std::string lock_now() const { return mlk::read_file(folder() / "mlk.lock").value(); }

  std::string lock;

 private:
  Mlk m_mlk;
};

/// Serves the layout's image as nlp/tiny:v1, ranges included.
void serve_layout(HttpServer& server, const fs::path& layout) {
  const auto index = mlk::document::read_json(mlk::read_file(layout / "index.json").value()).value();
  const std::string digest = index["manifests"][std::size_t{0}]["digest"].string_or();
  const auto blob = [layout](const std::string& name) {
    return mlk::read_file(layout / "blobs/sha256" / name.substr(name.find(':') + 1)).value();
  };
  for (const char* method : {"GET", "HEAD"}) {
    server.on(method, "/v2/nlp/tiny/manifests/v1",
              HttpAnswer{200, blob(digest), {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}}});
    server.on(method, "/v2/nlp/tiny/blobs/*", [blob](const HttpRequest& request) {
      const std::string whole = blob(request.path.substr(request.path.rfind('/') + 1));
      const std::string range = request.header("Range");
      if (range.empty()) return HttpAnswer{200, whole};
      return HttpAnswer{206, whole.substr(std::stoul(range.substr(6)))};
    });
  }
}

/// Takes every upload.
void take_uploads(HttpServer& server) {
  server.on("HEAD", "/v2/nlp/tiny/*", HttpAnswer{404});
  server.on("POST", "/v2/nlp/tiny/blobs/uploads/", HttpAnswer{202, "", {{"Location", "/v2/nlp/tiny/blobs/uploads/s"}}});
  server.on("PATCH", "/v2/nlp/tiny/blobs/uploads/s",
            HttpAnswer{202, "", {{"Location", "/v2/nlp/tiny/blobs/uploads/s"}}});
  server.on("PUT", "/v2/nlp/tiny/blobs/uploads/s", HttpAnswer{201});
  server.on("PUT", "/v2/nlp/tiny/manifests/*", HttpAnswer{201});
}

bool was_tag_written(const HttpServer& server) {
  for (const auto& request : server.requests()) {
    if (request.method == "PUT" && has(request.path, "/manifests/")) return true;
  }
  return false;
}

/// The image in the layout that mlk keeps is called by the registry, so a push needs its name.
Program::Start push(const Packed& packed) { return packed.mlk().start({"model", "push"}); }

Program::Start pull(const Packed& packed, const HttpServer& server) {
  return packed.mlk().start({"model", "pull", server.authority() + "/nlp/tiny:v1", "out"});
}

void check_told(const Ended& ended, const Refusal& refusal, const HttpServer& server) {
  CAPTURE(refusal.status, ended.out, ended.err);
  CHECK(ended.code == refusal.exit_code);
  CHECK(ended.out.empty());
  CHECK(has(ended.err, "error: "));
  CHECK(has(ended.err, server.authority()));
  CHECK(has(ended.err, "  why: "));
  CHECK(has(ended.err, "  fix: "));
  CHECK(has(ended.err, refusal.told));
}

}  // namespace

namespace {

/// A registry that refuses one step, and a user who runs into it. All run side by side: most of the time is waiting
/// before the next attempt.
struct Trial {
  Trial(const Refusal& what, std::string where) : refusal(what), step(std::move(where)), packed(server.authority()) {}

  const Refusal& refusal;
  std::string step;
  HttpServer server;
  Packed packed;
  std::optional<Program> program;
};

std::list<Trial> trials(const std::vector<std::string>& steps) {
  std::list<Trial> all;
  for (const auto& refusal : k_refusals) {
    for (const auto& step : steps) all.emplace_back(refusal, step);
  }
  return all;
}

Ended end_of(Trial& trial) {
  const auto ended = trial.program->wait();
  REQUIRE(ended);
  return *ended;
}

}  // namespace

TEST_CASE("registry trouble: a refused pull ends with the code for it and leaves no file", "[registry][trouble]") {
  auto all = trials({"manifests/v1", "blobs/*"});
  for (auto& trial : all) {
    serve_layout(trial.server, trial.packed.folder() / "layout");
    trial.server.on("GET", "/v2/nlp/tiny/" + trial.step, answer_of(trial.refusal));
    trial.program.emplace(pull(trial.packed, trial.server));
  }
  for (auto& trial : all) {
    CAPTURE(trial.step);
    check_told(end_of(trial), trial.refusal, trial.server);
    CHECK_FALSE(fs::exists(trial.packed.folder() / "out"));
    CHECK(trial.server.unexpected().empty());
  }
}

TEST_CASE("registry trouble: a refused push ends with the code for it and writes no tag", "[registry][trouble]") {
  auto all = trials({"POST", "PUT"});
  for (auto& trial : all) {
    take_uploads(trial.server);
    trial.server.on(trial.step, trial.step == "POST" ? "/v2/nlp/tiny/blobs/uploads/" : "/v2/nlp/tiny/manifests/*",
                    answer_of(trial.refusal));
    trial.program.emplace(push(trial.packed));
  }
  for (auto& trial : all) {
    CAPTURE(trial.step);
    check_told(end_of(trial), trial.refusal, trial.server);
    // The tag is the very last thing that is sent.
    CHECK(was_tag_written(trial.server) == (trial.step == "PUT"));
    CHECK(trial.packed.lock_now() == trial.packed.lock);
  }
}

TEST_CASE("registry trouble: a refused pack writes neither a tag nor mlk.lock", "[registry][trouble]") {
  auto all = trials({"POST"});
  for (auto& trial : all) {
    take_uploads(trial.server);
    trial.server.on("POST", "/v2/nlp/tiny/blobs/uploads/", answer_of(trial.refusal));
    trial.packed.mlk().write("m/config.json", R"({"model_type": "other"})");
    trial.program.emplace(
        trial.packed.mlk().start({"model", "pack", "tiny", "-t", trial.server.authority() + "/nlp/tiny:v2"}));
  }
  for (auto& trial : all) {
    check_told(end_of(trial), trial.refusal, trial.server);
    CHECK_FALSE(was_tag_written(trial.server));
    CHECK(trial.packed.lock_now() == trial.packed.lock);
  }
}

TEST_CASE("registry trouble: a refused lock keeps the digests that were known", "[registry][trouble]") {
  auto all = trials({""});
  for (auto& trial : all) {
    const std::string image = trial.server.authority() + "/nlp/trainer:1";
    trial.packed.mlk().write("mlk.yaml", "mlk: v1\nname: t\njobs:\n  tune: {image: \"" + image + "\", command: [a]}\n");
    trial.packed.lock = "mlk-lock: 1\nedition: 1\nimages:\n  " + image + ": sha256:" + std::string(64, 'a') + "\n";
    trial.packed.mlk().write("mlk.lock", trial.packed.lock);
    trial.server.on("*", "/v2/nlp/trainer/*", answer_of(trial.refusal));
    trial.program.emplace(trial.packed.mlk().start({"lock"}));
  }
  for (auto& trial : all) {
    const Ended ended = end_of(trial);
    CAPTURE(trial.refusal.status, ended.err);
    CHECK(ended.code == trial.refusal.exit_code);
    CHECK(has(ended.err, trial.server.authority()));
    CHECK(has(ended.err, "  fix: "));
    CHECK(has(trial.packed.lock_now(), trial.packed.lock));
  }
}

TEST_CASE("registry trouble: one that hangs up in the middle of a pull is asked for the rest", "[registry][trouble]") {
  for (const auto fault : {Fault::cut, Fault::reset_in_body}) {
    HttpServer server;
    const Packed packed(server.authority());
    serve_layout(server, packed.folder() / "layout");
    for (const auto& entry : fs::directory_iterator(packed.folder() / "layout/blobs/sha256")) {
      HttpAnswer broken{200, mlk::read_file(entry.path()).value()};
      broken.fault = fault;
      server.once("GET", "/v2/nlp/tiny/blobs/sha256:" + entry.path().filename().string(), broken);
    }
    const Ended ended = run_program(pull(packed, server));
    CAPTURE(ended.err);
    CHECK(ended.code == 0);
    CHECK(run_program({{"diff", "-r", "m", "out"}, {}, packed.folder(), {}}).code == 0);
  }
}

TEST_CASE("registry trouble: one that hangs up in the middle of every pull is unavailable, and leaves no file",
          "[registry][trouble]") {
  HttpServer server;
  const Packed packed(server.authority());
  serve_layout(server, packed.folder() / "layout");
  // A header that promises, and never a byte.
  HttpAnswer broken{200, ""};
  broken.claimed_length = 3'000'000;
  server.on("GET", "/v2/nlp/tiny/blobs/*", broken);
  const Ended ended = run_program(pull(packed, server));
  CAPTURE(ended.err);
  CHECK(ended.code == 12);
  CHECK(has(ended.err, server.authority()));
  CHECK(has(ended.err, "  fix: "));
  CHECK_FALSE(fs::exists(packed.folder() / "out"));
}

TEST_CASE("registry trouble: one that hangs up in the middle of a push gets everything again", "[registry][trouble]") {
  HttpServer server;
  const Packed packed(server.authority());
  take_uploads(server);
  HttpAnswer gone{201};
  gone.fault = Fault::reset;
  server.once("PUT", "/v2/nlp/tiny/blobs/uploads/s", gone);
  const Ended ended = run_program(push(packed));
  CAPTURE(ended.err);
  CHECK(ended.code == 0);
  CHECK(was_tag_written(server));
}

TEST_CASE("registry trouble: one that hangs up in the middle of every push is unavailable, and gets no tag",
          "[registry][trouble]") {
  HttpServer server;
  const Packed packed(server.authority());
  take_uploads(server);
  HttpAnswer gone{201};
  gone.fault = Fault::reset;
  for (const char* method : {"PUT", "PATCH"}) server.on_early(method, "/v2/nlp/tiny/blobs/uploads/s", gone);
  const Ended ended = run_program(push(packed));
  CAPTURE(ended.err);
  CHECK(ended.code == 12);
  CHECK(has(ended.err, server.authority()));
  CHECK_FALSE(was_tag_written(server));
  CHECK(packed.lock_now() == packed.lock);
}

TEST_CASE("registry trouble: a signal ends a push that hangs, without a tag, and the next push arrives",
          "[registry][trouble][signals]") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    HttpServer server;
    const Packed packed(server.authority());
    take_uploads(server);
    HttpAnswer hanging{201};
    hanging.fault = Fault::hang;
    server.on("PUT", "/v2/nlp/tiny/blobs/uploads/s", hanging);
    Program program(push(packed));
    while (server.requests_to("/v2/nlp/tiny/blobs/uploads/s").empty() && program.is_running()) {
      std::this_thread::sleep_for(5ms);
    }
    program.signal(number);
    const auto ended = program.wait(20s);
    REQUIRE(ended);
    CAPTURE(number, ended->err);
    CHECK(ended->code == 128 + number);
    CHECK(ended->out.empty());
    CHECK(has(ended->err, "  why: stopped by SIG"));
    CHECK_FALSE(was_tag_written(server));
    CHECK(packed.lock_now() == packed.lock);

    server.on("PUT", "/v2/nlp/tiny/blobs/uploads/s", HttpAnswer{201});
    const Ended again = run_program(push(packed));
    CAPTURE(again.err);
    CHECK(again.code == 0);
    CHECK(was_tag_written(server));
  }
}

TEST_CASE("registry trouble: a signal ends a pull that hangs, and leaves no file", "[registry][trouble][signals]") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    HttpServer server;
    const Packed packed(server.authority());
    serve_layout(server, packed.folder() / "layout");
    HttpAnswer hanging;
    hanging.fault = Fault::hang;
    server.on("GET", "/v2/nlp/tiny/blobs/*", hanging);
    Program program(pull(packed, server));
    const auto is_asked = [&] {
      for (const auto& request : server.requests()) {
        if (has(request.path, "/blobs/")) return true;
      }
      return false;
    };
    while (!is_asked() && program.is_running()) std::this_thread::sleep_for(5ms);
    program.signal(number);
    const auto ended = program.wait(20s);
    REQUIRE(ended);
    CAPTURE(number, ended->err);
    CHECK(ended->code == 128 + number);
    CHECK_FALSE(fs::exists(packed.folder() / "out"));
    serve_layout(server, packed.folder() / "layout");
    CHECK(run_program(pull(packed, server)).code == 0);
  }
}

TEST_CASE("registry trouble: a signal ends a lock that hangs, and mlk.lock stays as it was",
          "[registry][trouble][signals]") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    HttpServer server;
    const Packed packed(server.authority());
    packed.mlk().write("mlk.yaml", "mlk: v1\nname: t\njobs:\n  one: {image: \"" + server.authority() +
                                       "/nlp/a:1\", command: [a]}\n  two: {image: \"" + server.authority() +
                                       "/nlp/b:1\", command: [a]}\n");
    HttpAnswer hanging;
    hanging.fault = Fault::hang;
    server.on("*", "/v2/*", hanging);
    Program program(packed.mlk().start({"lock"}));
    while (server.requests().empty() && program.is_running()) std::this_thread::sleep_for(5ms);
    program.signal(number);
    const auto ended = program.wait(20s);
    REQUIRE(ended);
    CAPTURE(number, ended->err);
    CHECK(ended->code == 128 + number);
    CHECK(packed.lock_now() == packed.lock);
  }
}
