#include "cli/completion/cache.hpp"
#include "cli/completion/words.hpp"
#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace mlk;
using test::World;

namespace {

constexpr const char* k_kubeconfig = R"(apiVersion: v1
kind: Config
current-context: dev
contexts:
- name: dev
  context: {cluster: dev, user: anna, namespace: nlp}
- name: prod
  context: {cluster: prod, user: anna}
clusters:
- name: dev
  cluster: {server: "https://dev.example.com"}
- name: prod
  cluster: {server: "https://prod.example.com"}
users:
- name: anna
  user: {token: not-a-real-one}
)";

constexpr const char* k_project = R"(mlk: v1
name: support
models:
  sentiment: {source: ./m}
jobs:
  finetune: {image: a, command: [b]}
environments:
  prod: {namespace: nlp-prod}
  stage: {}
)";

}  // namespace

TEST_CASE("completion: a shell that isn't known is refused with the nearest", "[completion][args]") {
  World world;
  CHECK(world.run("completion bsh") == 2);
  CHECK(
      world.err().starts_with("error: SHELL 'bsh' isn't one of bash, zsh, fish, powershell (did you mean 'bash'?)\n"));
  CHECK(world.run("completion") == 2);
}

TEST_CASE("completion: each shell has a script that calls back", "[completion]") {
  for (const char* shell : {"bash", "zsh", "fish", "powershell"}) {
    World world;
    CHECK(world.run(std::string("completion ") + shell) == 0);
    CHECK(world.out().find("__complete") != std::string::npos);
    CHECK(world.out().back() == '\n');
  }
}

TEST_CASE("completion: commands, verbs and flags are offered with what they do", "[completion][engine]") {
  World world;
  CHECK(world.run("__complete -- ver") == 0);
  CHECK(world.out() == "version\tPrint the version of mlk, and of the server with --server\n:nothing\n");
  world.run({"__complete", "--", "config", ""});
  CHECK(world.out().find("show\t") != std::string::npos);
  CHECK(world.out().find("path\t") != std::string::npos);
  world.run("__complete -- version --ser");
  CHECK(world.out() == "--server\task the cluster for its version too\n:nothing\n");
  world.run("__complete -- help ver");
  CHECK(world.out().starts_with("version\t"));
}

TEST_CASE("completion: values of a flag are offered behind it, with and without '='", "[completion][engine]") {
  World world;
  world.run("__complete -- version --color a");
  CHECK(world.out() == "auto\nalways\n:nothing\n");
  world.run("__complete -- version --color=n");
  CHECK(world.out() == "--color=never\n:nothing\n");
  world.run({"__complete", "--", "version", "-o", ""});
  CHECK(world.out().find("jsonpath") != std::string::npos);
  world.run("__complete -- completion z");
  CHECK(world.out() == "zsh\n:nothing\n");
}

TEST_CASE("completion: files are the shell's own business", "[completion][engine]") {
  World world;
  world.run("__complete -- config show --file m");
  CHECK(world.out() == ":files\n");
}

TEST_CASE("completion: a line comes as the shell has it, quotes and all", "[completion][engine]") {
  World world;
  world.run({"__complete", "--line", "mlk version --color al"});
  CHECK(world.out() == "always\n:nothing\n");
  CHECK(cli::split_line(R"(mlk 'a b' "c\"d" e\ f )") == std::vector<std::string>{"mlk", "a b", "c\"d", "e f", ""});
  CHECK(cli::split_line("mlk 'op en") == std::vector<std::string>{"mlk", "op en"});
}

TEST_CASE("completion: nonsense before the cursor offers nothing and says nothing", "[completion][engine]") {
  World world;
  CHECK(world.run("__complete -- nonsense x") == 0);
  CHECK(world.out() == ":nothing\n");
  CHECK(world.err().empty());
  CHECK(world.run("__complete") == 0);
  CHECK(world.run({"__complete", "--line", ""}) == 0);
  CHECK(world.run("__refresh nonsense") == 0);
}

TEST_CASE("completion: contexts come from the kubeconfig, before and behind the command", "[completion][live]") {
  const TemporaryFolder folder;
  World world;
  world.with_env("KUBECONFIG", folder.write("config", k_kubeconfig).string());
  world.run("__complete -- version --context p");
  CHECK(world.out() == "prod\thttps://prod.example.com\n:nothing\n");
  world.run("__complete -- --context d");
  CHECK(world.out() == "dev\thttps://dev.example.com (current)\n:nothing\n");
}

TEST_CASE("completion: environments come from mlk.yaml", "[completion][live]") {
  const TemporaryFolder folder;
  folder.write("mlk.yaml", k_project);
  World world;
  world.in_directory(folder.path());
  world.run("__complete -- config show -e p");
  CHECK(world.out() == "prod\n:nothing\n");
}

TEST_CASE("completion cache: an answer is for its own question alone, in a private folder", "[completion][cache]") {
  const TemporaryFolder folder;
  const cli::CompletionCache cache(folder / "cache/completion");
  const SystemTime now = parse_rfc3339("2026-11-21T06:30:00.25Z").value();
  REQUIRE(cache.store("jobs of anna", {{{"finetune", "running"}, {"other", ""}}, now, false}));
  const auto found = cache.find("jobs of anna");
  REQUIRE(found);
  CHECK(found->candidates == std::vector<cli::Candidate>{{"finetune", "running"}, {"other", ""}});
  CHECK(found->asked == now);
  CHECK_FALSE(found->is_failed);
  CHECK_FALSE(cache.find("jobs of bert"));
  struct stat info {};
  REQUIRE(::stat((folder / "cache/completion").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0700U);
  for (const auto& file : std::filesystem::directory_iterator(folder / "cache/completion")) {
    REQUIRE(::stat(file.path().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600U);
  }
}

TEST_CASE("completion cache: a broken file is no answer", "[completion][cache]") {
  const TemporaryFolder folder;
  const cli::CompletionCache cache(folder / "completion");
  REQUIRE(cache.store("q", {}));
  for (const auto& file : std::filesystem::directory_iterator(folder / "completion")) {
    REQUIRE(write_file(file.path(), "mlk-completion 1\nq\n"));
  }
  CHECK_FALSE(cache.find("q"));
}

TEST_CASE("completion cache: one process at a time asks a question", "[completion][cache]") {
  const TemporaryFolder folder;
  const cli::CompletionCache cache(folder / "completion");
  auto claim = cache.claim("q");
  REQUIRE(claim != nullptr);
  CHECK(cache.claim("q") == nullptr);
  CHECK(cache.claim("another") != nullptr);
  claim.reset();
  CHECK(cache.claim("q") != nullptr);
}
