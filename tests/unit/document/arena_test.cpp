#include <mlk/document/arena.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace mlk;
using namespace mlk::document;

namespace {

/// What people write: each construct that the fast reader takes, and some that it leaves to the slow one.
const std::vector<std::string> k_manifests = {
    R"(# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web   # behind a value
  labels: {app: web, "tier": 'front end', count: 1}
  annotations:
    note: "tab\there, \"quoted\", back\\slash"
    other: 'it''s'
    empty:
    colon: http://example.com:80/x#y
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    spec:
      containers:
      - name: a
        image: nginx:1.2
        args: ["--x", '--y=1', --z, -1, 0.5, "1", true, null, ~]
        command:
        - sh
        - -c
        - |
          set -e
            indented

          echo "a: b" # no comment
        resources:
          limits: {cpu: 250m, memory: 1Gi, nvidia.com/gpu: 1}
      - name: b
        env: []
        ports:
          - {containerPort: 80}
          -
            containerPort: 0x10
      tolerations: {}
)",
    "a: |\n  x\n\n\nb: |-\n  y\n\nc: |+\n  z\n\nd: |\n\n  w\ne: end\n",
    "- - 1\n  - 2\n- a: 1\n  b:\n  - c\n  - d: [x, {k: z}]\n-\n- e\n",
    "a: yes\nb: on\nc: 0644\nd: 1_000\ne: 1e3\nf: .5\ng: 08\nh: 0o17\ni: +1\nj: 12:30:45\nk: 2024-01-01\nl: -\n",
    "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n",
    "a: one\n  two\nb: \"three\n  four\"\nc: >\n  folded\n  text\n",
    "on: 1\n1: 2\n~: 3\ntrue: 4\n",
    "\xC3\xBC: \xE2\x82\xAC\nemoji: \"\xF0\x9F\x98\x80\"\nnel: a\xC2\x85"
    "b\n",
    "a: [1,\n  2, # two\n  3]\nb: {x: 1,\n y: 2}\nc: [a, b,]\nd: {e, f: }\n",
    "a: b: c\n",
    "a:\n  - b\n c: d\n",
    "a: 1\na: 2\n",
    "a: 'b'c\n",
    "a: b #c\nd: e#f\ng: #h\ni: 'j' #k\nl: 'm'#n\n",
    "key with spaces: x\n\"quoted key\" : y\n'single' : z\n? complex\n: v\n",
    "a: !!str 1\nb: !x 2\n",
    "\ta: 1\n",
    "a:\t1\n",
    "a: 1\r\nb: 2\r\n",
    "---\na: 1\n---\n# nothing\n---\nb: 2\n...\n---\nc: 3\n",
    "{\"a\": 1}\n",
    "[1, 2]\n",
    "text\n",
    "",
};

/// The first difference between a view and a tree that the slow reader made; empty when there is none.
std::string difference(const View& view, const Node& node, const std::string& path) {
  const Place place = view.place();
  if (place.line != node.place().line || place.column != node.place().column) {
    return path + ": stands at " + to_string(place) + ", not " + to_string(node.place());
  }
  const bool is_scalar = !node.is_mapping() && !node.is_sequence();
  if (is_scalar && place.line == place.end_line && node.place().line == node.place().end_line &&
      place.end_column != node.place().end_column) {
    return path + ": ends elsewhere";
  }
  if (view.kind() != node.kind()) return path + ": is of another kind";
  if (view.size() != node.size()) return path + ": has another size";
  std::size_t at = 0;
  for (const View item : view.items()) {
    if (auto found = difference(item, node.items()[at], path + "[]"); !found.empty()) return found;
    ++at;
  }
  for (const EntryView entry : view.entries()) {
    const Entry& other = node.entries()[at++];
    if (entry.name() != other.key) return path + ": another key";
    if (entry.key.place().line != other.key_place.line || entry.key.place().column != other.key_place.column) {
      return path + ": the key stands elsewhere";
    }
    if (auto found = difference(entry.value, other.value, path + "." + other.key); !found.empty()) return found;
  }
  if (is_scalar && !(view.to_node() == node)) return path + ": another value";
  return "";
}

std::string first_difference(const std::string& text, Schema schema) {
  Arena arena;
  std::vector<Diagnostic> diagnostics;
  arena.read(text, "f.yaml", schema, diagnostics);
  const Documents expected = read_yaml(text, "f.yaml", schema);
  if (diagnostics.size() != expected.diagnostics.size()) return "other diagnostics";
  if (arena.document_count() != expected.nodes.size()) return "another number of documents";
  for (std::size_t i = 0; i < expected.nodes.size(); ++i) {
    if (auto found = difference(arena.document(i), expected.nodes[i], ""); !found.empty()) return found;
  }
  return "";
}

