#include <mlk/document/reader.hpp>
#include <mlk/document/tree.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace mlk;
using namespace mlk::document;

namespace {

Node yaml(std::string_view text) {
  auto node = read_yaml_one(text, "t.yaml", Schema::core);
  INFO(text);
  REQUIRE(node);
  return *node;
}

std::string jsonpath(const Node& root, std::string_view expression) {
  auto text = eval_jsonpath(root, expression);
  INFO(expression);
  if (!text) FAIL(text.error().what);
  return *text;
}

const Node& pods() {
  static const Node node = yaml(R"(
kind: List
items:
- metadata: {name: a, labels: {app.kubernetes.io/name: x, tier: web}}
  spec: {gpus: 2, ready: true}
- metadata: {name: b, labels: {tier: db}}
  spec: {gpus: 8, ready: false}
- metadata: {name: c}
  spec: {gpus: 4.5}
)");
  return node;
}

/// What `patch` would make of `before`, by the hunks of a unified diff.
std::string apply_diff(const std::string& before, const std::string& diff) {
  std::vector<std::string> in;
  std::string out;
  std::size_t used = 0;
  const auto split_lines = [](const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
      lines.push_back(text.substr(at, end - at));
      at = end;
    }
    return lines;
  };
  in = split_lines(before);
  auto lines = split_lines(diff);
  for (std::size_t i = 2; i < lines.size(); ++i) {
    auto line = lines[i];
    if (i + 1 < lines.size() && lines[i + 1][0] == '\\') line.pop_back();
    if (line[0] == '@') {
      const auto start = std::stoul(line.substr(4));
      const bool is_empty = line.find(",0 +") != std::string::npos;
      while (used + 1 < start + (is_empty ? 1 : 0)) out += in[used++];
    } else if (line[0] == ' ') {
      REQUIRE(in.at(used) == line.substr(1));
      out += in[used++];
    } else if (line[0] == '-') {
      REQUIRE(in.at(used) == line.substr(1));
      ++used;
    } else if (line[0] == '+') {
      out += line.substr(1);
    }
  }
  while (used < in.size()) out += in[used++];
  return out;
}

}  // namespace

TEST_CASE("node: mappings are equal whatever the order of their keys, and 1 equals 1.0", "[document][node]") {
  CHECK(Node::mapping({{"a", 1}, {"b", 2.0}}) == Node::mapping({{"b", 2}, {"a", 1.0}}));
  CHECK(!(Node::mapping({{"a", 1}}) == Node::mapping({{"a", 1}, {"b", 2}})));
  CHECK(!(Node("1") == Node(1)));
  CHECK(!(Node::sequence({1, 2}) == Node::sequence({2, 1})));
  CHECK(!(Node(std::int64_t{9007199254740993}) == Node(9007199254740992.0)));
}

TEST_CASE("node: at makes what is missing, find and [] never do", "[document][node]") {
  Node node;
  node.at({"spec", "template", "name"}) = "x";
  CHECK(node["spec"]["template"]["name"] == Node("x"));
  CHECK(node["nope"]["neither"].is_null());
  CHECK(node.find({"spec", "nope"}) == nullptr);
  node.at("list").push_back(1).push_back(2);
  CHECK(node["list"][1] == Node(2));
  CHECK(node["list"][7].is_null());
  CHECK(node.erase("list"));
  CHECK(!node.erase("list"));
  node = *node.find("spec");
  CHECK(node["template"]["name"] == Node("x"));
}

TEST_CASE("path: text and steps are the same thing", "[document][path]") {
  for (const auto* text :
       {"", "spec", "spec.containers[0].resources.limits['nvidia.com/gpu']", "a[0][1]", "['']", "a['it\\'s']"}) {
    const auto path = parse_path(text);
    REQUIRE(path);
    CHECK(format_path(*path) == text);
  }
  CHECK(find_path(pods(), "items[1].metadata.name")->string_or() == "b");
  CHECK(find_path(pods(), "items[0].metadata.labels['app.kubernetes.io/name']")->string_or() == "x");
  CHECK(find_path(pods(), "items[9]") == nullptr);
  CHECK(find_path(pods(), "items.0") == nullptr);
}

TEST_CASE("path: a mistake is named with its character", "[document][path]") {
  CHECK(parse_path("a..b").error().what == "'a..b' is no path: an empty key at character 3");
  CHECK(parse_path("a.").error().what == "'a.' is no path: a point with no key at character 3");
  CHECK(parse_path("a[x]").error().what == "'a[x]' is no path: an index that is no number at character 2");
  CHECK(parse_path("a['x").error().what == "'a['x' is no path: a quoted key that isn't closed at character 2");
  CHECK(parse_path("a[0]b").error().what == "'a[0]b' is no path: no point before the key at character 5");
}

