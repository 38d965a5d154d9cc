#include "filters.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <tuple>

namespace mlk::inline v0::placement {

namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool holds(const Requirement& requirement, const ClusterNode& node) {
  std::optional<std::string_view> value;
  if (requirement.is_field) {
    if (requirement.key == "metadata.name") value = node.name;
  } else if (const auto found = node.labels.find(requirement.key); found != node.labels.end()) {
    value = found->second;
  }
  const auto is_listed = [&] {
    return value && std::find(requirement.values.begin(), requirement.values.end(), *value) != requirement.values.end();
  };
  if (requirement.op == "In") return is_listed();
  if (requirement.op == "NotIn") return !is_listed();
  if (requirement.op == "Exists") return value.has_value();
  if (requirement.op == "DoesNotExist") return !value.has_value();
  if ((requirement.op == "Gt" || requirement.op == "Lt") && value && requirement.values.size() == 1) {
    const auto have = whole_number(*value);
    const auto than = whole_number(requirement.values.front());
    return have && than && (requirement.op == "Gt" ? *have > *than : *have < *than);
  }
  return false;
}

std::string describe(const Requirement& requirement) {
  if (requirement.op == "Exists" || requirement.op == "DoesNotExist") {
    return fmt::format("{} {}", requirement.key, requirement.op);
  }
  return fmt::format("{} {} ({})", requirement.key, requirement.op, join(requirement.values, ", "));
}

bool names_gpu_model(const Requirement& requirement) {
  constexpr std::string_view k_keys[] = {"nvidia.com/gpu.product",
                                         "nvidia.com/gpu.memory",
                                         "nvidia.com/gpu.family",
                                         "cloud.google.com/gke-accelerator",
                                         "karpenter.k8s.aws/instance-gpu-name",
                                         "karpenter.k8s.aws/instance-gpu-memory"};
  return std::find(std::begin(k_keys), std::end(k_keys), requirement.key) != std::end(k_keys);
}

std::string gpus_of(const ClusterNode& node) {
  if (const GpuModel* model = gpu_model_of(node.labels)) return std::string(model->name);
  const auto product = node.labels.find("nvidia.com/gpu.product");
  return product == node.labels.end() ? std::string() : product->second;
}

/// The requirement that fails, where one can be named.
Refusal affinity_refusal(const ClusterNode& node, const std::vector<SelectorTerm>& terms) {
  const Requirement* first = nullptr;
  bool is_about_gpus = !terms.empty();
  for (const SelectorTerm& term : terms) {
    const auto failing = std::find_if(term.begin(), term.end(), [&](const Requirement& r) { return !holds(r, node); });
    if (failing == term.end()) {
      is_about_gpus = false;
      continue;
    }
    if (first == nullptr) first = &*failing;
    is_about_gpus = is_about_gpus && names_gpu_model(*failing);
  }
  Refusal refusal;
  if (is_about_gpus) {
    refusal.kind = RefusalKind::gpu_model;
    refusal.subject = gpus_of(node);
    return refusal;
  }
  refusal.kind = RefusalKind::affinity;
  if (first != nullptr) refusal.subject = describe(*first);
  if (first == nullptr) refusal.subject = "an empty node selector term, which matches nothing";
  return refusal;
}

std::optional<Refusal> refuse_by_labels(const ClusterNode& node, const PodRequest& pod) {
  for (const auto& [key, value] : pod.node_selector) {
    const auto found = node.labels.find(key);
    if (found != node.labels.end() && found->second == value) continue;
    return affinity_refusal(node, {SelectorTerm{Requirement{key, "In", {value}, false}}});
  }
  if (!pod.required_terms) return std::nullopt;
  const bool matches = std::any_of(pod.required_terms->begin(), pod.required_terms->end(), [&](const auto& term) {
    return !term.empty() && std::all_of(term.begin(), term.end(), [&](const auto& each) { return holds(each, node); });
  });
  if (matches) return std::nullopt;
  return affinity_refusal(node, *pod.required_terms);
}

/// Taints that the node's state brings and takes away again.
bool is_passing(const Taint& taint) {
  return taint.key.starts_with("node.kubernetes.io/") || taint.key.starts_with("node.cloudprovider.kubernetes.io/") ||
         taint.key == "ToBeDeletedByClusterAutoscaler" || taint.key == "karpenter.sh/disrupted";
}

const Taint* untolerated(const ClusterNode& node, const PodRequest& pod, Occupancy occupancy) {
  for (const Taint& taint : node.taints) {
    if (taint.effect != "NoSchedule" && taint.effect != "NoExecute") continue;
    if (occupancy == Occupancy::empty && is_passing(taint)) continue;
    const bool is_tolerated = std::any_of(pod.tolerations.begin(), pod.tolerations.end(),
                                          [&](const Toleration& each) { return tolerates(each, taint); });
    if (!is_tolerated) return &taint;
  }
  return nullptr;
}

std::int64_t room(const ClusterNode& node, std::string_view resource, Occupancy occupancy) noexcept {
  return occupancy == Occupancy::empty ? amount(node.allocatable, resource) : node.free(resource);
}

/// The GPU shortage first: it is what people ask about.
std::optional<Refusal> shortage(const ClusterNode& node, const PodRequest& pod, Occupancy occupancy) {
  std::optional<Refusal> found;
  const auto check = [&](std::string_view resource, std::int64_t asked) {
    const std::int64_t free = room(node, resource, occupancy);
    if (asked <= free || (found && !is_gpu_resource(resource))) return;
    if (resource == "nvidia.com/gpu" && amount(node.allocatable, resource) == 0) {
      found = Refusal{.kind = RefusalKind::gpu_model};
      return;
    }
    found = Refusal{RefusalKind::resource, std::string(resource), asked, free, free, {}};
  };
  for (const auto& [resource, asked] : pod.requests) {
    if (asked > 0) check(resource, asked);
  }
  check("pods", 1);
  return found;
}

/// What differs between two refusals that belong into one group: only how much is free of a divisible resource.
auto group_key(const Refusal& refusal) {
  const bool is_counted = refusal.kind == RefusalKind::resource && is_gpu_resource(refusal.subject);
  return std::tuple(refusal.kind, refusal.subject, is_counted ? refusal.most_free : 0);
}

}  // namespace

