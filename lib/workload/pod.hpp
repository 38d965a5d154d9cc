#pragma once

#include "values.hpp"
#include "volumes.hpp"

#include <mlk/document/node.hpp>
#include <mlk/placement/catalogue.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::workload {

/// What the section's kind adds to the user's settings.
struct PodDefaults {
  std::int64_t user = 1000;  ///< that the container runs as, unless the section says otherwise
  bool needs_shared_memory = false;
};

/// The GPUs of a section as placement counts them; nothing where none are asked for. A model that isn't in the
/// catalogue is a problem.
std::optional<placement::GpuAsk> gpu_ask(const project::PodSettings& pod, Problems& problems);

/// Labels that every object of a section carries: mlk's own, then the user's.
document::Node section_labels(const project::Project& project, const project::PodSettings& pod, std::string_view kind,
                              std::string_view component, const project::Text& section);

/// Adds a map's entries that aren't there yet; a null node becomes a map.
void add_missing(document::Node& map, const project::TextMap& more);

/// The `pod` values of the templates: env, volumes, mounts, resources, tolerations, affinity, security and the rest.
/// `labels` are the pod's; `volumes` already holds what the section's kind mounts.
document::Node pod_values(const project::PodSettings& pod, const std::optional<placement::GpuAsk>& gpus,
                          document::Node labels, Volumes volumes, const PodDefaults& defaults);

/// The last of several variables of one name wins: the API server takes each name once.
void keep_last_of_each_name(document::Node& env);

/// "gpus" as the templates of engines ask for it: {has-any, is-several, count-text}.
document::Node gpu_values(const std::optional<placement::GpuAsk>& gpus, const Place& place);

}  // namespace mlk::workload
