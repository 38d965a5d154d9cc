#include <mlk/core/text.hpp>
#include <mlk/placement/workload.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::placement {

using document::Node;

namespace {

void add(Resources& sum, const Resources& more) {
  for (const auto& [resource, value] : more) sum[resource] += value;
}

void raise(Resources& most, const Resources& other) {
  for (const auto& [resource, value] : other) {
    auto& slot = most[resource];
    slot = std::max(slot, value);
  }
}

/// Requests of one container or pod; what has a limit only is requested in that amount (API defaulting).
Result<Resources> requests_of(const Node& resources) {
  MLK_TRY(Resources requests, read_resources(resources["requests"]));
  MLK_TRY(const Resources limits, read_resources(resources["limits"]));
  for (const auto& [resource, value] : limits) requests.emplace(resource, value);
  return requests;
}

Result<Resources> container_requests(const Node& container) {
  auto requests = requests_of(container["resources"]);
  if (!requests) {
    return std::move(requests).error().within(fmt::format("container '{}'", container["name"].string_or()));
  }
  return requests;
}

Result<Resources> total_requests(const Node& spec) {
  Resources running;
  for (const Node& container : spec["containers"].items()) {
    MLK_TRY(const Resources own, container_requests(container));
    add(running, own);
  }
  Resources sidecars;
  Resources starting;
  for (const Node& container : spec["initContainers"].items()) {
    MLK_TRY(Resources own, container_requests(container));
    if (container["restartPolicy"].string_or() == "Always") {
      add(sidecars, own);
      raise(starting, sidecars);
    } else {
      add(own, sidecars);
      raise(starting, own);
    }
  }
  add(running, sidecars);
  raise(running, starting);
  MLK_TRY(const Resources pod_level, requests_of(spec["resources"]));
  for (const auto& [resource, value] : pod_level) {
    const bool replaces = resource == "cpu" || resource == "memory" || resource.starts_with("hugepages-");
    if (replaces) running[resource] = value;
  }
  MLK_TRY(const Resources overhead, read_resources(spec["overhead"]));
  add(running, overhead);
  return running;
}

void read_requirements(const Node& list, bool is_field, SelectorTerm& term) {
  for (const Node& expression : list.items()) {
    Requirement requirement;
    requirement.key = expression["key"].string_or();
    requirement.op = expression["operator"].string_or();
    requirement.is_field = is_field;
    for (const Node& value : expression["values"].items()) requirement.values.push_back(value.scalar_text());
    term.push_back(std::move(requirement));
  }
}

std::optional<std::vector<SelectorTerm>> read_required_terms(const Node& spec) {
  const Node* required = spec.find({"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"});
  if (required == nullptr || required->is_null()) return std::nullopt;
  std::vector<SelectorTerm> terms;
  for (const Node& each : (*required)["nodeSelectorTerms"].items()) {
    SelectorTerm term;
    read_requirements(each["matchExpressions"], false, term);
    read_requirements(each["matchFields"], true, term);
    terms.push_back(std::move(term));
  }
  return terms;
}

/// What a HorizontalPodAutoscaler among the objects starts the target with, else 1.
std::int64_t autoscaled_replicas(const std::vector<Node>& objects, std::string_view kind, std::string_view name) {
  for (const Node& object : objects) {
    const Node& target = object["spec"]["scaleTargetRef"];
    if (object["kind"].string_or() != "HorizontalPodAutoscaler" || target["kind"].string_or() != kind ||
        target["name"].string_or() != name) {
      continue;
    }
    return object["spec"]["minReplicas"].int_or(1);
  }
  return 1;
}

std::int64_t job_pods(const Node& spec) {
  const std::int64_t parallelism = spec["parallelism"].int_or(1);
  return std::min(parallelism, spec["completions"].int_or(parallelism));
}

}  // namespace

bool tolerates(const Toleration& toleration, const Taint& taint) noexcept {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) return false;
  if (toleration.key.empty()) return toleration.op == "Exists";
  if (toleration.key != taint.key) return false;
  if (toleration.op == "Exists") return true;
  return (toleration.op.empty() || toleration.op == "Equal") && toleration.value == taint.value;
}

Result<PodRequest> read_pod_request(const Node& spec) {
  PodRequest pod;
  MLK_TRY(pod.requests, total_requests(spec));
  for (const document::Entry& entry : spec["nodeSelector"].entries()) {
    pod.node_selector.emplace(entry.key, entry.value.scalar_text());
  }
  pod.required_terms = read_required_terms(spec);
  for (const Node& each : spec["tolerations"].items()) {
    pod.tolerations.push_back({each["key"].string_or(), each["operator"].string_or(), each["value"].scalar_text(),
                               each["effect"].string_or()});
  }
  pod.node_name = spec["nodeName"].string_or();
  return pod;
}

Result<std::vector<Workload>> read_workloads(const std::vector<Node>& objects) {
  std::vector<Workload> workloads;
  for (const Node& object : objects) {
    const std::string kind = object["kind"].string_or();
    const Node& spec = object["spec"];
    Workload workload;
    const Node* pod_spec = spec.find({"template", "spec"});
    if (kind == "Pod") {
      pod_spec = object.find("spec");
    } else if (kind == "Job") {
      workload.replicas = job_pods(spec);
      workload.is_gang = spec["completionMode"].string_or() == "Indexed";
    } else if (kind == "Deployment" || kind == "StatefulSet" || kind == "ReplicaSet") {
      workload.replicas = spec["replicas"].as_int().value_or(
          autoscaled_replicas(objects, kind, object["metadata"]["name"].string_or()));
    } else {
      continue;
    }
    std::string type = kind;
    for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    workload.name = fmt::format("{}/{}", type, object["metadata"]["name"].string_or());
    workload.name_space = object["metadata"]["namespace"].string_or();
    static const Node k_nothing;
    auto pod = read_pod_request(pod_spec == nullptr ? k_nothing : *pod_spec);
    if (!pod) return std::move(pod).error().within(workload.name);
    workload.pod = *std::move(pod);
    workloads.push_back(std::move(workload));
  }
  return workloads;
}

}  // namespace mlk::inline v0::placement
