#include "commands/train/following.hpp"

#include "commands/train/placement.hpp"
#include "commands/train/render.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

namespace mlk::commands::train {

namespace {

/// "[3] text", where several ranks speak.
std::string marked(std::int64_t rank, std::int64_t nodes, std::string_view line) {
  const std::size_t width = std::to_string(nodes - 1).size();
  return fmt::format("[{:>{}}] {}", rank, width, line);
}

/// Asks the inventory once the pods are known to find no node; who may not see nodes leaves it to the scheduler.
std::function<Result<placement::Answer>()> make_planner(const Target& target) {
  return [&target]() -> Result<placement::Answer> {
    kube::Client& client = *target.client;
    MLK_TRY(const auto job, client.get(kube::types::jobs, target.namespace_name, target.job.meta.name));
    MLK_TRY(const auto run, training::look(client, target.job));
    const std::int64_t pending = run.count(training::RankState::pending);
    MLK_TRY(auto judged, judge_pending(client, job, target.namespace_name, {}, pending));
    return std::move(judged.answer);
  };
}

}  // namespace

void add_patience(Flags& flags, PatienceOptions& into) {
  flags.option(into.give_up_after, "--give-up-after", "DURATION",
               "how long to watch what can hardly get better, such as an image that isn't there (default 30s)");
  options::add_timeout(flags, into.timeout);
}

Following following_for(const PatienceOptions& patience) {
  // Trouble that may pass, such as a registry that doesn't answer, gets ten times as long.
  constexpr int times_longer = 10;
  Following following;
  following.options.timeout = patience.timeout;
  following.options.patience.little = patience.give_up_after;
  following.options.patience.some = patience.give_up_after * times_longer;
  return following;
}

Result<Report> follow_run(Context& ctx, const Target& target, const Following& following, std::string_view schema) {
  cli::EventSink& sink = ctx.events();
  Narrator narrator(sink, ctx.clock());
  const bool is_marked = following.options.logs.all_ranks || following.options.logs.ranks.size() > 1;
  const std::int64_t nodes = target.job.completions.value_or(1);
  training::FollowHandlers handlers;
  handlers.on_change = [&](const training::Run& run, const std::vector<training::Obstacle>& obstacles) {
    if (following.has_events) narrator(run, obstacles);
  };
  handlers.on_log = [&](std::int64_t rank, std::string_view line) {
    sink.line("job/" + target.job.meta.name, is_marked ? marked(rank, nodes, line) : std::string(line));
  };
  handlers.plan = make_planner(target);
  handlers.is_closed = [&] { return sink.is_closed(); };
  auto ending = training::follow(*target.client, ctx.clock(), target.job, following.options, handlers);
  if (ending) {
    const auto& failure = ending->run.first_failure;
    // Its log has just been on the screen.
    const bool is_shown = failure && following.options.logs.has(failure->rank);
    if (is_shown && !ctx.is_json()) ending->log_tail.clear();
    return ending_report(ctx, schema, *ending);
  }
  Error error = std::move(ending).error();
  if (error.kind == ErrorKind::interrupted) {
    const std::string& name = target.job.meta.name;
    error.what = fmt::format("stopped looking at job '{}'; it goes on", name);
    error.fix = fmt::format("come back: mlk train logs {} -f · take it away: mlk train delete {}", name, name);
  }
  return error;
}

}  // namespace mlk::commands::train
