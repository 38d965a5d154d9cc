#include "observe.hpp"

#include <mlk/core/text.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::serving {

namespace {

constexpr std::size_t k_longest_message = 300;

std::string fit_message(std::string_view text) {
  std::string fit = printable(trim(text));
  std::replace(fit.begin(), fit.end(), '\n', ' ');
  if (fit.size() > k_longest_message) fit = printable(fit.substr(0, k_longest_message)) + "…";
  return fit;
}

Result<std::optional<document::Node>> find_if_served(kube::Client& client, const kube::ResourceType& type,
                                                     std::string_view namespace_name, std::string_view name) {
  auto found = client.find(type, namespace_name, name);
  // A cluster without the Gateway API answers 404 for the whole type.
  if (!found && kube::is_not_found(found.error())) return std::optional<document::Node>();
  return found;
}

RevisionState state_of(const document::Node* deployment, std::string_view hash, const std::vector<kube::Pod>& pods) {
  RevisionState state;
  state.hash = hash;
  if (deployment == nullptr) return state;
  const auto& status = (*deployment)["status"];
  state.exists = true;
  state.wanted = (*deployment)["spec"]["replicas"].int_or(1);
  state.current = status["replicas"].int_or(0);
  state.ready = std::min(state.wanted, status["availableReplicas"].int_or(0));
  const auto conditions = kube::conditions_from(status["conditions"]);
  if (const auto* progressing = kube::find_condition(conditions, "Progressing");
      progressing != nullptr && progressing->status == "False" && progressing->reason == "ProgressDeadlineExceeded") {
    state.deployment_fault = fit_message(progressing->message);
  }
  state.problems = problems_of(pods, hash);
  if (const auto* failure = kube::find_condition(conditions, "ReplicaFailure");
      failure != nullptr && failure->is_true()) {
    state.problems.push_back({"", failure->reason, fit_message(failure->message), 0});
  }
  return state;
}

void read_route(const document::Node& route, std::string_view service, Snapshot& snapshot) {
  const std::string canary = workload::canary_service_name(service);
  for (const auto& rule : route["spec"]["rules"].items()) {
    for (const auto& backend : rule["backendRefs"].items()) {
      if (backend["name"].as_string() == canary) snapshot.canary_percent = backend["weight"].int_or(1);
    }
  }
  const std::int64_t generation = route["metadata"]["generation"].int_or(0);
  const auto& parents = route["status"]["parents"];
  snapshot.is_route_settled = !parents.empty();
  snapshot.route_fault = "no gateway has taken the route yet";
  for (const auto& parent : parents.items()) {
    for (const std::string_view type : {"Accepted", "ResolvedRefs"}) {
      bool is_true = false;
      for (const auto& condition : parent["conditions"].items()) {
        if (condition["type"].as_string() != type) continue;
        is_true = condition["status"].as_string() == "True" && condition["observedGeneration"].int_or(0) >= generation;
        if (condition["status"].as_string() == "False") {
          snapshot.route_fault =
              fmt::format("the gateway doesn't take the route: {}: {}", printable(condition["reason"].string_or()),
                          fit_message(condition["message"].string_or()));
        }
      }
      snapshot.is_route_settled = snapshot.is_route_settled && is_true;
    }
  }
}

int badness(const PodProblem& problem) { return problem.reason == "Unschedulable" ? 1 : 2; }

}  // namespace

std::vector<PodProblem> problems_of(const std::vector<kube::Pod>& pods, std::string_view revision) {
  std::vector<PodProblem> problems;
  for (const auto& pod : pods) {
    if (pod.meta.label(workload::k_label_revision) != revision || pod.meta.deleted) continue;
    if (const auto* scheduled = kube::find_condition(pod.conditions, "PodScheduled");
        scheduled != nullptr && scheduled->status == "False") {
      problems.push_back({pod.meta.name, scheduled->reason, fit_message(scheduled->message), 0});
    }
    for (const auto& status : pod.statuses) {
      const auto& state = status.state;
      const bool is_harmless = state.reason.empty() || state.reason == "ContainerCreating" ||
                               state.reason == "PodInitializing" || state.reason == "Completed";
      if (state.phase == kube::ContainerState::Phase::running || is_harmless) continue;
      std::string message = state.message;
      if (state.reason == "CrashLoopBackOff") {
        message = fmt::format("the container ended with exit code {} ({} restarts)", status.last_state.exit_code,
                              status.restarts);
      }
      problems.push_back({pod.meta.name, state.reason, fit_message(message), status.restarts});
    }
  }
  std::stable_sort(problems.begin(), problems.end(),
                   [](const PodProblem& a, const PodProblem& b) { return badness(a) > badness(b); });
  return problems;
}

Result<Observed> observe(kube::Client& client, std::string_view namespace_name, std::string_view service,
                         const Journal& journal) {
  Observed seen;
  kube::ListOptions options;
  options.label_selector = workload::service_selector(service);
  MLK_CHECK(client.list(kube::types::deployments, namespace_name, options, [&](document::Node&& object) {
    std::string name = object["metadata"]["name"].string_or();
    seen.deployments.emplace(std::move(name), std::move(object));
    return true;
  }));
  std::vector<kube::Pod> pods;
  MLK_CHECK(client.list_pods(namespace_name, options, [&](kube::Pod&& pod) {
    pods.push_back(std::move(pod));
    return true;
  }));
  namespace types = kube::types;
  MLK_TRY(seen.service, client.find(types::services, namespace_name, service));
  MLK_TRY(seen.canary_service, client.find(types::services, namespace_name, workload::canary_service_name(service)));
  MLK_TRY(seen.disruption_budget, client.find(types::pod_disruption_budgets, namespace_name, service));
  MLK_TRY(seen.network_policy, client.find(types::network_policies, namespace_name, service));
  MLK_TRY(seen.autoscaler, client.find(types::horizontal_pod_autoscalers, namespace_name, service));
  MLK_TRY(seen.route, find_if_served(client, types::http_routes, namespace_name, service));

  Snapshot& snapshot = seen.snapshot;
  const auto find = [&](const RevisionRef& ref) -> const document::Node* {
    const auto at = seen.deployments.find(workload::revision_name(service, ref.hash));
    return ref.is_there() && at != seen.deployments.end() ? &at->second : nullptr;
  };
  snapshot.target = state_of(find(journal.target), journal.target.hash, pods);
  snapshot.stable = state_of(find(journal.stable), journal.stable.hash, pods);
  for (const auto& [name, deployment] : seen.deployments) {
    if (&deployment != find(journal.target) && &deployment != find(journal.stable)) snapshot.leftovers.push_back(name);
  }
  if (seen.service) {
    snapshot.service_revision = (*seen.service)["spec"]["selector"][workload::k_label_revision].string_or();
  }
  snapshot.has_autoscaler = seen.autoscaler.has_value();
  if (seen.route) read_route(*seen.route, service, snapshot);
  return seen;
}

}  // namespace mlk::serving
