#include <mlk/core/text.hpp>
#include <mlk/kube/status.hpp>
#include <mlk/platform/doctor.hpp>
#include <mlk/platform/rights.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::platform {

namespace {

namespace types = kube::types;

bool has_image(const project::PodSettings& pod) {
  return std::any_of(pod.volumes.begin(), pod.volumes.end(),
                     [](const project::Volume& volume) { return volume.kind == project::VolumeKind::image; });
}

bool needs_gpus(const project::Project& project) {
  const auto asks = [](const auto& section) { return section.pod.gpus.has_value(); };
  return std::any_of(project.jobs.begin(), project.jobs.end(), asks) ||
         std::any_of(project.services.begin(), project.services.end(), asks);
}

Result<void> check_namespace(kube::Client& client, std::vector<Check>& into) {
  const std::string& name = client.config().namespace_name;
  Check check{"cluster", "namespace " + name, CheckState::ok, "exists", {}};
  const auto found = client.find(types::namespaces, {}, name);
  if (!found && !kube::is_forbidden(found.error())) return found.error();
  if (!found) {
    check.state = CheckState::unknown;
    check.finding = "namespaces are hidden from you";
    check.fix = "look at the rights below; where they are missing, compare the name with 'kubectl config get-contexts'";
  } else if (!*found) {
    check.state = CheckState::missing;
    check.finding = "isn't there";
    check.fix = fmt::format("run 'kubectl create namespace {}', or name another with -n or in mlk.yaml", name);
  } else if ((**found)["status"]["phase"].string_or() == "Terminating") {
    check.state = CheckState::missing;
    check.finding = "is being deleted";
    check.fix = "wait until it is gone and create it again, or name another with -n or in mlk.yaml";
  }
  into.push_back(std::move(check));
  return {};
}

/// The verbs of a right that the account doesn't have.
Result<std::vector<std::string>> refused_verbs(kube::Client& client, const Right& right) {
  kube::AccessQuestion question;
  question.group = right.group;
  const auto slash = right.resource.find('/');
  question.resource = right.resource.substr(0, slash);
  if (slash != std::string::npos) question.subresource = right.resource.substr(slash + 1);
  if (!right.is_whole_cluster) question.namespace_name = client.config().namespace_name;
  std::vector<std::string> refused;
  for (const std::string& verb : right.verbs) {
    question.verb = verb;
    MLK_TRY(const kube::AccessAnswer answer, client.can_i(question));
    if (!answer.is_allowed) refused.push_back(verb);
  }
  return refused;
}

Result<void> check_needed_rights(kube::Client& client, const project::Project& project, std::vector<Check>& into) {
  const std::string& space = client.config().namespace_name;
  for (const Right& right : needed_rights(project)) {
    MLK_TRY(const auto refused, refused_verbs(client, right));
    Check check{"account", right.name(), CheckState::ok, join(right.verbs, ", "), {}};
    if (!refused.empty()) {
      check.state = CheckState::missing;
      check.finding = fmt::format("you may not {} them in namespace '{}'", join(refused, ", "), space);
      check.fix = fmt::format(
          "have an administrator apply what 'mlk doctor --role' prints and bind it: 'kubectl create rolebinding "
          "mlk-{0} -n {1} --role=mlk-{0} --user=YOU'",
          *project.name, space);
    }
    into.push_back(std::move(check));
  }
  return {};
}

Result<void> check_helpful_rights(kube::Client& client, std::vector<Check>& into) {
  for (const Right& right : helpful_rights()) {
    MLK_TRY(const auto refused, refused_verbs(client, right));
    const bool is_pods = right.is_whole_cluster && right.resource == types::pods.plural;
    Check check{"account", is_pods ? right.name() + " of all namespaces" : right.name(), CheckState::ok, "list", {}};
    if (!refused.empty()) {
      check.state = CheckState::warning;
      check.finding = "you may not list them: 'mlk plan' can't answer for certain";
      check.fix = fmt::format("ask an administrator for 'list' on {}, or to run 'mlk plan' for you", check.subject);
    }
    into.push_back(std::move(check));
  }
  return {};
}

Result<void> check_gateway(kube::Client& client, const project::ObjectRef& gateway, std::vector<Check>& into) {
  auto found = client.find(types::gateways, gateway.namespace_name, gateway.name);
  if (found) {
    into.push_back(judge_gateway(gateway, *found));
    return {};
  }
  if (!kube::is_forbidden(found.error())) return std::move(found).error();
  into.push_back({"gateway", gateway.namespace_name + "/" + gateway.name, CheckState::unknown,
                  fmt::format("gateways in namespace '{}' are hidden from you", gateway.namespace_name),
                  fmt::format("ask whoever runs it whether 'kubectl get gateway {} -n {}' says Programmed, or for the "
                              "right to get gateways there",
                              gateway.name, gateway.namespace_name)});
  return {};
}

Result<void> check_gateway_api(kube::Client& client, const project::Project* project, std::vector<Check>& into) {
  std::vector<project::ObjectRef> gateways;
  for (const auto& service : project != nullptr ? project->services : std::vector<project::Service>()) {
    if (!service.expose) continue;
    project::ObjectRef gateway = *service.expose->gateway;
    // As in a route's parentRefs: without a namespace it is the route's own.
    if (gateway.namespace_name.empty()) gateway.namespace_name = client.config().namespace_name;
    if (std::find(gateways.begin(), gateways.end(), gateway) == gateways.end()) gateways.push_back(std::move(gateway));
  }
  if (project != nullptr && gateways.empty()) return {};
  Check check{"gateway", "Gateway API", CheckState::ok, "is served", {}};
  const auto served = client.find_served(types::http_routes.api_version(), types::http_routes.kind);
  if (!served && !kube::is_forbidden(served.error())) return served.error();
  const bool is_served = served && *served;
  if (!served) {
    check.state = CheckState::unknown;
    check.finding = "what the server has is hidden from you";
    check.fix = "ask for the ClusterRole system:discovery, which every account usually has";
  } else if (!is_served) {
    check.state = gateways.empty() ? CheckState::warning : CheckState::missing;
    check.finding = fmt::format("{} isn't served: no service can be exposed", types::http_routes.api_version());
    check.fix = "install the Gateway API's definitions and a gateway controller, or leave 'expose' out";
  }
  into.push_back(std::move(check));
  if (!is_served) return {};
  for (const project::ObjectRef& gateway : gateways) MLK_CHECK(check_gateway(client, gateway, into));
  return {};
}

Result<void> check_nodes(kube::Client& client, const project::Project* project, std::vector<Check>& into) {
  std::vector<kube::Node> nodes;
  const auto listed = client.list_nodes({}, [&](kube::Node&& node) {
    nodes.push_back(std::move(node));
    return true;
  });
  if (!listed && !kube::is_forbidden(listed.error())) return listed.error();
  if (!listed) {
    into.push_back({"nodes", "nodes", CheckState::unknown,
                    "are hidden from you, and with them their GPUs and container runtimes",
                    "ask an administrator for 'list' on nodes, or to run 'mlk doctor' for you"});
    return {};
  }
  into.push_back(judge_runtimes(nodes, project != nullptr && needs_image_volumes(*project)));
  into.push_back(judge_gpus(nodes, project != nullptr && needs_gpus(*project)));
  return {};
}

}  // namespace

