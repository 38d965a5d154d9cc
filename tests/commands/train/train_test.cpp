#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <catch2/catch.hpp>

using mlk::test::World;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A folder with an mlk.yaml of one job.
class JobFolder {
 public:
  explicit JobFolder(const std::string& more = {}) {
    m_folder.write("mlk.yaml", std::string("mlk: v1\nname: shop\nnamespace: nlp\njobs:\n  tune:\n"
                                           "    image: registry.example.com/shop/trainer:1.4\n"
                                           "    command: [torchrun, train.py]\n    nodes: 2\n    gpus: h100:8\n"
                                           "    resources: {cpu: 4, memory: 32Gi}\n") +
                                   more);
  }
  const std::filesystem::path& path() const { return m_folder.path(); }

 private:
  TemporaryFolder m_folder;
};

}  // namespace

TEST_CASE("train submit: flags that exclude each other are refused before anything is done", "[train][args]") {
  const JobFolder folder;
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("train submit tune --name a --run-id b") == 2);
  CHECK(has(world.err(), "--name 'a' and --run-id 'b' exclude each other"));
  CHECK(world.run("train submit tune --name a --follow --dry-run") == 2);
  CHECK(world.run("train submit tune --name a --timeout 5") == 2);
  CHECK(world.run("train submit tune --name a --dry-run=maybe") == 2);
}

TEST_CASE("train submit: without a terminal a run wants a name or an id", "[train][submit]") {
  const JobFolder folder;
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("train submit tune") == 2);
  CHECK(has(world.err(), "without a terminal a run needs --run-id or --name"));
}

TEST_CASE("train submit: a dry run on this machine asks no cluster", "[train][submit]") {
  const JobFolder folder;
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("train submit tune --run-id 7 --dry-run -o json") == 0);
  CHECK(has(world.out(), "mlk.dev/train-submit/v1"));
  CHECK(has(world.out(), "\"isDryRun\": true"));
  CHECK(has(world.err(), "validated 2 objects, 0 errors"));
}

TEST_CASE("train submit: a job that isn't there names the nearest", "[train][submit]") {
  const JobFolder folder;
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("train submit tone --name a --dry-run") != 0);
  CHECK(has(world.err(), "did you mean 'tune'?"));
}

TEST_CASE("train submit: restarts of a gang are refused at their line", "[train][submit]") {
  const JobFolder folder("    restarts: 3\n");
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("train submit tune --name a --dry-run") != 0);
  CHECK(has(world.err(), "mlk.yaml:11:"));
  CHECK(has(world.err(), "'restarts: 3' on 2 nodes can't be kept by backend 'job'"));
}

TEST_CASE("train logs: which ranks is one thing or the other", "[train][args]") {
  World world;
  CHECK(world.run("train logs x --rank 1 --all-ranks") == 2);
  CHECK(world.run("train logs x -f --previous") == 2);
  CHECK(world.run("train logs x --rank -1") == 2);
}

TEST_CASE("train wait: what to wait for is one of three", "[train][args]") {
  World world;
  CHECK(world.run("train wait x --for done") == 2);
  CHECK(has(world.err(), "complete"));
}
