#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/template/library.hpp>
#include <mlk/template/template.hpp>

#include <catch2/catch.hpp>
#include <unistd.h>

#include <filesystem>

using namespace mlk;
using document::Node;

namespace {

Node yaml(std::string_view text) {
  auto node = document::read_yaml_one(text, "values.yaml", document::Schema::core);
  REQUIRE(node);
  return *node;
}

Node render(std::string_view text, std::string_view values) {
  auto parsed = templates::Template::parse(text, "t.yaml");
  if (!parsed) FAIL(parsed.error().what);
  auto result = parsed->render(yaml(values));
  if (!result) FAIL(result.error().what << ": " << to_string(result.error().diagnostics.at(0)));
  return *result;
}

std::vector<Diagnostic> mistakes(std::string_view text, std::string_view values = "{}") {
  auto parsed = templates::Template::parse(text, "t.yaml");
  if (!parsed) return parsed.error().diagnostics;
  auto result = parsed->render(yaml(values));
  REQUIRE(!result);
  return result.error().diagnostics;
}

}  // namespace

TEST_CASE("template: a placeholder gives the value with its type and its place", "[template]") {
  const auto parsed = templates::Template::parse("spec:\n  replicas: \"{{ scale.min }}\"\n  name: fixed\n", "t.yaml");
  REQUIRE(parsed);
  const auto result = parsed->render(yaml("scale:\n  min: 3\n"));
  REQUIRE(result);
  CHECK((*result)["spec"]["replicas"].as_int() == 3);
  CHECK(to_string((*result)["spec"]["replicas"].place()) == "values.yaml:2:8");
  CHECK(to_string((*result)["spec"]["name"].place()) == "t.yaml:3:9");
}

TEST_CASE("template: a value can't break out of its scalar", "[template]") {
  const Node result = render("a: \"{{x}}\"\n", "x: \"1\\nb: 2\\n{{y}}\"\n");
  CHECK(result.size() == 1);
  CHECK(result["a"].as_string() == "1\nb: 2\n{{y}}");
}

TEST_CASE("template: a null value leaves its key or item out", "[template]") {
  CHECK(render("a: \"{{x}}\"\nb: [1, \"{{x}}\"]\n", "x: null\n") == yaml("b: [1]\n"));
}

TEST_CASE("template: $if keeps a mapping or leaves it out", "[template][if]") {
  const std::string_view text = "a:\n  $if: x\n  k: 1\nl:\n  - $if: x\n    w: \"{{x}}\"\n  - 2\n";
  CHECK(render(text, "x: yes-please\n") == yaml("a: {k: 1}\nl: [{w: yes-please}, 2]\n"));
  for (const char* absent : {"x: null", "x: false", "x: ''", "x: []", "x: {}"}) {
    CHECK(render(text, absent) == yaml("l: [2]\n"));
  }
  CHECK(render(text, "x: 0\n") == yaml("a: {k: 1}\nl: [{w: 0}, 2]\n"));
}

TEST_CASE("template: $then and $else choose, and give their items to a list", "[template][if]") {
  const std::string_view text =
      "v:\n  $if: x\n  $then: one\n  $else: [other]\nl:\n  - a\n  - $if: x\n    $then: [b, \"{{x}}\"]\n";
  CHECK(render(text, "x: true\n") == yaml("v: one\nl: [a, b, true]\n"));
  CHECK(render(text, "x: false\n") == yaml("v: [other]\nl: [a]\n"));
}

TEST_CASE("template: $each repeats an item, also inside another", "[template][each]") {
  CHECK(render("- $each: xs\n  $as: x\n  w: \"{{x.w}}\"\n  all:\n    - $each: x.ys\n      $do: [\"{{x.w}}\", "
               "\"{{item}}\"]\n",
               "xs: [{w: 1, ys: [a, b]}, {w: 2, ys: []}]\n") == yaml("[{w: 1, all: [1, a, 1, b]}, {w: 2, all: []}]\n"));
  CHECK(render("- $each: xs\n  $if: item.on\n  w: \"{{item.w}}\"\n", "xs: [{w: 1, on: true}, {w: 2, on: false}]\n") ==
        yaml("[{w: 1}]\n"));
}

TEST_CASE("template: $merge brings entries and items in, and what is written out wins", "[template][merge]") {
  CHECK(render("m:\n  $merge: [x, {c: 3}]\n  b: own\nl:\n  - 1\n  - $merge: z\n",
               "x: {a: 1, b: theirs}\nz: [2, 3]\n") == yaml("m: {a: 1, b: own, c: 3}\nl: [1, 2, 3]\n"));
  CHECK(render("m:\n  b: own\n  $merge: x\n", "x: {a: 1, b: theirs}\n") == yaml("m: {b: own, a: 1}\n"));
  CHECK(render("m: {k: 1, $merge: x}\n", "x: null\n") == yaml("m: {k: 1}\n"));
}

