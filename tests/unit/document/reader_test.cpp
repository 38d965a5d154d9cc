#include <mlk/document/reader.hpp>
#include <mlk/document/tree.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <random>

using namespace mlk;
using namespace mlk::document;

namespace {

Node kubernetes(std::string_view text) {
  auto documents = read_yaml(text, "a.yaml", Schema::kubernetes);
  INFO(text);
  for (const auto& d : documents.diagnostics) FAIL(to_string(d));
  REQUIRE(documents.nodes.size() == 1);
  return documents.nodes.front();
}

Node core(std::string_view text) {
  auto document = read_yaml_one(text, "mlk.yaml", Schema::core);
  INFO(text);
  REQUIRE(document);
  return *document;
}

/// "code line:column message" of every diagnostic.
std::vector<std::string> problems(std::string_view text, Schema schema = Schema::kubernetes) {
  std::vector<std::string> lines;
  for (const auto& d : read_yaml(text, "a.yaml", schema).diagnostics) {
    lines.push_back(fmt::format("{} {}:{} {}", d.code, d.place.line, d.place.column, d.message));
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("yaml reader: Kubernetes takes yes, on and n for booleans", "[document][reader]") {
  for (const auto* word : {"y", "Yes", "ON", "true", "TRUE"}) CHECK(kubernetes(word) == Node(true));
  for (const auto* word : {"n", "No", "off", "False"}) CHECK(kubernetes(word) == Node(false));
  CHECK(kubernetes("yEs") == Node("yEs"));
  CHECK(kubernetes("'yes'") == Node("yes"));
}

TEST_CASE("yaml reader: Kubernetes takes 0644 for octal, 08 for a float and strips underscores", "[document][reader]") {
  CHECK(kubernetes("0644") == Node(420));
  CHECK(kubernetes("0o17") == Node(15));
  CHECK(kubernetes("0x1F") == Node(31));
  CHECK(kubernetes("-0b11") == Node(-3));
  CHECK(kubernetes("1_000") == Node(1000));
  CHECK(kubernetes("08").kind() == Kind::floating);
  CHECK(kubernetes("08") == Node(8));
  CHECK(kubernetes("1e3").kind() == Kind::floating);
  CHECK(kubernetes(".5") == Node(0.5));
  CHECK(kubernetes("12:30:45") == Node("12:30:45"));
  CHECK(kubernetes("2001-01-01") == Node("2001-01-01"));
  CHECK(kubernetes("0x") == Node("0x"));
  CHECK(kubernetes("1.2.3") == Node("1.2.3"));
  CHECK(kubernetes("9223372036854775807").as_int() == 9223372036854775807);
  CHECK(kubernetes("-9223372036854775808").as_int() == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("yaml reader: core takes on, no, 0644 and 12:30 for text", "[document][reader]") {
  for (const auto* text : {"on", "no", "y", "0644", "-007", "1_000", "0b11", "12:30:45", "0X1F"}) {
    CHECK(core(text) == Node(text));
  }
  CHECK(core("true") == Node(true));
  CHECK(core("0o17") == Node(15));
  CHECK(core("0x1f") == Node(31));
  CHECK(core("+12") == Node(12));
  CHECK(core("1e3") == Node(1000.0));
  CHECK(core("~").is_null());
}

TEST_CASE("yaml reader: keys that are numbers or booleans become strings", "[document][reader]") {
  CHECK(kubernetes("on: 1\n0x10: 2\n1.5: 3\n1e6: 4").entries()[0].key == "true");
  CHECK(kubernetes("0x10: 2").entries()[0].key == "16");
  CHECK(kubernetes("1.5: 3").entries()[0].key == "1.5");
  CHECK(kubernetes("1e6: 3").entries()[0].key == "1e+06");
  CHECK(core("on: 1").entries()[0].key == "on");
  CHECK(core("1.10: 1").entries()[0].key == "1.10");
}

TEST_CASE("yaml reader: null, map and list keys are errors with their places", "[document][reader]") {
  CHECK(problems("a: 1\n~: 2\n") == Lines{"yaml-key 2:1 nothing can't be a key"});
  CHECK(problems("{a: 1}: 2\n") == Lines{"yaml-key 1:1 a map can't be a key"});
  CHECK(problems("? [a]\n: 2\n") == Lines{"yaml-key 1:3 a list can't be a key"});
}

TEST_CASE("yaml reader: places count characters and lines of the whole file", "[document][reader]") {
  const auto documents = read_yaml("a: 1\n---\nb:\n  \xC3\xA4\xC3\xB6: [x, yy]\n", "a.yaml", Schema::kubernetes);
  REQUIRE(documents.nodes.size() == 2);
  const auto& b = documents.nodes[1].entries()[0];
  CHECK(to_string(b.key_place) == "a.yaml:3:1");
  const auto& umlaut = b.value.entries()[0];
  CHECK(to_string(umlaut.key_place) == "a.yaml:4:3");
  const auto& second = umlaut.value.items()[1];
  CHECK(to_string(second.place()) == "a.yaml:4:11");
  CHECK(second.place().end_column == 13);
  CHECK(second.place().file == b.key_place.file);
}

TEST_CASE("yaml reader: a broken document hides no other", "[document][reader]") {
  const auto documents = read_yaml("a: 1\n---\nb: [\n---\nc: 3\n", "a.yaml", Schema::kubernetes);
  REQUIRE(documents.nodes.size() == 2);
  CHECK(documents.nodes[1]["c"] == Node(3));
  REQUIRE(documents.diagnostics.size() == 1);
  CHECK(documents.diagnostics[0].code == "yaml-syntax");
}

TEST_CASE("yaml reader: only white space or a comment may follow ---", "[document][reader]") {
  CHECK(problems("a: 1\n--- # next\nb: 2\n").empty());
  CHECK(problems("a: 1\n--- b\n") == Lines{"yaml-separator 2:1 '--- b' separates no documents"});
  CHECK(problems("a: 1\n----\n") == Lines{"yaml-separator 2:1 '----' separates no documents"});
  CHECK(problems("a: 1\n...\nb: 2\n") ==
        Lines{"yaml-separator 2:1 what follows '...' is not read: only '---' separates documents"});
}

TEST_CASE("yaml reader: empty and comment-only documents are left out", "[document][reader]") {
  CHECK(read_yaml("---\n# nothing\n---\n\n---\na: 1\n---\n", "a.yaml", Schema::kubernetes).nodes.size() == 1);
  CHECK(read_yaml("", "a.yaml", Schema::kubernetes).nodes.empty());
  CHECK(read_yaml("\xEF\xBB\xBF"
                  "a: 1",
                  "a.yaml", Schema::kubernetes)
            .nodes.size() == 1);
  CHECK(read_yaml("%YAML 1.2\n---\na: 1", "a.yaml", Schema::core).diagnostics.empty());
}

TEST_CASE("yaml reader: a duplicate key names both places and the last one counts", "[document][reader]") {
  const auto documents = read_yaml("spec:\n  on: 1\n  true: 2\n", "a.yaml", Schema::kubernetes);
  REQUIRE(documents.diagnostics.size() == 1);
  const auto& d = documents.diagnostics[0];
  CHECK(to_string(d) == "a.yaml:3:3: error duplicate-key the key 'true' is there twice");
  CHECK(d.path == "spec.true");
  REQUIRE(d.related.size() == 1);
  CHECK(to_string(d.related[0].place) == "a.yaml:2:3");
  CHECK(documents.nodes[0]["spec"]["true"] == Node(2));
}

TEST_CASE("yaml reader: a duplicate key is found in large maps too", "[document][reader]") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += fmt::format("k{}: {}\n", i, i);
  CHECK(problems(text).empty());
  CHECK(problems(text + "k50: x\n") == Lines{"duplicate-key 101:1 the key 'k50' is there twice"});
}

TEST_CASE("yaml reader: a later << overwrites for Kubernetes, and does not for core", "[document][reader]") {
  const std::string_view text = "base: &b {x: 1, z: 2}\nuse:\n  x: 9\n  <<: *b\n";
  CHECK(kubernetes(text)["use"] == Node::mapping({{"x", 1}, {"z", 2}}));
  CHECK(core(text)["use"] == Node::mapping({{"x", 9}, {"z", 2}}));
  CHECK(kubernetes("base: &b {x: 1}\nuse: {<<: *b, x: 9}\n")["use"]["x"] == Node(9));
  CHECK(kubernetes("a: &a {x: 1}\nb: &b {x: 2, z: 2}\nuse: {<<: [*a, *b]}")["use"] ==
        Node::mapping({{"x", 1}, {"z", 2}}));
  CHECK(problems("a: {<<: 3}") == Lines{"yaml-syntax 1:5 '<<' wants a map or a list of maps"});
}

TEST_CASE("yaml reader: aliases copy, and unknown or recursive ones are errors", "[document][reader]") {
  CHECK(kubernetes("a: &x [1]\nb: *x\n")["b"] == Node::sequence({1}));
  CHECK(problems("a: *x\n") == Lines{"yaml-syntax 1:4 there is no anchor 'x'"});
  CHECK(problems("a: &x [*x]\n") == Lines{"yaml-syntax 1:8 the anchor 'x' holds itself"});
}

TEST_CASE("yaml reader: alias bombs are refused", "[document][reader]") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  const auto found = problems(text);
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::StartsWith("yaml-alias-bomb"));

  std::string large = "a: &a \"" + std::string(1 << 20, 'x') + "\"\nb: [";
  for (int i = 0; i < 1000; ++i) large += "*a, ";
  REQUIRE(problems(large + "]").size() == 1);
  CHECK_THAT(problems(large + "]")[0], Catch::StartsWith("yaml-alias-bomb"));
}

TEST_CASE("yaml reader: nesting deeper than 512 levels is refused", "[document][reader]") {
  CHECK(problems(std::string(500, '[') + std::string(500, ']')).empty());
  const auto found = problems(std::string(600, '[') + std::string(600, ']'));
  REQUIRE(found.size() == 1);
  CHECK(found[0] == "yaml-depth 1:513 nested deeper than 512 levels");
  // By way of aliases too.
  std::string text = "- &a " + std::string(300, '[') + std::string(300, ']') + "\n- " + std::string(300, '[') + "*a";
  CHECK_THAT(problems(text + std::string(300, ']'))[0], Catch::StartsWith("yaml-depth 2:303"));
}

TEST_CASE("yaml reader: broken encodings are errors at their place", "[document][reader]") {
  const auto found = problems("a: 1\nb: \xC3\xA4\xFF\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0] == "yaml-encoding 2:5 invalid leading UTF-8 octet");
  const auto nul = problems(std::string_view("a: 1\nb: \0\n", 10));
  REQUIRE(nul.size() == 1);
  CHECK(nul[0] == "yaml-encoding 2:4 control characters are not allowed");
}

TEST_CASE("yaml reader: .inf is an error, an integer beyond 64 bits a warning", "[document][reader]") {
  CHECK(problems("a: .inf") == Lines{"yaml-number 1:4 '.inf' is a number that JSON can't hold"});
  CHECK(problems("a: 18446744073709551615") == Lines{"yaml-number 1:4 '18446744073709551615' doesn't fit 64 bits"});
  CHECK(!has_error(read_yaml("a: 18446744073709551615", "a", Schema::core).diagnostics));
}

TEST_CASE("yaml reader: tags say what a scalar is", "[document][reader]") {
  CHECK(kubernetes("!!str 12") == Node("12"));
  CHECK(kubernetes("!!int '12'") == Node(12));
  CHECK(kubernetes("!!float 1").kind() == Kind::floating);
  CHECK(kubernetes("!custom x") == Node("x"));
  CHECK(problems("!include x", Schema::core) == Lines{"yaml-tag 1:1 the tag '!include' isn't known here"});
}

TEST_CASE("yaml reader: JSON streams are read with places", "[document][reader]") {
  const auto documents =
      read_yaml("{\"a\": {\"b\": [1, 2.5, \"\\u00e4\\ud83d\\ude00\"]}}\n{\"c\": null}{}", "s.json", Schema::kubernetes);
  CHECK(documents.diagnostics.empty());
  REQUIRE(documents.nodes.size() == 3);
  const Node& b = documents.nodes[0]["a"]["b"];
  CHECK(b == Node::sequence({1, 2.5, "\xC3\xA4\xF0\x9F\x98\x80"}));
  CHECK(to_string(b[1].place()) == "s.json:1:17");
  CHECK(to_string(documents.nodes[1].entries()[0].key_place) == "s.json:2:2");
  CHECK(to_string(documents.nodes[2].place()) == "s.json:2:12");
}

TEST_CASE("yaml reader: a mistake in a later JSON object names its place", "[document][reader]") {
  CHECK(problems("{\"a\": 1}\n{\"b\": 1,}") == Lines{"yaml-syntax 2:9 a key in double quotes should stand here"});
  CHECK(problems("{\"a\": 1}\n{\"b\": [1") == Lines{"yaml-syntax 2:9 the text ends where ',' or ']' should stand"});
  CHECK(problems("{\"a\": 1, \"a\": 2}") == Lines{"duplicate-key 1:10 the key 'a' is there twice"});
  CHECK(kubernetes("{a: 1, b: [x]}") == Node::mapping({{"a", 1}, {"b", Node::sequence({"x"})}}));
  CHECK_THAT(problems(std::string(600, '[').insert(0, "{\"a\":"))[0], Catch::StartsWith("yaml-depth"));
}

TEST_CASE("yaml reader: exactly one document is wanted, or the failure says how many there are", "[document][reader]") {
  CHECK(read_yaml_one("", "mlk.yaml", Schema::core).error().what == "mlk.yaml is empty");
  CHECK(read_yaml_one("a: 1\n---\nb: 2\n", "mlk.yaml", Schema::core).error().what == "mlk.yaml has 2 documents");
  const auto broken = read_yaml_one("a: b: c\n", "mlk.yaml", Schema::core);
  REQUIRE(!broken);
  CHECK(broken.error().what == "mlk.yaml can't be read: mapping values are not allowed in this context");
  REQUIRE(broken.error().diagnostics.size() == 1);
  CHECK(to_string(broken.error().diagnostics[0]) ==
        "mlk.yaml:1:5: error yaml-syntax mapping values are not allowed in this context");
}

TEST_CASE("yaml reader: no text makes it crash or hang", "[document][reader][fuzz]") {
  std::mt19937 random(20261121);  // NOLINT: the same bytes in every run
  constexpr std::string_view k_alphabet = "ab01 \n\n\t:-[]{}&*!|>'\"%@`#,?.~<=_\\\xC3\xA4\xFF\0xX";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const std::size_t length = random() % 60;
    for (std::size_t i = 0; i < length; ++i) {
      text += round % 4 == 0 ? static_cast<char>(random() % 256) : k_alphabet[random() % k_alphabet.size()];
    }
    for (const auto schema : {Schema::kubernetes, Schema::core}) {
      const auto documents = read_yaml(text, "fuzz", schema);
      for (const auto& node : documents.nodes) (void)write_yaml(node);
      for (const auto& d : documents.diagnostics) CHECK(d.place.is_known());
    }
    (void)read_json(text);
  }
}

TEST_CASE("json reader: values keep their kinds and big integers don't fail", "[document][reader]") {
  const auto node = read_json(R"({"a": [1, -2.5, true, null, "x\n"], "b": {}})");
  REQUIRE(node);
  CHECK((*node)["a"] == Node::sequence({1, -2.5, true, nullptr, "x\n"}));
  CHECK(read_json("18446744073709551615")->kind() == Kind::floating);
  CHECK((*read_json("[123456789012345678901234567890]"))[0].kind() == Kind::floating);
  CHECK(!read_json("{"));
  CHECK(read_json("").error().why == "the text is empty");
  CHECK(!read_json(std::string(600, '[') + std::string(600, ']')));
}

TEST_CASE("json stream: a duplicate key is found in large objects too", "[document][reader]") {
  std::string text = "{";
  for (int i = 0; i < 100; ++i) text += fmt::format("\"k{}\": {}, ", i, i);
  CHECK(problems(text + "\"x\": 1}").empty());
  const auto found = problems(text + "\n\"k50\": 1}");
  CHECK(found == Lines{"duplicate-key 2:1 the key 'k50' is there twice"});
}
