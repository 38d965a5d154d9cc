#include "shape.hpp"

// The pod and what stands in it, as core/v1 of Kubernetes 1.36 has them. Kinds of volumes and helpers that nobody
// generates any more are let through unread (k_any).
namespace mlk::inline v0::validation {

namespace {

using Names = std::string_view;

// Selectors.
constexpr Names k_selector_operators[] = {"In", "NotIn", "Exists", "DoesNotExist"};
constexpr Shape k_selector_operator = one_of(k_selector_operators);
constexpr Field k_selector_expression_fields[] = {
    {"key", &k_label_key, true}, {"operator", &k_selector_operator, true}, {"values", &k_texts}};
constexpr Shape k_selector_expression = object(k_selector_expression_fields);
constexpr Shape k_selector_expressions = list_of(k_selector_expression);
constexpr Field k_label_selector_fields[] = {{"matchLabels", &k_labels}, {"matchExpressions", &k_selector_expressions}};
constexpr Shape k_label_selector = object(k_label_selector_fields);

// Metadata.
constexpr Field k_owner_fields[] = {{"apiVersion", &k_text, true}, {"kind", &k_text, true},
                                    {"name", &k_text, true},       {"uid", &k_text, true},
                                    {"controller", &k_boolean},    {"blockOwnerDeletion", &k_boolean}};
constexpr Shape k_owner = object(k_owner_fields);
constexpr Shape k_owners = list_of(k_owner);
constexpr Field k_metadata_fields[] = {{"name", &k_text},
                                       {"generateName", &k_text},
                                       {"namespace", &k_dns_label},
                                       {"labels", &k_labels},
                                       {"annotations", &k_annotations},
                                       {"finalizers", &k_texts},
                                       {"ownerReferences", &k_owners},
                                       {"uid", &k_any},
                                       {"resourceVersion", &k_any},
                                       {"generation", &k_any},
                                       {"creationTimestamp", &k_any},
                                       {"deletionTimestamp", &k_any},
                                       {"deletionGracePeriodSeconds", &k_any},
                                       {"managedFields", &k_any},
                                       {"selfLink", &k_any}};
constexpr Shape k_metadata = object(k_metadata_fields);

// Environment.
constexpr Field k_key_ref_fields[] = {{"name", &k_text}, {"key", &k_text, true}, {"optional", &k_boolean}};
constexpr Shape k_key_ref = object(k_key_ref_fields);
constexpr Field k_field_ref_fields[] = {{"apiVersion", &k_text}, {"fieldPath", &k_text, true}};
constexpr Shape k_field_ref = object(k_field_ref_fields);
constexpr Field k_resource_ref_fields[] = {
    {"containerName", &k_text}, {"resource", &k_text, true}, {"divisor", &k_quantity}};
constexpr Shape k_resource_ref = object(k_resource_ref_fields);
constexpr Field k_env_source_fields[] = {{"configMapKeyRef", &k_key_ref},
                                         {"secretKeyRef", &k_key_ref},
                                         {"fieldRef", &k_field_ref},
                                         {"resourceFieldRef", &k_resource_ref},
                                         {"fileKeyRef", &k_any}};
constexpr Shape k_env_source = object(k_env_source_fields);
constexpr Shape k_env_name = text_in(Format::env_name);
constexpr Field k_env_fields[] = {{"name", &k_env_name, true}, {"value", &k_text}, {"valueFrom", &k_env_source}};
constexpr Shape k_env = object(k_env_fields);
constexpr Shape k_envs = list_of(k_env);
constexpr Field k_optional_ref_fields[] = {{"name", &k_text}, {"optional", &k_boolean}};
constexpr Shape k_optional_ref = object(k_optional_ref_fields);
constexpr Field k_env_from_fields[] = {
    {"prefix", &k_text}, {"configMapRef", &k_optional_ref}, {"secretRef", &k_optional_ref}};
constexpr Shape k_env_from = object(k_env_from_fields);
constexpr Shape k_env_froms = list_of(k_env_from);

// Probes and hooks.
constexpr Names k_schemes[] = {"HTTP", "HTTPS"};
constexpr Shape k_scheme = one_of(k_schemes);
constexpr Field k_header_fields[] = {{"name", &k_text, true}, {"value", &k_text, true}};
constexpr Shape k_header = object(k_header_fields);
constexpr Shape k_headers = list_of(k_header);
constexpr Field k_http_get_fields[] = {{"path", &k_text},
                                       {"port", &k_port_or_name, true},
                                       {"host", &k_text},
                                       {"scheme", &k_scheme},
                                       {"httpHeaders", &k_headers}};
constexpr Shape k_http_get = object(k_http_get_fields);
constexpr Field k_exec_fields[] = {{"command", &k_texts}};
constexpr Shape k_exec = object(k_exec_fields);
constexpr Field k_tcp_fields[] = {{"port", &k_port_or_name, true}, {"host", &k_text}};
constexpr Shape k_tcp = object(k_tcp_fields);
constexpr Field k_grpc_fields[] = {{"port", &k_port, true}, {"service", &k_text}};
constexpr Shape k_grpc = object(k_grpc_fields);
constexpr Field k_probe_fields[] = {{"exec", &k_exec},
                                    {"httpGet", &k_http_get},
                                    {"tcpSocket", &k_tcp},
                                    {"grpc", &k_grpc},
                                    {"initialDelaySeconds", &k_count},
                                    {"timeoutSeconds", &k_positive},
                                    {"periodSeconds", &k_positive},
                                    {"successThreshold", &k_positive},
                                    {"failureThreshold", &k_positive},
                                    {"terminationGracePeriodSeconds", &k_positive}};
constexpr Shape k_probe = object(k_probe_fields);
constexpr Field k_sleep_fields[] = {{"seconds", &k_count, true}};
constexpr Shape k_sleep = object(k_sleep_fields);
constexpr Field k_hook_fields[] = {
    {"exec", &k_exec}, {"httpGet", &k_http_get}, {"tcpSocket", &k_tcp}, {"sleep", &k_sleep}};
constexpr Shape k_hook = object(k_hook_fields);
constexpr Field k_lifecycle_fields[] = {{"postStart", &k_hook}, {"preStop", &k_hook}, {"stopSignal", &k_text}};
constexpr Shape k_lifecycle = object(k_lifecycle_fields);

// Containers.
constexpr Field k_claim_use_fields[] = {{"name", &k_text, true}, {"request", &k_text}};
constexpr Shape k_claim_use = object(k_claim_use_fields);
constexpr Shape k_claim_uses = list_of(k_claim_use);
constexpr Field k_resources_fields[] = {
    {"limits", &k_container_quantities}, {"requests", &k_container_quantities}, {"claims", &k_claim_uses}};
constexpr Shape k_resources = object(k_resources_fields);
constexpr Names k_protocols[] = {"TCP", "UDP", "SCTP"};
constexpr Shape k_protocol = one_of(k_protocols);
constexpr Shape k_port_name = text_in(Format::port_name);
constexpr Field k_container_port_fields[] = {{"name", &k_port_name},
                                             {"containerPort", &k_port, true},
                                             {"hostPort", &k_port},
                                             {"hostIP", &k_text},
                                             {"protocol", &k_protocol}};
constexpr Shape k_container_port = object(k_container_port_fields);
constexpr Shape k_container_ports = list_of(k_container_port, "name");
constexpr Field k_mount_fields[] = {{"name", &k_dns_label, true}, {"mountPath", &k_text, true},
                                    {"readOnly", &k_boolean},     {"recursiveReadOnly", &k_text},
                                    {"subPath", &k_text},         {"subPathExpr", &k_text},
                                    {"mountPropagation", &k_text}};
constexpr Shape k_mount = object(k_mount_fields);
constexpr Shape k_mounts = list_of(k_mount, "mountPath");
constexpr Field k_capabilities_fields[] = {{"add", &k_texts}, {"drop", &k_texts}};
constexpr Shape k_capabilities = object(k_capabilities_fields);
constexpr Names k_profile_types[] = {"RuntimeDefault", "Unconfined", "Localhost"};
constexpr Shape k_profile_type = one_of(k_profile_types);
constexpr Field k_profile_fields[] = {{"type", &k_profile_type, true}, {"localhostProfile", &k_text}};
constexpr Shape k_profile = object(k_profile_fields);
constexpr Field k_container_security_fields[] = {{"allowPrivilegeEscalation", &k_boolean},
                                                 {"appArmorProfile", &k_profile},
                                                 {"capabilities", &k_capabilities},
                                                 {"privileged", &k_boolean},
                                                 {"procMount", &k_text},
                                                 {"readOnlyRootFilesystem", &k_boolean},
                                                 {"runAsGroup", &k_integer},
                                                 {"runAsNonRoot", &k_boolean},
                                                 {"runAsUser", &k_integer},
                                                 {"seLinuxOptions", &k_any},
                                                 {"seccompProfile", &k_profile},
                                                 {"windowsOptions", &k_any}};
constexpr Shape k_container_security = object(k_container_security_fields);
constexpr Names k_pull_policies[] = {"Always", "IfNotPresent", "Never"};
constexpr Shape k_pull_policy = one_of(k_pull_policies);
constexpr Names k_container_restarts[] = {"Always", "OnFailure", "Never"};
constexpr Shape k_restart_policy = one_of(k_container_restarts);
constexpr Field k_container_fields[] = {{"name", &k_dns_label, true},
                                        {"image", &k_text, true},
                                        {"args", &k_texts},
                                        {"command", &k_texts},
                                        {"env", &k_envs},
                                        {"envFrom", &k_env_froms},
                                        {"imagePullPolicy", &k_pull_policy},
                                        {"lifecycle", &k_lifecycle},
                                        {"livenessProbe", &k_probe},
                                        {"ports", &k_container_ports},
                                        {"readinessProbe", &k_probe},
                                        {"resizePolicy", &k_any},
                                        {"resources", &k_resources},
                                        {"restartPolicy", &k_restart_policy},
                                        {"restartPolicyRules", &k_any},
                                        {"securityContext", &k_container_security},
                                        {"startupProbe", &k_probe},
                                        {"stdin", &k_boolean},
                                        {"stdinOnce", &k_boolean},
                                        {"terminationMessagePath", &k_text},
                                        {"terminationMessagePolicy", &k_text},
                                        {"tty", &k_boolean},
                                        {"volumeDevices", &k_any},
                                        {"volumeMounts", &k_mounts},
                                        {"workingDir", &k_text}};
constexpr Shape k_container = object(k_container_fields);
constexpr Shape k_containers = list_of(k_container, "name");

// Volumes.
constexpr Field k_item_fields[] = {{"key", &k_text, true}, {"path", &k_text, true}, {"mode", &k_integer}};
constexpr Shape k_item = object(k_item_fields);
constexpr Shape k_items = list_of(k_item);
constexpr Field k_config_map_volume_fields[] = {
    {"name", &k_text}, {"items", &k_items}, {"defaultMode", &k_integer}, {"optional", &k_boolean}};
constexpr Shape k_config_map_volume = object(k_config_map_volume_fields);
constexpr Field k_secret_volume_fields[] = {
    {"secretName", &k_text}, {"items", &k_items}, {"defaultMode", &k_integer}, {"optional", &k_boolean}};
constexpr Shape k_secret_volume = object(k_secret_volume_fields);
constexpr Field k_empty_dir_fields[] = {{"medium", &k_text}, {"sizeLimit", &k_quantity}};
constexpr Shape k_empty_dir = object(k_empty_dir_fields);
constexpr Field k_claim_volume_fields[] = {{"claimName", &k_dns_subdomain, true}, {"readOnly", &k_boolean}};
constexpr Shape k_claim_volume = object(k_claim_volume_fields);
constexpr Field k_image_volume_fields[] = {{"reference", &k_text}, {"pullPolicy", &k_pull_policy}};
constexpr Shape k_image_volume = object(k_image_volume_fields);
constexpr Field k_host_path_fields[] = {{"path", &k_text, true}, {"type", &k_text}};
constexpr Shape k_host_path = object(k_host_path_fields);
constexpr Field k_volume_fields[] = {{"name", &k_dns_label, true},
                                     {"configMap", &k_config_map_volume},
                                     {"secret", &k_secret_volume},
                                     {"emptyDir", &k_empty_dir},
                                     {"persistentVolumeClaim", &k_claim_volume},
                                     {"image", &k_image_volume},
                                     {"hostPath", &k_host_path},
                                     {"projected", &k_any},
                                     {"downwardAPI", &k_any},
                                     {"ephemeral", &k_any},
                                     {"csi", &k_any},
                                     {"nfs", &k_any},
                                     {"iscsi", &k_any},
                                     {"fc", &k_any},
                                     {"cephfs", &k_any},
                                     {"rbd", &k_any},
                                     {"glusterfs", &k_any},
                                     {"flexVolume", &k_any},
                                     {"flocker", &k_any},
                                     {"cinder", &k_any},
                                     {"gitRepo", &k_any},
                                     {"azureDisk", &k_any},
                                     {"azureFile", &k_any},
                                     {"awsElasticBlockStore", &k_any},
                                     {"gcePersistentDisk", &k_any},
                                     {"portworxVolume", &k_any},
                                     {"quobyte", &k_any},
                                     {"scaleIO", &k_any},
                                     {"storageos", &k_any},
                                     {"photonPersistentDisk", &k_any},
                                     {"vsphereVolume", &k_any}};
constexpr Shape k_volume = object(k_volume_fields);
constexpr Shape k_volumes = list_of(k_volume, "name");

// Where a pod may run.
constexpr Names k_node_operators[] = {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"};
constexpr Shape k_node_operator = one_of(k_node_operators);
constexpr Field k_node_expression_fields[] = {
    {"key", &k_label_key, true}, {"operator", &k_node_operator, true}, {"values", &k_texts}};
constexpr Shape k_node_expression = object(k_node_expression_fields);
constexpr Shape k_node_expressions = list_of(k_node_expression);
constexpr Field k_node_term_fields[] = {{"matchExpressions", &k_node_expressions},
                                        {"matchFields", &k_node_expressions}};
constexpr Shape k_node_term = object(k_node_term_fields);
constexpr Shape k_node_terms = list_of(k_node_term);
constexpr Field k_node_selector_fields[] = {{"nodeSelectorTerms", &k_node_terms, true}};
constexpr Shape k_node_selector = object(k_node_selector_fields);
constexpr Shape k_weight = integer_in(1, 100);
constexpr Field k_preferred_node_fields[] = {{"weight", &k_weight, true}, {"preference", &k_node_term, true}};
constexpr Shape k_preferred_node = object(k_preferred_node_fields);
constexpr Shape k_preferred_nodes = list_of(k_preferred_node);
constexpr Field k_node_affinity_fields[] = {{"requiredDuringSchedulingIgnoredDuringExecution", &k_node_selector},
                                            {"preferredDuringSchedulingIgnoredDuringExecution", &k_preferred_nodes}};
constexpr Shape k_node_affinity = object(k_node_affinity_fields);
constexpr Field k_pod_term_fields[] = {
    {"labelSelector", &k_label_selector},     {"topologyKey", &k_label_key, true}, {"namespaces", &k_texts},
    {"namespaceSelector", &k_label_selector}, {"matchLabelKeys", &k_texts},        {"mismatchLabelKeys", &k_texts}};
constexpr Shape k_pod_term = object(k_pod_term_fields);
constexpr Shape k_pod_terms = list_of(k_pod_term);
constexpr Field k_preferred_pod_fields[] = {{"weight", &k_weight, true}, {"podAffinityTerm", &k_pod_term, true}};
constexpr Shape k_preferred_pod = object(k_preferred_pod_fields);
constexpr Shape k_preferred_pods = list_of(k_preferred_pod);
constexpr Field k_pod_affinity_fields[] = {{"requiredDuringSchedulingIgnoredDuringExecution", &k_pod_terms},
                                           {"preferredDuringSchedulingIgnoredDuringExecution", &k_preferred_pods}};
constexpr Shape k_pod_affinity = object(k_pod_affinity_fields);
constexpr Field k_affinity_fields[] = {
    {"nodeAffinity", &k_node_affinity}, {"podAffinity", &k_pod_affinity}, {"podAntiAffinity", &k_pod_affinity}};
constexpr Shape k_affinity = object(k_affinity_fields);
constexpr Names k_toleration_operators[] = {"Exists", "Equal", "Lt", "Gt"};
constexpr Shape k_toleration_operator = one_of(k_toleration_operators);
constexpr Names k_effects[] = {"NoSchedule", "PreferNoSchedule", "NoExecute"};
constexpr Shape k_effect = one_of(k_effects);
constexpr Field k_toleration_fields[] = {{"key", &k_label_key},
                                         {"operator", &k_toleration_operator},
                                         {"value", &k_text},
                                         {"effect", &k_effect},
                                         {"tolerationSeconds", &k_integer}};
constexpr Shape k_toleration = object(k_toleration_fields);
constexpr Shape k_tolerations = list_of(k_toleration);
constexpr Names k_unsatisfiable[] = {"DoNotSchedule", "ScheduleAnyway"};
constexpr Shape k_when_unsatisfiable = one_of(k_unsatisfiable);
constexpr Field k_spread_fields[] = {{"maxSkew", &k_positive, true},
                                     {"topologyKey", &k_label_key, true},
                                     {"whenUnsatisfiable", &k_when_unsatisfiable, true},
                                     {"labelSelector", &k_label_selector},
                                     {"minDomains", &k_positive},
                                     {"nodeAffinityPolicy", &k_text},
                                     {"nodeTaintsPolicy", &k_text},
                                     {"matchLabelKeys", &k_texts}};
constexpr Shape k_spread = object(k_spread_fields);
constexpr Shape k_spreads = list_of(k_spread);

// The pod.
constexpr Field k_sysctl_fields[] = {{"name", &k_text, true}, {"value", &k_text, true}};
constexpr Shape k_sysctl = object(k_sysctl_fields);
constexpr Shape k_sysctls = list_of(k_sysctl);
constexpr Shape k_integers = list_of(k_integer);
constexpr Field k_pod_security_fields[] = {{"appArmorProfile", &k_profile},
                                           {"fsGroup", &k_integer},
                                           {"fsGroupChangePolicy", &k_text},
                                           {"runAsGroup", &k_integer},
                                           {"runAsNonRoot", &k_boolean},
                                           {"runAsUser", &k_integer},
                                           {"seLinuxChangePolicy", &k_text},
                                           {"seLinuxOptions", &k_any},
                                           {"seccompProfile", &k_profile},
                                           {"supplementalGroups", &k_integers},
                                           {"supplementalGroupsPolicy", &k_text},
                                           {"sysctls", &k_sysctls},
                                           {"windowsOptions", &k_any}};
constexpr Shape k_pod_security = object(k_pod_security_fields);
constexpr Field k_reference_fields[] = {{"name", &k_text}};
constexpr Shape k_reference = object(k_reference_fields);
constexpr Shape k_references = list_of(k_reference);
constexpr Field k_claim_fields[] = {
    {"name", &k_dns_label, true}, {"resourceClaimName", &k_text}, {"resourceClaimTemplateName", &k_text}};
constexpr Shape k_claim = object(k_claim_fields);
constexpr Shape k_claims = list_of(k_claim, "name");
constexpr Names k_dns_policies[] = {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"};
constexpr Shape k_dns_policy = one_of(k_dns_policies);
constexpr Field k_pod_fields[] = {{"containers", &k_containers, true},
                                  {"initContainers", &k_containers},
                                  {"ephemeralContainers", &k_any},
                                  {"activeDeadlineSeconds", &k_positive},
                                  {"affinity", &k_affinity},
                                  {"automountServiceAccountToken", &k_boolean},
                                  {"dnsConfig", &k_any},
                                  {"dnsPolicy", &k_dns_policy},
                                  {"enableServiceLinks", &k_boolean},
                                  {"hostAliases", &k_any},
                                  {"hostIPC", &k_boolean},
                                  {"hostNetwork", &k_boolean},
                                  {"hostPID", &k_boolean},
                                  {"hostUsers", &k_boolean},
                                  {"hostname", &k_dns_label},
                                  {"hostnameOverride", &k_text},
                                  {"imagePullSecrets", &k_references},
                                  {"nodeName", &k_text},
                                  {"nodeSelector", &k_labels},
                                  {"os", &k_any},
                                  {"overhead", &k_quantities},
                                  {"preemptionPolicy", &k_text},
                                  {"priority", &k_integer},
                                  {"priorityClassName", &k_text},
                                  {"readinessGates", &k_any},
                                  {"resourceClaims", &k_claims},
                                  {"resources", &k_resources},
                                  {"restartPolicy", &k_restart_policy},
                                  {"runtimeClassName", &k_text},
                                  {"schedulerName", &k_text},
                                  {"schedulingGates", &k_references},
                                  {"schedulingGroup", &k_any},
                                  {"workloadRef", &k_any},
                                  {"securityContext", &k_pod_security},
                                  {"serviceAccount", &k_text},
                                  {"serviceAccountName", &k_text},
                                  {"setHostnameAsFQDN", &k_boolean},
                                  {"shareProcessNamespace", &k_boolean},
                                  {"subdomain", &k_dns_label},
                                  {"terminationGracePeriodSeconds", &k_count},
                                  {"tolerations", &k_tolerations},
                                  {"topologySpreadConstraints", &k_spreads},
                                  {"volumes", &k_volumes}};
constexpr Shape k_pod_spec = object(k_pod_fields);
constexpr Field k_pod_template_fields[] = {{"metadata", &k_metadata}, {"spec", &k_pod_spec, true}};
constexpr Shape k_pod_template = object(k_pod_template_fields);

}  // namespace

constexpr Shape k_pod_spec_shape = k_pod_spec;
constexpr Shape k_pod_template_shape = k_pod_template;
constexpr Shape k_metadata_shape = k_metadata;
constexpr Shape k_label_selector_shape = k_label_selector;

}  // namespace mlk::inline v0::validation