bool is_fast(const std::string& text) {
  Arena arena;
  std::vector<Diagnostic> diagnostics;
  arena.read(text, "f.yaml", Schema::kubernetes, diagnostics);
  return arena.fast_count() == arena.document_count();
}

std::string mutate(std::string text, std::mt19937& random) {
  static const std::vector<std::string> k_pieces = {
      " ",    "  ", "\n", ":", ": ",   "-",    "- ",       "#",    " #",  "\"",      "'",   "[",
      "]",    "{",  "}",  ",", "|",    ">",    "&",        "*",    "!",   "%",       "@",   "`",
      "\t",   "\\", "?",  "~", "0",    "on",   "...",      "<<",   "\n ", "\n-",     ":\n", "|\n",
      "null", "1e", ".",  "=", "|-\n", "|+\n", "\xC2\xA0", "\xFF", "\\n", "\\u0041", "''"};
  const std::size_t edits = 1 + random() % 3;
  for (std::size_t i = 0; i < edits; ++i) {
    const std::size_t at = text.empty() ? 0 : random() % text.size();
    switch (random() % 4) {
      case 0:
        text.insert(at, k_pieces[random() % k_pieces.size()]);
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      case 2:
        text.insert(at, text.substr(random() % (text.size() + 1), random() % 12));
        break;
      default:
        if (!text.empty()) text[at] = k_pieces[random() % k_pieces.size()][0];
        break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("arena: reads every construct as the slow reader does, in both schemas", "[document][arena]") {
  for (const std::string& text : k_manifests) {
    INFO(text);
    CHECK(first_difference(text, Schema::kubernetes) == "");
    CHECK(first_difference(text, Schema::core) == "");
  }
}

TEST_CASE("arena: what people mostly write is read fast", "[document][arena]") {
  for (std::size_t i = 0; i < 4; ++i) {
    INFO(k_manifests[i]);
    CHECK(is_fast(k_manifests[i]));
  }
}

TEST_CASE("arena: mutated manifests are read as the slow reader does", "[document][arena]") {
  std::mt19937 random(20261121);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = mutate(k_manifests[random() % k_manifests.size()], random);
    const Schema schema = i % 4 == 0 ? Schema::core : Schema::kubernetes;
    const std::string found = first_difference(text, schema);
    if (found.empty()) continue;
    INFO(text);
    REQUIRE(found == "");
  }
}

TEST_CASE("arena: a view answers as a node does", "[document][arena]") {
  Arena arena;
  std::vector<Diagnostic> diagnostics;
  const std::string text = "a: {b: [1, two, 3.5, true, ~]}\nc: 0x10\n";
  arena.read(text, "f.yaml", Schema::kubernetes, diagnostics);
  REQUIRE(arena.document_count() == 1);
  const View root = arena.document(0);
  CHECK(root.size() == 2);
  const View list = root["a"]["b"];
  CHECK(list.size() == 5);
  CHECK(list[0].as_int() == 1);
  CHECK(list[0].as_double() == 1.0);
  CHECK(list[1].as_string() == "two");
  CHECK(list[2].as_double() == 3.5);
  CHECK_FALSE(list[2].as_int());
  CHECK(list[3].as_bool() == true);
  CHECK(list[4].is_null());
  CHECK_FALSE(list[4].is_missing());
  CHECK(list[5].is_missing());
  CHECK(root["c"].as_int() == 16);
  CHECK(root["x"]["y"][3].is_missing());
  CHECK(root["x"].is_null());
  CHECK(to_string(list[1].place()) == "f.yaml:1:12");
  std::size_t count = 0;
  for (const View item : list.items()) count += item.is_null() ? 10 : 1;
  CHECK(count == 14);
}

TEST_CASE("arena: trees and texts stand side by side, with their places", "[document][arena]") {
  Arena arena;
  std::vector<Diagnostic> diagnostics;
  const std::string text = "b: [1.0, x]\na: 1\n";
  arena.read(text, "f.yaml", Schema::kubernetes, diagnostics);
  Node node = Node::mapping({{"a", 1}, {"b", Node::sequence({1, "x"})}});
  node.find("a")->set_place({std::make_shared<const std::string>("mlk.yaml"), 7, 3, 7, 4});
  const View added = arena.add(node);
  CHECK(arena.document_count() == 2);
  CHECK(added == arena.document(0));
  CHECK_FALSE(added["a"] == added["b"]);
  CHECK(to_string(added["a"].place()) == "mlk.yaml:7:3");
  CHECK(added.to_node() == node);
  arena.clear();
  CHECK(arena.document_count() == 0);
}