TEST_CASE("overlay: maps merge, lists are replaced, null removes, places come along", "[document][overlay]") {
  Node base = yaml("a: {x: 1, y: [1, 2]}\nb: 2\nc: 3\n");
  overlay(base, yaml("a: {y: [9], z: {n: null, m: 1}}\nb: null\nc: {d: 1}\n"));
  CHECK(base == yaml("a: {x: 1, y: [9], z: {m: 1}}\nc: {d: 1}\n"));
  CHECK(base["a"]["y"].place().column == 8);
  CHECK(base["a"]["x"].place().line == 1);
}

TEST_CASE("compare: names every difference with its path", "[document][compare]") {
  const Node before = yaml("a: 1\nb: [1, 2]\nc: x\n");
  const Node after = yaml("a: 2\nb: [1, 2, 3]\nd: y\n");
  std::vector<std::string> seen;
  for (const auto& d : compare(before, after)) {
    seen.push_back(format_path(d.path) + ": " + (d.before ? d.before->scalar_text() : "-") + " → " +
                   (d.after ? d.after->scalar_text() : "-"));
  }
  CHECK(seen == std::vector<std::string>{"a: 1 → 2", "b[2]: - → 3", "c: x → -", "d: - → y"});
  CHECK(compare(before, before).empty());
}

