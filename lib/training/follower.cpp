#include "follower.hpp"

#include "words.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::training {

namespace {

constexpr Milliseconds k_look_every{500};
constexpr Milliseconds k_plan_every{10'000};
constexpr Milliseconds k_drain_limit{10'000};

/// Whether a pod that is gone still tells why the run failed.
bool is_evidence(const kube::Pod& pod) {
  const auto has_failed = [](const kube::ContainerStatus& status) {
    return status.state.phase == kube::ContainerState::Phase::terminated;
  };
  return pod.is_finished() || std::any_of(pod.statuses.begin(), pod.statuses.end(), has_failed);
}

std::pair<ObstacleKind, Patience> key_of(const Obstacle& obstacle) noexcept {
  return {obstacle.kind, obstacle.patience};
}

std::vector<kube::Pod> values_of(const std::map<std::string, kube::Pod>& pods) {
  std::vector<kube::Pod> all;
  all.reserve(pods.size());
  for (const auto& [uid, pod] : pods) all.push_back(pod);
  return all;
}

}  // namespace

Follower::Follower(kube::Client& client, const Clock& clock, const kube::Job& job, const FollowOptions& options,
                   const FollowHandlers& handlers)
    : m_client(client), m_clock(clock), m_options(options), m_handlers(handlers), m_job(job) {}

void Follower::begin_watches() {
  m_watches.push_back(watch_job());
  m_watches.push_back(watch_pods());
  m_watches.push_back(watch_events());
}

kube::Watch Follower::watch_job() {
  kube::WatchOptions options;
  options.name = m_job.meta.name;
  kube::WatchHandler handler;
  handler.on_event = [this](const kube::WatchEvent& event) { take_job(event); };
  handler.on_end = [this](const Error& error) { m_error = error; };
  return m_client.watch(kube::types::jobs, m_job.meta.namespace_name, options, std::move(handler));
}

void Follower::take_job(const kube::WatchEvent& event) {
  using Type = kube::WatchEventType;
  m_is_changed = true;
  if (event.type == Type::synced) {
    // Not among those that are there: deleted before the watch began.
    m_is_gone = m_is_gone || !m_has_job;
    m_has_job = true;
    return;
  }
  if (event.type == Type::bookmark) return;
  kube::Job job = kube::job_from(event.object);
  if (job.meta.uid != m_job.meta.uid) return;
  m_has_job = true;
  // A finished Job may be cleared away by its time to live: what it said last counts.
  if (event.type == Type::deleted) m_is_gone = true;
  m_job = std::move(job);
}

kube::Watch Follower::watch_pods() {
  kube::WatchOptions options;
  options.label_selector = "batch.kubernetes.io/job-name=" + m_job.meta.name;
  kube::WatchHandler handler;
  handler.on_event = [this](const kube::WatchEvent& event) { take_pod(event); };
  handler.on_end = [this](const Error& error) { m_error = error; };
  return m_client.watch(kube::types::pods, m_job.meta.namespace_name, options, std::move(handler));
}

void Follower::take_pod(const kube::WatchEvent& event) {
  using Type = kube::WatchEventType;
  m_is_changed = true;
  if (event.type == Type::synced) m_has_pods = true;
  if (event.type == Type::synced || event.type == Type::bookmark) return;
  kube::Pod pod = kube::pod_from(event.object);
  const kube::OwnerReference* owner = pod.meta.controller();
  if (owner != nullptr && owner->uid != m_job.meta.uid) return;
  if (event.type == Type::deleted) {
    if (!is_evidence(pod)) {
      m_pods.erase(pod.meta.uid);
      return;
    }
    if (!pod.meta.deleted) pod.meta.deleted = m_clock.system();
  }
  m_pods.insert_or_assign(pod.meta.uid, std::move(pod));
}

kube::Watch Follower::watch_events() {
  kube::WatchOptions options;
  options.field_selector = "involvedObject.uid=" + m_job.meta.uid;
  kube::WatchHandler handler;
  handler.on_event = [this](const kube::WatchEvent& event) {
    if (event.type != kube::WatchEventType::added && event.type != kube::WatchEventType::modified) return;
    m_job_events.push_back(kube::event_from(event.object));
    m_is_changed = true;
  };
  // Who may not see events still sees the Job and its pods: less is said, but nothing is wrong.
  handler.on_end = [](const Error&) {};
  return m_client.watch(kube::types::events, m_job.meta.namespace_name, options, std::move(handler));
}

bool Follower::is_due() const { return m_is_changed || m_error || m_clock.steady() >= m_next_look; }

void Follower::look() {
  m_is_changed = false;
  m_next_look = m_clock.steady() + k_look_every;
  const std::vector<kube::Pod> pods = values_of(m_pods);
  m_run = derive_run(m_job, pods);
  m_obstacles = find_obstacles(m_run, pods, m_job_events);
  for (Obstacle& obstacle : m_obstacles) judge(obstacle);
  std::erase_if(m_first_seen, [&](const auto& entry) {
    return std::none_of(m_obstacles.begin(), m_obstacles.end(),
                        [&](const Obstacle& obstacle) { return key_of(obstacle) == entry.first; });
  });
  for (const Obstacle& obstacle : m_obstacles) m_first_seen.emplace(key_of(obstacle), m_clock.steady());
  if (m_handlers.on_change) m_handlers.on_change(m_run, m_obstacles);
}

/// The scheduler tells of this moment only; what the whole cluster could ever hold is placement's to say.
void Follower::judge(Obstacle& obstacle) {
  if (obstacle.kind != ObstacleKind::unschedulable || !m_handlers.plan) return;
  if (m_clock.steady() >= m_next_plan) {
    auto answer = m_handlers.plan();
    m_next_plan = m_clock.steady() + k_plan_every;
    if (answer) m_answer = *std::move(answer);
  }
  if (!m_answer) return;
  if (m_answer->verdict == placement::Verdict::never) {
    obstacle.patience = Patience::little;
    obstacle.message = m_answer->reason;
    obstacle.fix = "ask for less, or for other GPUs ('nodes', 'gpus' in mlk.yaml)";
  } else if (m_answer->verdict != placement::Verdict::unknown) {
    obstacle.patience = Patience::endless;
  }
}

bool Follower::is_node_coming(const Obstacle& obstacle) {
  const auto pod = std::find_if(m_pods.begin(), m_pods.end(),
                                [&](const auto& entry) { return entry.second.meta.name == obstacle.pod; });
  if (pod == m_pods.end()) return false;
  const auto events = m_client.events_of(m_job.meta.namespace_name, pod->second.meta.uid);
  return events && is_scaling_up(*events);
}

std::optional<Obstacle> Follower::find_hopeless() {
  if (!m_options.gives_up) return std::nullopt;
  for (const Obstacle& obstacle : m_obstacles) {
    const auto seen_for =
        std::chrono::duration_cast<Milliseconds>(m_clock.steady() - m_first_seen.at(key_of(obstacle)));
    if (!is_over(obstacle.patience, seen_for, m_options.patience)) continue;
    if (obstacle.kind == ObstacleKind::unschedulable && is_node_coming(obstacle)) {
      // An autoscaler is at work: patience begins anew.
      m_first_seen[key_of(obstacle)] = m_clock.steady();
      continue;
    }
    return obstacle;
  }
  return std::nullopt;
}

void Follower::tend_logs() {
  if (m_options.logs.is_empty() || !m_handlers.on_log) return;
  for (const Rank& rank : m_run.ranks) {
    const bool has_begun =
        rank.state == RankState::running || rank.state == RankState::succeeded || rank.state == RankState::failed;
    if (!has_begun || !m_options.logs.has(rank.rank)) continue;
    auto& follower = m_logs[rank.pod_uid];
    if (!follower) {
      kube::LogOptions options;
      options.container = std::string(main_container(m_pods.at(rank.pod_uid)));
      options.tail_lines = m_options.logs.tail_lines;
      options.since_seconds = m_options.logs.since_seconds;
      follower = std::make_unique<LogFollower>(
          m_client, m_clock, m_job.meta.namespace_name, rank.pod, options,
          [this, number = rank.rank](std::string_view line) { m_handlers.on_log(number, line); });
    }
    if (rank.state != RankState::running) follower->finish();
  }
  for (auto& [uid, follower] : m_logs) {
    if (is_end(m_run.state)) follower->finish();
    follower->poke();
  }
}

Result<void> Follower::drain_logs() {
  tend_logs();
  const auto is_done = [&] {
    bool all = true;
    for (auto& [uid, follower] : m_logs) {
      follower->poke();
      all = all && follower->is_done();
    }
    return all;
  };
  auto drained = m_client.run_until(is_done, k_drain_limit);
  if (!drained && drained.error().kind == ErrorKind::timed_out) return {};
  return drained;
}

bool Follower::is_reached() const {
  if (is_end(m_run.state)) return true;
  return m_options.until == Until::running && m_run.state == RunState::running;
}

Error Follower::too_late() const {
  Error error(ErrorKind::timed_out,
              fmt::format("job '{}' isn't {} after {}", m_run.name, m_options.until == Until::end ? "done" : "running",
                          format_duration(*m_options.timeout)));
  if (!m_obstacles.empty()) {
    const Obstacle& first = m_obstacles.front();
    error.why = fmt::format("{} of {} can't go on: {}: {}", first.ranks.size(), counted(m_run.nodes, "pod"),
                            first.reason, first.message);
  } else {
    error.why = fmt::format("it is {}: {} of {} run", to_string(m_run.state), m_run.count(RankState::running),
                            counted(m_run.nodes, "rank"));
  }
  error.fix = fmt::format("it goes on without you; look again: mlk train explain {}", m_run.name);
  return error;
}

Ending Follower::ending(std::optional<Obstacle> obstacle) {
  constexpr std::int64_t tail_lines = 10;
  Ending ending{m_run, std::move(obstacle), {}};
  if (m_run.state == RunState::failed && m_run.first_failure) {
    const Failure& failure = *m_run.first_failure;
    ending.log_tail = read_tail(m_client, m_run.namespace_name, failure.pod, failure.container, tail_lines);
  }
  return ending;
}

Result<Ending> Follower::go() {
  const SteadyTime begin = m_clock.steady();
  begin_watches();
  while (true) {
    MLK_CHECK(m_client.run_until([&] { return is_due(); }));
    if (m_error) return *std::move(m_error);
    const bool is_known = (m_has_job && m_has_pods) || m_is_gone;
    if (!is_known) {
      m_is_changed = false;
      m_next_look = m_clock.steady() + k_look_every;
    } else {
      look();
      tend_logs();
      if (is_reached()) break;
      if (m_is_gone) {
        return Error(ErrorKind::not_found, fmt::format("job '{}' was deleted before it ended", m_job.meta.name));
      }
      if (auto hopeless = find_hopeless()) return ending(std::move(hopeless));
    }
    if (m_handlers.is_closed && m_handlers.is_closed()) return ending(std::nullopt);
    if (m_options.timeout && m_clock.steady() - begin >= *m_options.timeout) return too_late();
  }
  if (is_end(m_run.state)) MLK_CHECK(drain_logs());
  return ending(std::nullopt);
}

}  // namespace mlk::training