std::string_view to_string(CheckState state) noexcept {
  switch (state) {
    case CheckState::ok:
      return "ok";
    case CheckState::missing:
      return "missing";
    case CheckState::warning:
      return "warning";
    case CheckState::unknown:
      return "unknown";
  }
  return "";
}

bool needs_image_volumes(const project::Project& project) {
  return std::any_of(project.jobs.begin(), project.jobs.end(),
                     [](const project::Job& job) { return has_image(job.pod); }) ||
         std::any_of(project.services.begin(), project.services.end(),
                     [](const project::Service& service) { return !service.model->empty() || has_image(service.pod); });
}

Result<void> check_cluster(kube::Client& client, const project::Project* project, std::vector<Check>& into) {
  MLK_TRY(const kube::ServerVersion version, client.version());
  Check server = judge_version(version, project != nullptr && needs_image_volumes(*project));
  server.finding += ", " + client.config().describe();
  into.push_back(std::move(server));
  MLK_CHECK(check_namespace(client, into));
  if (project != nullptr) MLK_CHECK(check_needed_rights(client, *project, into));
  MLK_CHECK(check_helpful_rights(client, into));
  MLK_CHECK(check_gateway_api(client, project, into));
  return check_nodes(client, project, into);
}

}  // namespace mlk::platform
