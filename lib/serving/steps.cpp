#include <mlk/serving/steps.hpp>

#include <algorithm>
#include <cmath>

namespace mlk::serving {

Percent Split::share() const noexcept {
  const auto all = target + stable;
  return Percent(all == 0 ? 0 : 100.0 * static_cast<double>(target) / static_cast<double>(all));
}

Split split(Sharing sharing, std::int64_t replicas, Percent weight, bool has_stable) noexcept {
  if (!has_stable) return {replicas, 0};
  const double part = static_cast<double>(replicas) * weight.count / 100.0;
  switch (sharing) {
    case Sharing::swap:
      return {replicas, replicas};
    case Sharing::route: {
      // Rounded up: the canary must carry its share, and the stable revision stays whole for the way back.
      const auto target = static_cast<std::int64_t>(std::ceil(part - 1e-9));
      return {std::clamp<std::int64_t>(target, weight.count > 0 ? std::min<std::int64_t>(1, replicas) : 0, replicas),
              replicas};
    }
    case Sharing::replicas: {
      if (weight.count <= 0) return {0, replicas};
      if (weight.count >= 100) return {replicas, 0};
      const auto target = std::max<std::int64_t>(1, std::llround(part));
      // A share below 100 % leaves at least one stable pod, even where both are one more than asked for.
      return {target, std::max<std::int64_t>(1, replicas - target)};
    }
  }
  return {0, replicas};
}

namespace {

std::int64_t surge_count(const project::Rollout& rollout, std::int64_t replicas) {
  std::int64_t count = (replicas + 3) / 4;
  if (rollout.max_surge) {
    const auto& given = rollout.max_surge->value;
    if (given.count) count = *given.count;
    if (given.percent) {
      count = static_cast<std::int64_t>(std::ceil(static_cast<double>(replicas) * given.percent->count / 100.0));
    }
  }
  return std::max<std::int64_t>(1, count);
}

}  // namespace

std::vector<JournalStep> steps_of(const project::Rollout& rollout, Sharing sharing, std::int64_t replicas) {
  std::vector<JournalStep> steps;
  if (rollout.strategy.value == project::Strategy::blue_green || sharing == Sharing::swap) {
    steps.push_back({.weight = Percent(0)});
  } else if (rollout.strategy.value == project::Strategy::canary) {
    for (const auto& step : rollout.steps) {
      steps.push_back({step.weight.value, step.pause.value, step.waits_for_promote.value});
    }
  } else {
    const std::int64_t at_a_time = surge_count(rollout, replicas);
    for (std::int64_t target = at_a_time; target < replicas; target += at_a_time) {
      steps.push_back({.weight = Percent(100.0 * static_cast<double>(target) / static_cast<double>(replicas))});
    }
  }
  return steps;
}

std::int64_t surge(const Journal& journal) noexcept {
  if (!journal.stable.is_there()) return 0;
  std::int64_t most = 0;
  Split before{0, journal.replicas};
  auto steps = journal.steps;
  steps.push_back({.weight = Percent(100)});
  for (const auto& step : steps) {
    const Split now = split(journal.sharing, journal.replicas, step.weight, true);
    // The new pods are up before the old ones go.
    most = std::max(most, now.target + before.stable - journal.replicas);
    before = now;
  }
  return most;
}

}  // namespace mlk::serving
