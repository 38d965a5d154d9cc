#include "rule_groups.hpp"

#include <mlk/core/quantity.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace mlk::inline v0::validation {

namespace {

void check_duplicate_objects(const Bundle& bundle, Finder& finder) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, const Spot*> seen;
  for (const Spot& object : bundle.objects) {
    const std::string name = object.at({"metadata", "name"}).text();
    if (name.empty()) continue;
    const std::string api_version = object["apiVersion"].text();
    const auto slash = api_version.find('/');
    const std::string group = slash == std::string::npos ? std::string() : api_version.substr(0, slash);
    const auto [first, is_new] = seen.emplace(
        std::tuple(group, object["kind"].text(), object.at({"metadata", "namespace"}).text(), name), &object);
    if (is_new) continue;
    finder.report_with("duplicate-object", object.at({"metadata", "name"}), first->second->at({"metadata", "name"}),
                       "the first one",
                       {fmt::format("{} '{}' stands twice in these manifests", object["kind"].text(), name), {}, {}});
  }
}

void check_selectors(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    if (!pods.is_lasting()) continue;
    const Spot selector = pods.object.at({"spec", "selector"});
    if (!selector.node().is_mapping()) continue;
    const bool is_empty = selector["matchLabels"].node().empty() && selector["matchExpressions"].node().empty();
    if (!is_empty && selects(selector.node(), pods.metadata["labels"].node())) continue;
    finder.report_with(
        "selector-mismatch", selector, pods.metadata, "the pods' metadata",
        {is_empty ? fmt::format("the selector of {} '{}' is empty", pods.kind, pods.name)
                  : fmt::format("the selector of {} '{}' doesn't select its own pods", pods.kind, pods.name),
         {},
         {}});
  }
}

void check_volumes(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    std::vector<std::string> names;
    for (const Spot& volume : pods.spec["volumes"].children()) names.push_back(volume["name"].text());
    for (const Spot& claim : pods.object.at({"spec", "volumeClaimTemplates"}).children()) {
      names.push_back(claim.at({"metadata", "name"}).text());
    }
    for (const Container& container : pods.containers) {
      for (const Spot& mount : container.spot["volumeMounts"].children()) {
        const std::string name = mount["name"].text();
        if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) continue;
        finder.report(
            "volume-missing", mount["name"],
            {fmt::format("container '{}' mounts volume '{}', which the pod doesn't have", container.name(), name),
             {},
             {}});
      }
    }
  }
}

void check_restart(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    const Spot policy = pods.spec["restartPolicy"];
    const std::string text = policy.is_null() ? std::string("Always") : policy.text();
    if (pods.is_job() && text == "Always") {
      finder.report("job-restart", policy,
                    {fmt::format("{} '{}' has restartPolicy Always{}", pods.kind, pods.name,
                                 policy.is_null() ? ", the default" : ""),
                     {},
                     {}});
    } else if (pods.is_lasting() && text != "Always") {
      finder.report("field-conflict", policy,
                    {fmt::format("{} '{}' can't have restartPolicy {}", pods.kind, pods.name, text),
                     {},
                     "leave it out: Always is the only one"});
    }
  }
}

void check_requests(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    for (const Container& container : pods.containers) {
      const Spot resources = container.spot["resources"];
      for (const Spot& request : resources["requests"].children()) {
        const Spot limit = resources["limits"][request.key()];
        if (limit.is_null() || is_extended_resource(request.key())) continue;
        const auto asked = parse_quantity_milli(request.text());
        const auto allowed = parse_quantity_milli(limit.text());
        if (!asked || !allowed || *asked <= *allowed) continue;
        finder.report_with("request-over-limit", request, limit, "the limit",
                           {fmt::format("container '{}' requests {} of {} but its limit is {}", container.name(),
                                        request.text(), request.key(), limit.text()),
                            {},
                            {}});
      }
    }
  }
}

void check_job_fields(const PodSet& pods, Finder& finder) {
  const Spot spec = pods.kind == "CronJob" ? pods.object.at({"spec", "jobTemplate", "spec"}) : pods.object["spec"];
  const bool is_indexed = spec["completionMode"].text() == "Indexed";
  if (is_indexed && spec["completions"].is_null()) {
    finder.report("field-conflict", spec["completionMode"],
                  {fmt::format("Job '{}' is Indexed but has no completions", pods.name),
                   {},
                   "add completions: as many as there are ranks"});
  }
  if (!is_indexed && !spec["backoffLimitPerIndex"].is_null()) {
    finder.report("field-conflict", spec["backoffLimitPerIndex"],
                  {"backoffLimitPerIndex needs completionMode: Indexed", {}, "add completionMode: Indexed"});
  }
  if (!spec["podFailurePolicy"].is_null() && pods.spec["restartPolicy"].text() != "Never") {
    finder.report("field-conflict", spec["podFailurePolicy"],
                  {"podFailurePolicy needs restartPolicy: Never", {}, "set restartPolicy: Never"});
  }
  const std::int64_t last_index = std::max<std::int64_t>(0, spec["completions"].node().int_or(1) - 1);
  const std::string host = fmt::format("{}-{}", pods.name, last_index);
  if (is_indexed && pods.kind == "Job" && host.size() > 63) {
    finder.report(
        "name-invalid", pods.object.at({"metadata", "name"}),
        {fmt::format("the pods of Job '{}' would be called '{}', {} characters long", pods.name, host, host.size()),
         {},
         "shorten the Job's name: a host name has 63 characters at most"});
  }
}

