#pragma once

#include "fence.hpp"
#include "observe.hpp"

#include <mlk/serving/rollout.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mlk::serving {

/// Carries a rollout on, one move after the other, while it holds the Lease. All that it knows besides the cluster is
/// how long things have been as they are.
class Driver {
 public:
  Driver(const Tools& tools, Lease& lease);

  /// Leaves this driver's mark on all objects, then drives until the rollout ends or waits for somebody.
  Result<Ending> run();

 private:
  struct JournalRead {
    Journal journal;
    document::Node config_map;
  };

  Result<JournalRead> read();
  Result<void> write(const JournalRead& read, const Journal& next);
  /// One look and one move; an Ending when there is no further one.
  Result<std::optional<Ending>> tick();
  Result<std::optional<Ending>> act(const JournalRead& read, const Observed& seen);
  std::optional<std::string> find_failure(const Journal& journal, const Snapshot& now);
  Result<void> perform(const Move& next, const JournalRead& read, const Observed& seen);
  Result<void> prepare(const Journal& journal, const Observed& seen);
  Result<void> settle(const JournalRead& read, const Observed& seen, bool on_target);
  Result<void> remove_target(const JournalRead& read, const Observed& seen);
  Result<void> end(const JournalRead& read, Phase phase);
  Result<void> apply_around(const workload::ServiceObjects& objects, const Observed& seen);
  Result<const workload::ServiceObjects*> objects_for(const std::string& hash);
  Result<void> wait_for_change(Milliseconds at_most);
  void count_pause(Journal& journal);
  void show(const Journal& journal, const Snapshot& now, const Move& next);

  const Tools& m_tools;
  Lease& m_lease;
  Fence m_fence;
  bool m_is_dirty = true;
  std::vector<kube::Watch> m_watches;
  std::vector<Revision> m_revisions;
  std::map<std::string, workload::ServiceObjects> m_objects;

  std::string m_progress;  ///< what would look different if there were progress
  std::optional<SteadyTime> m_progress_since;
  std::string m_problem;
  std::optional<SteadyTime> m_problem_since;
  std::string m_pause_of;  ///< the step whose pause is being counted
  std::optional<SteadyTime> m_pause_counted_to;
  Milliseconds m_pause_unsaved{0};
};

/// Where a finished tick leaves things, for whoever waits.
Ending ending_of(const Journal& journal);
/// Whether a rollout stands still until somebody speaks up.
bool waits_for_somebody(const Journal& journal) noexcept;

}  // namespace mlk::serving
