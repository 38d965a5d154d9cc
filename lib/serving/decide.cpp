#include <mlk/serving/decide.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mlk::serving {

namespace {

using namespace std::chrono_literals;

std::int64_t whole_percent(Percent percent) { return std::llround(percent.count); }

std::string readiness(const RevisionState& revision, std::int64_t wanted) {
  return fmt::format("{}/{} ready", revision.ready, wanted);
}

move::Record advance(Journal journal, Phase phase) {
  journal.phase = phase;
  journal.paused_for = 0ms;
  return {std::move(journal)};
}

Move decide_stepping(const Journal& journal, const Snapshot& now) {
  const Percent weight = journal.steps[journal.step].weight;
  const Split wanted = split(journal.sharing, journal.replicas, weight, true);
  if (now.target.wanted != wanted.target) return move::Scale{true, wanted.target};
  if (now.target.ready < wanted.target) return move::Wait{readiness(now.target, wanted.target), {}};
  if (journal.sharing == Sharing::route) {
    if (now.canary_percent != whole_percent(weight)) return move::Weigh{whole_percent(weight)};
    if (!now.is_route_settled) return move::Wait{now.route_fault, {}};
  }
  if (journal.sharing == Sharing::replicas && now.stable.wanted != wanted.stable) {
    return move::Scale{false, wanted.stable};
  }
  return advance(journal, Phase::pausing);
}

Move decide_pausing(const Journal& journal) {
  const JournalStep& step = journal.steps[journal.step];
  if (journal.is_held) return move::Wait{"paused by request", {}};
  if (step.waits_for_promote) return move::Wait{"waits for 'promote'", {}};
  if (journal.paused_for < step.pause) return move::Wait{"pause", step.pause - journal.paused_for};
  Journal next = journal;
  next.step = journal.step + 1;
  const Phase phase = next.step < next.steps.size() ? Phase::stepping : Phase::promoting;
  return advance(std::move(next), phase);
}

/// With a route, all weight goes to the canary's Service while the stable one changes sides, so no request meets a
/// Service that selects nobody.
std::optional<Move> move_traffic(const Journal& journal, const Snapshot& now, bool selects_revision) {
  const bool is_swapped = now.service_revision == journal.target.hash;
  if (journal.sharing == Sharing::route) {
    if (!is_swapped && now.canary_percent != 100) return move::Weigh{100};
    if (!now.is_route_settled) return move::Wait{now.route_fault, {}};
  }
  if (selects_revision && !is_swapped) return move::Swap{true};
  if (journal.sharing == Sharing::route && now.canary_percent) return move::Weigh{std::nullopt};
  return {};
}

Move decide_promoting(const Journal& journal, const Snapshot& now, bool selects_revision) {
  const bool is_first = !has_way_back(journal);
  // An autoscaler that follows the stable revision may have grown it since the rollout began.
  const std::int64_t wanted = journal.sharing == Sharing::replicas
                                  ? journal.replicas
                                  : std::max(journal.replicas, is_first ? 0 : now.stable.wanted);
  if (is_first && now.has_autoscaler && now.target.wanted > 0) {
    // The service runs already and its autoscaler owns the number.
    if (now.target.ready < now.target.wanted) return move::Wait{readiness(now.target, now.target.wanted), {}};
    return move::Settle{true};
  }
  if (now.target.wanted < wanted || (is_first && now.target.wanted != wanted)) return move::Scale{true, wanted};
  if (now.target.ready < now.target.wanted) return move::Wait{readiness(now.target, now.target.wanted), {}};
  if (!is_first) {
    if (auto next = move_traffic(journal, now, selects_revision)) return *next;
    if (now.has_autoscaler) return move::MoveAutoscaler{};
    if (now.stable.exists && now.stable.wanted != 0) return move::Scale{false, 0};
  } else if (!now.is_route_settled) {
    return move::Wait{now.route_fault, {}};
  }
  return move::Settle{true};
}

Move decide_undoing(const Journal& journal, const Snapshot& now, bool selects_revision) {
  if (!has_way_back(journal)) return move::Remove{};
  const bool is_swapped = selects_revision && now.service_revision != journal.stable.hash;
  // Traffic first, where the stable revision still carries it whole.
  if (journal.sharing == Sharing::route && !is_swapped && now.canary_percent) return move::Weigh{std::nullopt};
  if (now.stable.wanted < journal.replicas) return move::Scale{false, journal.replicas};
  if (now.stable.ready < now.stable.wanted) {
    return move::Wait{fmt::format("stable {}", readiness(now.stable, now.stable.wanted)), {}};
  }
  if (is_swapped) return move::Swap{false};
  if (now.target.exists && now.target.wanted != 0) return move::Scale{true, 0};
  return move::Settle{false};
}

}  // namespace

