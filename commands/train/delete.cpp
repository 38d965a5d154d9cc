#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/train/target.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

struct DeleteOptions {
  train::TargetOptions target;
  options::Confirm confirm;
  options::DryRun dry_run = options::DryRun::none;
  options::Wait wait;
};

void add_delete(Flags& flags, DeleteOptions& opt) {
  flags.about(
      "Takes a run away with its pods and its Service, whether it has ended or not, and stays until they are gone. The "
      "run is named in full: a section's name isn't enough.");
  flags.example("mlk train delete finetune-x7k2", "asks first");
  flags.example("mlk train delete finetune-x7k2 --yes --no-wait", "in a script; the cluster clears up behind");
  train::add_target(flags, opt.target);
  options::add_confirm(flags, opt.confirm);
  options::add_dry_run(flags, opt.dry_run);
  options::add_wait(flags, opt.wait);
}

std::string question_of(const kube::Job& job) {
  const training::RunState state = training::state_of(job);
  const std::string what = training::is_end(state)
                               ? fmt::format("it is {}", state == training::RunState::complete ? "complete" : "failed")
                               : fmt::format("it hasn't ended: {}", training::to_string(state));
  return fmt::format("Delete job '{}' in namespace '{}' ({})?", job.meta.name, job.meta.namespace_name, what);
}

Result<Report> run_delete(Context& ctx, const DeleteOptions& opt) {
  MLK_TRY(const train::Target target, train::find_target(ctx, opt.target, training::NameMatch::exact));
  const bool is_dry = opt.dry_run != options::DryRun::none;
  if (!is_dry) MLK_CHECK(ctx.confirm(question_of(target.job), opt.confirm));
  training::RemoveOptions remove;
  remove.dry_run = is_dry;
  remove.wait = !opt.wait.no_wait;
  remove.timeout = opt.wait.timeout;
  MLK_TRY(const auto removed, training::remove_run(*target.client, target.job, remove));
  Report report;
  report.document = record("train-delete");
  document::Node names = document::Node::sequence();
  for (const std::string& name : removed) names.push_back(name);
  report.document.set("name", target.job.meta.name)
      .set("namespace", target.namespace_name)
      .set("isDryRun", is_dry)
      .set("removed", std::move(names));
  report.names = {"job/" + target.job.meta.name};
  const std::vector<std::string> others(removed.begin() + 1, removed.end());
  report.prose = fmt::format("{} {}", removed.front(), is_dry ? "would be deleted" : "deleted");
  if (!others.empty()) report.prose += " with " + join(others, ", ");
  return report;
}

}  // namespace

MLK_VERB(train_delete, DeleteOptions, add_delete, run_delete);

}  // namespace mlk::commands
