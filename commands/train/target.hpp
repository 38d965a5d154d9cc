#pragma once

#include "commands/context.hpp"

#include <mlk/kube/client.hpp>
#include <mlk/project/project.hpp>
#include <mlk/training/runs.hpp>

#include <optional>
#include <string>

namespace mlk::commands::train {

/// Which run: the name may be left out where there is only one.
struct TargetOptions {
  std::optional<std::string> name;
  options::Cluster cluster;
  options::Project project;
};

/// [JOB] with the flags that say where it runs.
void add_target(Flags& flags, TargetOptions& into);

/// A run in a cluster. The project is there where an mlk.yaml is.
struct Target {
  kube::Client* client = nullptr;
  std::string namespace_name;
  kube::Job job;
};
Result<Target> find_target(Context& ctx, const TargetOptions& opt,
                           training::NameMatch match = training::NameMatch::exact_or_section);

}  // namespace mlk::commands::train
