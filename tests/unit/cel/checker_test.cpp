#include "cel_expressions.hpp"

using namespace mlk;
using namespace mlk::cel;

namespace {

constexpr const char* k_schema = R"(
type: object
properties:
  minReplicas: {type: integer}
  ratio: {type: number}
  name: {type: string}
  when: {type: string, format: date-time}
  wait: {type: string, format: duration}
  blob: {type: string, format: byte}
  port: {x-kubernetes-int-or-string: true}
  labels: {type: object, additionalProperties: {type: string}}
  items:
    type: array
    items: {type: object, properties: {key: {type: string}, size: {type: integer}}}
  namespace: {type: string}
  a-b.c/d: {type: integer}
  x__y: {type: integer}
  free: {x-kubernetes-preserve-unknown-fields: true}
  open: {type: object, x-kubernetes-preserve-unknown-fields: true}
  pod: {type: object, x-kubernetes-embedded-resource: true}
  maybe: {type: integer, nullable: true}
)";

constexpr const char* k_self = R"(
minReplicas: 2
ratio: 1
name: nn
when: '2026-01-02T03:04:05Z'
wait: 90s
blob: aGk=
port: http
labels: {app: x, a.b/c: 'y'}
items: [{key: k, size: 3}]
namespace: ns
a-b.c/d: 7
x__y: 8
open: {deep: 1}
pod: {kind: Pod, apiVersion: v1, metadata: {name: p, labels: {a: b}}}
maybe: null
)";

}  // namespace

TEST_CASE("cel checker: what the API server refuses is refused with its words", "[cel][checker]") {
  Self self(k_schema, k_self);
  CHECK(self.eval("self.minReplica > 1") == "refused: undefined field 'minReplica'");
  CHECK(self.eval("selff.name == 'a'") == "refused: undeclared reference to 'selff' (in container '')");
  CHECK(self.eval("self.name + 1") == "refused: found no matching overload for '_+_' applied to '(string, int)'");
  CHECK(self.eval("self.name.foo()") == "refused: undeclared reference to 'foo' (in container '')");
  CHECK(self.eval("self.name.contains(1)") ==
        "refused: found no matching overload for 'contains' applied to 'string.(int)'");
  CHECK(self.eval("self.name && true") == "refused: expected type 'bool' but found 'string'");
  CHECK(self.eval("self.name.x") == "refused: type 'string' does not support field selection");
  CHECK(self.eval("self.name.all(x, true)").find("cannot be range of a comprehension") != std::string::npos);
  CHECK(self.eval("self.minReplicas == '2'") ==
        "refused: found no matching overload for '_==_' applied to '(int, string)'");
  CHECK(self.eval("[1, 'a']") == "refused: expected type 'int' but found 'string'");
  CHECK(self.eval("self.name.matches('[')") == "refused: invalid matches argument");
  CHECK(self.eval("duration('1 day')") == "refused: invalid duration argument");
  CHECK(self.eval("'%d'.format(['a'])").find("decimal clause can only be used on integers") != std::string::npos);
  CHECK(self.eval("int('x')") == "refused: type conversion error from 'string' to 'int'");
  CHECK(self.eval("self.free == 1") == "refused: undefined field 'free'");
  CHECK(self.eval("self.open.deep == 1") == "refused: undefined field 'deep'");
  CHECK(self.eval("Foo{a: 1}") == "refused: undeclared reference to 'Foo' (in container '')");
}

TEST_CASE("cel checker: several mistakes are told at once", "[cel][checker]") {
  Self self(k_schema, k_self);
  CHECK(self.mistakes("self.foo == 1 &&\nself.bar == 2") ==
        std::vector<std::string>{"1:5 undefined field 'foo'", "2:5 undefined field 'bar'"});
}

