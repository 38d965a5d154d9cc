#include "service_checks.hpp"

#include <mlk/workload/names.hpp>

#include <fmt/format.h>

namespace mlk::workload {
namespace {

using project::ScaleMeasure;
using project::ServiceBackend;

/// A DNS label less what is put behind a service's name: "-" and a revision of ten characters.
constexpr std::size_t k_longest_name = 63 - 11;

void check_backend(const project::Service& service, const project::Lock& lock, Problems& problems,
                   std::vector<Choice>& choices) {
  std::string given(project::to_string(*service.backend));
  const bool is_automatic = *service.backend == ServiceBackend::automatic;
  if (is_automatic) {
    const auto locked = lock.backends.find("service/" + *service.name);
    given = locked == lock.backends.end() ? "deployment" : locked->second;
  }
  if (given != "deployment") {
    problems.error("backend-unsupported", service.backend.place.is_known() ? service.backend.place : service.place,
                   "backend", fmt::format("backend '{}' isn't in this version", given),
                   "services are generated as Deployments so far", "write 'backend: deployment' or 'backend: auto'");
    return;
  }
  choices.push_back(
      {"backend", given,
       is_automatic ? "apps/v1 is in every cluster, and the only backend of this version for services" : "as asked"});
}

void check_name(const project::Service& service, Problems& problems) {
  const std::string& name = *service.name;
  if (name.size() > k_longest_name) {
    problems.error("name-too-long", service.name.place, "",
                   fmt::format("'{}' is too long: {} characters, {} at most", name, name.size(), k_longest_name),
                   "a revision's Deployment is called by it and eleven characters more", "shorten the service's name");
  }
  if (name.empty() || name.front() < 'a' || name.front() > 'z') {
    problems.error("name-service", service.name.place, "", fmt::format("'{}' can't be the name of a Service", name),
                   "the name of a Service begins with a letter", "begin the service's name with a letter");
  }
}

void check_nodes(const project::Service& service, Problems& problems) {
  if (*service.nodes <= 1) return;
  problems.error("nodes-unsupported", service.nodes.place, "nodes",
                 fmt::format("a replica on {} nodes can't be kept by backend 'deployment'", *service.nodes),
                 "a Deployment's pods are replicas of their own; a group of pods that is one replica needs backend "
                 "'lws', which isn't in this version",
                 "use 'nodes: 1' with more GPUs on it, or a smaller or quantized model");
}

void check_metric(const project::Service& service, const project::ScaleMetric& metric, Problems& problems) {
  const std::string measure(project::to_string(metric.measure));
  const project::Resources& resources = service.pod.resources;
  if (metric.measure == ScaleMeasure::queue || metric.measure == ScaleMeasure::gpu) {
    problems.error("metric-unsupported", metric.place, "scale.metrics",
                   fmt::format("scaling by '{}' isn't in this version", measure),
                   "an autoscaler sees it only through a metrics adapter or KEDA, which mlk doesn't set up yet",
                   "scale by 'cpu' or 'memory', or give a fixed number: 'scale: 3'");
    return;
  }
  const bool has_request = metric.measure == ScaleMeasure::cpu ? resources.cpu.has_value() || resources.cpu_limit
                                                               : resources.memory.has_value() || resources.memory_limit;
  if (has_request) return;
  problems.error("metric-request", metric.place, "scale.metrics",
                 fmt::format("scaling by '{0}' needs a request: no 'resources.{0}' is given", measure),
                 "the target is a share of what each pod requests",
                 fmt::format("add 'resources: {{{}: …}}' to the service", measure));
}

void check_scale(const project::Service& service, Problems& problems) {
  const project::Scale& scale = service.scale;
  if (*scale.min == 0) {
    problems.error("scale-to-zero", scale.min.place, "scale.min", "'min: 0' isn't in this version",
                   "nothing would wake the service: an autoscaler reaches zero only with KEDA or a gateway that waits",
                   "write 'min: 1'");
  }
  if (scale.max_or_min() == *scale.min) return;
  if (scale.metrics.empty() && !service.pod.resources.cpu && !service.pod.resources.cpu_limit) {
    problems.error("metric-missing", scale.place, "scale.metrics",
                   fmt::format("'scale' goes from {} to {} and no metric says when", *scale.min, scale.max_or_min()),
                   "", "add 'metrics: [{cpu: 70%}]' and 'resources: {cpu: …}', or give a fixed number: 'scale: 3'");
  }
  for (const project::ScaleMetric& metric : scale.metrics) check_metric(service, metric, problems);
}

void check_exposure(const project::Service& service, Problems& problems) {
  if (!service.expose) return;
  const project::RouteAuth& auth = *service.expose->auth;
  const Place place = service.expose->auth.place.is_known() ? service.expose->auth.place : service.expose->place;
  if (auth.api_key) {
    problems.error("auth-unsupported", place, "expose.auth", "an HTTPRoute can't check an API key",
                   "the Gateway API has no field for it, so the route would be open to anyone while the file says "
                   "otherwise",
                   "put a filter of your gateway's own in front and write 'auth: none', or let the engine check the "
                   "key (vLLM: 'secrets: {VLLM_API_KEY: secret/key}')");
  } else if (!auth.is_none) {
    problems.error("auth-missing", place, "expose.auth", "a route to a gateway needs 'auth'",
                   "without it anyone who reaches the gateway can use the model",
                   "write 'auth: none' where that is meant");
  }
}

}  // namespace

void check_service(const project::Service& service, const project::Lock& lock, Problems& problems,
                   std::vector<Choice>& choices) {
  check_backend(service, lock, problems, choices);
  check_name(service, problems);
  check_nodes(service, problems);
  check_scale(service, problems);
  check_exposure(service, problems);
}

}  // namespace mlk::workload
