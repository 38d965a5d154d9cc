#include "temporary_folder.hpp"
#include "weight_files.hpp"

#include <mlk/model/folder.hpp>

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace mlk::model;
namespace fs = std::filesystem;

namespace {

std::string one_tensor(const std::string& name) {
  return safetensors(R"({")" + name + R"(":{"dtype":"F16","shape":[8],"data_offsets":[0,16]}})", 16);
}

std::vector<std::string> codes(const mlk::Error& error) {
  std::vector<std::string> out;
  for (const auto& diagnostic : error.diagnostics) out.push_back(diagnostic.code);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("folder: a Hugging Face model is understood", "[model][folder]") {
  const TemporaryFolder folder;
  folder.write("config.json", R"({"architectures":["LlamaForCausalLM"],"model_type":"llama",
                                  "max_position_embeddings":4096,"quantization_config":{"quant_method":"awq"}})");
  folder.write("model-00001-of-00002.safetensors", one_tensor("a"));
  folder.write("model-00002-of-00002.safetensors", one_tensor("b"));
  folder.write("model.safetensors.index.json", R"({"weight_map":{"a":"model-00001-of-00002.safetensors",
                                                                 "b":"model-00002-of-00002.safetensors"}})");
  folder.write("tokenizer.json", "{}");
  folder.write("README.md", "---\nlicense: apache-2.0\ntags: [x]\n---\n# Model\n");
  folder.write(".git/config", "x");
  folder.write(".env", "TOKEN=1");
  folder.write("sub/notes.txt", "n");
  folder.write("skip.me", "s");
  folder.write(".mlkignore", "skip.me\n");
  const auto found = inspect_folder(folder.path(), {});
  REQUIRE(found);
  std::vector<std::string> names;
  for (const auto& file : found->files) names.push_back(file.path);
  CHECK(names == std::vector<std::string>{"README.md", "config.json", "model-00001-of-00002.safetensors",
                                          "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                                          "sub/notes.txt", "tokenizer.json"});
  CHECK(found->ignored == std::vector<std::string>{".env", ".git/", ".mlkignore", "skip.me"});
  const auto& facts = found->facts;
  CHECK(facts.format == Format::safetensors);
  CHECK(facts.architecture == "LlamaForCausalLM");
  CHECK(facts.model_type == "llama");
  CHECK(facts.dtype == "F16");
  CHECK(facts.parameters == 16);
  CHECK(facts.context_length == 4096);
  CHECK(facts.license == "apache-2.0");
  CHECK(facts.quantization == "awq");
  CHECK(found->files[0].role == Role::document);
  CHECK(found->files[1].role == Role::config);
  CHECK(found->files[2].role == Role::weights);
  CHECK(found->files[6].role == Role::tokenizer);
}

TEST_CASE("folder: everything that is missing or broken is said at once", "[model][folder]") {
  const TemporaryFolder folder;
  folder.write("config.json", "[1]");
  folder.write("lfs.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n");
  folder.write("bad.safetensors", "short");
  folder.write("one.safetensors", one_tensor("a"));
  folder.write("model.safetensors.index.json", R"({"weight_map":{"a":"one.safetensors","x":"one.safetensors",
                                                                 "b":"two.safetensors"}})");
  fs::create_symlink("/etc/hostname", folder / "out");
  fs::create_symlink("nowhere", folder / "dangling");
  fs::create_directory_symlink("/etc", folder / "dir");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const auto found = inspect_folder(folder.path(), {});
  REQUIRE_FALSE(found);
  CHECK(codes(found.error()) == std::vector<std::string>{"model-config", "model-lfs-pointer", "model-link",
                                                         "model-link", "model-link", "model-safetensors",
                                                         "model-shard-missing", "model-special-file",
                                                         "model-tensor-missing"});
  for (const auto& diagnostic : found.error().diagnostics) {
    CHECK(diagnostic.place.file->find(folder.path().string()) == 0);
  }
}

TEST_CASE("folder: links inside it and into the Hugging Face cache are followed", "[model][folder]") {
  const TemporaryFolder folder;
  const auto snapshot = folder / "models--x/snapshots/abc";
  folder.write("models--x/blobs/123", one_tensor("a"));
  folder.write("models--x/snapshots/abc/real.txt", "r");
  fs::create_symlink("../../blobs/123", snapshot / "model.safetensors");
  fs::create_symlink("real.txt", snapshot / "alias.txt");
  const auto found = inspect_folder(snapshot, {});
  REQUIRE(found);
  REQUIRE(found->files.size() == 3);
  CHECK(found->files[1].path == "model.safetensors");
  CHECK(found->files[1].size > 16);
  CHECK(found->facts.parameters == 8);
}

TEST_CASE("folder: a GGUF file tells what it is", "[model][folder]") {
  const TemporaryFolder folder;
  folder.write("m.gguf", GgufText(3, 1, 2)
                             .pair("general.architecture", "qwen2")
                             .pair("qwen2.context_length", 32768)
                             .tensor("t", 32, 8, 0)
                             .data(34)
                             .text);
  const auto found = inspect_folder(folder.path(), {});
  REQUIRE(found);
  CHECK(found->facts.format == Format::gguf);
  CHECK(found->facts.architecture == "qwen2");
  CHECK(found->facts.context_length == 32768);
  CHECK(found->facts.dtype == "Q8_0");
}

TEST_CASE("folder: missing, empty and no folder are told apart", "[model][folder]") {
  const TemporaryFolder folder;
  CHECK(inspect_folder(folder / "none", {}).error().kind == mlk::ErrorKind::not_found);
  CHECK(inspect_folder(folder.path(), {}).error().why == "it is empty");
  const auto file = folder.write("x.gguf", "x");
  CHECK(inspect_folder(file, {}).error().kind == mlk::ErrorKind::usage);
  folder.write("only/.env", "x");
  CHECK(inspect_folder(folder / "only", {}).error().why.find(".env") != std::string::npos);
}

TEST_CASE("folder: a requested stop ends the inspection", "[model][folder]") {
  const TemporaryFolder folder;
  folder.write("a", "x");
  std::stop_source stop;
  stop.request_stop();
  CHECK(inspect_folder(folder.path(), stop.get_token()).error().kind == mlk::ErrorKind::interrupted);
}
