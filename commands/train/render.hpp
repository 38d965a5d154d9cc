#pragma once

#include "commands/context.hpp"

#include <mlk/training/explain.hpp>
#include <mlk/training/follow.hpp>
#include <mlk/training/run.hpp>

#include <map>
#include <string>
#include <vector>

namespace mlk::commands::train {

/// A run with its ranks, for programs.
document::Node run_record(const training::Run& run);
document::Node failure_record(const std::optional<training::Failure>& failure);
document::Node obstacle_record(const training::Obstacle& obstacle);

Style style_of(training::RunState state) noexcept;
Style style_of(training::RankState state) noexcept;

/// "2 of 2 ranks run", "rank 1 failed first: …": where a run stands, in one sentence.
std::string summary(const training::Run& run);

/// A run as a live tree: its state, its ranks (few of them one by one), what is in the way.
std::vector<std::string> tree(const training::Run& run, const std::vector<training::Obstacle>& obstacles,
                              SystemTime now, bool with_colour);

/// One row a rank.
Table ranks_table(const training::Run& run, SystemTime now);

/// Tells what happens to a run as it happens: a live tree on a terminal, an event a line elsewhere.
class Narrator {
 public:
  Narrator(cli::EventSink& sink, const Clock& clock) : m_sink(sink), m_clock(clock) {}

  void operator()(const training::Run& run, const std::vector<training::Obstacle>& obstacles);

 private:
  void tell_ranks(const training::Run& run);
  void tell_obstacles(const training::Run& run, const std::vector<training::Obstacle>& obstacles);

  cli::EventSink& m_sink;
  const Clock& m_clock;
  std::string m_state;
  std::map<std::int64_t, std::string> m_ranks;
  std::string m_obstacle;
};

/// What following a run came to: the report, failing where the run did.
Report ending_report(Context& ctx, std::string_view schema, const training::Ending& ending);

}  // namespace mlk::commands::train