bool has_way_back(const Journal& journal) noexcept {
  return journal.stable.is_there() && journal.stable.hash != journal.target.hash;
}

Move decide(const Journal& journal, const Snapshot& now, bool selects_revision) {
  switch (journal.phase) {
    case Phase::preparing:
      if (!now.target.exists || !now.leftovers.empty()) return move::Prepare{};
      return advance(journal, has_way_back(journal) && !journal.steps.empty() ? Phase::stepping : Phase::promoting);
    case Phase::stepping:
      return decide_stepping(journal, now);
    case Phase::pausing:
      return decide_pausing(journal);
    case Phase::promoting:
      return decide_promoting(journal, now, selects_revision);
    case Phase::undoing:
      return decide_undoing(journal, now, selects_revision);
    case Phase::finished:
    case Phase::undone:
    case Phase::failed:
      break;
  }
  return move::Wait{"nothing is under way", {}};
}

Journal with_request_taken(Journal journal) {
  const Request request = std::exchange(journal.request, Request::none);
  const bool goes_forward = journal.phase == Phase::preparing || journal.phase == Phase::stepping ||
                            journal.phase == Phase::pausing || journal.phase == Phase::promoting;
  if (!goes_forward) return journal;
  switch (request) {
    case Request::pause:
      journal.is_held = true;
      break;
    case Request::resume:
      journal.is_held = false;
      break;
    case Request::promote:
      journal.is_held = false;
      if (journal.phase == Phase::pausing) {
        ++journal.step;
        journal.paused_for = 0ms;
        journal.phase = journal.step < journal.steps.size() ? Phase::stepping : Phase::promoting;
      }
      break;
    case Request::promote_full:
      journal.is_held = false;
      if (journal.phase != Phase::preparing) {
        journal.step = journal.steps.size();
        journal.phase = Phase::promoting;
      } else {
        journal.steps.clear();
      }
      break;
    case Request::abort:
      return with_failure(std::move(journal), "aborted by request");
    case Request::none:
      break;
  }
  return journal;
}

Journal with_failure(Journal journal, std::string reason) {
  journal.phase = Phase::undoing;
  journal.is_held = false;
  journal.paused_for = 0ms;
  journal.reason = std::move(reason);
  return journal;
}

std::optional<std::string> lasting_fault(const RevisionState& target, Milliseconds seen_for) {
  struct Fault {
    std::string_view reason;
    Milliseconds patience;
  };
  // A registry that stumbles once, or a Secret that comes a moment later, is no reason to turn around.
  static constexpr std::array<Fault, 7> k_faults = {{{"InvalidImageName", 0s},
                                                     {"ErrImageNeverPull", 0s},
                                                     {"ImagePullBackOff", 20s},
                                                     {"ErrImagePull", 60s},
                                                     {"CreateContainerConfigError", 20s},
                                                     {"CreateContainerError", 20s},
                                                     {"RunContainerError", 20s}}};
  for (const auto& problem : target.problems) {
    const auto describe = [&] {
      return problem.message.empty() ? fmt::format("pod {}: {}", problem.pod, problem.reason)
                                     : fmt::format("pod {}: {}: {}", problem.pod, problem.reason, problem.message);
    };
    if (problem.reason == "CrashLoopBackOff" && problem.restarts >= 3) return describe();
    for (const auto& fault : k_faults) {
      if (problem.reason == fault.reason && seen_for >= fault.patience) return describe();
    }
  }
  if (!target.deployment_fault.empty()) return target.deployment_fault;
  return {};
}

}  // namespace mlk::serving
