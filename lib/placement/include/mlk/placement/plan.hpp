#pragma once

#include <mlk/core/api.hpp>
#include <mlk/placement/inventory.hpp>
#include <mlk/placement/workload.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::placement {

enum class Verdict : std::uint8_t {
  fits,     ///< now, on the nodes named
  waits,    ///< for what is in use, cordoned or not ready
  never,    ///< not on these nodes and quotas, even with nothing else running
  unknown,  ///< what the rights hide decides
};
MLK_API std::string_view to_string(Verdict verdict) noexcept;

/// What keeps a pod off a node.
enum class RefusalKind : std::uint8_t {
  unschedulable,
  not_ready,
  node_name,
  taint,
  gpu_model,
  affinity,
  resource,
  quota
};

/// One reason, with the nodes that it keeps the pod off.
struct Refusal {
  RefusalKind kind = RefusalKind::resource;
  std::string subject;     ///< the taint, the resource, the nodes' GPU model (empty: no GPUs), the selector, the quota
  std::int64_t asked = 0;  ///< resource and quota: by one pod, or by the whole workload for a quota
  std::int64_t least_free = 0;  ///< over the nodes; of a quota, what is left
  std::int64_t most_free = 0;   ///< over the nodes; of a quota, what it allows
  std::vector<std::string> nodes;
};
/// "2 GPUs short", "untolerated taint nvidia.com/gpu=present:NoSchedule", "has l4 GPUs": what follows "12 nodes: ".
MLK_API std::string describe(const Refusal& refusal);
/// "12 nodes: 2 GPUs short; 4: untolerated taint …", most nodes first.
MLK_API std::string describe(const std::vector<Refusal>& refusals);

struct Assignment {
  std::string node;
  std::int64_t pods = 0;
};

/// What was found for one workload.
struct Answer {
  std::string workload;
  Verdict verdict = Verdict::unknown;
  std::int64_t wanted = 0;              ///< pods
  std::int64_t placed = 0;              ///< pods that find a node now, going by what is visible
  std::vector<Assignment> assignments;  ///< where; for a gang all of it or nothing
  std::vector<Refusal> refusals;        ///< of every node that takes no further pod, most nodes first
  std::string reason;                   ///< one sentence without a final stop: what the verdict rests on
  std::vector<std::string> unknown;     ///< what couldn't be seen and matters to this answer
};

/// Plans the workloads in order, each on what those before it leave: an answer for each. Packs: the node with the least
/// free GPUs that still fits is taken first (then cpu, memory, name). Filters as kube-scheduler does: unschedulable,
/// node name, taints, selector and affinity, resources and the pod count; topology spread, inter-pod affinity, volumes
/// and ports are not looked at.
MLK_API std::vector<Answer> plan(const Inventory& inventory, const std::vector<Workload>& workloads);

/// The nodes that would take one such pod now, sorted by name: kube-scheduler's feasible set.
MLK_API std::vector<std::string> feasible_nodes(const Inventory& inventory, const PodRequest& pod);

/// The answers as JSON data: workload, verdict, wanted, placed, nodes, refusals, reason, unknown.
MLK_API document::Node to_document(const Answer& answer);

}  // namespace mlk::inline v0::placement
