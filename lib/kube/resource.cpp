#include <mlk/http/url.hpp>
#include <mlk/kube/resource.hpp>

#include <array>

namespace mlk::kube {

std::string ResourceType::api_version() const { return group.empty() ? version : group + "/" + version; }

std::string ResourceType::qualified_name() const { return group.empty() ? plural : plural + "." + group; }

std::string ResourceType::path(std::string_view namespace_name, std::string_view name,
                               std::string_view subresource) const {
  std::string path = group.empty() ? "/api/" : "/apis/" + group + "/";
  path += version;
  if (namespaced && !namespace_name.empty()) path += "/namespaces/" + http::percent_encode(namespace_name);
  path += "/" + plural;
  if (!name.empty()) path += "/" + http::percent_encode(name);
  if (!subresource.empty()) path.append("/").append(subresource);
  return path;
}

namespace types {
const ResourceType pods{"", "v1", "Pod", "pods"};
const ResourceType services{"", "v1", "Service", "services"};
const ResourceType configmaps{"", "v1", "ConfigMap", "configmaps"};
const ResourceType secrets{"", "v1", "Secret", "secrets"};
const ResourceType events{"", "v1", "Event", "events"};
const ResourceType nodes{"", "v1", "Node", "nodes", false};
const ResourceType namespaces{"", "v1", "Namespace", "namespaces", false};
const ResourceType service_accounts{"", "v1", "ServiceAccount", "serviceaccounts"};
const ResourceType persistent_volume_claims{"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"};
const ResourceType resource_quotas{"", "v1", "ResourceQuota", "resourcequotas"};
const ResourceType limit_ranges{"", "v1", "LimitRange", "limitranges"};
const ResourceType jobs{"batch", "v1", "Job", "jobs"};
const ResourceType deployments{"apps", "v1", "Deployment", "deployments"};
const ResourceType replica_sets{"apps", "v1", "ReplicaSet", "replicasets"};
const ResourceType controller_revisions{"apps", "v1", "ControllerRevision", "controllerrevisions"};
const ResourceType leases{"coordination.k8s.io", "v1", "Lease", "leases"};
const ResourceType horizontal_pod_autoscalers{"autoscaling", "v2", "HorizontalPodAutoscaler",
                                              "horizontalpodautoscalers"};
const ResourceType pod_disruption_budgets{"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"};
const ResourceType network_policies{"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"};
const ResourceType http_routes{"gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes"};
const ResourceType gateways{"gateway.networking.k8s.io", "v1", "Gateway", "gateways"};
const ResourceType local_subject_access_reviews{"authorization.k8s.io", "v1", "LocalSubjectAccessReview",
                                                "localsubjectaccessreviews"};
const ResourceType self_subject_access_reviews{"authorization.k8s.io", "v1", "SelfSubjectAccessReview",
                                               "selfsubjectaccessreviews", false};
const ResourceType custom_resource_definitions{"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
                                               "customresourcedefinitions", false};
const ResourceType priority_classes{"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", false};
}  // namespace types

const ResourceType* find_builtin(std::string_view api_version, std::string_view kind) noexcept {
  static const std::array k_builtin = {&types::pods,
                                       &types::services,
                                       &types::configmaps,
                                       &types::secrets,
                                       &types::events,
                                       &types::nodes,
                                       &types::namespaces,
                                       &types::service_accounts,
                                       &types::persistent_volume_claims,
                                       &types::resource_quotas,
                                       &types::limit_ranges,
                                       &types::jobs,
                                       &types::deployments,
                                       &types::replica_sets,
                                       &types::controller_revisions,
                                       &types::leases,
                                       &types::horizontal_pod_autoscalers,
                                       &types::pod_disruption_budgets,
                                       &types::network_policies,
                                       &types::local_subject_access_reviews,
                                       &types::self_subject_access_reviews,
                                       &types::custom_resource_definitions,
                                       &types::priority_classes};
  const auto slash = api_version.find('/');
  const auto group = slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
  const auto version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  for (const ResourceType* type : k_builtin) {
    if (type->kind == kind && type->group == group && type->version == version) return type;
  }
  return nullptr;
}

}  // namespace mlk::kube
