#pragma once

#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>

#include <string>
#include <string_view>

/// The words by which mlk finds its own objects in a cluster: kept stable, because running clusters carry them.
namespace mlk::workload {

/// Who mlk is to server-side apply.
inline constexpr std::string_view k_field_manager = "mlk";

inline constexpr std::string_view k_label_managed_by = "app.kubernetes.io/managed-by";  ///< k_field_manager
inline constexpr std::string_view k_label_name = "app.kubernetes.io/name";              ///< the section's name
inline constexpr std::string_view k_label_component = "app.kubernetes.io/component";    ///< "training" or "serving"
inline constexpr std::string_view k_label_part_of = "app.kubernetes.io/part-of";        ///< the project's name

inline constexpr std::string_view k_label_project = "mlk.dev/project";
inline constexpr std::string_view k_label_kind = "mlk.dev/kind";        ///< "job" or "service"
inline constexpr std::string_view k_label_section = "mlk.dev/section";  ///< the section's name, for both kinds
inline constexpr std::string_view k_label_service = "mlk.dev/service";  ///< on a service's objects and pods
inline constexpr std::string_view k_label_job = "mlk.dev/job";          ///< on a job's objects and pods: the run's name
inline constexpr std::string_view k_label_revision = "mlk.dev/revision";  ///< on a revision's Deployment and its pods
inline constexpr std::string_view k_label_queue = "kueue.x-k8s.io/queue-name";

inline constexpr std::string_view k_kind_job = "job";
inline constexpr std::string_view k_kind_service = "service";

inline constexpr std::string_view k_annotation_model = "mlk.dev/model";                ///< the model's name
inline constexpr std::string_view k_annotation_model_digest = "mlk.dev/model-digest";  ///< "sha256:…"
inline constexpr std::string_view k_annotation_run_id = "mlk.dev/run-id";              ///< on a Job: `submit --run-id`

/// Name of the container that does the work, in every generated pod.
inline constexpr std::string_view k_main_container = "main";
/// Name of the port that a service's pods listen on.
inline constexpr std::string_view k_http_port = "http";

/// Ten characters that name a revision: the hash of a pod template without its mlk.dev/revision label, whatever the
/// order of the keys. Lower-case consonants and digits, so it fits into a name and spells nothing.
std::string template_hash(const document::Node& pod_template);

/// "sentiment-x7k2bq94zd"
std::string revision_name(std::string_view service, std::string_view revision);
/// "sentiment-canary": the Service that the canary's share of a route goes to.
std::string canary_service_name(std::string_view service);
/// "finetune-x7k2", or the bare name where the suffix is empty.
std::string run_name(std::string_view job, std::string_view suffix);
/// Where a label takes no more than 63 characters of [A-Za-z0-9_.-]: the text cut and cleaned.
std::string label_value(std::string_view text);

/// "mlk.dev/service=sentiment"
std::string service_selector(std::string_view service);
/// "mlk.dev/job=finetune-x7k2"
std::string run_selector(std::string_view run);

}  // namespace mlk::workload
