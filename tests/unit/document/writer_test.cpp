#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace mlk;
using namespace mlk::document;

namespace {

/// Strings that some reader of YAML takes for something else, or that break a naive writer.
const std::vector<std::string>& nasty_strings() {
  static const std::vector<std::string> strings = {"",
                                                   " ",
                                                   "~",
                                                   "null",
                                                   "Null",
                                                   "y",
                                                   "n",
                                                   "yes",
                                                   "No",
                                                   "on",
                                                   "OFF",
                                                   "true",
                                                   "False",
                                                   "0",
                                                   "00",
                                                   "0644",
                                                   "08",
                                                   "-0",
                                                   "1e3",
                                                   "1E5",
                                                   "1.5",
                                                   ".5",
                                                   "5.",
                                                   "-.5",
                                                   "+1",
                                                   "0x1F",
                                                   "0X1f",
                                                   "0o17",
                                                   "0b101",
                                                   "1_000",
                                                   "1_0.5",
                                                   "0x_1",
                                                   "0x_",
                                                   "12:30:45",
                                                   "1:20",
                                                   "190:20:30.15",
                                                   "2001-01-01",
                                                   "2001-12-14t21:59:43.10-05:00",
                                                   ".inf",
                                                   "-.INF",
                                                   ".nan",
                                                   "1e400",
                                                   "123456789012345678901234567890",
                                                   "<<",
                                                   "=",
                                                   "-",
                                                   "--",
                                                   "---",
                                                   "--- a",
                                                   "...",
                                                   "... a",
                                                   "-a",
                                                   "- a",
                                                   "--epochs",
                                                   "-1x",
                                                   "?",
                                                   "? a",
                                                   "?a",
                                                   ":",
                                                   ": a",
                                                   ":a",
                                                   "a:",
                                                   "a: b",
                                                   "a:b",
                                                   "a #b",
                                                   "a#b",
                                                   "#",
                                                   "# a",
                                                   "&a",
                                                   "*a",
                                                   "!a",
                                                   "!!str",
                                                   "|",
                                                   ">",
                                                   "'",
                                                   "\"",
                                                   "'a'",
                                                   "\"a\"",
                                                   "%a",
                                                   "@a",
                                                   "`a`",
                                                   "[",
                                                   "]",
                                                   "{",
                                                   "}",
                                                   "[a]",
                                                   "{a: b}",
                                                   "{{ .Values }}",
                                                   ",",
                                                   "a, b",
                                                   "a ",
                                                   " a",
                                                   "\ta",
                                                   "a\t",
                                                   "a\tb",
                                                   "\n",
                                                   "\n\n",
                                                   "a\n",
                                                   "a\n\n",
                                                   "a\nb",
                                                   "a\nb\n",
                                                   "\na",
                                                   " a\nb",
                                                   "a\n b",
                                                   "a\n\n\nb\n",
                                                   "a \nb",
                                                   "a\n \nb",
                                                   "a\n  ",
                                                   "a\n  \n",
                                                   "\ta\nb",
                                                   "a\n\tb\n",
                                                   "a\r\nb",
                                                   "\r",
                                                   "a\n---\nb\n",
                                                   "a\n...\n",
                                                   "# a\nb",
                                                   "a\n# b\n",
                                                   "\xC3\xA4",
                                                   "\xF0\x9F\x98\x80",
                                                   "\xC2\x85",
                                                   "a\xE2\x80\xA8"
                                                   "b",
                                                   "\xEF\xBB\xBF"
                                                   "a",
                                                   "\x7F",
                                                   "\x01",
                                                   "\x1B[31m",
                                                   "\xC2\x80",
                                                   "\\",
                                                   "\\n",
                                                   "a\\b",
                                                   "c:\\x",
                                                   "\"\\\"",
                                                   "a'b",
                                                   "a\"b",
                                                   "NaN",
                                                   "nan",
                                                   "inf",
                                                   "None",
                                                   "0.1.2",
                                                   "v1.4",
                                                   "1.4-beta",
                                                   "sha256:abc",
                                                   "500m",
                                                   "16Gi",
                                                   "5%",
                                                   "1,000",
                                                   "1 000",
                                                   "e3",
                                                   "1e",
                                                   "+",
                                                   "+.",
                                                   ".",
                                                   "..",
                                                   "-.",
                                                   "-e",
                                                   "0.",
                                                   "0_",
                                                   "_1",
                                                   std::string(2000, 'k'),
                                                   std::string("a\0b", 3),
                                                   "\xEF\xBF\xBE",
                                                   "*.example.com",
                                                   "http://a:80/b?c#d",
                                                   "--set a=b: c",
                                                   "key: |\n  x\n",
                                                   "- a\n- b\n"};
  return strings;
}

void check_round_trip(const Node& node) {
  const std::string yaml = write_yaml(node);
  for (const auto schema : {Schema::kubernetes, Schema::core}) {
    const auto back = read_yaml_one(yaml, "w.yaml", schema);
    INFO(yaml);
    REQUIRE(back);
    REQUIRE(*back == node);
  }
  const auto json = read_json(write_json(node));
  REQUIRE(json);
  REQUIRE(*json == node);
}

Node random_node(std::mt19937& random, int depth) {
  const auto& strings = nasty_strings();
  const auto any_string = [&] {
    std::string text = strings[random() % strings.size()];
    if (random() % 3 == 0) text += strings[random() % strings.size()];
    return text;
  };
  switch (random() % (depth > 4 ? 6U : 10U)) {
    case 0:
      return Node();
    case 1:
      return Node(random() % 2 == 0);
    case 2:
      return Node(static_cast<std::int64_t>(random()) - 1000000);
    case 3:
      return Node(static_cast<double>(random()) / 1000.0 - 5);
    case 6:
    case 7: {
      Node list = Node::sequence();
      for (auto count = random() % 4; count > 0; --count) list.push_back(random_node(random, depth + 1));
      return list;
    }
    case 8:
    case 9: {
      Node map = Node::mapping();
      for (auto count = random() % 4; count > 0; --count) map.set(any_string(), random_node(random, depth + 1));
      return map;
    }
    default:
      return Node(any_string());
  }
}

}  // namespace

