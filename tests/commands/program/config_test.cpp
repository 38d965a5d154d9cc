#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using test::World;

namespace {

constexpr const char* k_project = R"(mlk: v1
name: support
namespace: nlp
jobs:
  finetune:
    image: registry.example.com/nlp/trainer:1.4
    command: [torchrun, train.py]
    nodes: 2
environments:
  prod:
    namespace: nlp-prod
)";

/// The line of a text that begins with this, spaces aside.
std::string line_of(const std::string& text, const std::string& begin) {
  const std::size_t at = text.find(begin);
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

}  // namespace

TEST_CASE("config show: an argument and an environment that isn't there are refused", "[config][args]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("config show x") == 2);
  CHECK(world.run("config show -e nowhere") != 0);
  CHECK(world.err().find("nowhere") != std::string::npos);
}

TEST_CASE("config show: every value says where it came from", "[config]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("config show -e prod --set jobs.finetune.nodes=4") == 0);
  CHECK(line_of(world.out(), "name: support").find("mlk.yaml:2:7") != std::string::npos);
  CHECK(line_of(world.out(), "namespace: nlp-prod").find("# environment prod") != std::string::npos);
  CHECK(line_of(world.out(), "nodes: 4").find("# --set jobs.finetune.nodes") != std::string::npos);
  CHECK(line_of(world.out(), "- torchrun").find("mlk.yaml:7:15") != std::string::npos);
}

TEST_CASE("config show: what it prints is YAML with the merged values", "[config]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("config show -e prod") == 0);
  const auto shown = document::read_yaml_one(world.out(), "shown", document::Schema::core);
  REQUIRE(shown);
  REQUIRE(world.run("config show -e prod -o json") == 0);
  const auto record = document::read_json(world.out());
  REQUIRE(record);
  CHECK(*shown == (*record)["project"]);
  CHECK((*record)["schema"].string_or() == "mlk.dev/config-show/v1");
  CHECK((*record)["environment"].string_or() == "prod");
}

TEST_CASE("config show: without a mlk.yaml it says how to get one", "[config][errors]") {
  const TemporaryFolder folder;
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("config show") == 10);
  CHECK(world.err().find("mlk init") != std::string::npos);
}

TEST_CASE("config path: names every file, there or not", "[config]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path()).with_env("HOME", "/home/anna").with_env("KUBECONFIG", "a:/b");
  REQUIRE(world.run("config path -o json") == 0);
  const auto record = document::read_json(world.out());
  REQUIRE(record);
  CHECK((*record)["project"]["exists"].bool_or(false));
  CHECK_FALSE((*record)["lock"]["exists"].bool_or(true));
  CHECK((*record)["lock"]["path"].string_or() == (folder / "mlk.lock").string());
  CHECK((*record)["kubeconfigs"][0]["path"].string_or() == (folder / "a").string());
  CHECK((*record)["kubeconfigs"][1]["path"].string_or() == "/b");
  CHECK((*record)["cache"]["path"].string_or() == "/home/anna/.cache/mlk");
  CHECK(world.run("config path --nonsense") == 2);
}

TEST_CASE("config path: the table is readable on a terminal", "[config]") {
  const TemporaryFolder folder;
  World world;
  world.terminal(200).in_directory(folder.path());
  REQUIRE(world.run("config path --color never") == 0);
  CHECK(world.out().starts_with("WHAT      PATH"));
}

TEST_CASE("schema export: prints one JSON schema, byte for byte the same each time", "[schema]") {
  World world;
  REQUIRE(world.run("schema export project") == 0);
  const std::string first = world.out();
  const auto schema = document::read_json(first);
  REQUIRE(schema);
  CHECK((*schema)["$schema"].string_or().find("2020-12") != std::string::npos);
  REQUIRE(world.run("schema export project -o json") == 0);
  CHECK(world.out() == first);
}

TEST_CASE("schema export: an unknown name is refused with those there are", "[schema][args][errors]") {
  World world;
  CHECK(world.run("schema export projct") == 2);
  CHECK(world.err().starts_with("error: NAME 'projct' isn't one of project (did you mean 'project'?)\n"));
  CHECK(world.run("schema export") == 2);
}
