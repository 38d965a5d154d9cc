#include "ports.hpp"
#include "rule_groups.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::validation {

namespace {

constexpr std::string_view k_probes[] = {"startupProbe", "readinessProbe", "livenessProbe"};

void check_probe_ports(const PodSet& pods, Finder& finder) {
  for (const Container& container : pods.containers) {
    const PortFacts facts = port_facts(container);
    for (const std::string_view probe : k_probes) {
      for (const std::string_view handler : {"httpGet", "tcpSocket", "grpc"}) {
        const Spot port = container.spot.at({probe, handler, "port"});
        if (port.is_null()) continue;
        std::optional<std::int64_t> number = port.node().as_int();
        if (!number) number = facts.named(port.text());
        if (!number) {
          finder.report("port-mismatch", port,
                        {fmt::format("{} of container '{}' asks port '{}', which the container doesn't name", probe,
                                     container.name(), port.text()),
                         {},
                         fmt::format("add ports: [{{name: {}, containerPort: …}}], or give the number", port.text())});
        } else if (facts.main && !facts.listens(*number)) {
          finder.report_with("port-mismatch", port, *facts.main_spot, "the server is told its port here",
                             {fmt::format("{} of container '{}' asks port {}, but the server listens on {}", probe,
                                          container.name(), *number, *facts.main),
                              {},
                              fmt::format("probe port {}", *facts.main)});
        }
      }
    }
  }
}

/// Why the pods don't answer on the port that a Service sends to; nothing when they may.
std::optional<Finder::Words> target_trouble(const PodSet& pods, const Spot& target, std::int64_t number,
                                            bool is_named) {
  std::vector<std::int64_t> open;
  for (const Container& container : pods.containers) {
    const PortFacts facts = port_facts(container);
    if (is_named && facts.named(target.text())) return std::nullopt;
    if (!is_named && facts.listens(number)) return std::nullopt;
    const auto ports = facts.open();
    open.insert(open.end(), ports.begin(), ports.end());
  }
  const std::string whose = fmt::format("{}/{}", pods.kind, pods.name);
  if (is_named) {
    return Finder::Words{fmt::format("targets port '{}', which no container of {} names", target.text(), whose),
                         {},
                         "name the container's port so, or target its number"};
  }
  // Nothing is known about the pods' ports, so nothing is wrong with this one.
  if (open.empty()) return std::nullopt;
  return Finder::Words{fmt::format("targets port {}, but {} listens on {}", number, whose, list(open)),
                       {},
                       fmt::format("set targetPort: {}", open.front())};
}

void check_service_ports(const Bundle& bundle, Finder& finder) {
  for (const Spot& service : bundle.of_kind("Service")) {
    const Spot spec = service["spec"];
    // A headless Service gives names only: clients choose the port.
    if (spec["selector"].node().empty() || spec["clusterIP"].text() == "None") continue;
    for (const PodSet* each : bundle.pods_in(service.at({"metadata", "namespace"}).text())) {
      const PodSet& pods = *each;
      if (!has_all(spec["selector"].node(), pods.metadata["labels"].node())) continue;
      for (const Spot& port : spec["ports"].children()) {
        const Spot target = port["targetPort"].is_null() ? port["port"] : port["targetPort"];
        if (target.is_null()) continue;
        const auto number = target.node().as_int();
        const auto trouble = target_trouble(pods, target, number.value_or(0), !number);
        if (trouble) finder.report_with("port-mismatch", target, pods.object, "the pods", *trouble);
      }
    }
  }
}

void check_route_ports(const Bundle& bundle, Finder& finder) {
  for (const Spot& route : bundle.of_kind("HTTPRoute")) {
    for (const Spot& rule : route.at({"spec", "rules"}).children()) {
      for (const Spot& backend : rule["backendRefs"].children()) {
        const auto port = backend["port"].node().as_int();
        const std::string kind = backend["kind"].text();
        if (!port || (!kind.empty() && kind != "Service")) continue;
        const Spot other = backend["namespace"];
        const std::string home = other.is_null() ? route.at({"metadata", "namespace"}).text() : other.text();
        for (const Spot& service : bundle.of_kind_in("Service", home)) {
          if (service.at({"metadata", "name"}).text() != backend["name"].text()) continue;
          const auto ports = service.at({"spec", "ports"}).children();
          if (std::any_of(ports.begin(), ports.end(),
                          [&](const Spot& each) { return each["port"].node().as_int() == port; })) {
            continue;
          }
          finder.report_with(
              "port-mismatch", backend["port"], service, "the Service",
              {fmt::format("sends to port {} of Service '{}', which has no such port", *port, backend["name"].text()),
               {},
               "use one of the Service's own ports (port, not targetPort)"});
        }
      }
    }
  }
}

void check_ports(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) check_probe_ports(pods, finder);
  check_service_ports(bundle, finder);
  check_route_ports(bundle, finder);
}

