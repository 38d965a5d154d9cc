#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/project/lock.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using test::World;

namespace {

constexpr const char* k_project = R"(mlk: v1
name: shop
models:
  reviews: {source: ./reviews, image: 127.0.0.1:1/shop/reviews}
jobs:
  train: {image: "127.0.0.1:1/shop/trainer:1", command: [a]}
services:
  reviews: {model: reviews, engine: vllm, gpus: 1, scale: 1}
)";

}  // namespace

TEST_CASE("lock: offline it keeps what is known and says what the backends are", "[lock]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  project::Lock before;
  before.models["reviews"] = {"127.0.0.1:1/shop/reviews:1", "sha256:" + std::string(64, 'a'), std::nullopt};
  before.images["127.0.0.1:1/shop/trainer:1"] = "sha256:" + std::string(64, 'b');
  before.images["127.0.0.1:1/gone:1"] = "sha256:" + std::string(64, 'c');
  REQUIRE(project::write_lock(folder / "mlk.lock", before));
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("lock --offline") == 0);
  const auto after = project::read_lock(folder / "mlk.lock").value().value();
  CHECK(after.models == before.models);
  CHECK(after.images.size() == 1);
  CHECK(after.backends.at("job/train") == "job");
  CHECK(after.backends.at("service/reviews") == "deployment");
  CHECK(after.engines.empty());
}

TEST_CASE("lock: --check writes nothing and tells by its exit code", "[lock]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", "mlk: v1\nname: shop\njobs:\n  train: {image: \"r.example.com/t@sha256:" +
                               std::string(64, 'a') + "\", command: [a]}\n");
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("lock --offline --check") == 3);
  CHECK_FALSE(std::filesystem::exists(folder / "mlk.lock"));
  CHECK(world.run("lock --offline -o json") == 0);
  CHECK(document::read_json(world.out()).value()["written"].bool_or(false));
  CHECK(world.run("lock --offline --check") == 0);
}

TEST_CASE("lock: a registry that doesn't answer leaves the old digest and exits with 12", "[lock][errors]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml",
               "mlk: v1\nname: shop\njobs:\n  train: {image: \"127.0.0.1:1/shop/trainer:1\", command: [a]}\n");
  project::Lock before;
  before.images["127.0.0.1:1/shop/trainer:1"] = "sha256:" + std::string(64, 'b');
  REQUIRE(project::write_lock(folder / "mlk.lock", before));
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("lock") == 12);
  CHECK(world.err().find("127.0.0.1:1") != std::string::npos);
  CHECK(project::read_lock(folder / "mlk.lock").value().value().images == before.images);
}
