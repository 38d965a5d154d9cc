#pragma once

#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>
#include <mlk/template/library.hpp>
#include <mlk/workload/bundle.hpp>

#include <optional>
#include <string>

namespace mlk::workload {

struct JobOptions {
  std::string suffix;          ///< "x7k2": the run is called "finetune-x7k2"; empty: the section's name alone
  std::string name;            ///< of the run, instead of section and suffix; may be empty
  std::string run_id;          ///< kept in an annotation, so that a retry finds its own job; may be empty
  std::string namespace_name;  ///< instead of the project's; may be empty
};

/// A run of a job: batch/v1 Job, Indexed, one pod a node. Rank n is completion index n; torchrun finds everything in
/// PET_* (static rendezvous, so that ranks are the indexes and pods may start in any order).
struct JobObjects {
  std::string name;  ///< "finetune-x7k2"
  std::int64_t nodes = 1;
  std::int64_t processes = 1;  ///< a node
  document::Node job;
  std::optional<document::Node> rendezvous;  ///< headless Service of the same name; for more than one node
  std::vector<Choice> choices;
  std::vector<Diagnostic> warnings;

  /// In the order in which they are to be applied.
  std::vector<Object> objects() const;
};

/// The objects of a job, patches applied. Pure: the same input gives the same bytes. Fails with diagnostics at their
/// lines where the backend or this version can't express what is asked (`restarts` on more than one node, `code`).
Result<JobObjects> generate_job(const project::Project& project, const project::Lock& lock, const project::Job& job,
                                const JobOptions& options, templates::Library& library);

}  // namespace mlk::workload
