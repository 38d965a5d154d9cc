#pragma once

#include "commands/context.hpp"

#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>
#include <mlk/template/library.hpp>
#include <mlk/validation/report.hpp>
#include <mlk/validation/validate.hpp>
#include <mlk/workload/bundle.hpp>

#include <string>
#include <vector>

namespace mlk::commands {

/// What generating needs: mlk.yaml as the flags say, the lock beside it (an empty one where there is none), and the
/// project's own templates from .mlk/templates.
struct Generation {
  project::Project project;
  project::Lock lock;
  bool has_lock = false;
  templates::Library library;
};
Result<Generation> prepare_generation(Context& ctx, const options::Project& opt);

/// The manifests of the named sections (all, where none is named), with what validation finds in them.
struct Generated {
  workload::Bundle bundle;
  validation::Findings findings;
};
Result<Generated> generate_validated(Generation& generation, const std::vector<std::string>& sections,
                                     const std::string& namespace_name);

/// The failure that findings of severity error are, all of them in it; nothing when there are none.
std::optional<Error> findings_failure(const validation::Findings& findings, std::string_view doing);

}  // namespace mlk::commands
