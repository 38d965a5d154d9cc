#include "bed.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/validation/rules.hpp>
#include <mlk/validation/validate.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace mlk;
using namespace mlk::test;
using document::Node;

// What mlk says of a manifest without a cluster, against what a real API server says of it.

namespace {

/// Errors that no API server looks for.
bool is_mlks_own(std::string_view code) {
  return code == "duplicate-object" || code == "port-mismatch" || code == "token-literal";
}

/// An object with every field that an OpenAPI schema has, each with a value of its type.
class Filler {
 public:
  explicit Filler(const Node& schemas) : m_schemas(schemas) {}

  Node fill(const Node& schema, int depth = 0) const {
    constexpr int k_deepest = 16;
    if (depth > k_deepest) return {};
    const Node& real = schema["allOf"].empty() ? schema : schema["allOf"][std::size_t{0}];
    if (const auto reference = real["$ref"].as_string()) return fill_named(*reference, depth);
    if (!real["properties"].empty()) {
      Node object = Node::mapping();
      for (const document::Entry& field : real["properties"].entries()) {
        object.set(field.key, fill(field.value, depth + 1));
      }
      return object;
    }
    if (!real["enum"].empty()) return real["enum"].items().back();
    const std::string type = real["type"].string_or();
    if (type == "array") return Node::sequence({fill(real["items"], depth + 1)});
    if (type == "object") {
      Node map = Node::mapping();
      if (!real["additionalProperties"].is_null()) map.set("a", fill(real["additionalProperties"], depth + 1));
      return map;
    }
    if (type == "integer") return 1;
    if (type == "boolean") return true;
    return "a";
  }

  /// The schema of a kind, or a null pointer.
  const Node* find(std::string_view api_version, std::string_view kind) const {
    for (const document::Entry& schema : m_schemas.entries()) {
      for (const Node& type : schema.value["x-kubernetes-group-version-kind"].items()) {
        const std::string group = type["group"].string_or();
        const std::string version = type["version"].string_or();
        if (type["kind"].string_or() == kind && (group.empty() ? version : group + "/" + version) == api_version) {
          return &schema.value;
        }
      }
    }
    return nullptr;
  }

 private:
  Node fill_named(std::string_view reference, int depth) const {
    const std::string name(reference.substr(reference.rfind('/') + 1));
    if (name.ends_with("Quantity")) return "1";
    if (name.ends_with("IntOrString")) return 1;
    return fill(m_schemas[name], depth + 1);
  }

  const Node& m_schemas;
};

}  // namespace

TEST_CASE("validate: the API server refuses each rule's bad example and takes the good one", "[cluster][validate]") {
  MLK_NEEDS_BED(bed);
  const auto is_taken = [&](std::string_view manifest) {
    return bed.kubectl({"apply", "-n", "nlp", "--dry-run=server", "--validate=strict", "-f", "-"},
                       std::string(manifest))
               .code == 0;
  };
  for (const validation::Rule& rule : validation::rules()) {
    if (rule.group == "yaml" || rule.id == "kind-unchecked") continue;
    INFO(rule.id);
    CHECK(is_taken(rule.good));
    CHECK(is_taken(rule.bad) == (rule.severity != Severity::error || is_mlks_own(rule.id)));
  }
}

TEST_CASE("validate: no field that the API server knows is unknown, and none has another type", "[cluster][validate]") {
  MLK_NEEDS_BED(bed);
  const std::vector<std::pair<std::string, std::vector<std::string>>> groups = {
      {"v1", {"ConfigMap", "PersistentVolumeClaim", "Pod", "Service", "ServiceAccount"}},
      {"apps/v1", {"ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}},
      {"autoscaling/v2", {"HorizontalPodAutoscaler"}},
      {"batch/v1", {"CronJob", "Job"}},
      {"coordination.k8s.io/v1", {"Lease"}},
      {"gateway.networking.k8s.io/v1", {"HTTPRoute"}},
      {"networking.k8s.io/v1", {"NetworkPolicy"}},
      {"policy/v1", {"PodDisruptionBudget"}}};
  for (const auto& [api_version, kinds] : groups) {
    const Ended ended =
        bed.kubectl({"get", "--raw", (api_version == "v1" ? "/openapi/v3/api/" : "/openapi/v3/apis/") + api_version});
    REQUIRE(ended.code == 0);
    const auto openapi = document::read_json(ended.out);
    REQUIRE(openapi);
    const Filler filler((*openapi)["components"]["schemas"]);
    for (const std::string& kind : kinds) {
      INFO(api_version << " " << kind);
      const Node* schema = filler.find(api_version, kind);
      REQUIRE(schema != nullptr);
      Node object = filler.fill(*schema);
      object.set("apiVersion", api_version).set("kind", kind);
      object.at("metadata").erase("managedFields");
      const auto findings = validation::validate({object});
      CHECK(findings.unchecked == 0);
      for (const Diagnostic& found : findings.diagnostics) {
        INFO(found.path << ": " << found.message);
        CHECK(found.code != "field-unknown");
        CHECK(found.code != "field-type");
      }
    }
  }
}
