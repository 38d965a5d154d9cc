#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/placement/plan.hpp>
#include <mlk/training/obstacle.hpp>
#include <mlk/training/run.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlk::training {

enum class Standing : std::uint8_t { ok, in_the_way, unknown };
std::string_view to_string(Standing standing) noexcept;

/// One thing that a run needs, and how it stands with it.
struct Check {
  std::string subject;  ///< "quota", "nodes", "image", "containers", "ranks"
  std::string text;
  Standing standing = Standing::ok;
  std::vector<std::string> details;
};

struct Explanation {
  Run run;
  std::string headline;  ///< "finetune-x7k2 waits (4 m 12 s): 2 of 2 pods can't be placed"
  std::vector<Check> checks;
  std::vector<Obstacle> obstacles;
};

/// What is known about a run beside itself.
struct Evidence {
  kube::Job job;
  std::vector<kube::Pod> pods;
  std::vector<kube::Event> job_events;
  std::vector<kube::Event> pod_events;  ///< of the pods that wait, each kind once
  std::optional<placement::Answer> answer;
  std::vector<std::string>
      alternatives;                 ///< what was tried on the inventory and would fit: "gpus=a100:8 would fit now"
  std::vector<std::string> hidden;  ///< what the rights hide: "events in 'nlp' are hidden from you"
};

/// Reads Job, pods and their events; events that may not be read are noted as hidden.
Result<Evidence> read_evidence(kube::Client& client, const kube::Job& job);

Explanation explain(const Evidence& evidence, SystemTime now);

}  // namespace mlk::training
