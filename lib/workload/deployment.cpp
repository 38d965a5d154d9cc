#include "engine.hpp"
#include "patch.hpp"
#include "pod.hpp"
#include "service_checks.hpp"
#include "values.hpp"

#include <mlk/workload/names.hpp>
#include <mlk/workload/service.hpp>

#include <fmt/format.h>

#include <algorithm>

/// The `deployment` backend: one Deployment a revision, and around it what keeps its name.
namespace mlk::workload {
namespace {

using document::Node;
using project::Strategy;

constexpr std::int64_t k_default_port = 80;
/// Seconds that a pod stays after it was taken off its Service: gateways hear of it with a delay.
constexpr std::int64_t k_linger_seconds = 5;
constexpr std::int64_t k_drain_seconds = 30;

bool selects_revision(const project::Service& service) {
  if (*service.rollout.strategy == Strategy::blue_green) return true;
  return *service.rollout.strategy == Strategy::canary && service.expose.has_value();
}

bool has_autoscaler(const project::Service& service) { return service.scale.max_or_min() > *service.scale.min; }

Node count_node(const project::Maybe<project::CountOrPercent>& value) {
  if (!value) return {};
  Node node;
  if (value->value.count) {
    node = *value->value.count;
  } else if (value->value.percent) {
    node = fmt::format("{:g}%", value->value.percent->count);
  }
  return located(std::move(node), value->place);
}

Node disruption_values(const project::Disruption& disruption) {
  Node least = count_node(disruption.min_available);
  Node most = count_node(disruption.max_unavailable);
  if (least.is_null() && most.is_null()) most = 1;
  return Node::mapping({{"max-unavailable", std::move(most)}, {"min-available", std::move(least)}});
}

Node scale_values(const project::Scale& scale) {
  Node metrics = Node::sequence();
  for (const project::ScaleMetric& metric : scale.metrics) {
    metrics.push_back(located(Node::mapping({{"resource", project::to_string(metric.measure)},
                                             {"percent", static_cast<std::int64_t>(metric.target)}}),
                              metric.place));
  }
  // Without metrics the API server would fill in this very one, where the file doesn't show it.
  if (scale.metrics.empty()) metrics.push_back(Node::mapping({{"resource", "cpu"}, {"percent", 80}}));
  Node max;
  if (scale.max) max = number_node(*scale.max);
  return Node::mapping({{"min", number_node(scale.min)}, {"max", std::move(max)}, {"metrics", std::move(metrics)}});
}

Node network_values(const project::Project& project, const project::Service& service, const Node& engine) {
  Node gateway;
  if (service.expose && !(*service.expose->gateway).namespace_name.empty()) {
    gateway = located((*service.expose->gateway).namespace_name, service.expose->gateway.place);
  }
  Node scraper;
  if (!(*project.prometheus).namespace_name.empty()) {
    scraper = located((*project.prometheus).namespace_name, project.prometheus.place);
  }
  return Node::mapping({{"gateway-namespace", std::move(gateway)},
                        {"scraper-namespace", std::move(scraper)},
                        {"metrics-port-name", engine["has-metrics-port"].bool_or(false) ? "metrics" : "http"}});
}

Node route_values(const project::Expose& expose, const std::string& service, std::int64_t port) {
  Node hosts = Node::sequence();
  if (!expose.host->empty()) hosts.push_back(value_node(expose.host));
  const project::ObjectRef& gateway = *expose.gateway;
  const bool strips = *expose.rewrite == project::Rewrite::strip && *expose.path != "/";
  const auto at_gateway = [&expose](const std::string& text) {
    return text.empty() ? Node() : located(text, expose.gateway.place);
  };
  return Node::mapping({{"gateway", at_gateway(gateway.name)},
                        {"gateway-namespace", at_gateway(gateway.namespace_name)},
                        {"listener", text_node(expose.listener)},
                        {"hosts", or_null(std::move(hosts))},
                        {"path", value_node(expose.path)},
                        {"strips", located(strips, expose.rewrite.place)},
                        {"backends", located(route_backends(service, port, std::nullopt), expose.place)}});
}

/// Works on one service: values, objects, patches.
class Maker {
 public:
  Maker(const project::Project& project, const project::Lock& lock, const project::Service& service,
        const ServiceOptions& options, templates::Library& library)
      : m_project(project),
        m_lock(lock),
        m_service(service),
        m_options(options),
        m_library(library),
        m_problems("services." + *service.name),
        m_patches(service.pod.patches, m_problems) {}

