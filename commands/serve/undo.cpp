#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/serve/render.hpp"
#include "commands/serve/target.hpp"

#include <mlk/serving/rollout.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

struct UndoOptions {
  serve::TargetOptions target;
  options::Confirm confirm;
  std::optional<std::int64_t> to;
};

void add_undo(Flags& flags, UndoOptions& opt) {
  flags.about(
      "Goes back to an earlier revision: the one that served before this one, or the one that --to names. What the "
      "cluster keeps of that revision is validated before it is used. A rollout that is under way is aborted instead.");
  flags.example("mlk serve undo sentiment", "back to the revision that served before");
  flags.example("mlk serve undo sentiment --to 7 --yes", "back to revision 7, without being asked");
  serve::add_target(flags, opt.target);
  flags.option(opt.to, "--to", "REVISION", "number of the revision, as 'mlk serve history' shows it");
  options::add_confirm(flags, opt.confirm);
}

Result<Report> run_undo(Context& ctx, const UndoOptions& opt) {
  MLK_TRY(const serve::Target target, serve::find_target(ctx, opt.target));
  MLK_TRY(const auto view, serving::look(*target.client, ctx.clock(), target.namespace_name, target.service));
  const bool is_abort = view.is_under_way() && !opt.to;
  serve::Narrator narrator(ctx.events(), ctx.clock());
  const auto tools = serve::tools_for(ctx, target, [&narrator](const serving::View& seen) { narrator(seen); });
  const auto ask = [&](std::int64_t number) {
    return ctx.confirm(
        fmt::format("Take '{}' in namespace '{}' back to revision {}?", target.service, target.namespace_name, number),
        opt.confirm);
  };
  if (is_abort) {
    MLK_CHECK(ask(view.journal->stable.number));
    MLK_CHECK(serving::ask(tools, serving::Request::abort));
  } else {
    MLK_TRY(const auto revision,
            serving::earlier_revision(*target.client, target.namespace_name, target.service, opt.to));
    MLK_CHECK(ask(revision.ref.number));
  }
  MLK_TRY(const auto ending,
          is_abort ? serving::go_on(tools) : serving::go_back(tools, opt.to, serving::IfRunning::go_on));
  Report report = serve::ending_report("serve-undo", target.service, target.namespace_name, ending);
  if (is_abort && ending.phase == serving::Phase::undone) {
    report.failure.reset();
    report.prose = fmt::format("service/{}: back at revision {}", target.service, ending.stable.number);
  }
  return report;
}

}  // namespace

MLK_VERB(serve_undo, UndoOptions, add_undo, run_undo);

}  // namespace mlk::commands
