#include "cli/verb.hpp"
#include "commands/train/following.hpp"
#include "commands/train/render.hpp"

#include <fmt/format.h>

namespace mlk::commands {
namespace {

enum class Goal : std::uint8_t { complete, failed, running };

struct WaitOptions {
  train::TargetOptions target;
  std::string goal = "complete";
  train::PatienceOptions patience;
};

void add_wait(Flags& flags, WaitOptions& opt) {
  flags.about(
      "Waits until a run is complete, has failed, or runs on all its nodes. Exit code 0 when it came to that; when it "
      "came to another end, that end's own: 6 for a failed run. It doesn't wait for what can't get better.");
  flags.example("mlk train wait finetune-x7k2 --timeout 2h",
                "until it is complete; 5 after two hours, 6 when it fails");
  flags.example("mlk train wait finetune-x7k2 --for running", "until all its pods run");
  train::add_target(flags, opt.target);
  flags.option(opt.goal, "--for", "STATE", "what to wait for (default complete)")
      .choices({"complete", "failed", "running"});
  train::add_patience(flags, opt.patience);
}

Result<Report> run_wait(Context& ctx, const WaitOptions& opt) {
  MLK_TRY(const train::Target target, train::find_target(ctx, opt.target));
  train::Following following = train::following_for(opt.patience);
  const Goal goal = opt.goal == "running" ? Goal::running : opt.goal == "failed" ? Goal::failed : Goal::complete;
  if (goal == Goal::running) following.options.until = training::Until::running;
  following.options.gives_up = goal != Goal::failed;
  MLK_TRY(Report report, train::follow_run(ctx, target, following, "train-wait"));
  if (goal != Goal::failed) return report;
  const bool has_failed = report.failure.has_value();
  if (has_failed) {
    report.prose = report.failure->what;
    report.failure.reset();
    return report;
  }
  return std::move(report).failing(
      Error(ErrorKind::failed, fmt::format("job '{}' won't fail any more: it is complete", target.job.meta.name)));
}

}  // namespace

MLK_VERB(train_wait, WaitOptions, add_wait, run_wait);

}  // namespace mlk::commands
