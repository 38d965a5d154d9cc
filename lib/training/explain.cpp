#include "words.hpp"

#include <mlk/core/text.hpp>
#include <mlk/training/explain.hpp>
#include <mlk/training/runs.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::training {

namespace {

constexpr std::array<std::string_view, 3> k_standings = {"ok", "in the way", "unknown"};

const Obstacle* find_obstacle(const std::vector<Obstacle>& obstacles, ObstacleKind kind) noexcept {
  const auto found =
      std::find_if(obstacles.begin(), obstacles.end(), [&](const Obstacle& obstacle) { return obstacle.kind == kind; });
  return found == obstacles.end() ? nullptr : &*found;
}

std::string of_ranks(std::int64_t count, const Run& run) {
  return fmt::format("{} of {}", count, counted(run.nodes, "pod"));
}

void add_fix(Check& check, const Obstacle& obstacle) {
  if (!obstacle.fix.empty()) check.details.push_back("fix: " + obstacle.fix);
}

std::optional<Check> check_queue(const Evidence& evidence) {
  const std::string queue = printable(evidence.job.meta.label(workload::k_label_queue));
  if (queue.empty() && !evidence.job.suspended) return std::nullopt;
  Check check;
  check.subject = queue.empty() ? "admission" : fmt::format("queue '{}'", queue);
  check.text = evidence.job.suspended ? "not admitted yet: the job is suspended" : "admitted";
  if (evidence.job.suspended) check.standing = Standing::in_the_way;
  return check;
}

Check check_pods(const Explanation& explanation, const Evidence& evidence) {
  const Run& run = explanation.run;
  const std::int64_t made = run.nodes - run.count(RankState::absent);
  Check check{"pods", of_ranks(made, run) + " created", Standing::ok, {}};
  if (made == run.nodes || is_end(run.state)) return check;
  for (const ObstacleKind kind : {ObstacleKind::quota, ObstacleKind::refused}) {
    if (const Obstacle* obstacle = find_obstacle(explanation.obstacles, kind)) {
      check.standing = Standing::in_the_way;
      check.text += ": " + obstacle->reason;
      check.details.push_back(obstacle->message);
      add_fix(check, *obstacle);
      return check;
    }
  }
  const bool is_hidden = !evidence.hidden.empty();
  check.standing = is_hidden || !evidence.job.suspended ? Standing::unknown : Standing::in_the_way;
  check.text += is_hidden                ? "; why is unknown: " + evidence.hidden.front()
                : evidence.job.suspended ? "; none are while the job is suspended"
                                         : "; the Job's controller hasn't said why";
  return check;
}

void add_placement(Check& check, const Evidence& evidence) {
  if (!evidence.answer) {
    check.details.push_back("whether they ever fit is unknown: the nodes can't be judged with your rights");
    return;
  }
  const placement::Answer& answer = *evidence.answer;
  check.details.push_back(
      fmt::format("plan: {}{}", to_string(answer.verdict), answer.reason.empty() ? "" : ": " + answer.reason));
  if (!answer.refusals.empty() && answer.verdict != placement::Verdict::never) {
    check.details.push_back("by node: " + placement::describe(answer.refusals));
  }
  for (const std::string& hidden : answer.unknown) check.details.push_back("unknown: " + hidden);
  for (const std::string& tried : evidence.alternatives) check.details.push_back("checked: " + tried);
}

std::optional<Check> check_nodes(const Explanation& explanation, const Evidence& evidence) {
  const Run& run = explanation.run;
  const std::int64_t pending = run.count(RankState::pending);
  const std::int64_t placed = run.nodes - pending - run.count(RankState::absent);
  if (pending + placed == 0) return std::nullopt;
  Check check{"nodes", of_ranks(placed, run) + " placed", Standing::ok, {}};
  if (pending == 0) return check;
  check.standing = Standing::in_the_way;
  if (const Obstacle* obstacle = find_obstacle(explanation.obstacles, ObstacleKind::unschedulable)) {
    check.details.push_back("the scheduler says: " + obstacle->message);
  }
  if (is_scaling_up(evidence.pod_events)) check.details.emplace_back("an autoscaler is making a node for them");
  add_placement(check, evidence);
  return check;
}

std::optional<Check> check_containers(const Explanation& explanation) {
  const Run& run = explanation.run;
  const std::int64_t begun =
      run.count(RankState::running) + run.count(RankState::succeeded) + run.count(RankState::failed);
  const std::int64_t starting = run.count(RankState::starting);
  if (begun + starting == 0) return std::nullopt;
  Check check{"containers", of_ranks(begun, run) + " started", Standing::ok, {}};
  for (const ObstacleKind kind : {ObstacleKind::image, ObstacleKind::config}) {
    if (const Obstacle* obstacle = find_obstacle(explanation.obstacles, kind)) {
      check.subject = kind == ObstacleKind::image ? "image" : "containers";
      check.standing = Standing::in_the_way;
      check.text += ": " + obstacle->reason;
      check.details.push_back(obstacle->message);
      add_fix(check, *obstacle);
      return check;
    }
  }
  if (starting > 0) {
    check.text += fmt::format(", {} on the way", starting);
    for (const Rank& rank : run.ranks) {
      if (rank.state != RankState::starting || rank.reason.empty()) continue;
      check.details.push_back(
          fmt::format("rank {}: {}{}{}", rank.rank, rank.reason, rank.message.empty() ? "" : ": ", rank.message));
    }
  }
  return check;
}

std::optional<Check> check_ranks(const Run& run) {
  if (run.state == RunState::complete) return Check{"ranks", "all ended well", Standing::ok, {}};
  if (run.state == RunState::failed || run.first_failure) {
    Check check{"ranks", "", Standing::in_the_way, {}};
    check.text = run.first_failure ? describe(*run.first_failure) : run.message;
    if (check.text.empty()) check.text = run.reason;
    if (run.first_failure && !run.first_failure->message.empty()) {
      check.details.push_back("it said: " + run.first_failure->message);
    }
    if (run.first_failure) {
      check.details.push_back(fmt::format("log: mlk train logs {} --rank {}", run.name, run.first_failure->rank));
    }
    return check;
  }
  const std::int64_t running = run.count(RankState::running);
  if (running == 0) return std::nullopt;
  Check check{"ranks", fmt::format("{} of {} run", running, counted(run.nodes, "rank")), Standing::ok, {}};
  const std::int64_t ended = run.count(RankState::succeeded);
  if (ended > 0) check.text += fmt::format(", {} ended well", ended);
  return check;
}

std::string waiting_words(const Run& run) {
  const std::int64_t pending = run.count(RankState::pending);
  const std::int64_t absent = run.count(RankState::absent);
  if (absent > 0) return of_ranks(absent, run) + " can't be created";
  if (pending > 0) return of_ranks(pending, run) + " can't be placed";
  return of_ranks(run.count(RankState::starting), run) + " haven't started";
}

std::string headline_of(const Run& run, SystemTime now) {
  const std::string age = format_duration(std::chrono::floor<std::chrono::seconds>(run.age(now)));
  switch (run.state) {
    case RunState::suspended:
      return fmt::format("{} is suspended ({})", run.name, age);
    case RunState::waiting:
      return fmt::format("{} waits ({}): {}", run.name, age, waiting_words(run));
    case RunState::starting: {
      const std::int64_t running = run.count(RankState::running);
      const bool is_stuck = running + run.count(RankState::starting) < run.nodes;
      return fmt::format("{} is starting ({}): {}", run.name, age,
                         is_stuck ? waiting_words(run) : of_ranks(running, run) + " run");
    }
    case RunState::running:
      return fmt::format("{} runs ({})", run.name, age);
    case RunState::complete:
      return fmt::format("{} is complete (took {})", run.name, age);
    case RunState::failed:
      break;
  }
  return fmt::format("{} failed (after {})", run.name, age);
}

/// Events, or a note that they can't be seen.
std::vector<kube::Event> read_events(kube::Client& client, const kube::ObjectMeta& meta, const std::string& uid,
                                     std::vector<std::string>& hidden) {
  auto events = client.events_of(meta.namespace_name, uid);
  if (events) return *std::move(events);
  const std::string note = kube::is_forbidden(events.error())
                               ? fmt::format("events in '{}' are hidden from you", meta.namespace_name)
                               : "events can't be read: " + events.error().what;
  if (std::find(hidden.begin(), hidden.end(), note) == hidden.end()) hidden.push_back(note);
  return {};
}

}  // namespace

