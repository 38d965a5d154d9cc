#pragma once

#include "spot.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::inline v0::validation {

struct Container {
  Spot spot;
  bool is_init = false;  ///< runs before the others and ends (a sidecar doesn't)

  std::string name() const { return spot["name"].text(); }
};

/// An object that makes pods, and the pod it makes.
struct PodSet {
  Spot object;
  Spot metadata;  ///< of the pods
  Spot spec;      ///< of the pods
  std::string kind;
  std::string name;
  std::string name_space;
  std::vector<Container> containers;

  /// Runs until somebody ends it: Deployment, StatefulSet, ReplicaSet, DaemonSet.
  bool is_lasting() const noexcept;
  bool is_job() const noexcept { return kind == "Job" || kind == "CronJob"; }
};

/// Manifests that belong together.
struct Bundle {
  std::vector<Spot> objects;  ///< of the kinds that are checked
  std::vector<PodSet> pod_sets;
  std::map<std::string, std::vector<Spot>, std::less<>> kinds;  ///< of the API's own groups
  std::map<std::pair<std::string, std::string>, std::vector<Spot>> kinds_in_namespaces;
  std::map<std::string, std::vector<std::size_t>, std::less<>> pod_sets_in_namespaces;  ///< indexes of pod_sets

  const std::vector<Spot>& of_kind(std::string_view kind) const;
  const std::vector<Spot>& of_kind_in(const std::string& kind, const std::string& name_space) const;
  std::vector<const PodSet*> pods_in(std::string_view name_space) const;
};

Bundle make_bundle(const std::vector<document::View>& objects);

/// Whether a label selector (matchLabels and matchExpressions) takes these labels; an empty one takes all.
bool selects(document::View selector, document::View labels);
/// Whether each pair of a plain map stands among the labels.
bool has_all(document::View pairs, document::View labels);

/// A device that a container asks for.
struct DeviceUse {
  std::string resource;
  Spot spot;  ///< the quantity, in limits where it is there, else in requests
  std::int64_t count = 0;
};

/// "nvidia.com/gpu", "rdma/hca": what only devices have; cpu, memory and kubernetes.io/… are none.
bool is_extended_resource(std::string_view resource) noexcept;
bool is_gpu_resource(std::string_view resource) noexcept;
std::vector<DeviceUse> gpu_uses(const Container& container);
/// Of all containers that run at the same time.
std::int64_t gpu_count(const PodSet& pods);

/// Whether the container runs a known model server: by its image's or its command's name.
bool is_model_server(const Container& container);

}  // namespace mlk::inline v0::validation
