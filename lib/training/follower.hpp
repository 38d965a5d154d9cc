#pragma once

#include "log_follower.hpp"

#include <mlk/training/follow.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mlk::training {

/// Watches one run: collects what the watches say, tells what it means, and judges when to stop.
class Follower {
 public:
  Follower(kube::Client& client, const Clock& clock, const kube::Job& job, const FollowOptions& options,
           const FollowHandlers& handlers);
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  Result<Ending> go();

 private:
  void begin_watches();
  kube::Watch watch_job();
  kube::Watch watch_pods();
  kube::Watch watch_events();
  void take_job(const kube::WatchEvent& event);
  void take_pod(const kube::WatchEvent& event);
  bool is_due() const;
  void look();
  bool is_reached() const;
  std::optional<Obstacle> find_hopeless();
  void judge(Obstacle& obstacle);
  bool is_node_coming(const Obstacle& obstacle);
  void tend_logs();
  Result<void> drain_logs();
  Error too_late() const;
  Ending ending(std::optional<Obstacle> obstacle);

  kube::Client& m_client;
  const Clock& m_clock;
  const FollowOptions& m_options;
  const FollowHandlers& m_handlers;
  kube::Job m_job;
  std::map<std::string, kube::Pod> m_pods;  ///< by uid; one that is gone stays when it holds a cause
  std::vector<kube::Event> m_job_events;
  Run m_run;
  std::vector<Obstacle> m_obstacles;
  /// Since when; an obstacle that turns out worse is a new one.
  std::map<std::pair<ObstacleKind, Patience>, SteadyTime> m_first_seen;
  std::optional<placement::Answer> m_answer;
  SteadyTime m_next_plan{};
  SteadyTime m_next_look{};
  bool m_has_job = false;
  bool m_has_pods = false;
  bool m_is_changed = true;
  bool m_is_gone = false;
  std::optional<Error> m_error;
  std::map<std::string, std::unique_ptr<LogFollower>> m_logs;  ///< by pod's uid
  std::vector<kube::Watch> m_watches;                          ///< last: stopped first, so nobody calls what is gone
};

}  // namespace mlk::training
