#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>
#include <mlk/placement/catalogue.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::placement {

/// Amounts by resource name: cpu in millicores, memory and ephemeral-storage in bytes, "pods" and extended resources in
/// units.
using Resources = std::map<std::string, std::int64_t, std::less<>>;

/// What a resource has, 0 when it isn't there.
MLK_API std::int64_t amount(const Resources& resources, std::string_view name) noexcept;
/// As a person reads it: "500m", "8Gi", "2".
MLK_API std::string format_amount(std::string_view resource, std::int64_t amount);
/// A resource list of an object ({cpu: 500m, memory: 8Gi, nvidia.com/gpu: 1}); a malformed quantity is an error.
MLK_API Result<Resources> read_resources(const document::Node& list);

struct Taint {
  std::string key;
  std::string value;
  std::string effect;  ///< NoSchedule, PreferNoSchedule, NoExecute

  bool operator==(const Taint&) const = default;
};
/// "nvidia.com/gpu=present:NoSchedule"
MLK_API std::string to_string(const Taint& taint);

/// A node as the scheduler sees it.
struct ClusterNode {
  std::string name;
  Labels labels;
  std::vector<Taint> taints;
  bool is_unschedulable = false;  ///< cordoned
  bool is_ready = true;
  Resources allocatable;
  Resources used;  ///< by the pods bound to it that are known, "pods" included

  /// allocatable − used; never below zero.
  MLK_API std::int64_t free(std::string_view resource) const noexcept;
};

/// What a bound pod holds.
struct PodUsage {
  std::string node;
  std::string name_space;
  std::string name;
  Resources requests;
};

/// A ResourceQuota; keys as there: "requests.nvidia.com/gpu", "pods", "requests.cpu".
struct Quota {
  std::string name_space;
  std::string name;
  Resources hard;
  Resources used;
};

/// What is known about a cluster, and what the caller's rights hide.
struct Inventory {
  std::vector<ClusterNode> nodes;  ///< sorted by name
  std::vector<Quota> quotas;
  bool sees_nodes = true;            ///< false: the node list is refused
  bool sees_all_pods = true;         ///< false: some namespaces' pods are hidden, so `used` is a lower bound
  std::vector<std::string> unknown;  ///< in words: "pods outside 'nlp' are hidden from you"

  MLK_API const ClusterNode* find(std::string_view node) const noexcept;
  /// Counts a pod's requests on its node; a pod on a node that isn't known is left out.
  MLK_API void add(const PodUsage& pod);
};

/// A v1 Node object.
MLK_API Result<ClusterNode> read_node(const document::Node& object);
/// A v1 Pod object; nothing when it holds no resources: not bound yet, Succeeded or Failed.
MLK_API Result<std::optional<PodUsage>> read_pod_usage(const document::Node& object);
/// A v1 ResourceQuota object; nothing when it has scopes, which this doesn't judge.
MLK_API Result<std::optional<Quota>> read_quota(const document::Node& object);
/// All of a cluster's Node, Pod and ResourceQuota objects; others are left out.
MLK_API Result<Inventory> read_inventory(const std::vector<document::Node>& objects);

/// GPUs of one model in one pool.
struct GpuPool {
  std::string pool;      ///< the node pool's label value, or empty
  std::string model;     ///< short name; the product label when the catalogue doesn't know it; empty without labels
  std::string resource;  ///< "nvidia.com/gpu"
  std::int64_t nodes = 0;
  std::int64_t total = 0;  ///< allocatable
  std::int64_t used = 0;
  std::int64_t largest_free = 0;  ///< the most that is free on one schedulable node
  std::int64_t unavailable = 0;   ///< free, but on nodes that are cordoned or not ready
};
/// By pool, model and resource, sorted so.
MLK_API std::vector<GpuPool> gpu_pools(const Inventory& inventory);
/// The pool a node belongs to by its provider's label (GKE, EKS, AKS, Karpenter), or empty.
MLK_API std::string pool_of(const ClusterNode& node);

}  // namespace mlk::inline v0::placement
