#include "commands/serve/render.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mlk::commands::serve {

namespace {

using document::Node;
using serving::Phase;

constexpr int k_bar_cells = 16;
constexpr std::size_t k_most_problems = 3;

std::string bar(Percent share) {
  const int full = static_cast<int>(std::lround(share.count / 100.0 * k_bar_cells));
  std::string text = "▕";
  for (int i = 0; i < k_bar_cells; ++i) text += i < full ? "█" : "░";
  return text + "▏";
}

/// "canary 2/4", "promoting", "undoing".
std::string stage(const serving::Journal& journal) {
  const bool is_at_step = journal.phase == Phase::stepping || journal.phase == Phase::pausing;
  if (is_at_step) return fmt::format("{} {}/{}", journal.strategy, journal.step + 1, journal.steps.size());
  return std::string(serving::to_string(journal.phase));
}

std::string revisions(const serving::Journal& journal) {
  if (!serving::has_way_back(journal)) return fmt::format("revision {}", journal.target.number);
  const bool is_back = journal.phase == Phase::undoing || journal.phase == Phase::undone;
  return fmt::format("revision {} {} {}", journal.stable.number, is_back ? "←" : "→", journal.target.number);
}

std::string side_line(std::string_view word, const serving::RevisionRef& ref, const serving::RevisionState& state,
                      bool with_colour) {
  const bool is_whole = state.ready >= state.wanted && state.wanted > 0;
  const std::string mark = cli::paint(is_whole ? "✔" : "◌", is_whole ? Style::good : Style::accent, with_colour);
  return fmt::format("├─ {} {:<7} revision {:<3} {:>3}/{} ready", mark, word, ref.number, state.ready, state.wanted);
}

void add_problems(std::vector<std::string>& lines, const serving::RevisionState& state, bool with_colour) {
  std::size_t shown = 0;
  for (const auto& problem : state.problems) {
    if (shown++ == k_most_problems) {
      lines.push_back(fmt::format("│    … and {} more", state.problems.size() - k_most_problems));
      break;
    }
    std::string text = problem.pod.empty() ? problem.reason : fmt::format("{}: {}", problem.pod, problem.reason);
    if (!problem.message.empty()) text += ": " + problem.message;
    lines.push_back(fmt::format("│    {} {}", cli::paint("✖", Style::bad, with_colour), text));
  }
}

/// What comes next and how to steer, in the last line.
std::string next_line(const serving::View& view, bool with_colour) {
  const auto& journal = *view.journal;
  std::string next = view.waits_for.empty() ? "working" : view.waits_for;
  if (journal.phase == Phase::pausing) {
    const bool is_last = journal.step + 1 >= journal.steps.size();
    const std::string then = is_last ? "all of it" : format_percent(journal.steps[journal.step + 1].weight);
    next = view.pause_left ? fmt::format("next: {} in {}", then,
                                         format_duration(std::chrono::ceil<std::chrono::seconds>(*view.pause_left)))
                           : fmt::format("next: {}, {}", then, view.waits_for);
  }
  std::string verbs = journal.is_held ? fmt::format("resume: mlk serve resume {}", view.service)
                                      : fmt::format("pause: mlk serve pause {}", view.service);
  if (journal.phase == Phase::undoing) return fmt::format("└─ {}", next);
  verbs += fmt::format(" · back: mlk serve abort {}", view.service);
  return fmt::format("└─ {}     {}", next, cli::paint(verbs, Style::dim, with_colour));
}

std::string at_rest(const serving::View& view, bool with_colour) {
  const auto& journal = *view.journal;
  const bool serves_target = journal.phase == Phase::finished;
  const auto& state = serves_target || !serving::has_way_back(journal) ? view.snapshot.target : view.snapshot.stable;
  switch (journal.phase) {
    case Phase::finished:
      return fmt::format("└─ {} revision {} serves, {}/{} ready", cli::paint("✔", Style::good, with_colour),
                         journal.target.number, state.ready, state.wanted);
    case Phase::undone:
      return fmt::format("└─ {} revision {} was undone: {}; revision {} serves, {}/{} ready",
                         cli::paint("↩", Style::warning, with_colour), journal.target.number, journal.reason,
                         journal.stable.number, state.ready, state.wanted);
    default:
      return fmt::format("└─ {} revision {} failed: {}", cli::paint("✖", Style::bad, with_colour),
                         journal.target.number, journal.reason);
  }
}

Node state_record(const serving::RevisionRef& ref, const serving::RevisionState& state) {
  if (!ref.is_there()) return {};
  Node problems = Node::sequence();
  for (const auto& problem : state.problems) {
    problems.push_back(Node::mapping({{"pod", cli::or_null(problem.pod)},
                                      {"reason", problem.reason},
                                      {"message", cli::or_null(problem.message)},
                                      {"restarts", problem.restarts}}));
  }
  return Node::mapping({{"revision", ref.number},
                        {"hash", ref.hash},
                        {"wanted", state.wanted},
                        {"ready", state.ready},
                        {"problems", std::move(problems)}});
}

}  // namespace

