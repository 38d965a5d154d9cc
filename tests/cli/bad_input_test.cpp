#include "bed.hpp"

#include <mlk/core/file.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <vector>

using namespace mlk::test;
namespace fs = std::filesystem;

// What a user can get wrong, on the program itself: every verb that reads it ends with the documented exit code, says
// what, why and how to go on, prints nothing that looks like a result, and writes nothing.

namespace {

using Words = std::vector<std::string>;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr std::string_view k_project = R"(mlk: v1
name: shop
namespace: nlp
models:
  m: {source: ./m, image: 127.0.0.1:1/nlp/m}
jobs:
  tune: {image: "r.example.com/t:1", command: [a]}
services:
  web: {engine: {name: custom, image: "r.example.com/s:1", port: 80}, scale: 2}
)";

constexpr std::string_view k_lock = "mlk-lock: 1\nedition: 1\n";

/// Verbs that read mlk.yaml, those that change something among them.
const std::vector<Words> k_readers = {{"generate"},
                                      {"generate", "--output-dir", "out"},
                                      {"lock", "--offline"},
                                      {"plan"},
                                      {"diff"},
                                      {"doctor"},
                                      {"config", "show"},
                                      {"model", "pack"},
                                      {"model", "push"},
                                      {"train", "submit", "--name", "a"},
                                      {"serve", "rollout"}};

/// Verbs that ask a cluster.
const std::vector<Words> k_askers = {{"plan"},
                                     {"diff"},
                                     {"cluster", "gpus"},
                                     {"version", "--server"},
                                     {"train", "submit", "--name", "a"},
                                     {"train", "list"},
                                     {"train", "logs"},
                                     {"train", "delete", "a", "--yes"},
                                     {"serve", "rollout"},
                                     {"serve", "status"},
                                     {"serve", "undo", "--yes"}};

std::string line_of(const Words& words) {
  std::string line = "mlk";
  for (const auto& word : words) line += " " + word;
  return line;
}

/// Every file below a folder, caches aside, with what it holds.
std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> all;
  for (auto at = fs::recursive_directory_iterator(folder); at != fs::recursive_directory_iterator(); ++at) {
    if (at->path().filename() == ".cache") at.disable_recursion_pending();
    if (at->is_regular_file()) all[at->path().string()] = mlk::read_file(at->path()).value_or("?");
  }
  return all;
}

Ended run_with(const Mlk& mlk, Words words, const std::string& kubeconfig) {
  words.insert(words.end(), {"--kubeconfig", kubeconfig});
  return mlk.run(words);
}

/// A kubeconfig for a server where nobody listens.
constexpr std::string_view k_dead = R"(apiVersion: v1
kind: Config
current-context: far
contexts: [{name: far, context: {cluster: far, user: anna, namespace: nlp}}]
clusters: [{name: far, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: anna, user: {token: s3cret-token}}]
)";

}  // namespace

TEST_CASE("bad input: an mlk.yaml that is no YAML stops every verb at its line", "[cli][bad-input]") {
  const Mlk mlk;
  mlk.write("mlk.yaml", "mlk: v1\nname: shop\njobs:\n  tune: {image: [a\nservices: {}\n");
  mlk.write("mlk.lock", k_lock);
  const auto before = files_in(mlk.folder());
  for (const Words& words : k_readers) {
    const Ended ended = mlk.run(words);
    CAPTURE(line_of(words), ended.out, ended.err);
    CHECK(ended.code == 1);
    CHECK(ended.out.empty());
    CHECK(has(ended.err, "mlk.yaml:5:9: error yaml-syntax"));
    CHECK(has(ended.err, "fix: close the list with ']'"));
    CHECK(has(ended.err, "error: mlk.yaml has a mistake"));
    CHECK(files_in(mlk.folder()) == before);
  }
  const Ended validated = mlk.run({"validate"});
  CHECK(validated.code == 3);
  CHECK(has(validated.out, "mlk.yaml:5:9: error yaml-syntax"));
}

TEST_CASE("bad input: unknown keys of mlk.yaml are told all at once, with the nearest", "[cli][bad-input]") {
  const Mlk mlk;
  mlk.write("mlk.yaml",
            "mlk: v1\nname: shop\nmodels: {m: {source: ./m, image: 127.0.0.1:1/nlp/m, tga: x}}\n"
            "jobs:\n  tune: {image: r.example.com/t, comand: [a]}\n");
  const auto before = files_in(mlk.folder());
  for (const Words& words : k_readers) {
    const Ended ended = mlk.run(words);
    CAPTURE(line_of(words), ended.err);
    CHECK(ended.code == 1);
    CHECK(ended.out.empty());
    CHECK(has(ended.err, "mlk.yaml:3:53: error project-unknown-key unknown key 'tga'"));
    CHECK(has(ended.err, "mlk.yaml:5:34: error project-unknown-key unknown key 'comand' (did you mean 'command'?)"));
    CHECK(files_in(mlk.folder()) == before);
  }
}

