#include <mlk/core/text.hpp>
#include <mlk/serving/revisions.hpp>
#include <mlk/validation/validate.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::serving {

namespace {

constexpr std::string_view k_outcome = "mlk.dev/outcome";
constexpr std::string_view k_reason = "mlk.dev/reason";
constexpr std::string_view k_ended = "mlk.dev/ended";

constexpr std::array<std::string_view, 4> k_outcomes = {"under-way", "done", "undone", "failed"};

/// What a revision's data holds under which key, and what each must be.
struct Part {
  std::string_view key;
  std::string_view api_version;
  std::string_view kind;
  bool is_required = true;
};
constexpr std::array<Part, 7> k_parts = {{{"service", "v1", "Service"},
                                          {"deployment", "apps/v1", "Deployment"},
                                          {"disruptionBudget", "policy/v1", "PodDisruptionBudget"},
                                          {"networkPolicy", "networking.k8s.io/v1", "NetworkPolicy"},
                                          {"autoscaler", "autoscaling/v2", "HorizontalPodAutoscaler", false},
                                          {"route", "gateway.networking.k8s.io/v1", "HTTPRoute", false},
                                          {"canaryService", "v1", "Service", false}}};

document::Node to_data(const workload::ServiceObjects& objects) {
  using document::Node;
  Node data = Node::mapping({{"selectsRevision", objects.selects_revision},
                             {"minReplicas", objects.min_replicas},
                             {"maxReplicas", objects.max_replicas},
                             {"service", objects.service},
                             {"deployment", objects.deployment},
                             {"disruptionBudget", objects.disruption_budget},
                             {"networkPolicy", objects.network_policy}});
  if (objects.autoscaler) data.set("autoscaler", *objects.autoscaler);
  if (objects.route) data.set("route", *objects.route);
  if (objects.canary_service) data.set("canaryService", *objects.canary_service);
  return data;
}

Error untrusted(const Revision& revision, std::string why) {
  return Error(ErrorKind::failed, fmt::format("revision {} can't be used", revision.ref.number))
      .because(std::move(why))
      .fixed_by("choose another one of 'mlk serve history', or roll out from mlk.yaml");
}

Result<void> check_part(const Revision& revision, const Part& part, const document::Node& object,
                        std::string_view service, std::string_view namespace_name) {
  if (object["apiVersion"].as_string() != part.api_version || object["kind"].as_string() != part.kind) {
    return untrusted(revision, fmt::format("its {} isn't a {} of {}", part.key, part.kind, part.api_version));
  }
  std::string wanted(service);
  if (part.key == "deployment") wanted = workload::revision_name(service, revision.ref.hash);
  if (part.key == "canaryService") wanted = workload::canary_service_name(service);
  const auto& metadata = object["metadata"];
  if (metadata["name"].as_string() != wanted) {
    return untrusted(revision, fmt::format("its {} is called '{}', not '{}'", part.key,
                                           printable(metadata["name"].string_or()), wanted));
  }
  const std::string at = metadata["namespace"].string_or(namespace_name);
  if (at != namespace_name) {
    return untrusted(revision, fmt::format("its {} lies in namespace '{}'", part.key, printable(at)));
  }
  return {};
}

Revision revision_of(document::Node object) {
  Revision revision;
  const auto& metadata = object["metadata"];
  const auto& annotations = metadata["annotations"];
  revision.name = metadata["name"].string_or();
  revision.ref.hash = metadata["labels"][workload::k_label_revision].string_or();
  revision.ref.number = object["revision"].int_or(0);
  revision.model = printable(annotations[workload::k_annotation_model].string_or());
  revision.model_digest = printable(annotations[workload::k_annotation_model_digest].string_or());
  const auto outcome = annotations[k_outcome].string_or(k_outcomes[0]);
  const auto found = std::find(k_outcomes.begin(), k_outcomes.end(), outcome);
  if (found != k_outcomes.end()) revision.outcome = static_cast<Outcome>(found - k_outcomes.begin());
  revision.reason = printable(annotations[k_reason].string_or());
  if (const auto time = parse_rfc3339(metadata["creationTimestamp"].string_or())) revision.created = *time;
  if (const auto time = parse_rfc3339(annotations[k_ended].string_or())) revision.ended = *time;
  const auto* containers = object["data"].find({"deployment", "spec", "template", "spec", "containers"});
  if (containers != nullptr && !containers->empty()) {
    revision.image = printable((*containers)[std::size_t{0}]["image"].string_or());
  }
  revision.object = std::move(object);
  return revision;
}

}  // namespace

std::string_view to_string(Outcome outcome) noexcept { return k_outcomes[static_cast<std::size_t>(outcome)]; }

Result<std::vector<Revision>> list_revisions(kube::Client& client, std::string_view namespace_name,
                                             std::string_view service) {
  kube::ListOptions options;
  options.label_selector = workload::service_selector(service);
  std::vector<Revision> revisions;
  MLK_CHECK(client.list(kube::types::controller_revisions, namespace_name, options, [&](document::Node&& object) {
    revisions.push_back(revision_of(std::move(object)));
    return true;
  }));
  std::sort(revisions.begin(), revisions.end(),
            [](const Revision& a, const Revision& b) { return a.ref.number < b.ref.number; });
  return revisions;
}

