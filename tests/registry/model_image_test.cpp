#include "bed.hpp"
#include "temporary_folder.hpp"

#include <mlk/crypto/encoding.hpp>
#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using namespace mlk::test;
namespace fs = std::filesystem;

namespace {

/// A small model: a layer of its own for the weights, some small files with them.
void write_model(const Mlk& mlk, const std::string& where) {
  std::string weights = R"({"w":{"dtype":"U8","shape":[6000000],"data_offsets":[0,6000000]}})";
  std::string length(8, '\0');
  length[0] = static_cast<char>(weights.size());
  std::string data(6'000'000, '\0');
  unsigned state = 7;
  for (auto& c : data) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  fs::create_directories(mlk.folder() / where / "sub");
  mlk.write(where + "/model.safetensors", length + weights + data);
  mlk.write(where + "/config.json", R"({"architectures":["BertModel"],"model_type":"bert"})");
  mlk.write(where + "/sub/größe.txt", "umlaut");
}

bool is_same_tree(const fs::path& a, const fs::path& b) {
  return run_program({{"diff", "-r", a.string(), b.string()}, {}, {}, {}}).code == 0;
}

/// The digest that a command printed with -o json.
std::string digest_of(const Ended& ended) {
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return (*mlk::document::read_json(ended.out))["digest"].string_or();
}

bool has_program(const std::string& name) {
  return run_program({{"sh", "-c", "command -v " + name}, {}, {}, {}}).code == 0;
}

}  // namespace

TEST_CASE("registry: what is packed straight into a registry pulls back to the same bytes", "[registry][model]") {
  MLK_NEEDS_BED(bed);
  for (const auto* registry : {"registries.distribution.address", "registries.olareg.address"}) {
    const Mlk mlk;
    write_model(mlk, "m");
    const auto image = bed.text(registry) + "/" + unique_name("nlp/direct") + ":v1";
    const auto digest = digest_of(mlk.run({"model", "pack", "m", "-t", image, "-o", "json"}));
    const auto pulled = mlk.run({"model", "pull", image, "out", "-o", "json"});
    CHECK(digest_of(pulled) == digest);
    CHECK(is_same_tree(mlk.folder() / "m", mlk.folder() / "out"));
    // Nothing is sent twice.
    const auto again = mlk.run({"model", "pack", "m", "-t", image, "-o", "json"});
    CHECK(digest_of(again) == digest);
    const auto inspected = mlk.run({"model", "inspect", image, "-o", "json"});
    CHECK(digest_of(inspected) == digest);
    CHECK(mlk.run({"model", "tag", image, "v2"}).code == 0);
    CHECK(mlk.run({"model", "list", image.substr(0, image.rfind(':')), "-o", "name"}).out ==
          image + "\n" + image.substr(0, image.size() - 1) + "2\n");
  }
}

TEST_CASE("registry: pack into the layout of this machine, then push, gives the same digest everywhere",
          "[registry][model]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk;
  write_model(mlk, "models/tiny");
  const auto repository = bed.text("registries.distribution.address") + "/" + unique_name("nlp/locked");
  mlk.write("mlk.yaml", "mlk: v1\nname: t\nnamespace: nlp\nmodels:\n  tiny:\n    source: ./models/tiny\n    image: " +
                            repository + "\n");
  const auto digest = digest_of(mlk.run({"model", "pack", "-o", "json"}));
  const auto lock = mlk::read_file(mlk.folder() / "mlk.lock");
  REQUIRE(lock);
  CHECK(lock->find(digest) != std::string::npos);
  const auto tag = digest.substr(7, 12);
  CHECK(mlk.run({"model", "list", "-o", "name"}).out == repository + ":" + tag + "\n");
  CHECK(digest_of(mlk.run({"model", "push", "-o", "json"})) == digest);
  CHECK(mlk.run({"model", "list", repository, "-o", "name"}).out == repository + ":" + tag + "\n");
  // A push again moves nothing and changes nothing.
  const auto again = mlk.run({"model", "push", "-o", "json"});
  CHECK(digest_of(again) == digest);
  CHECK((*mlk::document::read_json(again.out))["movedBytes"].int_or(-1) == 0);
  CHECK(*mlk::read_file(mlk.folder() / "mlk.lock") == *lock);
}

