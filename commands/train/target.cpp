#include "commands/train/target.hpp"

namespace mlk::commands::train {

void add_target(Flags& flags, TargetOptions& into) {
  flags.argument(into.name, "JOB", "the run; may be left out where there is only one")
      .completes(cli::Source::live_jobs);
  options::add_cluster(flags, into.cluster);
  options::add_project(flags, into.project);
}

Result<Target> find_target(Context& ctx, const TargetOptions& opt, training::NameMatch match) {
  MLK_TRY(const auto project, ctx.find_project(opt.project));
  Target target;
  MLK_TRY(target.client, ctx.cluster(opt.cluster, project ? &*project : nullptr));
  target.namespace_name = target.client->config().namespace_name;
  MLK_TRY(target.job, training::find_run(*target.client, target.namespace_name, opt.name, match));
  return target;
}

}  // namespace mlk::commands::train
