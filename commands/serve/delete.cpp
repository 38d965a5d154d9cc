#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/options/change.hpp"
#include "commands/serve/target.hpp"

#include <mlk/core/text.hpp>
#include <mlk/serving/rollout.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

struct DeleteOptions {
  serve::TargetOptions target;
  options::Confirm confirm;
  options::DryRun dry_run = options::DryRun::none;
};

void add_delete(Flags& flags, DeleteOptions& opt) {
  flags.about("Takes a service away with everything that mlk made for it: route, pods, policies, history.");
  flags.example("mlk serve delete sentiment --dry-run=server", "what would go");
  flags.example("mlk serve delete sentiment --yes", "in a script");
  serve::add_target(flags, opt.target);
  options::add_confirm(flags, opt.confirm);
  options::add_dry_run(flags, opt.dry_run);
}

Result<Report> run_delete(Context& ctx, const DeleteOptions& opt) {
  MLK_TRY(const serve::Target target, serve::find_target(ctx, opt.target));
  const bool is_dry = opt.dry_run != options::DryRun::none;
  if (!is_dry) {
    MLK_CHECK(ctx.confirm(
        fmt::format("Delete service '{}' in namespace '{}' with its history?", target.service, target.namespace_name),
        opt.confirm));
  }
  MLK_TRY(const auto removed, serving::remove_service(*target.client, target.namespace_name, target.service, is_dry));
  if (removed.empty()) {
    return Error(ErrorKind::not_found,
                 fmt::format("there is no service '{}' in namespace '{}'", target.service, target.namespace_name))
        .fixed_by("run 'mlk serve list -A' to see those that there are");
  }
  Report report;
  report.document = record("serve-delete");
  document::Node names = document::Node::sequence();
  for (const auto& name : removed) names.push_back(name);
  report.document.set("service", target.service)
      .set("namespace", target.namespace_name)
      .set("isDryRun", is_dry)
      .set("removed", std::move(names));
  report.names = {"service/" + target.service};
  report.prose = fmt::format("service/{} {}: {}", target.service, is_dry ? "would be deleted (dry run)" : "deleted",
                             join(removed, ", "));
  return report;
}

}  // namespace

MLK_VERB(serve_delete, DeleteOptions, add_delete, run_delete);

}  // namespace mlk::commands