  Result<ServiceObjects> make() {
    check_service(m_service, m_lock, m_problems, m_out.choices);
    m_out.name = *m_service.name;
    m_out.selects_revision = selects_revision(m_service);
    m_out.min_replicas = *m_service.scale.min;
    m_out.max_replicas = m_service.scale.max_or_min();
    MLK_CHECK(fill_values());
    MLK_CHECK(make_deployment());
    MLK_CHECK(make_surroundings());
    m_patches.report_unused(m_kinds);
    if (m_problems.has_errors()) return std::move(m_problems).failure();
    m_out.warnings = std::move(m_problems).take();
    return std::move(m_out);
  }

 private:
  Result<void> fill_values() {
    const auto gpus = gpu_ask(m_service.pod, m_problems);
    const ServedModel model =
        served_model(m_project, m_lock, m_service, m_options.model_image, m_problems, m_out.choices);
    MLK_TRY(const Server server, server_of(m_service, m_lock, model, gpus, m_library, m_problems, m_out.choices));

    m_labels = section_labels(m_project, m_service.pod, k_kind_service, "serving", m_service.name);
    const Node name = value_node(m_service.name);
    m_labels.set(k_label_service, name);
    Volumes volumes(m_lock);
    if (!model.image.is_null()) {
      Node image = Node::mapping({{"reference", model.image}, {"pullPolicy", "IfNotPresent"}});
      // Packed models lie under models/ in their image.
      volumes.add("model", Node::mapping({{"image", std::move(image)}}),
                  Node::mapping({{"mountPath", model.path}, {"subPath", "models"}, {"readOnly", true}}));
    }
    PodDefaults defaults;
    defaults.user = server.user;
    defaults.needs_shared_memory = gpus.has_value();
    Node pod = pod_values(m_service.pod, gpus, m_labels, std::move(volumes), defaults);
    Node annotations = model_annotations(model);
    add_missing(annotations, m_service.pod.annotations);
    pod.set("annotations", or_null(annotations));
    m_values.set("pod", std::move(pod));
    m_values.set("container", server.container);
    m_values.set("engine", server.engine);
    m_values.set("probes", server.probes);
    m_values.set("service", service_values(server, std::move(annotations)));
    return {};
  }

  static Node model_annotations(const ServedModel& model) {
    Node annotations = Node::mapping();
    if (!model.name.is_null()) annotations.set(k_annotation_model, model.name);
    if (!model.digest.empty()) annotations.set(k_annotation_model_digest, located(model.digest, model.image.place()));
    return annotations;
  }

  Node service_values(const Server& server, Node annotations) const {
    const project::Service& service = m_service;
    const Node drain = service.drain ? seconds_node(service.drain) : Node(k_drain_seconds);
    const Node grace = located(drain.int_or(k_drain_seconds) + k_linger_seconds, drain.place());
    Node deadline = located(service.rollout.progress_deadline->count() / 1000, service.rollout.progress_deadline.place);
    if (!service.rollout.progress_deadline.is_given()) {
      // A model that loads for as long as its probe allows makes progress still.
      deadline = std::max<std::int64_t>(deadline.int_or(600), server.startup_seconds + 60);
    }
    return Node::mapping({{"name", value_node(service.name)},
                          {"namespace", m_options.namespace_name.empty() ? text_node(m_project.namespace_name)
                                                                         : Node(m_options.namespace_name)},
                          {"labels", m_labels},
                          {"annotations", or_null(std::move(annotations))},
                          {"replicas", has_autoscaler(service) ? Node() : number_node(service.scale.min)},
                          {"port", service.port ? number_node(*service.port) : Node(k_default_port)},
                          {"pods", Node::mapping({{k_label_service, value_node(service.name)}})},
                          {"selector", Node::mapping({{k_label_service, value_node(service.name)}})},
                          {"progress-deadline", std::move(deadline)},
                          {"linger", k_linger_seconds},
                          {"grace", grace}});
  }

