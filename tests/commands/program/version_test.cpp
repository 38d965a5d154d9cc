#include "tests/commands/support/world.hpp"

#include <catch2/catch.hpp>

using namespace mlk;
using test::World;

TEST_CASE("version: an argument is refused", "[version][args]") {
  World world;
  CHECK(world.run("version x") == 2);
  CHECK(world.err() ==
        "error: unexpected argument 'x'\n"
        "  why: this command takes no arguments\n"
        "  fix: run 'mlk version --help'\n");
}

TEST_CASE("version: without --server no cluster is asked", "[version]") {
  World world;
  CHECK(world.run("version") == 0);
  CHECK(world.out() == "mlk 0.1.0\n");
  CHECK(world.run("version -o json") == 0);
  CHECK(world.out() ==
        "{\n"
        "  \"schema\": \"mlk.dev/version/v1\",\n"
        "  \"version\": \"0.1.0\",\n"
        "  \"server\": null\n"
        "}\n");
  CHECK(world.run("--version") == 0);
  CHECK(world.out() == "mlk 0.1.0\n");
}

TEST_CASE("version: a cluster that can't be reached is the failure that it is", "[version][errors]") {
  World world;
  world.wiring.loop = [](commands::Context&) -> Result<std::unique_ptr<http::Loop>> {
    return Error(ErrorKind::unavailable, "no network");
  };
  CHECK(world.run("version --server") == 12);
  CHECK(world.out().empty());
  CHECK(world.err() == "error: no network\n");
}