TEST_CASE("yaml writer: every nasty string comes back from both readers", "[document][writer]") {
  for (const auto& text : nasty_strings()) {
    check_round_trip(Node(text));
    check_round_trip(Node::mapping({{"key", text}, {"after", 1}}));
    check_round_trip(Node::mapping({{text, "value"}, {"after", Node::sequence({text, text})}}));
    check_round_trip(Node::sequence({text, Node::sequence({text}), Node::mapping({{text, text}})}));
  }
}

TEST_CASE("yaml writer: random trees come back from both readers", "[document][writer]") {
  std::mt19937 random(7);  // NOLINT: the same trees in every run
  for (int round = 0; round < 3000; ++round) check_round_trip(random_node(random, 0));
}

TEST_CASE("yaml writer: what YAML 1.1 or 1.2 would read as something else is double-quoted", "[document][writer]") {
  for (const auto* text : {"yes", "on", "true", "0644", "1e3", "0x1F", "12:30:45", "~", "2001-01-01", "y", "=", "<<"}) {
    CHECK(write_yaml(Node(text)) == "\"" + std::string(text) + "\"\n");
  }
  for (const auto* text : {"--epochs", "a:b", "500m", "16Gi", "v1.4", "nvidia.com/gpu", "it's"}) {
    CHECK(write_yaml(Node(text)) == std::string(text) + "\n");
  }
}

TEST_CASE("yaml writer: collections stand below their key, empty ones behind it", "[document][writer]") {
  const Node node = Node::mapping(
      {{"kind", "Job"},
       {"spec",
        Node::mapping({{"containers", Node::sequence({Node::mapping({{"name", "a"}, {"args", Node::sequence({"x"})}}),
                                                      Node::sequence({1, 2}), "c"})},
                       {"empty", Node::mapping()},
                       {"none", Node::sequence()},
                       {"nothing", nullptr}})},
       {"script", "set -e\necho hi\n"},
       {"ratio", 1000.0}});
  CHECK(write_yaml(node) == R"(kind: Job
spec:
  containers:
    - name: a
      args:
        - x
    -
      - 1
      - 2
    - c
  empty: {}
  none: []
  nothing: null
script: |
  set -e
  echo hi
ratio: 1000.0
)");
  CHECK(write_yaml_stream({Node::mapping({{"a", 1}}), Node::mapping({{"b", 2}})}) == "---\na: 1\n---\nb: 2\n");
}

TEST_CASE("json writer: one line or indented, whole numbers without a point", "[document][writer]") {
  const Node node = Node::mapping({{"a", Node::sequence({1, 2.0, 0.5})}, {"b", Node::mapping()}, {"c", "x\"\n\x01"}});
  CHECK(write_json(node, 0) == R"({"a":[1,2,0.5],"b":{},"c":"x\"\n\u0001"})");
  CHECK(write_json(node, 2) ==
        "{\n  \"a\": [\n    1,\n    2,\n    0.5\n  ],\n  \"b\": {},\n  \"c\": \"x\\\"\\n\\u0001\"\n}");
}

TEST_CASE("writers: invalid UTF-8 is replaced", "[document][writer]") {
  CHECK(write_json(Node("a\xFF"
                        "b"),
                   0) ==
        "\"a\xEF\xBF\xBD"
        "b\"");
  CHECK(write_yaml(Node("a\xFF"
                        "b")) ==
        "\"a\xEF\xBF\xBD"
        "b\"\n");
  CHECK(write_json(Node("\xED\xA0\x80"), 0) == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
