#include "golden.hpp"
#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using test::World;

namespace {

constexpr const char* k_project = R"(mlk: v1
name: shop
jobs:
  train:
    image: registry.example.com/shop/trainer:1
    command: [torchrun, train.py]
    gpus: h100:8
    resources: {cpu: 32, memory: 256Gi}
services:
  reviews:
    engine: {name: custom, image: "registry.example.com/shop/server:1", port: 8080}
    gpus: 1
    resources: {cpu: 4, memory: 16Gi}
    scale: 2
)";

std::vector<std::string> kinds(const std::string& yaml) {
  std::vector<std::string> all;
  for (const auto& node : document::read_yaml(yaml, "out", document::Schema::kubernetes).nodes) {
    all.push_back(node["kind"].string_or());
  }
  return all;
}

}  // namespace

TEST_CASE("generate: prints every section's manifests, ready to be applied", "[generate]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("generate") == 0);
  CHECK(kinds(world.out()) ==
        std::vector<std::string>{"Job", "NetworkPolicy", "Service", "Deployment", "PodDisruptionBudget"});
  const std::string first = world.out();
  REQUIRE(world.run("generate") == 0);
  CHECK(world.out() == first);
}

TEST_CASE("generate: one section, as JSON, in a namespace", "[generate]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("generate job/train -o json -n other") == 0);
  const auto list = document::read_json(world.out());
  REQUIRE(list);
  CHECK((*list)["kind"].string_or() == "List");
  REQUIRE((*list)["items"].size() == 1);
  CHECK((*list)["items"][0]["metadata"]["namespace"].string_or() == "other");
}

TEST_CASE("generate: one file a section into a folder", "[generate]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("generate --output-dir out") == 0);
  CHECK(world.out() == "out/job-train.yaml\nout/service-reviews.yaml\n");
  CHECK(kinds(read_file(folder / "out/job-train.yaml").value()) == std::vector<std::string>{"Job"});
}

TEST_CASE("generate: --origins tells the line or the default of each block", "[generate]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("generate job/train --origins") == 0);
  CHECK(world.out().find("mlk.yaml:6:") != std::string::npos);
  CHECK(world.out().find("default, mlk:job/job.yaml:") != std::string::npos);
  CHECK(world.run("generate --origins --output-dir out") == 2);
}

TEST_CASE("generate: a finding that is an error stops it before anything is printed", "[generate][errors]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", std::string(k_project) + "    env: {HF_TOKEN: hf_0123456789abcdefghijABCDEFGHIJ456789}\n");
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("generate") == 3);
  CHECK(world.out().empty());
  CHECK(world.err().find("token-literal") != std::string::npos);
  CHECK(world.err().find("mlk.yaml:15:") != std::string::npos);
  CHECK(world.err().find("hf_0123456789abcdefghijABCDEFGHIJ456789") == std::string::npos);
}

TEST_CASE("generate: what a section can't be turned into is said at its line", "[generate][errors]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", std::string(k_project) + "    expose: {gateway: infra/public, auth: {api-key: a/b}}\n");
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("generate") == 1);
  CHECK(world.out().empty());
  CHECK(world.err().find("mlk.yaml:15:") != std::string::npos);
  CHECK(world.err().find("auth-unsupported") != std::string::npos);
}

TEST_CASE("generate: a template of the project's own stands in for the built-in one", "[generate]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  folder.write(".mlk/templates/service/disruption-budget.yaml",
               "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: \"{{service.name}}\"\n"
               "spec:\n  minAvailable: 7\n  selector:\n    matchLabels: \"{{service.pods}}\"\n");
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("generate service/reviews") == 0);
  CHECK(world.out().find("minAvailable: 7") != std::string::npos);
}

TEST_CASE("generate: a model has no manifests, and that is said", "[generate]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", "mlk: v1\nname: shop\nmodels:\n  m: {source: ./m}\n");
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("generate model/m") == 0);
  CHECK(world.out().empty());
  CHECK(world.err() == "nothing to generate: only jobs and services have manifests\n");
}

TEST_CASE("generate: unknown sections and a missing file are told", "[generate][args][errors]") {
  const TemporaryFolder folder;
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("generate") == 10);
  CHECK(world.err().find("mlk init") != std::string::npos);
  folder.write("mlk.yaml", k_project);
  CHECK(world.run("generate job/trian") != 0);
  CHECK(world.err().find("did you mean 'train'?") != std::string::npos);
  CHECK(world.run("generate -o table") == 2);
}

TEST_CASE("generate: the manifests of a whole project, byte for byte", "[generate][golden]") {
  World world;
  world.in_directory(std::filesystem::path(MLK_SOURCE_DIR) / "tests/golden/support-nlp");
  REQUIRE(world.run("generate") == 0);
  test::check_golden("support-nlp/manifests.yaml", world.out());
}