  /// The Deployment is patched before it gets its name, which is the hash of the pods that it really starts.
  Result<void> make_deployment() {
    MLK_TRY(Node object, m_library.render("service/deployment", m_values));
    for (Node& container : object.at({"spec", "template", "spec", "containers"}).items_mutable()) {
      if (Node* env = container.find("env")) keep_last_of_each_name(*env);
    }
    m_patches.apply(object, m_out.name);
    m_kinds.emplace_back("Deployment");
    m_out.revision = template_hash(object["spec"]["template"]);
    m_out.deployment_name = revision_name(m_out.name, m_out.revision);
    object.at({"metadata", "name"}) = located(m_out.deployment_name, m_service.name.place);
    object.at({"metadata", "labels", k_label_revision}) = m_out.revision;
    object.at({"spec", "selector", "matchLabels", k_label_revision}) = m_out.revision;
    object.at({"spec", "template", "metadata", "labels", k_label_revision}) = m_out.revision;
    m_values.at("service").set("deployment", m_out.deployment_name);
    m_out.deployment = std::move(object);
    return {};
  }

  Result<Node> render(std::string_view name) {
    MLK_TRY(Node object, m_library.render(name, m_values));
    m_patches.apply(object, m_out.name);
    m_kinds.push_back(object["kind"].string_or());
    return object;
  }

  Result<Node> render_service(const std::string& name, bool with_revision) {
    Node selector = Node::mapping({{k_label_service, value_node(m_service.name)}});
    if (with_revision) selector.set(k_label_revision, m_out.revision);
    m_values.set("target",
                 Node::mapping({{"name", located(name, m_service.name.place)}, {"selector", std::move(selector)}}));
    return render("service/service");
  }

  Result<void> make_surroundings() {
    m_values.set("disruption", disruption_values(m_service.disruption));
    m_values.set("network", network_values(m_project, m_service, m_values["engine"]));
    MLK_TRY(m_out.service, render_service(m_out.name, m_out.selects_revision));
    MLK_TRY(m_out.disruption_budget, render("service/disruption-budget"));
    MLK_TRY(m_out.network_policy, render("service/network-policy"));
    if (has_autoscaler(m_service)) {
      m_values.set("scale", scale_values(m_service.scale));
      MLK_TRY(m_out.autoscaler, render("service/autoscaler"));
    }
    if (m_service.expose) {
      const std::int64_t port = m_values["service"]["port"].int_or(k_default_port);
      m_values.set("route", route_values(*m_service.expose, m_out.name, port));
      MLK_TRY(m_out.route, render("service/route"));
      if (m_out.selects_revision) {
        MLK_TRY(m_out.canary_service, render_service(canary_service_name(m_out.name), true));
      }
    }
    return {};
  }

  const project::Project& m_project;
  const project::Lock& m_lock;
  const project::Service& m_service;
  const ServiceOptions& m_options;
  templates::Library& m_library;
  Problems m_problems;
  Patches m_patches;
  Node m_labels;
  Node m_values = Node::mapping();
  std::vector<std::string> m_kinds;
  ServiceObjects m_out;
};

}  // namespace

std::vector<Object> ServiceObjects::objects() const {
  std::vector<Object> all = {{Role::network_policy, network_policy},
                             {Role::service, service},
                             {Role::deployment, deployment},
                             {Role::disruption_budget, disruption_budget}};
  if (autoscaler) all.push_back({Role::autoscaler, *autoscaler});
  if (route) all.push_back({Role::route, *route});
  return all;
}

Result<ServiceObjects> generate_service(const project::Project& project, const project::Lock& lock,
                                        const project::Service& service, const ServiceOptions& options,
                                        templates::Library& library) {
  return Maker(project, lock, service, options, library).make();
}

Node route_backends(std::string_view service, std::int64_t port, std::optional<std::int64_t> canary_percent) {
  Node backends = Node::sequence();
  Node stable = Node::mapping({{"name", service}, {"port", port}});
  if (!canary_percent) {
    backends.push_back(std::move(stable));
    return backends;
  }
  stable.set("weight", 100 - *canary_percent);
  backends.push_back(std::move(stable));
  backends.push_back(
      Node::mapping({{"name", canary_service_name(service)}, {"port", port}, {"weight", *canary_percent}}));
  return backends;
}

}  // namespace mlk::workload
