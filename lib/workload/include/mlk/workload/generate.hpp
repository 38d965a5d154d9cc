#pragma once

#include <mlk/project/load.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/template/library.hpp>
#include <mlk/workload/bundle.hpp>

#include <string>
#include <vector>

namespace mlk::workload {

struct GenerateOptions {
  std::string namespace_name;  ///< instead of the project's; may be empty
};

/// The manifests of the named sections (models have none and are passed over), in the order of `sections`. Pure: what
/// comes out depends on the project, the lock and the templates alone. A failure carries every mistake of every section
/// as a diagnostic at its line.
Result<Bundle> generate(const project::Project& project, const project::Lock& lock,
                        const std::vector<project::SectionRef>& sections, const GenerateOptions& options,
                        templates::Library& library);

}  // namespace mlk::workload
