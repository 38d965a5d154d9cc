#pragma once

#include "commands/context.hpp"

#include <mlk/project/project.hpp>
#include <mlk/serving/rollout.hpp>

#include <functional>
#include <optional>
#include <string>

namespace mlk::commands::serve {

/// Which service: the name may be left out where there is only one.
struct TargetOptions {
  std::optional<std::string> name;
  options::Cluster cluster;
  options::Project project;
};

/// [SERVICE] with the flags that say where it runs.
void add_target(Flags& flags, TargetOptions& into);

/// A service in a cluster, found by name, or as the only one of mlk.yaml or else of the namespace.
struct Target {
  kube::Client* client = nullptr;
  std::string namespace_name;
  std::string service;
};
Result<Target> find_target(Context& ctx, const TargetOptions& opt);

/// What serving needs to drive or to watch.
serving::Tools tools_for(Context& ctx, const Target& target, std::function<void(const serving::View&)> on_view);

}  // namespace mlk::commands::serve
