#include <mlk/validation/schema.hpp>
#include <mlk/validation/validate.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace mlk;
using namespace mlk::validation;

namespace {

constexpr std::string_view k_crd = R"(apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets, listKind: WidgetList, singular: widget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [size, color]
            properties:
              size: {type: integer, format: int32, minimum: 1, maximum: 10, exclusiveMaximum: true}
              color: {type: string, enum: [red, blue], default: red}
              name: {type: string, pattern: '^[a-z]+$', minLength: 2, maxLength: 4}
              ratio: {type: number}
              port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
              note: {type: string, nullable: true}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
              labels: {type: object, maxProperties: 1, additionalProperties: {type: string}}
              tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
              parts:
                type: array
                minItems: 1
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name, kind]
                items:
                  type: object
                  required: [name, kind]
                  properties: {name: {type: string}, kind: {type: string, default: plain}, count: {type: integer}}
              source:
                type: object
                properties: {git: {type: string}, oci: {type: string}, depth: {type: integer}}
                oneOf: [{required: [git]}, {required: [oci]}]
                not: {required: [depth], properties: {depth: {maximum: 0}}}
              address:
                type: object
                properties: {type: {type: string, default: ip}, value: {type: string}}
                oneOf:
                - properties: {type: {enum: [ip]}, value: {maxLength: 3}}
                - properties: {type: {not: {enum: [ip]}}}
              made:
                type: object
                x-kubernetes-embedded-resource: true
                x-kubernetes-preserve-unknown-fields: true
)";

const schema::Catalogue& catalogue() {
  static const schema::Catalogue all = [] {
    auto bytes = schema::compile_crds({{"crd.yaml", std::string(k_crd)}}, "example");
    REQUIRE(bytes);
    auto pack = schema::Pack::from_bytes(*bytes);
    REQUIRE(pack);
    schema::Catalogue made;
    made.add(std::move(*pack));
    return made;
  }();
  return all;
}