Result<RevisionRef> keep_revision(kube::Client& client, std::string_view namespace_name,
                                  const workload::ServiceObjects& objects, const std::vector<Revision>& known) {
  using document::Node;
  const std::int64_t newest = known.empty() ? 0 : known.back().ref.number;
  const auto same =
      std::find_if(known.begin(), known.end(), [&](const Revision& r) { return r.ref.hash == objects.revision; });
  const auto& pod_annotations = objects.deployment["spec"]["template"]["metadata"]["annotations"];
  const Node annotations = Node::mapping(
      {{workload::k_annotation_model, pod_annotations[workload::k_annotation_model].string_or()},
       {workload::k_annotation_model_digest, pod_annotations[workload::k_annotation_model_digest].string_or()},
       {k_outcome, k_outcomes[0]},
       {k_reason, ""},
       {k_ended, ""}});
  if (same != known.end() && same->object["data"] == to_data(objects)) {
    const std::int64_t number = same->ref.number == newest ? newest : newest + 1;
    const Node patch =
        Node::mapping({{"metadata", Node::mapping({{"annotations", annotations}})}, {"revision", number}});
    kube::PatchOptions options;
    options.resource_version = same->object["metadata"]["resourceVersion"].string_or();
    MLK_CHECK(client.merge_patch(kube::types::controller_revisions, namespace_name, same->name, patch, options));
    return RevisionRef{objects.revision, number};
  }
  if (same != known.end()) {
    // The pods are the same but something around them isn't. A ControllerRevision's data can't change: it is replaced.
    MLK_CHECK(client.remove(kube::types::controller_revisions, namespace_name, same->name));
  }
  const Node object = Node::mapping(
      {{"apiVersion", "apps/v1"},
       {"kind", "ControllerRevision"},
       {"metadata", Node::mapping({{"name", objects.deployment_name},
                                   {"namespace", namespace_name},
                                   {"labels", Node::mapping({{workload::k_label_managed_by, workload::k_field_manager},
                                                             {workload::k_label_service, objects.name},
                                                             {workload::k_label_revision, objects.revision}})},
                                   {"annotations", annotations}})},
       {"data", to_data(objects)},
       {"revision", newest + 1}});
  MLK_CHECK(client.create(kube::types::controller_revisions, namespace_name, object));
  return RevisionRef{objects.revision, newest + 1};
}

Result<void> note_outcome(kube::Client& client, std::string_view namespace_name, const Revision& revision,
                          Outcome outcome, std::string_view reason, SystemTime now) {
  using document::Node;
  const bool has_ended = outcome != Outcome::under_way;
  const Node patch = Node::mapping(
      {{"metadata",
        Node::mapping({{"annotations", Node::mapping({{k_outcome, to_string(outcome)},
                                                      {k_reason, reason},
                                                      {k_ended, has_ended ? format_rfc3339(now) : ""}})}})}});
  MLK_CHECK(client.merge_patch(kube::types::controller_revisions, namespace_name, revision.name, patch));
  return {};
}

Result<workload::ServiceObjects> objects_of(const Revision& revision, std::string_view service,
                                            std::string_view namespace_name) {
  const auto& data = revision.object["data"];
  std::vector<document::Node> parts;
  for (const Part& part : k_parts) {
    const auto* object = data.find(part.key);
    if (object == nullptr && part.is_required) {
      return untrusted(revision, fmt::format("it holds no {}", part.key));
    }
    if (object == nullptr) continue;
    MLK_CHECK(check_part(revision, part, *object, service, namespace_name));
    parts.push_back(*object);
  }
  const auto& pod_template = data["deployment"]["spec"]["template"];
  if (workload::template_hash(pod_template) != revision.ref.hash) {
    return untrusted(revision, "its pod template isn't the one that its name stands for");
  }
  workload::ServiceObjects objects;
  objects.name = service;
  objects.revision = revision.ref.hash;
  objects.deployment_name = workload::revision_name(service, revision.ref.hash);
  objects.selects_revision = data["selectsRevision"].bool_or(false);
  objects.min_replicas = std::max<std::int64_t>(0, data["minReplicas"].int_or(1));
  objects.max_replicas = std::max(objects.min_replicas, data["maxReplicas"].int_or(objects.min_replicas));
  objects.service = data["service"];
  objects.deployment = data["deployment"];
  objects.disruption_budget = data["disruptionBudget"];
  objects.network_policy = data["networkPolicy"];
  if (const auto* autoscaler = data.find("autoscaler")) objects.autoscaler = *autoscaler;
  if (const auto* route = data.find("route")) objects.route = *route;
  if (const auto* canary = data.find("canaryService")) objects.canary_service = *canary;
  auto findings = validation::validate(parts, {});
  if (has_error(findings.diagnostics)) {
    return untrusted(revision, "its objects don't pass validation").with(std::move(findings.diagnostics));
  }
  return objects;
}

Result<void> prune_revisions(kube::Client& client, std::string_view namespace_name,
                             const std::vector<Revision>& revisions, std::size_t limit,
                             const std::vector<std::string>& kept_hashes) {
  if (revisions.size() <= limit) return {};
  const std::size_t surplus = revisions.size() - limit;
  for (std::size_t i = 0; i < surplus; ++i) {
    const Revision& old = revisions[i];
    if (std::find(kept_hashes.begin(), kept_hashes.end(), old.ref.hash) != kept_hashes.end()) continue;
    const auto removed = client.remove(kube::types::controller_revisions, namespace_name, old.name);
    if (!removed && !kube::is_not_found(removed.error())) return removed.error();
  }
  return {};
}

}  // namespace mlk::serving
