#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/placement/plan.hpp>
#include <mlk/training/obstacle.hpp>
#include <mlk/training/run.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::training {

/// Which ranks' logs, and how much of them.
struct LogChoice {
  bool all_ranks = false;
  std::vector<std::int64_t> ranks;  ///< when not all
  std::optional<std::int64_t> tail_lines;
  std::optional<std::int64_t> since_seconds;

  bool is_empty() const noexcept { return !all_ranks && ranks.empty(); }
  bool has(std::int64_t rank) const noexcept;
};

enum class Until : std::uint8_t {
  end,      ///< Complete or Failed
  running,  ///< all ranks run, or the end
};

struct FollowOptions {
  Until until = Until::end;
  std::optional<Milliseconds> timeout;
  PatienceLimits patience;
  bool gives_up = true;  ///< ends at an obstacle that can't go away; otherwise it goes on looking
  LogChoice logs;
};

struct FollowHandlers {
  /// The run as it is now; comes at the start and whenever something changed.
  std::function<void(const Run&, const std::vector<Obstacle>&)> on_change;
  /// A line of a rank's log, without its end.
  std::function<void(std::int64_t rank, std::string_view line)> on_log;
  /// Whether the pods can ever be placed, going by the whole cluster; asked at most every 10 s and only while pods find
  /// no node. May be empty: then only the scheduler's own words count.
  std::function<Result<placement::Answer>()> plan;
  /// Whether nobody listens any more: following ends early, the run as it is. May be empty.
  std::function<bool()> is_closed;
};

/// How following ended.
struct Ending {
  Run run;
  std::optional<Obstacle> obstacle;   ///< given up because of this
  std::vector<std::string> log_tail;  ///< last lines of the rank that failed first
};

/// Looks on until the run ends (or runs), whatever happens to the connection meanwhile. Errors: timed_out with what the
/// run waits for, interrupted, not_found when somebody deletes it.
Result<Ending> follow(kube::Client& client, const Clock& clock, const kube::Job& job, const FollowOptions& options,
                      const FollowHandlers& handlers);

/// The failure that an ending stands for (workload_failed, never_fits), or nothing when it went well.
std::optional<Error> failure_of(const Ending& ending);

/// The last lines of a container's log; empty when there is none to be had.
std::vector<std::string> read_tail(kube::Client& client, std::string_view namespace_name, std::string_view pod,
                                   std::string_view container, std::int64_t lines);

/// The container that does the work: mlk's own, else the first.
std::string_view main_container(const kube::Pod& pod) noexcept;

}  // namespace mlk::training