TEST_CASE("cel schema: fields are read as their type and format say", "[cel][schema]") {
  Self self(k_schema, k_self);
  CHECK(self.eval("self.ratio") == "1.0");
  CHECK(self.eval("self.when.getFullYear()") == "2026");
  CHECK(self.eval("self.wait > duration('1m')") == "true");
  CHECK(self.eval("self.blob == b'hi'") == "true");
  CHECK(self.eval("self.port == 'http' && type(self.port) == string") == "true");
  CHECK(self.eval("self.labels['a.b/c'] + self.labels.app") == "\"yx\"");
  CHECK(self.eval("self.items.map(i, i.size).sum()") == "3");
  CHECK(self.eval("self.items[0].key") == "\"k\"");
  CHECK(self.eval("has(self.maybe)") == "false");
  CHECK(self.eval("self.pod.kind + self.pod.metadata.name") == "\"Podp\"");
  CHECK(self.eval("self.pod.metadata.labels") == "refused: undefined field 'labels'");
  CHECK(self.eval("self == self && self.items == self.items") == "true");
}

TEST_CASE("cel schema: names that are no identifiers are escaped as Kubernetes does", "[cel][schema]") {
  Self self(k_schema, k_self);
  CHECK(self.eval("self.__namespace__ == 'ns' && self.namespace == 'ns'") == "true");
  CHECK(self.eval("self.a__dash__b__dot__c__slash__d") == "7");
  CHECK(self.eval("self.x__underscores__y") == "8");
  for (const auto* name : {"namespace", "a-b", "a.b/c", "x__y", "plain", "_a_"}) {
    const auto escaped = escape_field(name);
    REQUIRE(escaped);
    CHECK(unescape_field(*escaped) == name);
  }
  CHECK(!escape_field("a b"));
  CHECK(!escape_field("1a"));
  CHECK(!escape_field(""));
  CHECK(!unescape_field("__foo__"));
}

TEST_CASE("cel schema: data that doesn't fit its schema is a failure, not a wrong value", "[cel][schema]") {
  CHECK(Self(k_schema, "{minReplicas: a}").eval("self.minReplicas > 1") ==
        "fails: invalid data, expected int, got a string");
  CHECK(Self(k_schema, "{minReplicas: 1.0}").eval("self.minReplicas") == "1");
  CHECK(Self(k_schema, "{minReplicas: 1.5}").eval("self.minReplicas").find("fails: invalid data") == 0);
  CHECK(Self(k_schema, "{port: 1.5}").eval("self.port").find("fails: invalid data") == 0);
  CHECK(Self(k_schema, "{when: tomorrow}").eval("self.when").find("fails: Invalid date-time") == 0);
  CHECK(Self(k_schema, "{name: nn}").eval("self.minReplicas > 1") == "fails: no such key: minReplicas");
}

TEST_CASE("cel schema: sets and lists with keys are equal in any order", "[cel][schema]") {
  constexpr const char* schema = R"(
type: object
properties:
  set: {type: array, x-kubernetes-list-type: set, items: {type: string}}
  set2: {type: array, x-kubernetes-list-type: set, items: {type: string}}
  map: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, properties: {k: {type: string}, v: {type: integer}}}}
  map2: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, properties: {k: {type: string}, v: {type: integer}}}}
  list: {type: array, items: {type: string}}
)";
  Self self(schema,
            "{set: [a, b], set2: [b, a], map: [{k: x, v: 1}, {k: z, v: 2}], "
            "map2: [{k: z, v: 2}, {k: x, v: 1}], list: [b, a]}");
  CHECK(self.eval("self.set == self.set2") == "true");
  CHECK(self.eval("self.list == ['a', 'b']") == "false");
  CHECK(self.eval("self.set + ['b', 'c']") == R"(["a", "b", "c"])");
  CHECK(self.eval("(self.map + self.map).size()") == "2");
}

TEST_CASE("cel program: it knows which variables it names", "[cel][checker]") {
  Self self(k_schema, k_self);
  const auto program = compile_one(self.environment(), "self.minReplicas >= oldSelf.minReplicas");
  REQUIRE(program);
  CHECK(program->uses("oldSelf"));
  const auto other = compile_one(self.environment(), "self.minReplicas >= 0");
  REQUIRE(other);
  CHECK_FALSE(other->uses("oldSelf"));
  CHECK(other->type() == Type::boolean());
  const auto wrong = compile_one(self.environment(), "1 +\n foo");
  REQUIRE_FALSE(wrong);
  REQUIRE(wrong.error().diagnostics.size() == 1);
  CHECK(wrong.error().diagnostics[0].place.line == 2);
  CHECK(wrong.error().diagnostics[0].place.column == 2);
}
