#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using test::World;

namespace {

constexpr const char* k_project = R"(mlk: v1
name: shop
namespace: nlp
models:
  reviews: {source: ./reviews, image: 127.0.0.1:1/shop/reviews}
services:
  reviews: {model: reviews, engine: vllm, gpus: 1, scale: 1}
)";

}  // namespace

TEST_CASE("doctor: an argument is refused", "[doctor][args]") {
  World world;
  CHECK(world.run("doctor x") == 2);
  CHECK(world.err().starts_with("error: unexpected argument 'x'\n"));
}

TEST_CASE("doctor: --role asks nobody, and goes to the namespace that is named", "[doctor]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("doctor --role") == 0);
  CHECK(world.out().starts_with("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n"));
  CHECK(world.out().find("  namespace: nlp\n") != std::string::npos);
  REQUIRE(world.run("doctor --role -n other -o json") == 0);
  const auto document = document::read_json(world.out()).value();
  CHECK(document["schema"].string_or() == "mlk.dev/doctor-role/v1");
  CHECK(document["role"]["metadata"]["namespace"].string_or() == "other");
}

TEST_CASE("doctor: --role without a file says what it depends on", "[doctor][errors]") {
  const TemporaryFolder folder;
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("doctor --role") == 2);
  CHECK(world.err() ==
        "error: there is no mlk.yaml here, so no role for it\n"
        "  why: the smallest role depends on the jobs and services of a file\n"
        "  fix: name a file with --file, or write one with 'mlk init'\n");
}

TEST_CASE("doctor: without a cluster it still says what it found, and the cluster's failure decides", "[doctor]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  world.wiring.loop = [](commands::Context&) -> Result<std::unique_ptr<http::Loop>> {
    return Error(ErrorKind::unavailable, "nobody answers").fixed_by("try again");
  };
  CHECK(world.run("doctor -o json") == 12);
  const auto document = document::read_json(world.out()).value();
  CHECK(document["schema"].string_or() == "mlk.dev/doctor/v1");
  CHECK(document["role"].is_null());
  const auto& checks = document["checks"].items();
  const auto state = [&](std::string_view area, std::string_view subject) {
    for (const auto& check : checks) {
      if (check["area"].string_or() == area && check["subject"].string_or() == subject) {
        return check["state"].string_or();
      }
    }
    return std::string("not checked");
  };
  CHECK(state("project", "mlk.yaml") == "ok");
  CHECK(state("project", "mlk.lock") == "warning");
  CHECK(state("project", "model reviews") == "missing");
  CHECK(state("cluster", "connection") == "missing");
  CHECK(state("registry", "model reviews") == "missing");
  for (const auto& check : checks) {
    INFO(check["subject"].string_or());
    CHECK((check["state"].string_or() == "ok") == check["fix"].is_null());
  }
}
