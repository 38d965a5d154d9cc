#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/train/render.hpp"
#include "commands/train/target.hpp"

#include <mlk/training/follow.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

struct StatusOptions {
  train::TargetOptions target;
  bool watch = false;
};

void add_status(Flags& flags, StatusOptions& opt) {
  flags.about(
      "Shows a run rank by rank: where its pod is, what it does, how it ended. With -w it keeps looking until the run "
      "has ended.");
  flags.example("mlk train status", "the only run there is, as it stands now");
  flags.example("mlk train status finetune-x7k2 -w", "a live tree until the run ends");
  train::add_target(flags, opt.target);
  flags.option(opt.watch, "-w,--watch", "keep looking until the run has ended");
}

Report report_of(Context& ctx, const training::Run& run) {
  Report report;
  report.document = record("train-status");
  const document::Node run_node = train::run_record(run);
  for (const auto& entry : run_node.entries()) report.document.set(entry.key, entry.value);
  report.names = {"job/" + run.name};
  const SystemTime now = ctx.clock().system();
  const auto age = std::chrono::floor<std::chrono::seconds>(run.age(now));
  report.prose = fmt::format("job/{}  {}  {}  {}", run.name,
                             cli::paint(to_string(run.state), train::style_of(run.state), ctx.out_has_colour()),
                             format_duration(age), train::summary(run));
  report.table = train::ranks_table(run, now);
  return report;
}

Result<Report> run_status(Context& ctx, const StatusOptions& opt) {
  MLK_TRY(const train::Target target, train::find_target(ctx, opt.target));
  if (!opt.watch) {
    MLK_TRY(const training::Run run, training::look(*target.client, target.job));
    return report_of(ctx, run);
  }
  train::Narrator narrator(ctx.events(), ctx.clock());
  training::FollowOptions options;
  options.gives_up = false;
  training::FollowHandlers handlers;
  handlers.on_change = [&](const training::Run& run, const std::vector<training::Obstacle>& obstacles) {
    narrator(run, obstacles);
  };
  MLK_TRY(const training::Ending ending, training::follow(*target.client, ctx.clock(), target.job, options, handlers));
  return report_of(ctx, ending.run);
}

}  // namespace

MLK_VERB(train_status, StatusOptions, add_status, run_status);

}  // namespace mlk::commands
