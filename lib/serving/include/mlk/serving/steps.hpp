#pragma once

#include <mlk/project/project.hpp>
#include <mlk/serving/journal.hpp>

#include <cstdint>
#include <vector>

namespace mlk::serving {

/// Pods of both revisions while one step holds.
struct Split {
  std::int64_t target = 0;
  std::int64_t stable = 0;

  /// The share of traffic that reaches the target when it follows the numbers of pods.
  Percent share() const noexcept;
  friend bool operator==(const Split&, const Split&) = default;
};

/// The pods that a share needs. With weights on a route the target gets its part of the whole on top of a full stable
/// revision; where shares follow numbers of pods, both together make up the whole, and the target has at least one.
/// Nothing of it for 0 %; without a stable revision the target has all.
Split split(Sharing sharing, std::int64_t replicas, Percent weight, bool has_stable) noexcept;

/// The steps of a rollout: as given for a canary; for a rolling one as many as it takes with `max-surge` pods at a time
/// (a quarter by default, at least one); a single one of 0 % with all pods for blue-green, which then switches at once.
std::vector<JournalStep> steps_of(const project::Rollout& rollout, Sharing sharing, std::int64_t replicas);

/// The most pods beyond `replicas` that run at once on the way.
std::int64_t surge(const Journal& journal) noexcept;

}  // namespace mlk::serving
