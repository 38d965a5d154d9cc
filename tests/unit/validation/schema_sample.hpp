#pragma once

#include "../../../lib/validation/schemas/compile.hpp"
#include "../../../lib/validation/schemas/distill.hpp"
#include "../../../lib/validation/schemas/source.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

/// A CRD of everything that a schema may say.
constexpr std::string_view k_sample_crd = R"(apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, listKind: WidgetList, plural: widgets, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        description: prose is dropped
        required: [spec]
        x-kubernetes-validations:
        - {rule: "self.metadata.name.size() < 20", message: too long, reason: FieldValueInvalid, fieldPath: .metadata}
        properties:
          apiVersion: {type: string}
          kind: {type: string}
          metadata: {type: object}
          spec:
            type: object
            required: [size, mode, elsewhere]
            oneOf:
            - {required: [left]}
            - {required: [right]}
            not: {required: [left, right]}
            properties:
              size: {type: integer, format: int32, minimum: 1, maximum: 9, exclusiveMaximum: true, default: 3}
              mode: {type: string, enum: [fast, "slow mode"], nullable: true}
              share: {type: number, multipleOf: 0.5}
              left: {type: string, minLength: 1, maxLength: 63, pattern: '^[a-z"\\]+$'}
              right: {type: string, minLength: 1, maxLength: 63, pattern: '^[a-z"\\]+$'}
              port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
              limit:
                x-kubernetes-int-or-string: true
                allOf:
                - anyOf: [{type: integer}, {type: string}]
                - {pattern: '^[0-9]+$'}
              labels: {type: object, additionalProperties: {type: string}, maxProperties: 4, x-kubernetes-map-type: atomic}
              raw: {type: object, x-kubernetes-preserve-unknown-fields: true, x-kubernetes-embedded-resource: true}
              parts:
                type: array
                minItems: 1
                maxItems: 5
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name, port]
                items:
                  type: object
                  properties:
                    name: {type: string}
                    "odd name!": {type: string}
                  x-kubernetes-validations:
                  - {rule: self == oldSelf, messageExpression: "'no'", optionalOldSelf: true}
  - name: v1alpha1
    served: false
    storage: false
    schema: {openAPIV3Schema: {type: object}}
)";

inline mlk::validation::schema::Model sample_model(std::string_view crd = k_sample_crd) {
  using namespace mlk::validation::schema;
  Model model;
  SystemDef system;
  system.name = "sample";
  system.module = "example.com/widgets";
  system.versions = {"v0.1.0"};
  system.path = "config";
  system.licence = "Apache-2.0";
  const auto done = distill_text(model, system, crd, "sample.yaml");
  REQUIRE(done);
  sort_kinds(system);
  model.systems.push_back(system);
  return model;
}

inline std::string sample_pack(const mlk::validation::schema::Model& model) {
  auto bytes = mlk::validation::schema::compile(model);
  REQUIRE(bytes);
  return *bytes;
}
