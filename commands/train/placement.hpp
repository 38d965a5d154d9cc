#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/placement/plan.hpp>

#include <functional>
#include <string>
#include <vector>

namespace mlk::commands::train {

/// Whether the pods of a Job (as it is in the cluster, or about to be) can be placed, going by what may be seen.
Result<placement::Answer> plan_job(kube::Client& client, const document::Node& job, const std::string& namespace_name);

/// A Job's answer, and which other GPUs of the same cluster would take it now: "gpus=a100:8".
struct Judged {
  placement::Answer answer;
  std::vector<std::string> alternatives;
};
/// `section` is the job's name in mlk.yaml, for the flag that each alternative names. Pods that are already placed are
/// no part of the question: `pending` is how many look for a node.
Result<Judged> judge_pending(kube::Client& client, const document::Node& job, const std::string& namespace_name,
                             const std::string& section, std::int64_t pending);

}  // namespace mlk::commands::train
