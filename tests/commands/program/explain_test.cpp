#include "tests/commands/support/world.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/validation/rules.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using test::World;

TEST_CASE("explain: an unknown code is refused with the nearest one", "[explain][args]") {
  World world;
  CHECK(world.run("explain shm-mising") == 10);
  CHECK(world.err() ==
        "error: no rule has the code 'shm-mising' (did you mean 'shm-missing'?)\n"
        "  fix: run 'mlk explain' for the list of codes\n");
  CHECK(world.run("explain a b") == 2);
}

TEST_CASE("explain: a code as text and as JSON", "[explain]") {
  World world;
  REQUIRE(world.run("explain shm-missing") == 0);
  CHECK(world.out().starts_with("shm-missing (warning, gpu)\n"));
  CHECK(world.out().find("/dev/shm") != std::string::npos);
  REQUIRE(world.run("explain shm-missing -o json") == 0);
  const auto json = document::read_json(world.out());
  REQUIRE(json);
  CHECK((*json)["schema"].string_or() == "mlk.dev/explain/v1");
  CHECK((*json)["code"].string_or() == "shm-missing");
  CHECK((*json)["severity"].string_or() == "warning");
}

TEST_CASE("explain: every code can be listed and explained", "[explain]") {
  World world;
  REQUIRE(world.run("explain -o name") == 0);
  const std::string names = world.out();
  for (const std::string& id : validation::rule_ids()) {
    INFO(id);
    CHECK(names.find(id + "\n") != std::string::npos);
    CHECK(world.run({"explain", id}) == 0);
  }
}
