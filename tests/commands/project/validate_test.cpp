#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using test::World;

namespace {

constexpr const char* k_pod = R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists}]
  containers:
  - name: main
    image: registry.example.com/train:1.4
    resources: {limits: {nvidia.com/gpu: 500m}}
)";

constexpr const char* k_clean = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";
constexpr const char* k_untagged =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n";

constexpr const char* k_project = R"(mlk: v1
name: support
namespace: nlp
jobs:
  finetune:
    image: registry.example.com/nlp/trainer
    command: [torchrun, train.py]
    nodes: 2
    gpus: h100:8
)";

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("validate: an unknown level, format or rule is a usage error that names the right ones", "[validate][args]") {
  World world;
  CHECK(world.run("validate --fail-on fatal -") == 2);
  CHECK(holds(world.err(), "warning"));
  CHECK(world.run("validate -o xml -") == 2);
  CHECK(holds(world.err(), "sarif"));
  CHECK(world.run("validate --disable shm-mising -") == 2);
  CHECK(holds(world.err(), "did you mean 'shm-missing'"));
}

TEST_CASE("validate: standard input, its finding at its line, exit code 3", "[validate]") {
  World world;
  world.in().give(k_pod);
  CHECK(world.run("validate -") == 3);
  CHECK(holds(world.out(), "-:9:42: error gpu-fractional container 'main' asks for 500m nvidia.com/gpu\n"));
  CHECK(holds(world.out(), "  9 |     resources: {limits: {nvidia.com/gpu: 500m}}\n"));
  CHECK(holds(world.out(), "1 object: 1 error, 0 warnings\n"));
  CHECK(world.err().empty());
}

TEST_CASE("validate: clean manifests end with 0", "[validate]") {
  World world;
  world.in().give(k_clean);
  CHECK(world.run("validate -") == 0);
  CHECK(world.out() == "1 object: 0 errors, 0 warnings\n");
}

TEST_CASE("validate: --fail-on says from which severity on it fails", "[validate]") {
  const TemporaryFolder folder;
  folder.write("a.yaml", k_untagged);
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("validate a.yaml") == 0);
  CHECK(world.run("validate a.yaml --fail-on warning") == 3);
  CHECK(world.run("validate a.yaml --fail-on warning --disable image-latest") == 0);
  folder.write("b.yaml", k_pod);
  CHECK(world.run("validate b.yaml --fail-on none") == 0);
  CHECK(holds(world.out(), "gpu-fractional"));
}

TEST_CASE("validate: a folder stands for its manifests, hidden ones and mlk.yaml aside", "[validate]") {
  const TemporaryFolder folder;
  folder.write("deploy/b/pod.yaml", k_pod);
  folder.write("deploy/a.yml", k_clean);
  folder.write("deploy/.git/broken.yaml", "a: [");
  folder.write("deploy/README.md", "a: [");
  folder.write("deploy/mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("validate deploy") == 3);
  CHECK(holds(world.out(), "deploy/b/pod.yaml:9:42: error gpu-fractional"));
  CHECK(holds(world.out(), "2 objects: 1 error, 0 warnings"));
  CHECK(world.run("validate deploy/a.yml") == 0);
}

TEST_CASE("validate: what can't be read is exit code 1, 10 where it isn't there, and beats findings", "[validate]") {
  const TemporaryFolder folder;
  folder.write("b.yaml", k_pod);
  std::filesystem::create_directory(folder / "empty");
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("validate b.yaml empty") == 1);
  CHECK(holds(world.err(), "folder 'empty' holds no manifests"));
  CHECK(world.run("validate b.yaml missing.yaml") == 10);
  CHECK(holds(world.err(), "'missing.yaml' doesn't exist"));
  CHECK(world.out().empty());
}

TEST_CASE("validate: malformed YAML is a finding, and what follows it is checked", "[validate]") {
  World world;
  world.in().give(std::string("a: [1\n---\n").append(k_pod));
  CHECK(world.run("validate -") == 3);
  CHECK(holds(world.out(), "error yaml-syntax"));
  CHECK(holds(world.out(), "error gpu-fractional"));
}

TEST_CASE("validate: machine formats carry the same findings and the failure goes to standard error", "[validate]") {
  World world;
  world.in().give(k_pod);
  CHECK(world.run("validate - -o json") == 3);
  const auto json = document::read_json(world.out());
  REQUIRE(json);
  CHECK((*json)["schema"].string_or() == "mlk.dev/validate/v1");
  CHECK((*json)["findings"][std::size_t{0}]["code"].string_or() == "gpu-fractional");
  CHECK(holds(world.err(), "validation found 1 error and 0 warnings"));
  world.in().give(k_pod);
  CHECK(world.run("validate - -o sarif") == 3);
  const auto sarif = document::read_json(world.out());
  REQUIRE(sarif);
  CHECK((*sarif)["version"].string_or() == "2.1.0");
  world.in().give(k_pod);
  CHECK(world.run("validate - -o github") == 3);
  CHECK(world.out().starts_with("::error file=-,line=9,col=42"));
  world.in().give(k_pod);
  CHECK(world.run("validate - -o junit") == 3);
  CHECK(holds(world.out(), "<testsuite name=\"-\" tests=\"1\" failures=\"1\""));
}

TEST_CASE("validate: colour on a terminal, none on a pipe", "[validate]") {
  World world;
  world.in().give(k_pod);
  world.run("validate -");
  CHECK_FALSE(holds(world.out(), "\x1b["));
  world.terminal();
  world.in().give(k_pod);
  world.run("validate -");
  CHECK(holds(world.out(), "\x1b["));
}

TEST_CASE("validate: a finding on what mlk.yaml generates stands at the line that caused it", "[validate]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  for (const auto line : {"validate", "validate job/finetune", "validate finetune", "validate mlk.yaml"}) {
    INFO(line);
    CHECK(world.run(line) == 0);
    INFO(world.out() << world.err());
    CHECK(holds(world.out(), "mlk.yaml:6:12: warning image-latest image 'registry.example.com/nlp/trainer'"));
    CHECK(holds(world.out(), "  6 |     image: registry.example.com/nlp/trainer\n"));
  }
}

TEST_CASE("validate: mistakes in mlk.yaml itself are findings too", "[validate]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", std::string(k_project).append("    nodse: 3\n"));
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("validate -o json") == 3);
  const auto json = document::read_json(world.out());
  REQUIRE(json);
  const auto& finding = (*json)["findings"][std::size_t{0}];
  CHECK(finding["place"]["line"].as_int() == 10);
  CHECK(holds(finding["message"].string_or(), "nodse"));
}

TEST_CASE("validate: without mlk.yaml and without a target it says how to get one", "[validate]") {
  const TemporaryFolder folder;
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("validate") == 10);
  CHECK(holds(world.err(), "mlk init"));
  CHECK(world.run("validate job/nothing") == 10);
}