TEST_CASE("unified diff: is what diff -u prints", "[document][diff]") {
  CHECK(unified_diff("a\n", "a\n", "x", "y").empty());
  CHECK(unified_diff("a\nb\nc\n", "a\nB\nc\n", "x", "y") == "--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
  CHECK(unified_diff("", "a\n", "x", "y") == "--- x\n+++ y\n@@ -0,0 +1 @@\n+a\n");
  CHECK(unified_diff("a\n", "", "x", "y") == "--- x\n+++ y\n@@ -1 +0,0 @@\n-a\n");
  CHECK(unified_diff("a", "a\n", "x", "y") == "--- x\n+++ y\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
  CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n2\n3\n4\n5\n6\n7\n8\n0\n", "x", "y", 1) ==
        "--- x\n+++ y\n@@ -1,2 +1,2 @@\n-1\n+0\n 2\n@@ -8,2 +8,2 @@\n 8\n-9\n+0\n");
}

TEST_CASE("unified diff: applied to the old text it gives the new one", "[document][diff]") {
  std::mt19937 random(3);  // NOLINT: the same texts in every run
  const auto text = [&] {
    std::string out;
    for (auto n = random() % 30; n > 0; --n) out += std::string(1, static_cast<char>('a' + random() % 5)) + "\n";
    if (random() % 4 == 0 && !out.empty()) out.pop_back();
    return out;
  };
  for (int round = 0; round < 2000; ++round) {
    const auto before = text();
    const auto after = text();
    const auto diff = unified_diff(before, after, "x", "y", random() % 4);
    INFO(diff);
    if (before == after) {
      CHECK(diff.empty());
    } else {
      REQUIRE(apply_diff(before, diff) == after);
    }
  }
}

TEST_CASE("unified diff: texts with nothing in common are replaced as a whole", "[document][diff]") {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  CHECK(apply_diff(before, unified_diff(before, after, "x", "y")) == after);
}

TEST_CASE("jsonpath: prints what kubectl prints", "[document][jsonpath]") {
  CHECK(jsonpath(pods(), "{.items[*].metadata.name}") == "a b c");
  CHECK(jsonpath(pods(), "{range .items[*]}{.metadata.name}{\"\\t\"}{.spec.gpus}{'\\n'}{end}") ==
        "a\t2\nb\t8\nc\t4.5\n");
  CHECK(jsonpath(pods(), "{.items[-1].metadata.name}") == "c");
  CHECK(jsonpath(pods(), "{.items[0:2].metadata.name}") == "a b");
  CHECK(jsonpath(pods(), "{.items[::2].metadata.name}") == "a c");
  CHECK(jsonpath(pods(), "{.items[0,2].metadata.name}") == "a c");
  CHECK(jsonpath(pods(), "{..name}") == "a b c");
  CHECK(jsonpath(pods(), "{.items[?(@.spec.gpus>4)].metadata.name}") == "b c");
  CHECK(jsonpath(pods(), "{.items[?(@.metadata.name==\"b\")].spec.gpus}") == "8");
  CHECK(jsonpath(pods(), "{.items[?(@.metadata.labels)].metadata.name}") == "a b");
  CHECK(jsonpath(pods(), "{.items[?(@.spec.ready==true)].metadata.name}") == "a");
  CHECK(jsonpath(pods(), "{.items[?(@.spec.gpus != 8)].metadata.name}") == "a c");
  CHECK(jsonpath(pods(), "{.items[0].metadata.labels.app\\.kubernetes\\.io/name}") == "x");
  CHECK(jsonpath(pods(), "{.items[0].metadata.labels['app.kubernetes.io/name']}") == "x");
  CHECK(jsonpath(pods(), "{.items[0]['metadata.name', 'spec.gpus']}") == "a 2");
  CHECK(jsonpath(pods(), "{.items[0].spec}") == R"({"gpus":2,"ready":true})");
  CHECK(jsonpath(pods(), "kind={.kind}, {$.kind}") == "kind=List, List");
  CHECK(jsonpath(pods(), ".kind") == "List");
  CHECK(jsonpath(pods(), "kind") == "List");
  CHECK(jsonpath(pods(), "{.nope.neither}") == "");
  CHECK(jsonpath(pods()["items"][0]["spec"], "{.*}") == "2 true");
  CHECK(jsonpath(Node("x"), "{.}") == "x");
}

TEST_CASE("jsonpath: a mistake is an error at its column", "[document][jsonpath]") {
  const auto error = [](std::string_view text) { return eval_jsonpath(pods(), text).error().what; };
  CHECK(error("{.a") == "jsonpath '{.a': '}' is missing at column 4");
  CHECK(error("{.a[}") == "jsonpath '{.a[}': an index, a quoted key, '*' or a filter is wanted at column 5");
  CHECK(error("{.a[0}") == "jsonpath '{.a[0}': '[' isn't closed by ']' at column 4");
  CHECK(error("{end}") == "jsonpath '{end}': 'end' without 'range' at column 5");
  CHECK(error("{range .a}x") == "jsonpath '{range .a}x': 'range' without '{end}' at column 10");
  CHECK(error("{.a[?(@.b==x)]}") ==
        "jsonpath '{.a[?(@.b==x)]}': a path that begins with '@', a number or a quoted text is wanted at column 12");
  CHECK(error("{\"x}") == "jsonpath '{\"x}': the quote isn't closed at column 2");
  CHECK(error("{.a[0:2:0]}") == "jsonpath '{.a[0:2:0]}': the step of a slice must be at least 1 at column 5");
  CHECK(error("{.a.}") == "jsonpath '{.a.}': a name is missing after '.' at column 5");
}

TEST_CASE("jsonpath: no template makes it crash", "[document][jsonpath][fuzz]") {
  std::mt19937 random(11);  // NOLINT: the same templates in every run
  constexpr std::string_view k_alphabet = "{}[].*$@?()='\"\\ ,:0-1abrangeend<>!";
  for (int round = 0; round < 50000; ++round) {
    std::string text;
    for (auto n = random() % 24; n > 0; --n) text += k_alphabet[random() % k_alphabet.size()];
    (void)eval_jsonpath(pods(), text);
    (void)parse_path(text);
  }
  CHECK(jsonpath(pods(), "{.items[-9223372036854775808:9223372036854775807:9223372036854775807].kind}").empty());
}

TEST_CASE("json patch: every operation of RFC 6902", "[document][patch]") {
  Node root = yaml("a: {b: 1}\nlist: [1, 2]\nx~/y: 1\n");
  REQUIRE(apply_json_patch(root, yaml(R"(
- {op: test, path: /a/b, value: 1}
- {op: add, path: /a/c, value: {d: 1}}
- {op: add, path: /list/1, value: 9}
- {op: add, path: /list/-, value: 3}
- {op: replace, path: /a/b, value: 2}
- {op: copy, from: /a/c, path: /e}
- {op: move, from: /list/0, path: /first}
- {op: remove, path: /x~0~1y}
)")));
  CHECK(root == yaml("a: {b: 2, c: {d: 1}}\nlist: [9, 2, 3]\ne: {d: 1}\nfirst: 1\n"));
}

TEST_CASE("json patch: a failing operation is named and nothing is changed", "[document][patch]") {
  Node root = yaml("a: {b: 1}\nlist: [1]\n");
  const Node before = root;
  const auto error = [&](std::string_view patch) {
    auto result = apply_json_patch(root, yaml(patch));
    REQUIRE(!result);
    CHECK(root == before);
    return result.error().what + ": " + result.error().why;
  };
  CHECK(error("[{op: add, path: /x, value: 1}, {op: remove, path: /nope}]") ==
        "operation 2 of the JSON patch (remove /nope) can't be applied: there is no 'nope'");
  CHECK(error("[{op: add, path: /list/5, value: 1}]") ==
        "operation 1 of the JSON patch (add /list/5) can't be applied: '5' is no index of that list");
  CHECK(error("[{op: test, path: /a/b, value: 2}]") ==
        "operation 1 of the JSON patch (test /a/b) can't be applied: the value is another one");
  CHECK(
      error("[{op: repalce, path: /a}]") ==
      "operation 1 of the JSON patch (repalce /a) can't be applied: 'repalce' is no operation; there are add, remove, "
      "replace, move, copy, test");
  CHECK(error("[{op: add, path: a, value: 1}]") ==
        "operation 1 of the JSON patch (add a) can't be applied: 'a' is no JSON pointer: it begins with '/', and ~ is "
        "written ~0");
  CHECK(error("[{op: move, from: /a, path: /a/b}]") ==
        "operation 1 of the JSON patch (move /a/b) can't be applied: a value can't be moved into itself");
  CHECK(error("{op: add}") == "a JSON patch is a list of operations, not a map: ");
}