std::vector<std::string> tree(const serving::View& view, SystemTime now, bool with_colour) {
  const auto& journal = *view.journal;
  if (!view.is_under_way()) {
    return {cli::paint(view.service, Style::bold, with_colour), at_rest(view, with_colour)};
  }
  std::vector<std::string> lines;
  std::string head =
      fmt::format("{}  {}  {} {}   {}", cli::paint(view.service, Style::bold, with_colour), stage(journal),
                  bar(view.target_share()), format_percent(view.target_share()), revisions(journal));
  if (view.driver.since) {
    head += fmt::format("   {}", format_duration(std::chrono::duration_cast<Milliseconds>(now - *view.driver.since)));
  }
  lines.push_back(std::move(head));
  if (serving::has_way_back(journal)) {
    lines.push_back(side_line("stable", journal.stable, view.snapshot.stable, with_colour));
    if (journal.phase == Phase::undoing) add_problems(lines, view.snapshot.stable, with_colour);
  }
  lines.push_back(
      side_line(serving::has_way_back(journal) ? "new" : "first", journal.target, view.snapshot.target, with_colour));
  add_problems(lines, view.snapshot.target, with_colour);
  if (journal.phase == Phase::undoing) {
    lines.push_back(fmt::format("├─ {} {}", cli::paint("↩", Style::warning, with_colour), journal.reason));
  }
  if (!view.is_driven) {
    lines.push_back(fmt::format("├─ {} nobody drives this rollout: go on with 'mlk serve resume {}'",
                                cli::paint("!", Style::warning, with_colour), view.service));
  }
  lines.push_back(next_line(view, with_colour));
  return lines;
}

document::Node view_record(const serving::View& view) {
  const auto& journal = *view.journal;
  Node node = Node::mapping({{"service", view.service},
                             {"namespace", view.namespace_name},
                             {"phase", serving::to_string(journal.phase)},
                             {"strategy", journal.strategy},
                             {"sharing", serving::to_string(journal.sharing)},
                             {"isPaused", journal.is_held},
                             {"targetSharePercent", view.target_share().count},
                             {"stable", state_record(journal.stable, view.snapshot.stable)},
                             {"target", state_record(journal.target, view.snapshot.target)},
                             {"reason", cli::or_null(journal.reason)},
                             {"waitsFor", cli::or_null(view.waits_for)}});
  node.set("step", journal.steps.empty()
                       ? Node()
                       : Node(static_cast<std::int64_t>(std::min(journal.step + 1, journal.steps.size()))));
  node.set("steps", static_cast<std::int64_t>(journal.steps.size()));
  node.set("pauseLeftMs", view.pause_left ? Node(std::int64_t{view.pause_left->count()}) : Node());
  node.set("driver", view.is_driven ? Node(view.driver.identity) : Node());
  return node;
}

void Narrator::say(const serving::View& view, std::string state, std::string reason, Style style) {
  cli::Event event;
  event.object = "service/" + view.service;
  event.state = std::move(state);
  event.reason = std::move(reason);
  event.style = style;
  event.data = view_record(view);
  m_sink.emit(event);
}

void Narrator::operator()(const serving::View& view) {
  const auto& journal = *view.journal;
  const std::string phase = stage(journal);
  if (phase != m_last_phase) {
    m_last_phase = phase;
    std::string reason = revisions(journal);
    if (journal.phase == Phase::undoing)
      reason = fmt::format("back to revision {}: {}", journal.stable.number, journal.reason);
    if (!m_sink.is_live())
      say(view, phase, std::move(reason), journal.phase == Phase::undoing ? Style::warning : Style::plain);
  }
  const std::string share =
      fmt::format("{} of the traffic on revision {}, {}/{} ready", format_percent(view.target_share()),
                  journal.target.number, view.snapshot.target.ready, view.snapshot.target.wanted);
  if (share != m_last_share && !m_sink.is_live()) say(view, phase, share, Style::plain);
  m_last_share = share;
  const auto& problems = view.snapshot.target.problems;
  const std::string problem =
      problems.empty() ? "" : fmt::format("{} {}: {}", problems[0].pod, problems[0].reason, problems[0].message);
  if (problem != m_last_problem && !problem.empty() && !m_sink.is_live()) say(view, "Waiting", problem, Style::warning);
  m_last_problem = problem;
  if (view.driver.identity != m_last_driver && !m_last_driver.empty()) {
    say(view, "Driver", fmt::format("'{}' drives now", printable(view.driver.identity)), Style::plain);
  }
  m_last_driver = view.driver.identity;
  if (m_sink.is_live()) m_sink.show(tree(view, m_clock.system(), m_sink.with_colour()));
}

Report ending_report(std::string_view schema, const std::string& service, const std::string& namespace_name,
                     const serving::Ending& ending) {
  Report report;
  report.document = record(schema);
  report.document.set("service", service)
      .set("namespace", namespace_name)
      .set("phase", serving::to_string(ending.phase))
      .set("isPaused", ending.is_paused)
      .set("stableRevision", ending.stable.is_there() ? Node(ending.stable.number) : Node())
      .set("targetRevision", ending.target.number)
      .set("reason", cli::or_null(ending.reason));
  report.names = {"service/" + service};
  if (ending.is_paused) {
    const std::string why = ending.reason.empty() ? "it waits for somebody to go on" : ending.reason;
    return std::move(report).failing(Error(ErrorKind::paused, fmt::format("the rollout of '{}' is paused", service))
                                         .because(why)
                                         .fixed_by(fmt::format("run 'mlk serve promote {0}' to go on, or 'mlk serve "
                                                               "abort {0}' to go back",
                                                               service)));
  }
  if (ending.phase == Phase::undone) {
    return std::move(report).failing(
        Error(ErrorKind::rolled_back, fmt::format("revision {} of '{}' was undone; revision {} serves",
                                                  ending.target.number, service, ending.stable.number))
            .because(ending.reason)
            .fixed_by(fmt::format("mend it and roll out again; 'mlk serve history {}' keeps what was tried", service)));
  }
  if (ending.phase == Phase::failed) {
    return std::move(report).failing(
        Error(ErrorKind::workload_failed, fmt::format("the first rollout of '{}' failed and was taken away", service))
            .because(ending.reason)
            .fixed_by("mend it and roll out again"));
  }
  report.prose = fmt::format("service/{}: revision {} serves", service, ending.stable.number);
  return report;
}

}  // namespace mlk::commands::serve
