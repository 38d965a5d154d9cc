#include "commands/train/render.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

namespace mlk::commands::train {

namespace {

using document::Node;
using training::Obstacle;
using training::Rank;
using training::RankState;
using training::Run;
using training::RunState;

/// More ranks than this are counted instead of shown one by one.
constexpr std::int64_t k_most_ranks = 16;
constexpr std::size_t k_most_obstacles = 3;

Node or_null(const std::optional<SystemTime>& time) { return time ? Node(format_rfc3339(*time)) : Node(); }

Node rank_record(const Rank& rank) {
  return Node::mapping({{"rank", rank.rank},
                        {"state", training::to_string(rank.state)},
                        {"pod", cli::or_null(rank.pod)},
                        {"node", cli::or_null(rank.node)},
                        {"reason", cli::or_null(rank.reason)},
                        {"message", cli::or_null(rank.message)},
                        {"exitCode", rank.exit_code ? Node(std::int64_t{*rank.exit_code}) : Node()},
                        {"restarts", rank.restarts},
                        {"startedAt", or_null(rank.started)},
                        {"finishedAt", or_null(rank.finished)}});
}

std::string_view mark_of(RankState state) noexcept {
  switch (state) {
    case RankState::running:
    case RankState::succeeded:
      return "✔";
    case RankState::failed:
      return "✖";
    default:
      return "◌";
  }
}

std::string rank_line(const Rank& rank, bool with_colour) {
  const Style style = style_of(rank.state);
  std::string text = fmt::format("├─ {} rank {:<3} {:<9}", cli::paint(mark_of(rank.state), style, with_colour),
                                 rank.rank, training::to_string(rank.state));
  if (!rank.node.empty()) text += " " + rank.node;
  if (rank.exit_code && *rank.exit_code != 0) text += fmt::format("  exit code {}", *rank.exit_code);
  if (!rank.reason.empty() && rank.reason != "Completed") text += "  " + rank.reason;
  return text;
}

std::string count_line(const Run& run) {
  std::vector<std::string> parts;
  for (const RankState state : {RankState::running, RankState::succeeded, RankState::failed, RankState::starting,
                                RankState::pending, RankState::absent}) {
    if (const auto count = run.count(state); count > 0) {
      parts.push_back(fmt::format("{} {}", count, training::to_string(state)));
    }
  }
  return "├─ ranks: " + join(parts, ", ");
}

std::string whom(const Obstacle& obstacle, const Run& run) {
  if (static_cast<std::int64_t>(obstacle.ranks.size()) == run.nodes) {
    return run.nodes == 1 ? "the pod" : fmt::format("all {} pods", run.nodes);
  }
  return fmt::format("{} of {} pods", obstacle.ranks.size(), run.nodes);
}

std::string age_of(const std::optional<SystemTime>& time, SystemTime now) {
  if (!time) return "";
  return format_age(std::chrono::duration_cast<Milliseconds>(now - *time));
}

std::string exact(const std::optional<SystemTime>& time) { return time ? format_rfc3339(*time) : std::string(); }

std::string last_line(const Run& run) {
  if (run.state == RunState::complete) return "└─ complete";
  if (run.state == RunState::failed) {
    return "└─ failed" + (run.first_failure ? ": " + training::describe(*run.first_failure) : "");
  }
  return fmt::format("└─ log: mlk train logs {} -f · why: mlk train explain {}", run.name, run.name);
}

}  // namespace

Style style_of(RunState state) noexcept {
  switch (state) {
    case RunState::complete:
    case RunState::running:
      return Style::good;
    case RunState::failed:
      return Style::bad;
    case RunState::suspended:
      return Style::warning;
    default:
      return Style::accent;
  }
}

Style style_of(RankState state) noexcept {
  switch (state) {
    case RankState::running:
    case RankState::succeeded:
      return Style::good;
    case RankState::failed:
      return Style::bad;
    default:
      return Style::accent;
  }
}

Node failure_record(const std::optional<training::Failure>& failure) {
  if (!failure) return {};
  return Node::mapping({{"rank", failure->rank},
                        {"pod", failure->pod},
                        {"node", cli::or_null(failure->node)},
                        {"container", cli::or_null(failure->container)},
                        {"exitCode", failure->exit_code ? Node(std::int64_t{*failure->exit_code}) : Node()},
                        {"reason", cli::or_null(failure->reason)},
                        {"message", cli::or_null(failure->message)},
                        {"time", or_null(failure->time)}});
}

Node obstacle_record(const Obstacle& obstacle) {
  Node ranks = Node::sequence();
  for (const std::int64_t rank : obstacle.ranks) ranks.push_back(rank);
  return Node::mapping({{"kind", training::to_string(obstacle.kind)},
                        {"reason", obstacle.reason},
                        {"message", obstacle.message},
                        {"ranks", std::move(ranks)},
                        {"fix", cli::or_null(obstacle.fix)}});
}

Node run_record(const Run& run) {
  Node ranks = Node::sequence();
  for (const Rank& rank : run.ranks) ranks.push_back(rank_record(rank));
  return Node::mapping({{"name", run.name},
                        {"namespace", run.namespace_name},
                        {"section", cli::or_null(run.section)},
                        {"runId", cli::or_null(run.run_id)},
                        {"state", training::to_string(run.state)},
                        {"reason", cli::or_null(run.reason)},
                        {"message", cli::or_null(run.message)},
                        {"nodes", run.nodes},
                        {"createdAt", or_null(run.created)},
                        {"startedAt", or_null(run.started)},
                        {"endedAt", or_null(run.ended)},
                        {"firstFailure", failure_record(run.first_failure)},
                        {"ranks", std::move(ranks)}});
}

std::string summary(const Run& run) {
  if (run.first_failure) return training::describe(*run.first_failure);
  if (run.state == RunState::failed) return run.message.empty() ? run.reason : run.message;
  if (run.state == RunState::suspended) return "held until it is admitted";
  std::vector<std::string> parts;
  const auto add = [&](RankState state, std::string_view words) {
    if (const auto count = run.count(state); count > 0) parts.push_back(fmt::format("{} {}", count, words));
  };
  add(RankState::running, "running");
  add(RankState::succeeded, "succeeded");
  add(RankState::starting, "starting");
  add(RankState::pending, "without a node");
  add(RankState::absent, "not created");
  return fmt::format("{} rank{}: {}", run.nodes, run.nodes == 1 ? "" : "s", join(parts, ", "));
}

std::vector<std::string> tree(const Run& run, const std::vector<Obstacle>& obstacles, SystemTime now,
                              bool with_colour) {
  std::vector<std::string> lines;
  const auto age = std::chrono::floor<std::chrono::seconds>(run.age(now));
  lines.push_back(fmt::format("{}  {}  {}", cli::paint(run.name, Style::bold, with_colour),
                              cli::paint(training::to_string(run.state), style_of(run.state), with_colour),
                              format_duration(age)));
  if (run.nodes <= k_most_ranks) {
    for (const Rank& rank : run.ranks) lines.push_back(rank_line(rank, with_colour));
  } else {
    lines.push_back(count_line(run));
  }
  for (std::size_t i = 0; i < obstacles.size() && i < k_most_obstacles; ++i) {
    const Obstacle& obstacle = obstacles[i];
    lines.push_back(fmt::format("├─ {} {}: {}: {}", cli::paint("!", Style::warning, with_colour), whom(obstacle, run),
                                obstacle.reason, obstacle.message));
  }
  lines.push_back(last_line(run));
  return lines;
}

Table ranks_table(const Run& run, SystemTime now) {
  using cli::Align;
  Table table;
  table.columns = {{"RANK", Align::right},          {"POD", Align::left, false, 2},
                   {"NODE", Align::left, false, 1}, {"STATE"},
                   {"EXIT", Align::right},          {"RESTARTS", Align::right},
                   {"STARTED", Align::right},       {"REASON", Align::left, false, 3}};
  for (const Rank& rank : run.ranks) {
    table.rows.push_back({Cell(std::to_string(rank.rank)), Cell(rank.pod), Cell(rank.node),
                          Cell(std::string(training::to_string(rank.state)), style_of(rank.state)),
                          Cell(rank.exit_code ? std::to_string(*rank.exit_code) : ""),
                          Cell(std::to_string(rank.restarts)), Cell(age_of(rank.started, now), exact(rank.started)),
                          Cell(rank.reason)});
  }
  table.when_empty = fmt::format("job '{}' has no ranks", run.name);
  return table;
}

void Narrator::operator()(const Run& run, const std::vector<Obstacle>& obstacles) {
  const std::string state(training::to_string(run.state));
  if (m_sink.is_live()) {
    m_sink.show(tree(run, obstacles, m_clock.system(), m_sink.with_colour()));
    return;
  }
  tell_ranks(run);
  if (state != m_state) {
    m_state = state;
    cli::Event event;
    event.object = "job/" + run.name;
    event.state = state;
    event.reason = summary(run);
    event.style = style_of(run.state);
    m_sink.emit(event);
  }
  tell_obstacles(run, obstacles);
}

void Narrator::tell_ranks(const Run& run) {
  for (const Rank& rank : run.ranks) {
    const std::string state(training::to_string(rank.state));
    std::string& known = m_ranks[rank.rank];
    if (known == state) continue;
    known = state;
    const bool is_told = rank.state == RankState::failed || run.nodes <= k_most_ranks;
    if (!is_told || rank.state == RankState::absent || rank.state == RankState::pending) continue;
    cli::Event event;
    event.object = "pod/" + rank.pod;
    event.state = state;
    event.style = style_of(rank.state);
    event.reason = fmt::format("rank {} on {}", rank.rank, rank.node.empty() ? "no node" : rank.node);
    if (rank.exit_code) event.reason += fmt::format(", exit code {}", *rank.exit_code);
    if (!rank.reason.empty() && rank.reason != "Completed") event.reason += ", " + rank.reason;
    event.data = rank_record(rank);
    // The event's own keys say these two already.
    event.data.erase("state");
    event.data.erase("reason");
    m_sink.emit(event);
  }
}

void Narrator::tell_obstacles(const Run& run, const std::vector<Obstacle>& obstacles) {
  // Told once for each kind: ErrImagePull and ImagePullBackOff take turns for as long as it lasts.
  const std::string kind = obstacles.empty() ? "" : std::string(training::to_string(obstacles.front().kind));
  if (kind == m_obstacle) return;
  m_obstacle = kind;
  if (kind.empty()) return;
  const Obstacle& worst = obstacles.front();
  cli::Event event;
  event.object = "job/" + run.name;
  event.state = "Waiting";
  event.reason = fmt::format("{}: {}: {}", whom(worst, run), worst.reason, worst.message);
  event.style = Style::warning;
  event.data = Node::mapping({{"obstacle", obstacle_record(worst)}});
  m_sink.emit(event);
}

Report ending_report(Context& ctx, std::string_view schema, const training::Ending& ending) {
  const Run& run = ending.run;
  Report report;
  report.document = record(schema);
  const Node run_node = run_record(run);
  for (const auto& entry : run_node.entries()) report.document.set(entry.key, entry.value);
  report.document.set("obstacle", ending.obstacle ? obstacle_record(*ending.obstacle) : Node());
  Node tail = Node::sequence();
  for (const std::string& line : ending.log_tail) tail.push_back(line);
  report.document.set("logTail", std::move(tail));
  report.names = {"job/" + run.name};
  const auto age = std::chrono::floor<std::chrono::seconds>(run.age(ctx.clock().system()));
  if (auto failure = training::failure_of(ending)) {
    if (!ending.log_tail.empty() && !ctx.is_json()) {
      ctx.settle();
      ctx.note(fmt::format("last lines of rank {}:", run.first_failure ? run.first_failure->rank : 0));
      for (const std::string& line : ending.log_tail) ctx.note("  " + line);
    }
    return std::move(report).failing(*std::move(failure));
  }
  report.prose = run.state == RunState::complete
                     ? fmt::format("job/{} is complete (took {})", run.name, format_duration(age))
                     : fmt::format("job/{} runs: {}", run.name, summary(run));
  return report;
}

}  // namespace mlk::commands::train
