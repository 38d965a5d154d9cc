#pragma once

#include "cli/events.hpp"
#include "commands/context.hpp"

#include <mlk/serving/rollout.hpp>

#include <string>
#include <vector>

namespace mlk::commands::serve {

/// The live tree of a service: what 'status' prints and 'rollout' keeps redrawing.
std::vector<std::string> tree(const serving::View& view, SystemTime now, bool with_colour);

/// The same for programs.
document::Node view_record(const serving::View& view);

/// Tells what changed from one look to the next: events on a pipe, the tree on a terminal.
class Narrator {
 public:
  Narrator(cli::EventSink& sink, const Clock& clock) : m_sink(sink), m_clock(clock) {}

  void operator()(const serving::View& view);

 private:
  void say(const serving::View& view, std::string state, std::string reason, Style style);

  cli::EventSink& m_sink;
  const Clock& m_clock;
  std::string m_last_phase;
  std::string m_last_share;
  std::string m_last_problem;
  std::string m_last_driver;
};

/// The result of something that drove or watched a rollout: a Report, failing as its ending says (undone 7, failed 6,
/// paused 8).
Report ending_report(std::string_view schema, const std::string& service, const std::string& namespace_name,
                     const serving::Ending& ending);

}  // namespace mlk::commands::serve
