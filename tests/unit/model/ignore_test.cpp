#include <mlk/model/ignore.hpp>

#include <catch2/catch.hpp>

using mlk::model::IgnoreRules;

TEST_CASE("ignore: what never belongs to a model is left out without being asked", "[model][ignore]") {
  const IgnoreRules rules("");
  CHECK(rules.matches(".git", true));
  CHECK(rules.matches("sub/.git", true));
  CHECK(rules.matches(".env", false));
  CHECK(rules.matches(".env.production", false));
  CHECK(rules.matches("sub/.env", false));
  CHECK(rules.matches("__pycache__", true));
  CHECK(rules.matches("mlk.lock", false));
  CHECK(rules.matches(".mlkignore", false));
  CHECK_FALSE(rules.matches("sub/mlk.lock", false));
  CHECK_FALSE(rules.matches("config.json", false));
  CHECK_FALSE(rules.matches("environment.yml", false));
}

TEST_CASE("ignore: patterns work as in .gitignore", "[model][ignore]") {
  const IgnoreRules rules(
      "# comment\n"
      "*.bin\n"
      "!keep.bin\n"
      "/only-top.txt\n"
      "logs/\n"
      "data/**/*.csv\n"
      "x[0-9].t?t\n"
      "a/*/b\n"
      "  \n");
  CHECK(rules.matches("model.bin", false));
  CHECK(rules.matches("deep/model.bin", false));
  CHECK_FALSE(rules.matches("keep.bin", false));
  CHECK(rules.matches("only-top.txt", false));
  CHECK_FALSE(rules.matches("sub/only-top.txt", false));
  CHECK(rules.matches("logs", true));
  CHECK_FALSE(rules.matches("logs", false));
  CHECK(rules.matches("data/a/b/c.csv", false));
  CHECK(rules.matches("data/c.csv", false));
  CHECK_FALSE(rules.matches("other/c.csv", false));
  CHECK(rules.matches("x7.txt", false));
  CHECK_FALSE(rules.matches("xa.txt", false));
  CHECK(rules.matches("a/x/b", false));
  CHECK_FALSE(rules.matches("a/x/y/b", false));
}

TEST_CASE("ignore: the user may take back what is left out", "[model][ignore]") {
  CHECK_FALSE(IgnoreRules("!.gitattributes").matches(".gitattributes", false));
}

TEST_CASE("ignore: a hostile pattern ends soon", "[model][ignore]") {
  std::string pattern;
  std::string name;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  for (int i = 0; i < 3000; ++i) name += i == 2999 ? "b" : "a";
  CHECK_FALSE(IgnoreRules(pattern).matches(name, false));
  CHECK_FALSE(IgnoreRules("[").matches("x", false));
  CHECK(IgnoreRules("[").matches("[", false));
}
