#include "bed.hpp"
#include "temporary_folder.hpp"
#include "tests/cli/terminal.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

using namespace mlk::test;
using std::chrono::milliseconds;

namespace {

constexpr const char* k_kubeconfig = R"(apiVersion: v1
kind: Config
current-context: dev
contexts:
- name: dev
  context: {cluster: dev, user: anna}
- name: "arn:aws:eks:eu-1:123:cluster/prod"
  context: {cluster: dev, user: anna}
clusters:
- name: dev
  cluster: {server: "https://dev.example.com"}
users:
- name: anna
  user: {token: not-a-real-one}
)";

constexpr const char* k_project = "mlk: v1\nname: support\nenvironments:\n  production: {}\n";

/// An interactive shell with mlk's completion loaded, in a folder with a mlk.yaml, and a kubeconfig.
class Shell {
 public:
  Shell(const std::vector<std::string>& argv, const std::string& load)
      : m_terminal(argv, variables(m_folder, m_project = m_folder.write("mlk.yaml", k_project).parent_path(),
                                   m_folder.write("config", k_kubeconfig))) {
    m_terminal.type("cd '" + m_project.string() + "' && " + load + " && echo lo''aded\n");
    m_loaded = m_terminal.shows("loaded");
    m_terminal.settle(milliseconds(300));
  }

  bool is_loaded() const { return m_loaded; }
  const std::string& text() const { return m_terminal.text(); }

  /// What the line becomes after Tab: the shell itself says it, word by word, by a printf put in front.
  bool completes(const std::string& typed, const std::string& line) {
    m_terminal.type(typed + "\t");
    m_terminal.settle(milliseconds(700));
    m_terminal.type("\x01printf '%s|' \x05\n");
    std::string words = line + "|";
    std::replace(words.begin(), words.end(), ' ', '|');
    const bool is_shown = m_terminal.shows(words, milliseconds(5000));
    m_terminal.settle(milliseconds(200));
    return is_shown;
  }

  /// Runs a line and waits for what it prints.
  bool says(const std::string& line, const std::string& text) {
    m_terminal.type(line + "\n");
    const bool is_shown = m_terminal.shows(text);
    m_terminal.settle(milliseconds(200));
    return is_shown;
  }

 private:
  static Variables variables(const TemporaryFolder& folder, const std::filesystem::path&,
                             const std::filesystem::path& kubeconfig) {
    const std::string path =
        std::filesystem::path(Mlk().start({}).argv.front()).parent_path().string() + ":" + std::getenv("PATH");
    return {{"PATH", path},
            {"HOME", folder.path().string()},
            {"XDG_CACHE_HOME", (folder / "cache").string()},
            {"KUBECONFIG", kubeconfig.string()},
            {"TERM", "xterm-256color"},
            {"PS1", "$ "},
            {"LC_ALL", "C.UTF-8"}};
  }

  TemporaryFolder m_folder;
  std::filesystem::path m_project;
  Terminal m_terminal;
  bool m_loaded = false;
};

bool has_program(const std::string& name) {
  return run_program({{"/bin/sh", "-c", "command -v " + name}, {}, {}, {}}).code == 0;
}

struct ShellKind {
  std::string name;
  std::vector<std::string> argv;
  std::string load;
};

const std::vector<ShellKind> k_shells = {
    {"bash", {"bash", "--norc", "--noprofile", "-i"}, "source <(mlk completion bash)"},
    {"zsh", {"zsh", "-f", "-i"}, "bindkey -e; autoload -Uz compinit; compinit -D -u; source <(mlk completion zsh)"},
    {"fish", {"fish", "--no-config", "-i"}, "mlk completion fish | source"},
};

void check_completion(const std::string& name) {
  const auto kind =
      std::find_if(k_shells.begin(), k_shells.end(), [&](const ShellKind& one) { return one.name == name; });
  Shell shell(kind->argv, kind->load);
  INFO(shell.text());
  REQUIRE(shell.is_loaded());
  CHECK(shell.completes("mlk ver", "mlk version"));
  CHECK(shell.completes("mlk schema ex", "mlk schema export"));
  CHECK(shell.completes("mlk schema export pr", "mlk schema export project"));
  CHECK(shell.completes("mlk version --ser", "mlk version --server"));
  CHECK(shell.completes("mlk version --color al", "mlk version --color always"));
  CHECK(shell.completes("mlk config show -e pro", "mlk config show -e production"));
  CHECK(shell.completes("mlk version --context d", "mlk version --context dev"));
  CHECK(shell.completes("mlk version --context arn:aws:e", "mlk version --context arn:aws:eks:eu-1:123:cluster/prod"));
  CHECK(shell.completes("mlk version --context=arn:a", "mlk version --context=arn:aws:eks:eu-1:123:cluster/prod"));
  CHECK(shell.completes("mlk config show --file ml", "mlk config show --file mlk.yaml"));
}

}  // namespace

TEST_CASE("completion: an image's tag comes from a real registry by Tab, in every shell",
          "[cli][completion][shell][real]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk;
  mlk.write("m/config.json", "{}");
  const std::string repository = bed.text("registries.distribution.address") + "/" + unique_name("nlp/shell");
  REQUIRE(mlk.run({"model", "pack", "m", "-t", repository + ":release-7"}).code == 0);
  for (const ShellKind& kind : k_shells) {
    if (!has_program(kind.name)) {
      WARN("no " << kind.name << " here: its part of this test was left out");
      continue;
    }
    Shell shell(kind.argv, kind.load);
    CAPTURE(kind.name, shell.text());
    REQUIRE(shell.is_loaded());
    // The first Tab may come before the registry's answer; it is in the cache for the next one.
    REQUIRE(shell.says("sh -c 'until mlk __complete -- model pull " + repository +
                           ":r | grep -q release-7; do sleep 0.1; done; echo wa\"\"rm'",
                       "warm"));
    CHECK(shell.completes("mlk model pull " + repository + ":rel", "mlk model pull " + repository + ":release-7"));
    CHECK(shell.completes("mlk model pull " + repository + ":", "mlk model pull " + repository + ":release-7"));
  }
}

TEST_CASE("completion: works in a real bash", "[cli][completion][shell]") {
  if (!has_program("bash")) {
    WARN("skipped: no bash here");
    return;
  }
  check_completion("bash");
}

TEST_CASE("completion: works in a real zsh", "[cli][completion][shell]") {
  if (!has_program("zsh")) {
    WARN("skipped: no zsh here");
    return;
  }
  check_completion("zsh");
}

TEST_CASE("completion: works in a real zsh from a folder of functions", "[cli][completion][shell]") {
  if (!has_program("zsh")) {
    WARN("skipped: no zsh here");
    return;
  }
  Shell shell({"zsh", "-f", "-i"},
              "mkdir -p f; mlk completion zsh > f/_mlk; fpath=($PWD/f $fpath); bindkey -e; autoload -Uz compinit; "
              "compinit -D -u");
  REQUIRE(shell.is_loaded());
  CHECK(shell.completes("mlk schema ex", "mlk schema export"));
  CHECK(shell.completes("mlk ver", "mlk version"));
}

TEST_CASE("completion: works in a real fish", "[cli][completion][shell]") {
  if (!has_program("fish")) {
    WARN("skipped: no fish here");
    return;
  }
  check_completion("fish");
}
