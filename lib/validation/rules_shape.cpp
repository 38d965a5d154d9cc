#include "rule_groups.hpp"

// What comparing an object with its shape finds; the checks are in shape_walk.cpp and validate.cpp.
namespace mlk::inline v0::validation {

namespace {

constexpr std::string_view k_source = "Kubernetes 1.36 API types and validation; Gateway API 1.6";

constexpr std::string_view k_good = R"(apiVersion: v1
kind: Service
metadata:
  name: serve
  labels: {app: serve}
spec:
  selector: {app: serve}
  ports: [{name: http, port: 80, targetPort: 8000}]
)";

constexpr std::string_view k_good_pod = R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    env: [{name: WORKERS, value: "8"}]
    resources: {requests: {memory: 8Gi}}
)";

constexpr RuleEntry k_rules[] = {
    {{"object-incomplete", Severity::error, "structure", "a document is no Kubernetes object",
      "an object is a map with apiVersion and kind; without them nobody knows what it is", "add apiVersion and kind",
      k_source,
      R"(metadata: {name: serve}
spec: {ports: [{port: 80}]}
)",
      k_good}},
    {{"kind-unchecked", Severity::info, "structure", "an object of a kind that isn't checked here",
      "the structure of this kind isn't known to this version: mistakes in it are left to the API server",
      "check it with 'kubectl apply --dry-run=server'", "mlk",
      R"(apiVersion: example.com/v1
kind: Widget
metadata: {name: serve}
)",
      k_good}},
    {{"api-removed", Severity::error, "structure", "an apiVersion that API servers have no more",
      "the API server answers that it knows no such kind", "use the version that took its place",
      "Kubernetes, deprecated API migration guide",
      R"(apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: {name: serve}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: serve}}}
)",
      R"(apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: serve}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: serve}}}
)"}},
    {{"cel-rule", Severity::error, "structure", "an object that a rule in its schema refuses",
      "a CustomResourceDefinition may carry rules in CEL over several fields; the API server evaluates them",
      "make the rule true", "Kubernetes, x-kubernetes-validations",
      R"(apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public}
spec:
  gatewayClassName: envoy
  listeners:
  - {name: http, protocol: HTTP, port: 80, tls: {mode: Terminate, certificateRefs: [{name: cert}]}}
)",
      R"(apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public}
spec:
  gatewayClassName: envoy
  listeners:
  - {name: https, protocol: HTTPS, port: 443, tls: {mode: Terminate, certificateRefs: [{name: cert}]}}
)"}},
    {{"field-unknown", Severity::error, "structure", "a field that the kind doesn't have",
      "the API server drops it with a warning, or refuses the object: what it was meant to do doesn't happen",
      "correct the name (upper and lower case count), or move it to where it belongs", k_source,
      R"(apiVersion: v1
kind: Service
metadata: {name: serve}
spec:
  selectors: {app: serve}
  ports: [{name: http, port: 80}]
)",
      k_good}},
    {{"field-type", Severity::error, "structure", "a value of the wrong type", "the API server can't decode the object",
      "write the value as the type that is named", k_source,
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    env: [{name: WORKERS, value: 8}]
)",
      k_good_pod}},
    {{"field-required", Severity::error, "structure", "a required field is missing",
      "the API server refuses the object", "add the field", k_source,
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers: [{name: main}]
)",
      k_good_pod}},
    {{"value-invalid", Severity::error, "structure", "a value outside what the field allows",
      "the API server refuses the object", "use one of the values that are named", k_source,
      R"(apiVersion: v1
kind: Service
metadata: {name: serve}
spec:
  selector: {app: serve}
  ports: [{name: http, port: 80000}]
)",
      k_good}},
    {{"name-invalid", Severity::error, "structure", "a name that the API refuses",
      "names become DNS names and file names, so their characters and length are limited",
      "use lower-case letters, digits and '-'", "Kubernetes, object names and IDs",
      R"(apiVersion: v1
kind: Service
metadata: {name: Serve_NLP}
spec:
  selector: {app: serve}
  ports: [{name: http, port: 80}]
)",
      k_good}},
    {{"label-invalid", Severity::error, "structure", "a label, annotation or taint that the API refuses",
      "keys are [domain/]name, label values at most 63 letters, digits, '-', '_' and '.'",
      "shorten or clean it; long or free text belongs into an annotation", "Kubernetes, labels and selectors",
      R"(apiVersion: v1
kind: Service
metadata:
  name: serve
  labels: {app: "serve this"}
spec:
  selector: {app: serve}
  ports: [{name: http, port: 80}]
)",
      k_good}},
    {{"quantity-invalid", Severity::error, "structure", "a quantity that Kubernetes can't read",
      "quantities are numbers with m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi or Ei", "write it as '500m', '8Gi' or '2'",
      "Kubernetes, apimachinery pkg/api/resource/quantity.go",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    resources: {requests: {memory: 8GB}}
)",
      k_good_pod}},
    {{"duplicate-name", Severity::error, "structure", "two items of a list share the name that has to be their own",
      "the API server refuses the object, or merges the two", "rename or remove one", k_source,
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - {name: main, image: "registry.example.com/serve:1.4"}
  - {name: main, image: "registry.example.com/proxy:1.4"}
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - {name: main, image: "registry.example.com/serve:1.4"}
  - {name: proxy, image: "registry.example.com/proxy:1.4"}
)"}},
};

}  // namespace

std::span<const RuleEntry> shape_rules() noexcept { return k_rules; }

}  // namespace mlk::inline v0::validation
