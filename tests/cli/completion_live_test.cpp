#include "bed.hpp"
#include "tests/cli/silent_server.hpp"

#include <mlk/crypto/encoding.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

using namespace mlk::test;
using std::chrono::milliseconds;

namespace {

std::string tab(const Mlk& mlk, std::vector<std::string> words) {
  words.insert(words.begin(), {"__complete", "--"});
  const Ended ended = mlk.run(words);
  CHECK(ended.code == 0);
  CHECK(ended.err.empty());
  return ended.out;
}

/// Tab until the answer holds the text: a refresh behind the user's back has come in.
bool comes(const Mlk& mlk, const std::vector<std::string>& words, const std::string& text) {
  for (int i = 0; i < 50; ++i) {
    if (tab(mlk, words).find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(milliseconds(200));
  }
  return false;
}

/// Every answer that completion has written down, by its file.
std::map<std::string, std::string> kept_answers(const Mlk& mlk) {
  std::map<std::string, std::string> kept;
  for (const auto& file : std::filesystem::recursive_directory_iterator(mlk.folder())) {
    if (!file.is_regular_file() || file.path().string().find("completion") == std::string::npos) continue;
    std::ifstream in(file.path());
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (!text.empty()) kept[file.path().string()] = std::move(text);  // locks are empty
  }
  return kept;
}

std::size_t count_lines(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) ++count;
  return count;
}

}  // namespace

TEST_CASE("completion: a server that says nothing is never waited for", "[cli][completion][live]") {
  const SilentServer server;
  Mlk mlk;
  mlk.write("config", server.kubeconfig());
  const std::string config = (mlk.folder() / "config").string();
  CHECK(tab(mlk, {"--kubeconfig", config, "--namespace", ""}) == "nlp\n:nothing\n");
}

TEST_CASE("completion: a server that refuses is asked once, then left alone", "[cli][completion][live]") {
  Mlk mlk;
  std::string config;
  {
    const SilentServer gone;
    mlk.write("config", gone.kubeconfig());
    config = (mlk.folder() / "config").string();
  }
  static_cast<void>(tab(mlk, {"--kubeconfig", config, "--namespace", "x"}));
  for (int i = 0; i < 200 && kept_answers(mlk).empty(); ++i) std::this_thread::sleep_for(milliseconds(50));
  // The failure is written down, with the time: who asked again would write another.
  const auto kept = kept_answers(mlk);
  REQUIRE_FALSE(kept.empty());
  for (int i = 0; i < 3; ++i) static_cast<void>(tab(mlk, {"--kubeconfig", config, "--namespace", "x"}));
  CHECK(kept_answers(mlk) == kept);
}

TEST_CASE("completion: a slow credential plugin is run behind the user's back, and only there",
          "[cli][completion][live]") {
  const SilentServer server;
  Mlk mlk;
  const std::string marker = (mlk.folder() / "marker").string();
  mlk.write("plugin", "#!/bin/sh\n[ -t 0 ] && echo terminal >> '" + marker + "'\necho run >> '" + marker +
                          "'\nsleep 1\necho '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":"
                          "\"ExecCredential\",\"status\":{\"token\":\"x\"}}'\n");
  std::filesystem::permissions(mlk.folder() / "plugin", std::filesystem::perms::owner_all);
  mlk.write("config", server.kubeconfig("{exec: {apiVersion: client.authentication.k8s.io/v1, command: " +
                                        (mlk.folder() / "plugin").string() + ", interactiveMode: IfAvailable}}"));
  const std::string config = (mlk.folder() / "config").string();
  static_cast<void>(tab(mlk, {"--kubeconfig", config, "--namespace", ""}));
  for (int i = 0; i < 100 && !std::filesystem::exists(marker); ++i) std::this_thread::sleep_for(milliseconds(50));
  CHECK(count_lines(marker) == 1);
  // While that one is at it, further Tabs start no second one.
  static_cast<void>(tab(mlk, {"--kubeconfig", config, "--namespace", ""}));
  CHECK(count_lines(marker) == 1);
}

TEST_CASE("completion: namespaces come from the real cluster, then from the private cache",
          "[cli][completion][live][real]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.admin_kubeconfig());
  CHECK(comes(mlk, {"--namespace", "kube-s"}, "kube-system\n"));
  for (int i = 0; i < 10; ++i) CHECK(tab(mlk, {"--namespace", "kube-s"}).starts_with("kube-system\n"));
}

TEST_CASE("completion: no cached file holds a credential, and all are private", "[cli][completion][live][real]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.dev_kubeconfig());
  static_cast<void>(tab(mlk, {"--namespace", ""}));
  std::this_thread::sleep_for(milliseconds(500));
  const std::string token =
      run_program({{"sh", "-c", "sed -n 's/.*token: *//p' " + bed.dev_kubeconfig()}, {}, {}, {}}).out;
  REQUIRE(token.size() > 8);
  for (const auto& file : std::filesystem::recursive_directory_iterator(mlk.folder())) {
    if (file.path().string().find("completion") == std::string::npos) continue;
    CHECK((file.status().permissions() & std::filesystem::perms::others_all) == std::filesystem::perms::none);
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path());
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    CHECK(text.find(token.substr(0, token.size() - 1)) == std::string::npos);
  }
}

TEST_CASE("completion: tags of images come from real registries, with the credentials that are kept for them",
          "[cli][completion][live][real]") {
  MLK_NEEDS_BED(bed);
  for (const char* name : {"distribution", "olareg", "auth"}) {
    const Mlk mlk;
    const std::string registry = bed.text("registries." + std::string(name) + ".address");
    const bool is_private = std::string(name) == "auth";
    const std::string login =
        is_private ? bed.text("registries.auth.user") + ":" + bed.text("registries.auth.password") : "nobody:nothing";
    mlk.write(".docker/config.json",
              R"({"auths":{")" + registry + R"(":{"auth":")" + mlk::crypto::base64_encode(login) + R"("}}})");
    mlk.write("m/config.json", "{}");
    const std::string repository = registry + "/" + unique_name("nlp/tab");
    const Ended packed = mlk.run(
        {"model", "pack", "m", "-t", repository + ":v1", "-t", repository + ":v2-canary", "-t", repository + ":other"});
    CAPTURE(name, packed.err);
    REQUIRE(packed.code == 0);
    CHECK(comes(mlk, {"model", "pull", repository + ":v"}, repository + ":v2-canary\n"));
    const std::string all = tab(mlk, {"model", "pull", repository + ":v"});
    CHECK(all.starts_with(fmt::format("{0}:v1\n{0}:v2-canary\n", repository)));
    CHECK(all.find("other") == std::string::npos);
    // In the other places where an image is named, and behind the schemes that may stand before it.
    for (const char* verb : {"inspect", "tag", "push"}) {
      CHECK(tab(mlk, {"model", verb, repository + ":oth"}).starts_with(repository + ":other\n"));
    }
    CHECK(tab(mlk, {"model", "pack", "m", "-t", repository + ":oth"}).starts_with(repository + ":other\n"));
    CHECK(tab(mlk, {"model", "pull", "oci://" + repository + ":oth"}).starts_with("oci://" + repository + ":other\n"));
  }
}

TEST_CASE("completion: a registry that asks for credentials, or isn't there, offers nothing and says nothing",
          "[cli][completion][live][real]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk;
  for (const std::string& registry : {bed.text("registries.auth.address"), std::string("127.0.0.1:1")}) {
    CHECK(tab(mlk, {"model", "pull", registry + "/nlp/x:v"}) == ":nothing\n");
  }
}