void check_probes(const PodSet& pods, Finder& finder) {
  constexpr std::string_view k_handlers[] = {"exec", "httpGet", "tcpSocket", "grpc"};
  for (const Container& container : pods.containers) {
    for (const std::string_view kind : {"startupProbe", "readinessProbe", "livenessProbe"}) {
      const Spot probe = container.spot[kind];
      if (!probe.node().is_mapping()) continue;
      const auto handlers = std::count_if(std::begin(k_handlers), std::end(k_handlers),
                                          [&](std::string_view handler) { return !probe[handler].is_null(); });
      if (handlers == 1) continue;
      finder.report("field-conflict", probe,
                    {fmt::format("{} of container '{}' has {} handlers", kind, container.name(), handlers),
                     {},
                     "give exactly one of exec, httpGet, tcpSocket, grpc"});
    }
  }
}

void check_volume_sources(const PodSet& pods, Finder& finder) {
  for (const Spot& volume : pods.spec["volumes"].children()) {
    const auto parts = volume.children();
    const auto sources = std::count_if(parts.begin(), parts.end(),
                                       [](const Spot& part) { return part.key() != "name" && !part.is_null(); });
    if (sources <= 1) continue;  // without any it is an emptyDir
    finder.report("field-conflict", volume,
                  {fmt::format("volume '{}' has {} sources", volume["name"].text(), sources), {}, "leave one"});
  }
}

void check_conflicts(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    if (pods.is_job()) check_job_fields(pods, finder);
    check_probes(pods, finder);
    check_volume_sources(pods, finder);
  }
  for (const Spot& budget : bundle.of_kind("PodDisruptionBudget")) {
    const Spot spec = budget["spec"];
    if (spec["minAvailable"].is_null() || spec["maxUnavailable"].is_null()) continue;
    finder.report("field-conflict", spec["minAvailable"],
                  {"minAvailable and maxUnavailable exclude each other", {}, "keep maxUnavailable"});
  }
  for (const Spot& autoscaler : bundle.of_kind("HorizontalPodAutoscaler")) {
    const Spot least = autoscaler.at({"spec", "minReplicas"});
    const auto most = autoscaler.at({"spec", "maxReplicas"}).node().as_int();
    if (!most || least.node().int_or(1) <= *most) continue;
    finder.report("field-conflict", least,
                  {fmt::format("minReplicas {} is above maxReplicas {}", least.node().int_or(1), *most),
                   {},
                   "raise maxReplicas"});
  }
  for (const Spot& service : bundle.of_kind("Service")) {
    const auto ports = service.at({"spec", "ports"}).children();
    if (ports.size() < 2) continue;
    for (const Spot& port : ports) {
      if (!port["name"].is_null()) continue;
      finder.report("field-conflict", port, {"a Service with several ports has to name each", {}, "add a name"});
    }
  }
}

constexpr std::string_view k_source = "Kubernetes 1.36, API validation";

constexpr RuleEntry k_rules[] = {
    {{"duplicate-object", Severity::error, "structure", "an object stands twice in the manifests",
      "the one applied last wins, and which that is depends on the order of files", "remove or rename one", "mlk",
      R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {model: sentiment}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {model: toxicity}
)",
      R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {model: sentiment}
)"},
     check_duplicate_objects},
    {{"selector-mismatch", Severity::error, "structure", "a selector doesn't select the pods of its own template",
      "the API server refuses the object: its controller would make pods without end",
      "give the template's labels what the selector asks for", k_source,
      R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: serve}
spec:
  selector: {matchLabels: {app: serve}}
  template:
    metadata: {labels: {app: server}}
    spec:
      containers: [{name: main, image: "registry.example.com/serve:1.4"}]
)",
      R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: serve}
spec:
  selector: {matchLabels: {app: serve}}
  template:
    metadata: {labels: {app: serve}}
    spec:
      containers: [{name: main, image: "registry.example.com/serve:1.4"}]
)"},
     check_selectors},
    {{"volume-missing", Severity::error, "structure", "a container mounts a volume that the pod doesn't have",
      "the API server refuses the pod", "add the volume, or correct the name", k_source,
      R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  containers:
  - name: main
    image: registry.example.com/train:1.4
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: dataset, emptyDir: {}}]
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  containers:
  - name: main
    image: registry.example.com/train:1.4
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
)"},
     check_volumes},
    {{"job-restart", Severity::error, "structure", "a Job's pods have restartPolicy Always",
      "a Job ends, so its pods may restart Never or OnFailure only, and the default is Always",
      "set restartPolicy: Never (a new pod for each try) or OnFailure", "Kubernetes, Job",
      R"(apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  template:
    spec:
      containers: [{name: main, image: "registry.example.com/train:1.4"}]
)",
      R"(apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "registry.example.com/train:1.4"}]
)"},
     check_restart},
    {{"request-over-limit", Severity::error, "structure", "a request is larger than its limit",
      "the API server refuses the pod", "raise the limit or lower the request", k_source,
      R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  containers:
  - name: main
    image: registry.example.com/train:1.4
    resources: {requests: {memory: 8Gi}, limits: {memory: 4Gi}}
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  containers:
  - name: main
    image: registry.example.com/train:1.4
    resources: {requests: {memory: 8Gi}, limits: {memory: 8Gi}}
)"},
     check_requests},
    {{"field-conflict", Severity::error, "structure", "fields that exclude or need each other",
      "the API server refuses the object", "keep what belongs together", k_source,
      R"(apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: serve}
spec: {minAvailable: 1, maxUnavailable: 1, selector: {matchLabels: {app: serve}}}
)",
      R"(apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: serve}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: serve}}}
)"},
     check_conflicts},
};

}  // namespace

std::span<const RuleEntry> structure_rules() noexcept { return k_rules; }

}  // namespace mlk::inline v0::validation