std::string_view to_string(Standing standing) noexcept { return k_standings[static_cast<std::size_t>(standing)]; }

Result<Evidence> read_evidence(kube::Client& client, const kube::Job& job) {
  Evidence evidence;
  evidence.job = job;
  MLK_TRY(evidence.pods, list_run_pods(client, job));
  evidence.job_events = read_events(client, job.meta, job.meta.uid, evidence.hidden);
  for (const kube::Pod& pod : evidence.pods) {
    if (!pod.node_name.empty() || pod.is_finished()) continue;
    // The pods of a run are alike: what happened to one that waits happened to all.
    evidence.pod_events = read_events(client, job.meta, pod.meta.uid, evidence.hidden);
    break;
  }
  return evidence;
}

Explanation explain(const Evidence& evidence, SystemTime now) {
  Explanation explanation;
  explanation.run = derive_run(evidence.job, evidence.pods);
  explanation.obstacles = find_obstacles(explanation.run, evidence.pods, evidence.job_events);
  explanation.headline = headline_of(explanation.run, now);
  const auto add = [&](std::optional<Check> check) {
    if (check) explanation.checks.push_back(*std::move(check));
  };
  add(check_queue(evidence));
  const bool has_pods = explanation.run.count(RankState::absent) < explanation.run.nodes;
  if (has_pods || !is_end(explanation.run.state)) add(check_pods(explanation, evidence));
  add(check_nodes(explanation, evidence));
  add(check_containers(explanation));
  add(check_ranks(explanation.run));
  return explanation;
}

}  // namespace mlk::training
