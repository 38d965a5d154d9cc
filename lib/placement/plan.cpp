#include "filters.hpp"

#include <mlk/core/text.hpp>
#include <mlk/placement/plan.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mlk::inline v0::placement {

namespace {

std::int64_t free_gpus(const ClusterNode& node) noexcept {
  std::int64_t gpus = 0;
  for (const auto& [resource, total] : node.allocatable) {
    if (is_gpu_resource(resource)) gpus += node.free(resource);
  }
  return gpus;
}

std::string pods(std::int64_t count) { return fmt::format("{} {}", count, count == 1 ? "pod" : "pods"); }

/// Nodes that take a pod, the tightest first; filling one to its end before the next is what best fit does with pods of
/// one shape, since the node just used has become tighter still.
std::vector<Assignment> place(const std::vector<ClusterNode>& nodes, const Workload& workload, Occupancy occupancy) {
  std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t, const ClusterNode*>> order;
  for (const ClusterNode& node : nodes) {
    if (refuse(node, workload.pod, occupancy)) continue;
    order.emplace_back(free_gpus(node), node.free("cpu"), node.free("memory"), &node);
  }
  // Nodes are sorted by name, so a stable sort leaves ties in that order.
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a)) <
           std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b));
  });
  std::vector<Assignment> assignments;
  std::int64_t left = workload.replicas;
  for (const auto& entry : order) {
    if (left == 0) break;
    const ClusterNode& node = *std::get<3>(entry);
    const std::int64_t here = std::min(left, capacity_for(node, workload.pod, occupancy));
    assignments.push_back({node.name, here});
    left -= here;
  }
  std::sort(assignments.begin(), assignments.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
  return assignments;
}

std::int64_t total(const std::vector<Assignment>& assignments) noexcept {
  std::int64_t sum = 0;
  for (const Assignment& each : assignments) sum += each.pods;
  return sum;
}

/// What the whole workload counts against a key of a quota; 0 for keys that this doesn't judge.
std::int64_t quota_need(std::string_view key, const Workload& workload) noexcept {
  if (key == "pods" || key == "count/pods") return workload.replicas;
  if (key.starts_with("requests.")) key.remove_prefix(9);
  return amount(workload.pod.requests, key) * workload.replicas;
}

struct QuotaAnswer {
  std::vector<Refusal> now;
  std::vector<Refusal> ever;
};

QuotaAnswer ask_quotas(const std::vector<Quota>& quotas, const Workload& workload) {
  QuotaAnswer answer;
  for (const Quota& quota : quotas) {
    if (quota.name_space != workload.name_space) continue;
    for (const auto& [key, hard] : quota.hard) {
      const std::int64_t need = quota_need(key, workload);
      if (need == 0) continue;
      const std::int64_t free = std::max<std::int64_t>(0, hard - amount(quota.used, key));
      const std::string subject = fmt::format("{}/{}: {}", quota.name_space, quota.name, key);
      if (need > hard) {
        answer.ever.push_back({RefusalKind::quota, subject, need, free, hard, {}});
      } else if (need > free) {
        answer.now.push_back({RefusalKind::quota, subject, need, free, hard, {}});
      }
    }
  }
  return answer;
}

void take(Inventory& inventory, const Workload& workload, const std::vector<Assignment>& assignments) {
  for (const Assignment& each : assignments) {
    PodUsage usage{each.node, workload.name_space, workload.name, {}};
    for (const auto& [resource, asked] : workload.pod.requests) usage.requests[resource] = asked * each.pods;
    usage.requests["pods"] = each.pods;
    inventory.add(usage);
  }
  const std::int64_t placed = total(assignments);
  if (placed == 0) return;
  Workload part = workload;
  part.replicas = placed;
  for (Quota& quota : inventory.quotas) {
    if (quota.name_space != workload.name_space) continue;
    for (const auto& [key, hard] : quota.hard) quota.used[key] += quota_need(key, part);
  }
}

std::string first_reason(const std::vector<Refusal>& refusals) {
  return refusals.empty() ? std::string() : ": " + describe(refusals);
}

void answer_never(Answer& answer, std::int64_t ever, std::vector<Refusal> reasons) {
  answer.verdict = Verdict::never;
  answer.refusals = std::move(reasons);
  answer.placed = 0;
  answer.assignments.clear();
  const bool is_quota = !answer.refusals.empty() && answer.refusals.front().kind == RefusalKind::quota;
  if (is_quota) {
    answer.reason = describe(answer.refusals.front());
  } else {
    answer.reason = fmt::format("even with nothing else running {} of {} would be placed{}", ever, pods(answer.wanted),
                                first_reason(answer.refusals));
  }
}

void answer_placed(Answer& answer, const Inventory& inventory) {
  const std::string where =
      fmt::format("{} on {}", pods(answer.wanted),
                  answer.assignments.size() == 1 ? "1 node" : fmt::format("{} nodes", answer.assignments.size()));
  if (inventory.sees_all_pods) {
    answer.verdict = Verdict::fits;
    answer.reason = answer.wanted == 0 ? "no pods are asked for" : where;
    return;
  }
  answer.verdict = Verdict::unknown;
  answer.unknown = inventory.unknown;
  answer.reason = fmt::format("{} by what is visible", where);
}

Answer answer_one(const Inventory& inventory, const Workload& workload) {
  Answer answer;
  answer.workload = workload.name;
  answer.wanted = workload.replicas;
  QuotaAnswer quota = ask_quotas(inventory.quotas, workload);
  if (!quota.ever.empty()) {
    answer_never(answer, 0, std::move(quota.ever));
    return answer;
  }
  if (!inventory.sees_nodes) {
    answer.unknown = inventory.unknown;
    answer.reason = "the nodes can't be seen";
    return answer;
  }
  if (const std::int64_t ever = total(place(inventory.nodes, workload, Occupancy::empty)); ever < workload.replicas) {
    answer_never(answer, ever, refusals(inventory.nodes, workload.pod, Occupancy::empty));
    return answer;
  }
  answer.assignments = place(inventory.nodes, workload, Occupancy::now);
  answer.placed = total(answer.assignments);
  answer.refusals = refusals(inventory.nodes, workload.pod, Occupancy::now);
  answer.refusals.insert(answer.refusals.begin(), quota.now.begin(), quota.now.end());
  if (answer.placed == workload.replicas && quota.now.empty()) {
    answer_placed(answer, inventory);
    return answer;
  }
  // What is in use is a lower bound where pods are hidden, so this holds there too.
  answer.verdict = Verdict::waits;
  const std::int64_t found = answer.placed;
  if (workload.is_gang || !quota.now.empty()) {
    answer.placed = 0;
    answer.assignments.clear();
  }
  if (!quota.now.empty()) {
    answer.reason = describe(quota.now.front());
  } else {
    answer.reason =
        fmt::format("{} of {} find room now{}", found, pods(workload.replicas), first_reason(answer.refusals));
  }
  return answer;
}

}  // namespace

std::vector<Answer> plan(const Inventory& inventory, const std::vector<Workload>& workloads) {
  Inventory left = inventory;
  std::vector<Answer> answers;
  answers.reserve(workloads.size());
  for (const Workload& workload : workloads) {
    answers.push_back(answer_one(left, workload));
    take(left, workload, answers.back().assignments);
  }
  return answers;
}

std::vector<std::string> feasible_nodes(const Inventory& inventory, const PodRequest& pod) {
  std::vector<std::string> names;
  for (const ClusterNode& node : inventory.nodes) {
    if (!refuse(node, pod, Occupancy::now)) names.push_back(node.name);
  }
  return names;
}

}  // namespace mlk::inline v0::placement