TEST_CASE("template: every unknown path is an error at its line and column", "[template][errors]") {
  const auto found = mistakes("a: \"{{service.prot}}\"\nb:\n  - $each: nothing\n    c: 1\n", "service: {port: 80}\n");
  REQUIRE(found.size() == 2);
  CHECK(to_string(found[0]) == "t.yaml:1:4: error template-path unknown path 'service.prot' (did you mean 'port'?)");
  CHECK(found[1].place.line == 3);
}

TEST_CASE("template: text beside a placeholder is refused", "[template][errors]") {
  const auto found = mistakes("a: \"x-{{y}}\"\nb: \"{{ }}\"\n", "y: 1\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].code == "template-placeholder");
  CHECK(to_string(found[0].place) == "t.yaml:1:4");
}

TEST_CASE("template: unknown and misplaced keys are refused", "[template][errors]") {
  CHECK(mistakes("$fi: x\nk: 1\n").at(0).message.find("did you mean '$if'?") != std::string::npos);
  CHECK(mistakes("a:\n  $each: x\n  k: 1\n").at(0).code == "template-key");
  CHECK(mistakes("a:\n  $then: 1\n").at(0).code == "template-key");
  CHECK(mistakes("a:\n  $if: x\n  $then: 1\n  k: 2\n").at(0).code == "template-key");
  CHECK(mistakes("- $each: x\n  $as: a.b\n  k: 2\n").at(0).code == "template-key");
  CHECK(mistakes("a:\n  $if: \"{{x}}\"\n  k: 1\n").at(0).code == "template-placeholder");
  CHECK(mistakes("a:\n  \"{{x}}\": 1\n").at(0).code == "template-placeholder");
}

TEST_CASE("template: a value of the wrong kind is refused", "[template][errors]") {
  CHECK(mistakes("- $each: x\n  k: 1\n", "x: {a: 1}\n").at(0).code == "template-value");
  CHECK(mistakes("a: {$merge: x}\n", "x: [1]\n").at(0).code == "template-value");
  CHECK(mistakes("- $merge: x\n", "x: {a: 1}\n").at(0).code == "template-value");
}

TEST_CASE("template library: every built-in template parses", "[template][library]") {
  templates::Library library;
  for (const auto& listed : library.list()) {
    INFO(listed.name);
    const auto found = library.find(listed.name);
    if (!found) FAIL(to_string(found.error().diagnostics.at(0)));
    CHECK_FALSE(listed.is_own);
  }
  CHECK(library.list().size() >= 12);
}

TEST_CASE("template library: the user's own stands in for the built-in one", "[template][library]") {
  templates::Library library({{"job/job", ".mlk/templates/job/job.yaml", "kind: Mine\n"},
                              {"extra", ".mlk/templates/extra.yaml", "a: \"{{b}}\"\n"}});
  CHECK(library.render("job/job", Node::mapping()).value() == yaml("kind: Mine\n"));
  CHECK(library.text("job/job").value() == "kind: Mine\n");
  const auto all = library.list();
  const auto extra = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.name == "extra"; });
  REQUIRE(extra != all.end());
  CHECK(extra->is_own);
  CHECK_FALSE(extra->is_override);
  const auto failed = library.render("extra", Node::mapping());
  REQUIRE(!failed);
  CHECK(to_string(failed.error().diagnostics.at(0).place) == ".mlk/templates/extra.yaml:1:4");
}

TEST_CASE("template library: a folder's templates are called by their paths", "[template][library]") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("mlk-templates-" + std::to_string(::getpid()));
  fs::create_directories(folder / "engine");
  REQUIRE(write_file(folder / "engine" / "llama.cpp.yaml", "a: 1\n"));
  REQUIRE(write_file(folder / "engine" / "notes.txt", "no template"));
  REQUIRE(write_file(folder / "extra.yaml", "b: 2\n"));
  const auto found = templates::read_folder(folder);
  fs::remove_all(folder);
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK(found->at(0).name == "engine/llama.cpp");
  CHECK(found->at(0).text == "a: 1\n");
  CHECK(found->at(1).name == "extra");
  CHECK(templates::read_folder(folder / "missing").value().empty());
}

TEST_CASE("template library: an unknown name is told with the nearest", "[template][library]") {
  templates::Library library;
  const auto missing = library.find("job/jbo");
  REQUIRE(!missing);
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK(missing.error().what == "no template is called 'job/jbo' (did you mean 'job/job'?)");
}