TEST_CASE("registry: other folders and other days give one digest, in every registry", "[registry][model]") {
  MLK_NEEDS_BED(bed);
  const Mlk one;
  const Mlk two;
  write_model(one, "here");
  write_model(two, "there/deeper");
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(24 * 400);
  for (const auto& entry : fs::recursive_directory_iterator(two.folder() / "there")) fs::last_write_time(entry, old);
  const auto name = "/" + unique_name("nlp/same") + ":v1";
  const auto a = digest_of(
      one.run({"model", "pack", "here", "-t", bed.text("registries.distribution.address") + name, "-o", "json"}));
  const auto b = digest_of(two.run({"model", "pack", "there/deeper", "-t", bed.text("registries.olareg.address") + name,
                                    "-t", "oci:l:v1", "-o", "json"}));
  CHECK(a == b);
}

TEST_CASE("registry: Basic credentials come from docker's and podman's files", "[registry][model][auth]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk;
  write_model(mlk, "m");
  const auto registry = bed.text("registries.auth.address");
  const auto image = registry + "/" + unique_name("nlp/private") + ":v1";
  const auto refused = mlk.run({"model", "pack", "m", "-t", image});
  CHECK(refused.code == 9);
  CHECK(refused.err.find("there are no credentials for '" + registry + "'") != std::string::npos);
  CHECK(refused.err.find("docker login " + registry) != std::string::npos);
  const auto auths = [&](const std::string& password) {
    const auto packed = mlk::crypto::base64_encode(bed.text("registries.auth.user") + ":" + password);
    return R"({"auths":{")" + registry + R"(":{"auth":")" + packed + R"("}}})";
  };
  mlk.write("auth.json", auths("wrong-secret"));
  auto start = mlk.start({"model", "pack", "m", "-t", image});
  start.env.emplace_back("REGISTRY_AUTH_FILE", (mlk.folder() / "auth.json").string());
  const auto wrong = run_program(start);
  CHECK(wrong.code == 9);
  CHECK(wrong.err.find("auth.json' aren't accepted") != std::string::npos);
  CHECK(wrong.err.find("wrong-secret") == std::string::npos);
  mlk.write("auth.json", auths(bed.text("registries.auth.password")));
  const auto packed = run_program(start);
  INFO(packed.err);
  CHECK(packed.code == 0);
}

