#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/serve/render.hpp"
#include "commands/serve/target.hpp"

#include <mlk/core/text.hpp>
#include <mlk/serving/view.hpp>

namespace mlk::commands {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds k_between_looks = 1s;

struct StatusOptions {
  serve::TargetOptions target;
  bool watch = false;
};

void add_status(Flags& flags, StatusOptions& opt) {
  flags.about(
      "Shows a service: its revisions and their pods, where its rollout stands, who drives it, what it waits for. "
      "With -w it keeps looking until the rollout is over; it never drives.");
  flags.example("mlk serve status", "the only service there is, as it stands now");
  flags.example("mlk serve status sentiment -w", "a live tree until the rollout is over");
  serve::add_target(flags, opt.target);
  flags.option(opt.watch, "-w,--watch", "keep looking until nothing is under way");
}

Report report_of(const serving::View& view, SystemTime now, bool with_colour) {
  Report report;
  report.document = record("serve-status");
  const document::Node seen = serve::view_record(view);
  for (const auto& entry : seen.entries()) report.document.set(entry.key, entry.value);
  report.prose = join(serve::tree(view, now, with_colour), "\n");
  report.names = {"service/" + view.service};
  return report;
}

Result<Report> run_status(Context& ctx, const StatusOptions& opt) {
  MLK_TRY(const serve::Target target, serve::find_target(ctx, opt.target));
  const auto look = [&] { return serving::look(*target.client, ctx.clock(), target.namespace_name, target.service); };
  MLK_TRY(serving::View view, look());
  if (!opt.watch) return report_of(view, ctx.clock().system(), ctx.out_has_colour());
  const auto stop = ctx.stop();
  serve::Narrator narrator(ctx.events(), ctx.clock());
  while (view.is_under_way()) {
    narrator(view);
    if (!ctx.clock().sleep_for(k_between_looks, stop)) return interrupted("stopped watching");
    MLK_TRY(view, look());
  }
  return report_of(view, ctx.clock().system(), ctx.out_has_colour());
}

}  // namespace

MLK_VERB(serve_status, StatusOptions, add_status, run_status);

}  // namespace mlk::commands
