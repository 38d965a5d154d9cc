#pragma once

#include <mlk/core/time.hpp>
#include <mlk/kube/object.hpp>
#include <mlk/training/run.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::training {

enum class ObstacleKind : std::uint8_t {
  refused,        ///< the API server takes no such pod: admission, Pod Security, LimitRange
  quota,          ///< a ResourceQuota is in the way
  image,          ///< the image can't be pulled
  config,         ///< a container can't be made: a Secret or ConfigMap is missing
  unschedulable,  ///< no node takes a pod
};
std::string_view to_string(ObstacleKind kind) noexcept;

/// How long it makes sense to wait for an obstacle to go away by itself.
enum class Patience : std::uint8_t {
  none,     ///< it can't: asked for more than a quota holds, a malformed image name
  little,   ///< hardly: the image isn't in the registry, a Secret is missing
  some,     ///< perhaps: a registry that doesn't answer
  endless,  ///< likely: others have to finish first
};

/// What keeps a run from going on.
struct Obstacle {
  ObstacleKind kind = ObstacleKind::unschedulable;
  Patience patience = Patience::endless;
  std::vector<std::int64_t> ranks;  ///< whom it keeps
  std::string pod;                  ///< one of theirs, or empty
  std::string reason;               ///< "ImagePullBackOff", "exceeded quota"
  std::string message;              ///< one sentence
  std::string fix;                  ///< may be empty
};

/// What stands in a run's way, the most hopeless first. `job_events` are the events about the Job itself.
std::vector<Obstacle> find_obstacles(const Run& run, const std::vector<kube::Pod>& pods,
                                     const std::vector<kube::Event>& job_events);

/// A pod that a ResourceQuota refused: "exceeded quota: gpus, requested: …=8, used: …=0, limited: …=4".
struct QuotaRefusal {
  struct Item {
    std::string resource;
    std::string requested, used, limited;  ///< as written
  };
  std::string quota;
  std::vector<Item> items;
};
std::optional<QuotaRefusal> parse_quota_refusal(std::string_view message);

/// Whether the scheduler's message says that no node would take the pod even if all others made room. Nodes that are
/// only cordoned, not ready or short of a volume may come back, so they don't count.
bool is_never_by_scheduler(std::string_view message);

/// Whether an autoscaler is making a node for a pod, by the events about it.
bool is_scaling_up(const std::vector<kube::Event>& pod_events);

/// How long each kind of hope lasts, counted from when the obstacle was first seen.
struct PatienceLimits {
  Milliseconds little{30'000};
  Milliseconds some{300'000};
};
bool is_over(Patience patience, Milliseconds seen_for, const PatienceLimits& limits) noexcept;

}  // namespace mlk::training
