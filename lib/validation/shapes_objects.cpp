#include "shape.hpp"

#include <algorithm>
#include <iterator>

// The kinds that are checked, as Kubernetes 1.36 and the Gateway API 1.6 have them.
namespace mlk::inline v0::validation {

namespace {

using Names = std::string_view;

// batch/v1
constexpr Names k_completion_modes[] = {"NonIndexed", "Indexed"};
constexpr Shape k_completion_mode = one_of(k_completion_modes);
constexpr Names k_replacement_policies[] = {"TerminatingOrFailed", "Failed"};
constexpr Shape k_replacement_policy = one_of(k_replacement_policies);
constexpr Shape k_integers = list_of(k_integer);
constexpr Names k_exit_operators[] = {"In", "NotIn"};
constexpr Shape k_exit_operator = one_of(k_exit_operators);
constexpr Field k_on_exit_fields[] = {
    {"containerName", &k_text}, {"operator", &k_exit_operator, true}, {"values", &k_integers, true}};
constexpr Shape k_on_exit = object(k_on_exit_fields);
constexpr Field k_on_condition_fields[] = {{"type", &k_text, true}, {"status", &k_text}};
constexpr Shape k_on_condition = object(k_on_condition_fields);
constexpr Shape k_on_conditions = list_of(k_on_condition);
constexpr Names k_failure_actions[] = {"FailJob", "FailIndex", "Ignore", "Count"};
constexpr Shape k_failure_action = one_of(k_failure_actions);
constexpr Field k_failure_rule_fields[] = {
    {"action", &k_failure_action, true}, {"onExitCodes", &k_on_exit}, {"onPodConditions", &k_on_conditions}};
constexpr Shape k_failure_rule = object(k_failure_rule_fields);
constexpr Shape k_failure_rules = list_of(k_failure_rule);
constexpr Field k_failure_policy_fields[] = {{"rules", &k_failure_rules, true}};
constexpr Shape k_failure_policy = object(k_failure_policy_fields);
constexpr Field k_job_fields[] = {{"template", &k_pod_template_shape, true},
                                  {"activeDeadlineSeconds", &k_positive},
                                  {"backoffLimit", &k_count},
                                  {"backoffLimitPerIndex", &k_count},
                                  {"completionMode", &k_completion_mode},
                                  {"completions", &k_count},
                                  {"managedBy", &k_text},
                                  {"manualSelector", &k_boolean},
                                  {"maxFailedIndexes", &k_count},
                                  {"parallelism", &k_count},
                                  {"podFailurePolicy", &k_failure_policy},
                                  {"podReplacementPolicy", &k_replacement_policy},
                                  {"selector", &k_label_selector_shape},
                                  {"successPolicy", &k_any},
                                  {"suspend", &k_boolean},
                                  {"ttlSecondsAfterFinished", &k_count}};
constexpr Shape k_job_spec = object(k_job_fields);
constexpr Field k_job_template_fields[] = {{"metadata", &k_metadata_shape}, {"spec", &k_job_spec, true}};
constexpr Shape k_job_template = object(k_job_template_fields);
constexpr Names k_concurrency_policies[] = {"Allow", "Forbid", "Replace"};
constexpr Shape k_concurrency_policy = one_of(k_concurrency_policies);
constexpr Field k_cron_job_fields[] = {{"jobTemplate", &k_job_template, true},
                                       {"schedule", &k_text, true},
                                       {"timeZone", &k_text},
                                       {"concurrencyPolicy", &k_concurrency_policy},
                                       {"startingDeadlineSeconds", &k_count},
                                       {"successfulJobsHistoryLimit", &k_count},
                                       {"failedJobsHistoryLimit", &k_count},
                                       {"suspend", &k_boolean}};
constexpr Shape k_cron_job_spec = object(k_cron_job_fields);

// apps/v1
constexpr Field k_rolling_fields[] = {{"maxSurge", &k_share}, {"maxUnavailable", &k_share}};
constexpr Shape k_rolling = object(k_rolling_fields);
constexpr Names k_deployment_strategies[] = {"RollingUpdate", "Recreate"};
constexpr Shape k_deployment_strategy_type = one_of(k_deployment_strategies);
constexpr Field k_deployment_strategy_fields[] = {{"type", &k_deployment_strategy_type}, {"rollingUpdate", &k_rolling}};
constexpr Shape k_deployment_strategy = object(k_deployment_strategy_fields);
constexpr Field k_deployment_fields[] = {{"selector", &k_label_selector_shape, true},
                                         {"template", &k_pod_template_shape, true},
                                         {"replicas", &k_count},
                                         {"strategy", &k_deployment_strategy},
                                         {"minReadySeconds", &k_count},
                                         {"revisionHistoryLimit", &k_count},
                                         {"progressDeadlineSeconds", &k_positive},
                                         {"paused", &k_boolean}};
constexpr Shape k_deployment_spec = object(k_deployment_fields);
constexpr Field k_replica_set_fields[] = {{"selector", &k_label_selector_shape, true},
                                          {"template", &k_pod_template_shape},
                                          {"replicas", &k_count},
                                          {"minReadySeconds", &k_count}};
constexpr Shape k_replica_set_spec = object(k_replica_set_fields);
constexpr Field k_daemon_set_fields[] = {{"selector", &k_label_selector_shape, true},
                                         {"template", &k_pod_template_shape, true},
                                         {"updateStrategy", &k_any},
                                         {"minReadySeconds", &k_count},
                                         {"revisionHistoryLimit", &k_count}};
constexpr Shape k_daemon_set_spec = object(k_daemon_set_fields);
constexpr Names k_management_policies[] = {"OrderedReady", "Parallel"};
constexpr Shape k_management_policy = one_of(k_management_policies);
constexpr Shape k_claim_templates = list_of(k_any);
constexpr Field k_stateful_set_fields[] = {{"selector", &k_label_selector_shape, true},
                                           {"template", &k_pod_template_shape, true},
                                           {"serviceName", &k_text},
                                           {"replicas", &k_count},
                                           {"podManagementPolicy", &k_management_policy},
                                           {"updateStrategy", &k_any},
                                           {"volumeClaimTemplates", &k_claim_templates},
                                           {"persistentVolumeClaimRetentionPolicy", &k_any},
                                           {"minReadySeconds", &k_count},
                                           {"ordinals", &k_any},
                                           {"revisionHistoryLimit", &k_count}};
constexpr Shape k_stateful_set_spec = object(k_stateful_set_fields);

// v1
constexpr Shape k_port_name = text_in(Format::dns_label);
constexpr Names k_protocols[] = {"TCP", "UDP", "SCTP"};
constexpr Shape k_protocol = one_of(k_protocols);
constexpr Field k_service_port_fields[] = {{"port", &k_port, true},         {"name", &k_port_name},
                                           {"targetPort", &k_port_or_name}, {"protocol", &k_protocol},
                                           {"nodePort", &k_port},           {"appProtocol", &k_text}};
constexpr Shape k_service_port = object(k_service_port_fields);
constexpr Shape k_service_ports = list_of(k_service_port, "name");
constexpr Names k_service_types[] = {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"};
constexpr Shape k_service_type = one_of(k_service_types);
constexpr Names k_affinities[] = {"None", "ClientIP"};
constexpr Shape k_session_affinity = one_of(k_affinities);
constexpr Field k_service_fields[] = {{"ports", &k_service_ports},
                                      {"selector", &k_labels},
                                      {"type", &k_service_type},
                                      {"clusterIP", &k_text},
                                      {"clusterIPs", &k_texts},
                                      {"allocateLoadBalancerNodePorts", &k_boolean},
                                      {"externalIPs", &k_texts},
                                      {"externalName", &k_text},
                                      {"externalTrafficPolicy", &k_text},
                                      {"healthCheckNodePort", &k_count},
                                      {"internalTrafficPolicy", &k_text},
                                      {"ipFamilies", &k_texts},
                                      {"ipFamilyPolicy", &k_text},
                                      {"loadBalancerClass", &k_text},
                                      {"loadBalancerIP", &k_text},
                                      {"loadBalancerSourceRanges", &k_texts},
                                      {"publishNotReadyAddresses", &k_boolean},
                                      {"sessionAffinity", &k_session_affinity},
                                      {"sessionAffinityConfig", &k_any},
                                      {"trafficDistribution", &k_text}};
constexpr Shape k_service_spec = object(k_service_fields);
constexpr Shape k_data = map_of(k_text, Format::config_key);
constexpr Field k_config_map_fields[] = {
    {"apiVersion", &k_text, true}, {"kind", &k_text, true},  {"metadata", &k_metadata_shape, true}, {"data", &k_data},
    {"binaryData", &k_data},       {"immutable", &k_boolean}};
constexpr Shape k_config_map = object(k_config_map_fields);
constexpr Field k_name_ref_fields[] = {{"name", &k_text}};
constexpr Shape k_name_ref = object(k_name_ref_fields);
constexpr Shape k_name_refs = list_of(k_name_ref);
constexpr Field k_service_account_fields[] = {
    {"apiVersion", &k_text, true},         {"kind", &k_text, true},
    {"metadata", &k_metadata_shape, true}, {"automountServiceAccountToken", &k_boolean},
    {"imagePullSecrets", &k_name_refs},    {"secrets", &k_any}};
constexpr Shape k_service_account = object(k_service_account_fields);
constexpr Names k_access_modes[] = {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"};
constexpr Shape k_access_mode = one_of(k_access_modes);
constexpr Shape k_access_mode_list = list_of(k_access_mode);
constexpr Field k_claim_resources_fields[] = {{"requests", &k_quantities}, {"limits", &k_quantities}};
constexpr Shape k_claim_resources = object(k_claim_resources_fields);
constexpr Names k_volume_modes[] = {"Filesystem", "Block"};
constexpr Shape k_volume_mode = one_of(k_volume_modes);
constexpr Field k_claim_spec_fields[] = {{"accessModes", &k_access_mode_list, true},
                                         {"resources", &k_claim_resources, true},
                                         {"dataSource", &k_any},
                                         {"dataSourceRef", &k_any},
                                         {"selector", &k_label_selector_shape},
                                         {"storageClassName", &k_text},
                                         {"volumeAttributesClassName", &k_text},
                                         {"volumeMode", &k_volume_mode},
                                         {"volumeName", &k_text}};
constexpr Shape k_claim_spec = object(k_claim_spec_fields);

// autoscaling/v2
constexpr Field k_scale_target_fields[] = {{"apiVersion", &k_text}, {"kind", &k_text, true}, {"name", &k_text, true}};
constexpr Shape k_scale_target = object(k_scale_target_fields);
constexpr Names k_target_types[] = {"Utilization", "Value", "AverageValue"};
constexpr Shape k_target_type = one_of(k_target_types);
constexpr Field k_metric_target_fields[] = {{"type", &k_target_type, true},
                                            {"averageUtilization", &k_positive},
                                            {"averageValue", &k_quantity},
                                            {"value", &k_quantity}};
constexpr Shape k_metric_target = object(k_metric_target_fields);
constexpr Field k_metric_name_fields[] = {{"name", &k_text, true}, {"selector", &k_label_selector_shape}};
constexpr Shape k_metric_name = object(k_metric_name_fields);
constexpr Field k_resource_metric_fields[] = {
    {"name", &k_text, true}, {"target", &k_metric_target, true}, {"container", &k_text}};
constexpr Shape k_resource_metric = object(k_resource_metric_fields);
constexpr Field k_pods_metric_fields[] = {
    {"metric", &k_metric_name, true}, {"target", &k_metric_target, true}, {"describedObject", &k_scale_target}};
constexpr Shape k_pods_metric = object(k_pods_metric_fields);
constexpr Names k_metric_types[] = {"Resource", "ContainerResource", "Pods", "Object", "External"};
constexpr Shape k_metric_type = one_of(k_metric_types);
constexpr Field k_metric_fields[] = {
    {"type", &k_metric_type, true}, {"resource", &k_resource_metric}, {"containerResource", &k_resource_metric},
    {"pods", &k_pods_metric},       {"object", &k_pods_metric},       {"external", &k_pods_metric}};
constexpr Shape k_metric = object(k_metric_fields);
constexpr Shape k_metrics = list_of(k_metric);
constexpr Field k_scaling_policy_fields[] = {
    {"type", &k_text, true}, {"value", &k_positive, true}, {"periodSeconds", &k_positive, true}};
constexpr Shape k_scaling_policy = object(k_scaling_policy_fields);
constexpr Shape k_scaling_policies = list_of(k_scaling_policy);
constexpr Field k_scaling_rules_fields[] = {{"policies", &k_scaling_policies},
                                            {"selectPolicy", &k_text},
                                            {"stabilizationWindowSeconds", &k_count},
                                            {"tolerance", &k_quantity}};
constexpr Shape k_scaling_rules = object(k_scaling_rules_fields);
constexpr Field k_behavior_fields[] = {{"scaleUp", &k_scaling_rules}, {"scaleDown", &k_scaling_rules}};
constexpr Shape k_behavior = object(k_behavior_fields);
constexpr Field k_autoscaler_fields[] = {{"scaleTargetRef", &k_scale_target, true},
                                         {"maxReplicas", &k_positive, true},
                                         {"minReplicas", &k_count},
                                         {"metrics", &k_metrics},
                                         {"behavior", &k_behavior}};
constexpr Shape k_autoscaler_spec = object(k_autoscaler_fields);

// policy/v1, coordination.k8s.io/v1
constexpr Names k_eviction_policies[] = {"IfHealthyBudget", "AlwaysAllow"};
constexpr Shape k_eviction_policy = one_of(k_eviction_policies);
constexpr Field k_budget_fields[] = {{"selector", &k_label_selector_shape},
                                     {"maxUnavailable", &k_share},
                                     {"minAvailable", &k_share},
                                     {"unhealthyPodEvictionPolicy", &k_eviction_policy}};
constexpr Shape k_budget_spec = object(k_budget_fields);
constexpr Field k_lease_fields[] = {
    {"acquireTime", &k_text},       {"holderIdentity", &k_text},  {"leaseDurationSeconds", &k_positive},
    {"leaseTransitions", &k_count}, {"preferredHolder", &k_text}, {"renewTime", &k_text},
    {"strategy", &k_text}};
constexpr Shape k_lease_spec = object(k_lease_fields);
constexpr Field k_revision_fields[] = {{"apiVersion", &k_text, true},
                                       {"kind", &k_text, true},
                                       {"metadata", &k_metadata_shape, true},
                                       {"data", &k_any},
                                       {"revision", &k_count, true}};
constexpr Shape k_revision = object(k_revision_fields);

// networking.k8s.io/v1
constexpr Field k_ip_block_fields[] = {{"cidr", &k_text, true}, {"except", &k_texts}};
constexpr Shape k_ip_block = object(k_ip_block_fields);
constexpr Field k_peer_fields[] = {
    {"ipBlock", &k_ip_block}, {"namespaceSelector", &k_label_selector_shape}, {"podSelector", &k_label_selector_shape}};
constexpr Shape k_peer = object(k_peer_fields);
constexpr Shape k_peers = list_of(k_peer);
constexpr Field k_policy_port_fields[] = {{"port", &k_port_or_name}, {"endPort", &k_port}, {"protocol", &k_protocol}};
constexpr Shape k_policy_port = object(k_policy_port_fields);
constexpr Shape k_policy_ports = list_of(k_policy_port);
constexpr Field k_ingress_fields[] = {{"from", &k_peers}, {"ports", &k_policy_ports}};
constexpr Shape k_ingress = object(k_ingress_fields);
constexpr Shape k_ingresses = list_of(k_ingress);
constexpr Field k_egress_fields[] = {{"to", &k_peers}, {"ports", &k_policy_ports}};
constexpr Shape k_egress = object(k_egress_fields);
constexpr Shape k_egresses = list_of(k_egress);
constexpr Names k_policy_types[] = {"Ingress", "Egress"};
constexpr Shape k_policy_type = one_of(k_policy_types);
constexpr Shape k_policy_type_list = list_of(k_policy_type);
constexpr Field k_network_policy_fields[] = {{"podSelector", &k_label_selector_shape},
                                             {"ingress", &k_ingresses},
                                             {"egress", &k_egresses},
                                             {"policyTypes", &k_policy_type_list}};
constexpr Shape k_network_policy_spec = object(k_network_policy_fields);

// gateway.networking.k8s.io/v1
constexpr Field k_parent_fields[] = {{"name", &k_text, true}, {"namespace", &k_dns_label}, {"group", &k_text},
                                     {"kind", &k_text},       {"sectionName", &k_text},    {"port", &k_port}};
constexpr Shape k_parent = object(k_parent_fields);
constexpr Shape k_parents = list_of(k_parent);
constexpr Shape k_route_weight = integer_in(0, 1'000'000);
constexpr Field k_backend_fields[] = {{"name", &k_text, true}, {"namespace", &k_dns_label}, {"group", &k_text},
                                      {"kind", &k_text},       {"port", &k_port},           {"weight", &k_route_weight},
                                      {"filters", &k_any}};
constexpr Shape k_backend = object(k_backend_fields);
constexpr Shape k_backends = list_of(k_backend);
constexpr Names k_match_types[] = {"Exact", "PathPrefix", "RegularExpression"};
constexpr Shape k_match_type = one_of(k_match_types);
constexpr Field k_path_match_fields[] = {{"type", &k_match_type}, {"value", &k_text}};
constexpr Shape k_path_match = object(k_path_match_fields);
constexpr Field k_named_match_fields[] = {{"name", &k_text, true}, {"value", &k_text, true}, {"type", &k_match_type}};
constexpr Shape k_named_match = object(k_named_match_fields);
constexpr Shape k_named_matches = list_of(k_named_match);
constexpr Field k_match_fields[] = {
    {"path", &k_path_match}, {"headers", &k_named_matches}, {"queryParams", &k_named_matches}, {"method", &k_text}};
constexpr Shape k_match = object(k_match_fields);
constexpr Shape k_matches = list_of(k_match);
constexpr Names k_filter_types[] = {"RequestHeaderModifier",
                                    "ResponseHeaderModifier",
                                    "RequestMirror",
                                    "RequestRedirect",
                                    "URLRewrite",
                                    "ExtensionRef",
                                    "CORS",
                                    "ExternalAuth"};
constexpr Shape k_filter_type = one_of(k_filter_types);
constexpr Field k_filter_fields[] = {{"type", &k_filter_type, true},
                                     {"requestHeaderModifier", &k_any},
                                     {"responseHeaderModifier", &k_any},
                                     {"requestMirror", &k_any},
                                     {"requestRedirect", &k_any},
                                     {"urlRewrite", &k_any},
                                     {"cors", &k_any},
                                     {"externalAuth", &k_any},
                                     {"extensionRef", &k_any}};
constexpr Shape k_filter = object(k_filter_fields);
constexpr Shape k_filters = list_of(k_filter);
constexpr Field k_route_rule_fields[] = {
    {"name", &k_text},    {"matches", &k_matches}, {"filters", &k_filters},       {"backendRefs", &k_backends},
    {"timeouts", &k_any}, {"retry", &k_any},       {"sessionPersistence", &k_any}};
constexpr Shape k_route_rule = object(k_route_rule_fields);
constexpr Shape k_route_rules = list_of(k_route_rule);
constexpr Field k_route_fields[] = {
    {"parentRefs", &k_parents}, {"hostnames", &k_texts}, {"rules", &k_route_rules}, {"useDefaultGateways", &k_text}};
constexpr Shape k_route_spec = object(k_route_fields);

/// apiVersion, kind, metadata, spec and status, which most kinds have.
template <const Shape& spec, bool is_spec_required = true>
struct WithSpec {
  static constexpr Field k_fields[] = {{"apiVersion", &k_text, true},
                                       {"kind", &k_text, true},
                                       {"metadata", &k_metadata_shape, true},
                                       {"spec", &spec, is_spec_required},
                                       {"status", &k_any}};
  static constexpr Shape k_shape = object(k_fields);
};

constexpr KindShape k_kinds[] = {
    {"apps/v1", "ControllerRevision", &k_revision},
    {"apps/v1", "DaemonSet", &WithSpec<k_daemon_set_spec>::k_shape},
    {"apps/v1", "Deployment", &WithSpec<k_deployment_spec>::k_shape},
    {"apps/v1", "ReplicaSet", &WithSpec<k_replica_set_spec>::k_shape},
    {"apps/v1", "StatefulSet", &WithSpec<k_stateful_set_spec>::k_shape},
    {"autoscaling/v2", "HorizontalPodAutoscaler", &WithSpec<k_autoscaler_spec>::k_shape},
    {"batch/v1", "CronJob", &WithSpec<k_cron_job_spec>::k_shape},
    {"batch/v1", "Job", &WithSpec<k_job_spec>::k_shape},
    {"coordination.k8s.io/v1", "Lease", &WithSpec<k_lease_spec>::k_shape},
    {"gateway.networking.k8s.io/v1", "HTTPRoute", &WithSpec<k_route_spec>::k_shape},
    {"gateway.networking.k8s.io/v1beta1", "HTTPRoute", &WithSpec<k_route_spec>::k_shape},
    {"networking.k8s.io/v1", "NetworkPolicy", &WithSpec<k_network_policy_spec>::k_shape},
    {"policy/v1", "PodDisruptionBudget", &WithSpec<k_budget_spec, false>::k_shape},
    {"v1", "ConfigMap", &k_config_map},
    {"v1", "PersistentVolumeClaim", &WithSpec<k_claim_spec>::k_shape},
    {"v1", "Pod", &WithSpec<k_pod_spec_shape>::k_shape},
    {"v1", "Service", &WithSpec<k_service_spec>::k_shape, Format::dns_1035},
    {"v1", "ServiceAccount", &k_service_account},
};

struct Removed {
  Names api_version;
  Names kind;
  Names replacement;
};

constexpr Removed k_removed[] = {
    {"apps/v1beta1", "Deployment", "apps/v1"},
    {"apps/v1beta1", "StatefulSet", "apps/v1"},
    {"apps/v1beta2", "DaemonSet", "apps/v1"},
    {"apps/v1beta2", "Deployment", "apps/v1"},
    {"apps/v1beta2", "ReplicaSet", "apps/v1"},
    {"apps/v1beta2", "StatefulSet", "apps/v1"},
    {"autoscaling/v2beta1", "HorizontalPodAutoscaler", "autoscaling/v2"},
    {"autoscaling/v2beta2", "HorizontalPodAutoscaler", "autoscaling/v2"},
    {"batch/v1beta1", "CronJob", "batch/v1"},
    {"batch/v2alpha1", "CronJob", "batch/v1"},
    {"coordination.k8s.io/v1beta1", "Lease", "coordination.k8s.io/v1"},
    {"extensions/v1beta1", "DaemonSet", "apps/v1"},
    {"extensions/v1beta1", "Deployment", "apps/v1"},
    {"extensions/v1beta1", "NetworkPolicy", "networking.k8s.io/v1"},
    {"extensions/v1beta1", "ReplicaSet", "apps/v1"},
    {"gateway.networking.k8s.io/v1alpha2", "HTTPRoute", "gateway.networking.k8s.io/v1"},
    {"policy/v1beta1", "PodDisruptionBudget", "policy/v1"},
};

}  // namespace

const KindShape* find_kind(std::string_view api_version, std::string_view kind) noexcept {
  const auto found = std::find_if(std::begin(k_kinds), std::end(k_kinds), [&](const KindShape& each) {
    return each.kind == kind && each.api_version == api_version;
  });
  return found == std::end(k_kinds) ? nullptr : found;
}

std::string_view replacement_of(std::string_view api_version, std::string_view kind) noexcept {
  for (const Removed& each : k_removed) {
    if (each.kind == kind && each.api_version == api_version) return each.replacement;
  }
  return {};
}

}  // namespace mlk::inline v0::validation