/// A model takes minutes to load; by then a liveness probe without a startup probe has killed the server.
void check_startup(const Bundle& bundle, Finder& finder) {
  constexpr std::int64_t k_long_delay = 300;
  for (const PodSet& pods : bundle.pod_sets) {
    if (!pods.is_lasting()) continue;
    for (const Container& container : pods.containers) {
      const Spot liveness = container.spot["livenessProbe"];
      if (container.is_init || liveness.is_null() || !container.spot["startupProbe"].is_null()) continue;
      if (gpu_uses(container).empty() && !is_model_server(container)) continue;
      if (liveness["initialDelaySeconds"].node().int_or(0) >= k_long_delay) continue;
      finder.report("startup-probe", liveness,
                    {fmt::format("container '{}' has a livenessProbe but no startupProbe", container.name()), {}, {}});
    }
  }
}

/// The replicas that are meant to be there, as far as the bundle says.
std::int64_t replicas_of(const Bundle& bundle, const PodSet& pods) {
  for (const Spot& autoscaler : bundle.of_kind_in("HorizontalPodAutoscaler", pods.name_space)) {
    const Spot target = autoscaler.at({"spec", "scaleTargetRef"});
    if (target["kind"].text() == pods.kind && target["name"].text() == pods.name) {
      return autoscaler.at({"spec", "minReplicas"}).node().int_or(1);
    }
  }
  return pods.object.at({"spec", "replicas"}).node().int_or(1);
}

void check_budget(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    if (pods.kind != "Deployment" && pods.kind != "StatefulSet") continue;
    const std::int64_t replicas = replicas_of(bundle, pods);
    if (replicas < 2) continue;
    const auto& budgets = bundle.of_kind_in("PodDisruptionBudget", pods.name_space);
    const bool is_covered = std::any_of(budgets.begin(), budgets.end(), [&](const Spot& budget) {
      return selects(budget.at({"spec", "selector"}).node(), pods.metadata["labels"].node());
    });
    if (is_covered) continue;
    finder.report(
        "pdb-missing", pods.object.at({"metadata", "name"}),
        {fmt::format("{} replicas of {} '{}', and no PodDisruptionBudget selects them", replicas, pods.kind, pods.name),
         {},
         {}});
  }
}

constexpr RuleEntry k_rules[] = {
    {{"port-mismatch", Severity::error, "serving", "a probe, Service or route uses a port that nobody listens on",
      "the pod never becomes ready, or is ready and can't be reached", "use the port that the server is started with",
      "Kubernetes, Service and probe reference",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    args: [--port, "8000"]
    readinessProbe: {httpGet: {path: /health, port: 8080}}
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    args: [--port, "8000"]
    readinessProbe: {httpGet: {path: /health, port: 8000}}
)"},
     check_ports},
    {{"startup-probe", Severity::warning, "serving", "a model server has a liveness probe but no startup probe",
      "loading weights takes longer than a liveness probe waits: the server is killed before it has started, for ever",
      "add a startupProbe whose failureThreshold × periodSeconds covers the loading; liveness waits until it has "
      "passed",
      "kserve/kserve#5063, kubernetes-sigs/gateway-api-inference-extension#550",
      R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: serve}
spec:
  selector: {matchLabels: {app: serve}}
  template:
    metadata: {labels: {app: serve}}
    spec:
      containers:
      - name: main
        image: vllm/vllm-openai:v0.11.0
        livenessProbe: {httpGet: {path: /health, port: 8000}}
)",
      R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: serve}
spec:
  selector: {matchLabels: {app: serve}}
  template:
    metadata: {labels: {app: serve}}
    spec:
      containers:
      - name: main
        image: vllm/vllm-openai:v0.11.0
        startupProbe: {httpGet: {path: /health, port: 8000}, periodSeconds: 10, failureThreshold: 90}
        livenessProbe: {httpGet: {path: /health, port: 8000}}
)"},
     check_startup},
    {{"pdb-missing", Severity::warning, "serving", "several replicas without a PodDisruptionBudget",
      "a node drain may evict all replicas at once",
      "add a PodDisruptionBudget with maxUnavailable: 1 that selects the pods", "kube-score, pod-disruptionbudget",
      R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: serve}
spec:
  replicas: 3
  selector: {matchLabels: {app: serve}}
  template:
    metadata: {labels: {app: serve}}
    spec:
      containers: [{name: main, image: registry.example.com/serve:1.4}]
)",
      R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: serve}
spec:
  replicas: 3
  selector: {matchLabels: {app: serve}}
  template:
    metadata: {labels: {app: serve}}
    spec:
      containers: [{name: main, image: registry.example.com/serve:1.4}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: serve}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: serve}}
)"},
     check_budget},
};

}  // namespace

std::span<const RuleEntry> serving_rules() noexcept { return k_rules; }

}  // namespace mlk::inline v0::validation