/// What is found in a Widget with this spec: "code path" each.
std::vector<std::string> found_in(std::string_view spec) {
  const std::string text =
      fmt::format("apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: a}}\nspec: {}\n", spec);
  Options options;
  options.schemas = &catalogue();
  std::vector<std::string> found;
  const Findings findings = validate_text(text, "a.yaml", options);
  CHECK(findings.unchecked == 0);
  for (const Diagnostic& each : findings.diagnostics) found.push_back(each.code + " " + each.path);
  return found;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("schemas: an object that is as its schema says has no findings", "[validation][schema]") {
  CHECK(found_in("{size: 3}").empty());
  CHECK(found_in("{size: 3, color: blue, name: abc, ratio: 1, port: 80, note: null, free: {a: [1]}, labels: {a: b}, "
                 "tags: [a, b], parts: [{name: a}, {name: a, kind: other}], source: {git: x}, "
                 "made: {apiVersion: v1, kind: Pod, metadata: {name: x}, more: 1}}")
            .empty());
}

TEST_CASE("schemas: fields that are unknown, missing or of another type are found at their path",
          "[validation][schema]") {
  CHECK(found_in("{size: 3, colour: red}") == Found{"field-unknown spec.colour"});
  CHECK(found_in("{color: red}") == Found{"field-required spec"});
  CHECK(found_in("{size: null}") == Found{"field-required spec"});
  CHECK(found_in("{size: \"3\"}") == Found{"field-type spec.size"});
  CHECK(found_in("{size: 3, ratio: much}") == Found{"field-type spec.ratio"});
  CHECK(found_in("{size: 3, port: true}") == Found{"field-type spec.port"});
  CHECK(found_in("{size: 3, tags: x}") == Found{"field-type spec.tags"});
  CHECK(found_in("{size: 3, parts: [{name: a, count: x}]}") == Found{"field-type spec.parts[0].count"});
  CHECK(found_in("{size: 3, labels: {a: 1}}") == Found{"field-type spec.labels.a"});
}

TEST_CASE("schemas: a null that may be left out counts as left out", "[validation][schema]") {
  CHECK(found_in("{size: 3, color: null, name: null, tags: null, parts: null}").empty());
}

TEST_CASE("schemas: bounds, enums and patterns hold", "[validation][schema]") {
  CHECK(found_in("{size: 0}") == Found{"value-invalid spec.size"});
  CHECK(found_in("{size: 9}").empty());
  CHECK(found_in("{size: 10}") == Found{"value-invalid spec.size"});
  CHECK(found_in("{size: 3, color: green}") == Found{"value-invalid spec.color"});
  CHECK(found_in("{size: 3, name: a}") == Found{"value-invalid spec.name"});
  CHECK(found_in("{size: 3, name: abcde}") == Found{"value-invalid spec.name"});
  CHECK(found_in("{size: 3, name: ABC}") == Found{"value-invalid spec.name"});
  CHECK(found_in("{size: 3, labels: {a: b, c: d}}") == Found{"value-invalid spec.labels"});
  CHECK(found_in("{size: 3, parts: []}") == Found{"value-invalid spec.parts"});
}

TEST_CASE("schemas: lists that are sets or maps hold nothing twice, defaults of keys counted", "[validation][schema]") {
  CHECK(found_in("{size: 3, tags: [a, b, a]}") == Found{"duplicate-name spec.tags[2]"});
  CHECK(found_in("{size: 3, parts: [{name: a}, {name: b}, {name: a, kind: other}]}").empty());
  CHECK(found_in("{size: 3, parts: [{name: a, kind: plain}, {name: a}]}") == Found{"duplicate-name spec.parts[1]"});
}

TEST_CASE("schemas: value validations count the forms that a value has", "[validation][schema]") {
  CHECK(found_in("{size: 3, source: {}}") == Found{"value-invalid spec.source"});
  CHECK(found_in("{size: 3, source: {git: a, oci: b}}") == Found{"value-invalid spec.source"});
  CHECK(found_in("{size: 3, source: {git: a, depth: 0}}") == Found{"value-invalid spec.source"});
  CHECK(found_in("{size: 3, source: {git: a, depth: 1}}").empty());
}

TEST_CASE("schemas: value validations see what is filled in", "[validation][schema]") {
  CHECK(found_in("{size: 3, address: {value: abc}}").empty());
  CHECK(found_in("{size: 3, address: {value: abcd}}") == Found{"value-invalid spec.address"});
  CHECK(found_in("{size: 3, address: {type: name, value: abcd}}").empty());
}

TEST_CASE("schemas: another group's Job isn't taken for the built-in one", "[validation][schema]") {
  std::string crd(k_crd);
  for (auto at = crd.find("Widget"); at != std::string::npos; at = crd.find("Widget", at)) crd.replace(at, 6, "Job");
  auto bytes = schema::compile_crds({{"crd.yaml", crd}}, "example");
  REQUIRE(bytes);
  auto pack = schema::Pack::from_bytes(*bytes);
  REQUIRE(pack);
  schema::Catalogue jobs;
  jobs.add(std::move(*pack));
  Options options;
  options.schemas = &jobs;
  CHECK(validate_text("apiVersion: example.com/v1\nkind: Job\nmetadata: {name: a}\nspec: {size: 3}\n", "a", options)
            .diagnostics.empty());
}

TEST_CASE("schemas: rules of one pack are never those of another", "[validation][schema]") {
  schema::Catalogue both;
  for (const std::string kind : {"Apple", "Berry"}) {
    std::string crd(k_crd);
    for (auto at = crd.find("Widget"); at != std::string::npos; at = crd.find("Widget", at)) crd.replace(at, 6, kind);
    for (auto at = crd.find("widget"); at != std::string::npos; at = crd.find("widget", at)) crd.replace(at, 6, kind);
    const std::string rule = fmt::format("self.color == '{}'", kind == "Apple" ? "red" : "blue");
    const std::string_view before = "required: [size, color]";
    crd.insert(crd.find(before), fmt::format("x-kubernetes-validations: [{{rule: \"{}\"}}]\n            ", rule));
    auto bytes = schema::compile_crds({{"crd.yaml", crd}}, kind == "Apple" ? "apples" : "berries");
    REQUIRE(bytes);
    auto pack = schema::Pack::from_bytes(*bytes);
    REQUIRE(pack);
    both.add(*std::move(pack));
  }
  Options options;
  options.schemas = &both;
  const auto codes = [&options](std::string_view apple, std::string_view berry) {
    const std::string form =
        "apiVersion: example.com/v1\nkind: {}\nmetadata: {{name: a}}\nspec: {{size: 3, color: {}}}\n";
    const std::string text =
        fmt::format(fmt::runtime(form), "Apple", apple) + "---\n" + fmt::format(fmt::runtime(form), "Berry", berry);
    Found found;
    for (const Diagnostic& each : validate_text(text, "a.yaml", options).diagnostics) {
      found.push_back(each.code + " " + each.object);
    }
    return found;
  };
  CHECK(codes("red", "blue").empty());
  CHECK(codes("blue", "blue") == Found{"cel-rule Apple/a"});
  CHECK(codes("red", "red") == Found{"cel-rule Berry/a"});
}

TEST_CASE("schemas: a kind at another version, and one of a group that is known, say what is known",
          "[validation][schema]") {
  Options options;
  options.schemas = &catalogue();
  const auto why = [&options](std::string_view text) {
    const Findings findings = validate_text(text, "a.yaml", options);
    REQUIRE(findings.diagnostics.size() == 1);
    CHECK(findings.diagnostics.front().code == "kind-unchecked");
    return findings.diagnostics.front().why;
  };
  CHECK(why("apiVersion: example.com/v2\nkind: Widget\nmetadata: {name: a}\n") == "its schema is known as v1");
  CHECK(why("apiVersion: example.com/v1\nkind: Wigdet\nmetadata: {name: a}\n") ==
        "example.com/v1 has no such kind (did you mean 'Widget'?)");
}