TEST_CASE("bad input: a broken mlk.lock is told with the way back, and stays as it is", "[cli][bad-input]") {
  const Mlk mlk;
  mlk.write("mlk.yaml", k_project);
  for (const char* text : {"", "mlk-lock: [\n", "models: {}\n"}) {
    mlk.write("mlk.lock", text);
    const auto before = files_in(mlk.folder());
    for (const Words& words : k_readers) {
      const Ended ended = mlk.run(words);
      CAPTURE(text, line_of(words), ended.err);
      CHECK(ended.code == 1);
      CHECK(has(ended.err, "mlk.lock"));
      CHECK(has(ended.err, "  fix: restore it from version control, or remove it and run 'mlk lock'"));
      CHECK(files_in(mlk.folder()) == before);
    }
  }
}

TEST_CASE("bad input: a manifest that is no YAML, has unknown keys or a refused name is told at its lines",
          "[cli][bad-input]") {
  const Mlk mlk;
  const std::string pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: Train_7B}\nspec:\n  containers:\n  - name: main\n"
      "    image: r.example.com/t:1\n    comand: [a]\n";
  mlk.write("m.yaml", "a: [1\n---\n" + pod);
  const Ended ended = mlk.run({"validate", "m.yaml"});
  CAPTURE(ended.out);
  CHECK(ended.code == 3);
  CHECK(has(ended.out, "m.yaml:2:1: error yaml-syntax"));
  CHECK(has(ended.out, "m.yaml:5:18: error name-invalid 'Train_7B'"));
  CHECK(has(ended.out, "m.yaml:10:5: error field-unknown"));
  CHECK(has(ended.out, "did you mean 'command'?"));
}

TEST_CASE("bad input: names that the API server refuses never leave", "[cli][bad-input]") {
  const Mlk mlk;
  mlk.write("config", k_dead);
  mlk.write("mlk.yaml", std::string(k_project) + "  Web_2: {engine: vllm, model: m, gpus: 1, scale: 1}\n");
  const Ended in_file = mlk.run({"generate"});
  CAPTURE(in_file.err);
  CHECK(in_file.code == 1);
  CHECK(has(in_file.err, "mlk.yaml:10:3: error project-value 'Web_2' is no name"));
  mlk.write("mlk.yaml", k_project);
  // By a flag: the server isn't even asked.
  const Ended run = run_with(mlk, {"train", "submit", "--name", "Tune_7B"}, "config");
  CAPTURE(run.err);
  CHECK(run.code == 3);
  CHECK(has(run.err, "'Tune_7B' is no valid name"));
  for (const Words& words : std::vector<Words>{{"generate"}, {"train", "list"}, {"serve", "rollout"}, {"init"}}) {
    Words with_namespace = words;
    with_namespace.insert(with_namespace.end(), {"-n", "Bad_NS"});
    const Ended ended = mlk.run(with_namespace);
    CAPTURE(line_of(words), ended.err);
    CHECK(ended.code == 2);
    CHECK(has(ended.err, "--namespace: 'Bad_NS' is no name of a namespace"));
  }
}

TEST_CASE("bad input: a kubeconfig that is missing, empty or broken is named, whoever reads it", "[cli][bad-input]") {
  const Mlk mlk;
  mlk.write("mlk.yaml", k_project);
  mlk.write("empty", "");
  mlk.write("broken", "clusters: [\n");
  const auto before = files_in(mlk.folder());
  for (const Words& words : k_askers) {
    CAPTURE(line_of(words));
    const Ended missing = run_with(mlk, words, "gone/config");
    CAPTURE(missing.err);
    CHECK(missing.code == 2);
    CHECK(missing.out.empty());
    CHECK(has(missing.err, "gone/config'"));
    CHECK(has(missing.err, "  fix: "));
    const Ended empty = run_with(mlk, words, "empty");
    CAPTURE(empty.err);
    CHECK(empty.code == 2);
    CHECK(has(empty.err, "error: the kubeconfig is empty\n"));
    CHECK(has(empty.err, "  fix: write it with your cluster's own tool, or name another one with --kubeconfig"));
    const Ended broken = run_with(mlk, words, "broken");
    CAPTURE(broken.err);
    CHECK(broken.code == 2);
    CHECK(has(broken.err, "broken:2:1: error yaml-syntax"));
    CHECK(has(broken.err, "error: kubeconfig 'broken' can't be read"));
  }
  CHECK(files_in(mlk.folder()) == before);
}

TEST_CASE("bad input: a server that nobody reaches is unavailable, whoever asks it", "[cli][bad-input]") {
  const Mlk mlk;
  mlk.write("mlk.yaml", k_project);
  mlk.write("mlk.lock", k_lock);
  mlk.write("config", k_dead);
  const auto before = files_in(mlk.folder());
  for (const Words& words : k_askers) {
    const Ended ended = run_with(mlk, words, "config");
    CAPTURE(line_of(words), ended.err);
    CHECK(ended.code == 12);
    CHECK(ended.out.empty());
    CHECK(has(ended.err, "error: context 'far' (https://127.0.0.1:1) can't be reached\n"));
    CHECK(has(ended.err, "Connection refused"));
    CHECK(has(ended.err, "  fix: check the network or VPN"));
    CHECK_FALSE(has(ended.err, "s3cret-token"));
  }
  CHECK(files_in(mlk.folder()) == before);
}
