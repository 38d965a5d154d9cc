#pragma once

#include <string>
#include <string_view>

namespace mlk::kube {

/// What the API server calls a resource: enough to build every URL without discovery.
struct ResourceType {
  std::string group;  ///< empty for the core group
  std::string version;
  std::string kind;
  std::string plural;
  bool namespaced = true;

  /// "v1", "batch/v1"
  std::string api_version() const;
  /// "pods", "jobs.batch": for messages and RBAC.
  std::string qualified_name() const;
  /// "/api/v1/namespaces/x/pods/y/log"; empty parts are left out, names are percent-encoded.
  std::string path(std::string_view namespace_name = {}, std::string_view name = {},
                   std::string_view subresource = {}) const;

  friend bool operator==(const ResourceType&, const ResourceType&) = default;
};

/// Types that every cluster has (the Gateway API's two excepted), so that they need no discovery.
namespace types {
extern const ResourceType pods;
extern const ResourceType services;
extern const ResourceType configmaps;
extern const ResourceType secrets;
extern const ResourceType events;
extern const ResourceType nodes;
extern const ResourceType namespaces;
extern const ResourceType service_accounts;
extern const ResourceType persistent_volume_claims;
extern const ResourceType resource_quotas;
extern const ResourceType limit_ranges;
extern const ResourceType jobs;
extern const ResourceType deployments;
extern const ResourceType replica_sets;
extern const ResourceType controller_revisions;
extern const ResourceType leases;
extern const ResourceType horizontal_pod_autoscalers;
extern const ResourceType pod_disruption_budgets;
extern const ResourceType network_policies;
extern const ResourceType http_routes;
extern const ResourceType gateways;
extern const ResourceType local_subject_access_reviews;
extern const ResourceType self_subject_access_reviews;
extern const ResourceType custom_resource_definitions;
extern const ResourceType priority_classes;
}  // namespace types

/// The built-in type of an apiVersion and kind ("batch/v1", "Job"), or a null pointer: then Client::find_type asks.
const ResourceType* find_builtin(std::string_view api_version, std::string_view kind) noexcept;

}  // namespace mlk::kube