std::int64_t capacity_for(const ClusterNode& node, const PodRequest& pod, Occupancy occupancy) noexcept {
  std::int64_t pods = room(node, "pods", occupancy);
  for (const auto& [resource, asked] : pod.requests) {
    if (asked > 0) pods = std::min(pods, room(node, resource, occupancy) / asked);
  }
  return pods;
}

std::optional<Refusal> refuse(const ClusterNode& node, const PodRequest& pod, Occupancy occupancy) {
  if (occupancy == Occupancy::now) {
    const bool tolerates_cordon =
        std::any_of(pod.tolerations.begin(), pod.tolerations.end(), [](const Toleration& each) {
          return tolerates(each, Taint{"node.kubernetes.io/unschedulable", "", "NoSchedule"});
        });
    if (node.is_unschedulable && !tolerates_cordon) return Refusal{.kind = RefusalKind::unschedulable};
    if (!node.is_ready) return Refusal{.kind = RefusalKind::not_ready};
  }
  if (!pod.node_name.empty() && pod.node_name != node.name) {
    return Refusal{.kind = RefusalKind::node_name, .subject = pod.node_name};
  }
  if (const Taint* taint = untolerated(node, pod, occupancy)) {
    return Refusal{.kind = RefusalKind::taint, .subject = to_string(*taint)};
  }
  if (auto refusal = refuse_by_labels(node, pod)) return refusal;
  return shortage(node, pod, occupancy);
}

std::vector<Refusal> refusals(const std::vector<ClusterNode>& nodes, const PodRequest& pod, Occupancy occupancy) {
  std::vector<Refusal> groups;
  for (const ClusterNode& node : nodes) {
    auto refusal = refuse(node, pod, occupancy);
    if (!refusal) continue;
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const Refusal& each) { return group_key(each) == group_key(*refusal); });
    if (same == groups.end()) {
      refusal->nodes.push_back(node.name);
      groups.push_back(*std::move(refusal));
      continue;
    }
    same->least_free = std::min(same->least_free, refusal->least_free);
    same->most_free = std::max(same->most_free, refusal->most_free);
    same->nodes.push_back(node.name);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Refusal& a, const Refusal& b) { return a.nodes.size() > b.nodes.size(); });
  return groups;
}

}  // namespace mlk::inline v0::placement
