#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/workload/job.hpp>

#include <string>
#include <string_view>

namespace mlk::training {

/// Four random characters that tell runs of a section apart: lower-case consonants and digits.
Result<std::string> random_suffix();
/// Eight such characters for a run id, always the same for the same id.
std::string suffix_of(std::string_view run_id);

struct SubmitOptions {
  std::string namespace_name;
  std::string run_id;    ///< a Job that bears it is this run already, and is taken as submitted
  bool dry_run = false;  ///< the server checks and keeps nothing
};

struct Submitted {
  std::string name;
  std::string uid;
  bool is_new = true;
  std::vector<std::string> created;  ///< "job/finetune-x7k2"
};

/// Creates the Job, then its Service, which the Job owns. When the Service can't be made the Job is taken back, so
/// that nothing half-made stays. Field validation is strict. A name that is taken is conflict.
Result<Submitted> submit(kube::Client& client, const workload::JobObjects& objects, const SubmitOptions& options);

}  // namespace mlk::training
