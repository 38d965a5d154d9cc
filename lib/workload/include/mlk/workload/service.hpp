#pragma once

#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>
#include <mlk/template/library.hpp>
#include <mlk/workload/bundle.hpp>

#include <optional>
#include <string>

namespace mlk::workload {

struct ServiceOptions {
  std::string namespace_name;  ///< instead of the project's; may be empty
  /// Instead of the model of mlk.yaml and mlk.lock: "registry/repo@sha256:…"; may be empty.
  std::string model_image;
};

/// What serves a model: one Deployment a revision, and around it what keeps its name from revision to revision. As they
/// are when no rollout is under way: all traffic on `revision`, the autoscaler on its Deployment.
struct ServiceObjects {
  std::string name;      ///< "sentiment": of the Service, route, autoscaler and disruption budget
  std::string revision;  ///< template hash of the pods
  std::string deployment_name;
  /// The stable Service selects mlk.dev/revision too, because the route (canary) or the switch (blue-green) decides
  /// who gets traffic. Otherwise it selects every revision's pods, and shares follow the numbers of pods.
  bool selects_revision = false;
  std::int64_t min_replicas = 1;
  std::int64_t max_replicas = 1;

  document::Node service;
  document::Node deployment;  ///< without spec.replicas where an autoscaler owns them
  document::Node disruption_budget;
  document::Node network_policy;
  std::optional<document::Node> autoscaler;
  std::optional<document::Node> route;
  /// Only while a canary runs, so not among objects(): where the route's canary share goes. Selects `revision`.
  std::optional<document::Node> canary_service;
  std::vector<Choice> choices;
  std::vector<Diagnostic> warnings;

  /// In the order in which they are to be applied.
  std::vector<Object> objects() const;
};

/// The objects of a service, patches applied. Pure: the same input gives the same bytes. Fails with diagnostics at
/// their lines where the backend or this version can't express what is asked.
Result<ServiceObjects> generate_service(const project::Project& project, const project::Lock& lock,
                                        const project::Service& service, const ServiceOptions& options,
                                        templates::Library& library);

/// The backendRefs of a route's rule: the stable Service, and beside it the canary's with its share in percent. Without
/// a share the canary isn't named at all, as in a service at rest.
document::Node route_backends(std::string_view service, std::int64_t port, std::optional<std::int64_t> canary_percent);

}  // namespace mlk::workload
