#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/serving/decide.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::serving {

/// A service's objects as they were read, with the resource versions that writes are decided on.
struct Observed {
  Snapshot snapshot;
  std::map<std::string, document::Node> deployments;  ///< of all revisions, by name
  std::optional<document::Node> service;
  std::optional<document::Node> canary_service;
  std::optional<document::Node> route;
  std::optional<document::Node> autoscaler;
  std::optional<document::Node> disruption_budget;
  std::optional<document::Node> network_policy;
};

/// Reads a service's objects once. Whatever isn't there is left out; without the Gateway API there is no route.
Result<Observed> observe(kube::Client& client, std::string_view namespace_name, std::string_view service,
                         const Journal& journal);

/// What the pods of a revision wait for or died of, worst first.
std::vector<PodProblem> problems_of(const std::vector<kube::Pod>& pods, std::string_view revision);

}  // namespace mlk::serving
