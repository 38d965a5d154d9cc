#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>
#include <mlk/placement/inventory.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlk::inline v0::placement {

/// An operator other than Equal and Exists tolerates nothing here.
struct Toleration {
  std::string key;  ///< empty with Exists: every key
  std::string op;   ///< Equal (also when empty) or Exists
  std::string value;
  std::string effect;  ///< empty: every effect
};
MLK_API bool tolerates(const Toleration& toleration, const Taint& taint) noexcept;

/// One expression of a node selector term.
struct Requirement {
  std::string key;
  std::string op;  ///< In, NotIn, Exists, DoesNotExist, Gt, Lt
  std::vector<std::string> values;
  bool is_field = false;  ///< matchFields: the key is metadata.name
};
using SelectorTerm = std::vector<Requirement>;  ///< all of them hold; empty matches nothing

/// What one pod asks of a node.
struct PodRequest {
  Resources requests;  ///< without "pods", which is always one
  Labels node_selector;
  std::optional<std::vector<SelectorTerm>> required_terms;  ///< one of them holds; nothing: no required affinity
  std::vector<Toleration> tolerations;
  std::string node_name;
};

/// From a pod spec: what its containers, init containers, sidecars and overhead ask for together, as the scheduler
/// counts: max(Σ containers + Σ sidecars, max over init containers of (own + Σ earlier sidecars)), pod-level requests
/// instead where they are set, then overhead. A limit without a request is the request.
MLK_API Result<PodRequest> read_pod_request(const document::Node& pod_spec);

/// Pods of one shape that are placed together.
struct Workload {
  std::string name;  ///< "job/finetune"
  std::string name_space;
  std::int64_t replicas = 1;
  bool is_gang = false;  ///< all at once or none
  PodRequest pod;
};

/// The workloads among objects: Pod, Job (of its parallelism; Indexed ones are gangs), Deployment, StatefulSet,
/// ReplicaSet; one without replicas takes its HorizontalPodAutoscaler's minReplicas. Named "<kind in lower
/// case>/<name>".
MLK_API Result<std::vector<Workload>> read_workloads(const std::vector<document::Node>& objects);

}  // namespace mlk::inline v0::placement
