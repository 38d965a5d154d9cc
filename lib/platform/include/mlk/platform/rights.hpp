#pragma once

#include <mlk/document/node.hpp>
#include <mlk/project/project.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::platform {

/// What may be done with one resource, as an RBAC rule says it.
struct Right {
  std::string group;     ///< empty for the core group
  std::string resource;  ///< "deployments", "pods/log"
  std::vector<std::string>
      verbs;                      ///< in the order of RBAC's own lists: get, list, watch, create, update, patch, delete
  bool is_whole_cluster = false;  ///< asked for in all namespaces

  /// "deployments.apps", "pods/log"
  std::string name() const;
  bool operator==(const Right&) const = default;
};

/// The rights without which some verb of mlk fails on this file, all in the file's namespace: for its jobs submit,
/// status, logs, explain, wait and delete, for its services rollout, status, logs, undo, delete and diff. Sorted
/// by group and resource, each resource once; empty for a file that has models alone.
std::vector<Right> needed_rights(const project::Project& project);

/// The rights that make answers complete: without them `mlk plan` and `mlk cluster` work, and say what they can't see.
std::vector<Right> helpful_rights();

/// A Role with exactly the needed rights, resources with the same verbs in one rule.
document::Node smallest_role(const project::Project& project, std::string_view namespace_name);

}  // namespace mlk::platform
