#include "commands/init/draft.hpp"
#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/project/load.hpp>

#include <catch2/catch.hpp>

#include <cstdint>

using namespace mlk;
using test::World;

namespace {

/// The smallest safetensors file: one F32 tensor of four numbers.
std::string safetensors() {
  std::string header = R"({"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})";
  while (header.size() % 8 != 0) header += ' ';
  std::string text(8, '\0');
  text[0] = static_cast<char>(header.size());
  return text + header + std::string(16, '\0');
}

/// What a mlk.yaml means; a test fails with its first mistake.
project::Project loaded(const TemporaryFolder& folder) {
  project::LoadOptions options;
  options.file = folder / "mlk.yaml";
  auto project = project::load(options);
  if (!project) {
    for (const auto& diagnostic : project.error().diagnostics) UNSCOPED_INFO(to_string(diagnostic));
    FAIL(project.error().what);
  }
  return *project;
}

}  // namespace

TEST_CASE("init: a Hugging Face folder and a training script become a project", "[init]") {
  const TemporaryFolder folder;
  folder.write("models/MiniLM-L6/model.safetensors", safetensors());
  folder.write("models/MiniLM-L6/config.json", R"({"architectures": ["BertModel"], "model_type": "bert"})");
  folder.write("train/train.py", "print('x')\n");
  folder.write("train/Dockerfile", "FROM scratch\n");
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("init --name shop --registry registry.example.com/shop") == 0);
  const auto project = loaded(folder);
  REQUIRE(project.models.size() == 1);
  CHECK(*project.models[0].name == "minilm-l6");
  CHECK(*project.models[0].source == "./models/MiniLM-L6");
  CHECK(*project.models[0].image == "registry.example.com/shop/minilm-l6");
  REQUIRE(project.services.size() == 1);
  CHECK(*project.services[0].engine.name == project::EngineName::vllm);
  REQUIRE(project.jobs.size() == 1);
  CHECK(*project.jobs[0].name == "train");
  const std::string text = read_file(folder / "mlk.yaml").value();
  CHECK(text.find("BertModel") != std::string::npos);
  CHECK(text.find("build it from ./train/Dockerfile") != std::string::npos);
  CHECK(world.out().find("next: 'mlk model pack minilm-l6', then 'mlk generate'") != std::string::npos);
}

TEST_CASE("init: a model's own folder leaves mlk.yaml out of the model", "[init]") {
  const TemporaryFolder folder;
  folder.write("model.safetensors", safetensors());
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("init --name tiny") == 0);
  CHECK(*loaded(folder).models.at(0).source == ".");
  CHECK(*loaded(folder).services.at(0).engine.name == project::EngineName::custom);
  CHECK(read_file(folder / ".mlkignore").value() == "/mlk.yaml\n/mlk.lock\n/.mlk/\n");
}

TEST_CASE("init: a folder with nothing in it gives a file to begin with", "[init]") {
  const TemporaryFolder folder;
  World world;
  world.in_directory(folder.path());
  REQUIRE(world.run("init --name empty -n nlp") == 0);
  CHECK(*loaded(folder).namespace_name == "nlp");
}

TEST_CASE("init: never replaces a file unasked", "[init][errors]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", "mine\n");
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("init") == 1);
  CHECK(world.err().find("--force") != std::string::npos);
  CHECK(read_file(folder / "mlk.yaml").value() == "mine\n");
  CHECK(world.run("init --force --name x") == 0);
  CHECK(world.run("init no-such-folder --file other.yaml") == 10);
  CHECK(world.run("init --engine nonsense") == 2);
}

TEST_CASE("init: a broken model is told, and nothing is written", "[init][errors]") {
  const TemporaryFolder folder;
  folder.write("m/model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  World world;
  world.in_directory(folder.path());
  CHECK(world.run("init") != 0);
  CHECK(world.err().find("model.safetensors") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "mlk.yaml"));
}

TEST_CASE("init: engines by format, GPUs by weight", "[init]") {
  using namespace commands::init;
  FoundModel found;
  found.facts.format = model::Format::gguf;
  CHECK(engine_for(found) == "llama.cpp");
  found.facts.format = model::Format::safetensors;
  CHECK(engine_for(found) == "custom");
  found.has_config = true;
  CHECK(engine_for(found) == "vllm");
  found.is_triton_repository = true;
  CHECK(engine_for(found) == "triton");
  CHECK(gpus_for(found.facts) == ">=16GB:1");
  found.facts.weight_size = 16'000'000'000;
  CHECK(gpus_for(found.facts) == ">=24GB:1");
  found.facts.weight_size = 140'000'000'000;
  CHECK(gpus_for(found.facts) == ">=80GB:4");
}

TEST_CASE("init: names are what Kubernetes takes", "[init]") {
  using commands::init::safe_name;
  CHECK(safe_name("Llama-3.1_8B") == "llama-3-1-8b");
  CHECK(safe_name("7B-chat") == "b-chat");
  CHECK(safe_name("ü") == "model");
  CHECK(safe_name(std::string(60, 'a')).size() == 40);
}