TEST_CASE("registry: what isn't there is exit code 10, and nobody there is 12", "[registry][model]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk;
  const auto missing = mlk.run({"model", "pull", bed.text("registries.distribution.address") + "/nlp/none:v9", "out"});
  CHECK(missing.code == 10);
  CHECK(missing.err.find("'nlp/none:v9'") != std::string::npos);
  CHECK(missing.err.find("mlk model list") != std::string::npos);
  CHECK_FALSE(fs::exists(mlk.folder() / "out"));
  const auto nobody = mlk.run({"model", "list", "127.0.0.1:1/nlp/x"});
  CHECK(nobody.code == 12);
  CHECK(nobody.err.find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE("registry: the layout is read by crane, oras and skopeo", "[registry][model][peers]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk;
  write_model(mlk, "m");
  const auto digest = digest_of(mlk.run({"model", "pack", "m", "-t", "oci:layout:v1", "-o", "json"}));
  const auto layout = (mlk.folder() / "layout").string();
  const auto registry = bed.text("registries.distribution.address");
  const auto peer = [&](const std::vector<std::string>& argv) {
    const auto ended = run_program({argv, {{"HOME", mlk.folder().string()}}, mlk.folder(), {}});
    INFO(argv.front() + ": " + ended.err);
    CHECK(ended.code == 0);
    return ended.out;
  };
  if (const auto crane = bed.bin("crane"); fs::exists(crane)) {
    const auto name = registry + "/" + unique_name("nlp/crane") + ":v1";
    peer({crane.string(), "push", "--insecure", layout, name});
    CHECK(peer({crane.string(), "digest", "--insecure", name}).find(digest) == 0);
    peer({crane.string(), "validate", "--insecure", "--fast", "--remote", name});
    // Its file system has the files where image volumes look for them.
    const auto out = (mlk.folder() / "crane.tar").string();
    peer({crane.string(), "export", "--insecure", name, out});
    CHECK(peer({"tar", "-tf", out}).find("models/model.safetensors") != std::string::npos);
  } else {
    WARN("crane isn't here: its part of this test was left out");
  }
  if (const auto oras = bed.bin("oras"); fs::exists(oras)) {
    const auto name = registry + "/" + unique_name("nlp/oras") + ":v1";
    CHECK(peer({oras.string(), "resolve", "--oci-layout", layout + ":v1"}).find(digest) == 0);
    peer({oras.string(), "cp", "--from-oci-layout", "--to-plain-http", layout + ":v1", name});
    CHECK(mlk.run({"model", "pull", name, "from-oras"}).code == 0);
    CHECK(is_same_tree(mlk.folder() / "m", mlk.folder() / "from-oras"));
  } else {
    WARN("oras isn't here: its part of this test was left out");
  }
  if (has_program("skopeo")) {
    CHECK(peer({"skopeo", "inspect", "oci:" + layout + ":v1"}).find(digest) != std::string::npos);
    const auto name = registry + "/" + unique_name("nlp/skopeo") + ":v1";
    peer({"skopeo", "--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false",
          "oci:" + layout + ":v1", "docker://" + name});
    CHECK(digest_of(mlk.run({"model", "inspect", name, "-o", "json"})) == digest);
  } else {
    WARN("skopeo isn't here: its part of this test was left out");
  }
}

TEST_CASE("registry: a pack that is killed or stopped leaves nothing half-written, and the next one goes on",
          "[registry][model][signals]") {
  for (const int number : {SIGKILL, SIGTERM, SIGINT, SIGHUP}) {
    const Mlk mlk;
    fs::create_directories(mlk.folder() / "m");
    for (const auto* name : {"m/a.bin", "m/b.bin", "m/c.bin"}) {
      mlk.write(name, name);
      fs::resize_file(mlk.folder() / name, std::uintmax_t{200} << 20);
    }
    const auto blobs = mlk.folder() / "layout/blobs/sha256";
    Program pack(mlk.start({"model", "pack", "m", "-t", "oci:layout:v1"}));
    while (!fs::exists(blobs) && pack.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    pack.signal(number);
    const auto ended = pack.wait();
    REQUIRE(ended);
    CAPTURE(number, ended->err);
    if (ended->code == 0) continue;  // a fast machine
    CHECK(ended->code == 128 + number);
    CHECK(ended->out.empty());
    if (number != SIGKILL) CHECK(ended->err.find("  why: stopped by SIG") != std::string::npos);
    for (const auto& entry : fs::directory_iterator(blobs)) {
      const auto sum = run_program({{"sha256sum", entry.path().string()}, {}, {}, {}});
      CHECK(sum.out.substr(0, 64) == entry.path().filename().string());
    }
    CHECK(mlk.run({"model", "list", "oci:layout", "-o", "name"}).out.empty());
    const Ended again = mlk.run({"model", "pack", "m", "-t", "oci:layout:v1"});
    CHECK(again.code == 0);
    CHECK(mlk.run({"model", "list", "oci:layout", "-o", "name"}).out == "v1\n");
  }
}
