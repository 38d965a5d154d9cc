#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/serve/render.hpp"
#include "commands/serve/target.hpp"

#include <mlk/serving/rollout.hpp>

#include <fmt/format.h>

/// The verbs that steer a rollout which is under way: each leaves a request for whoever drives, and most drive on from
/// here where nobody does.
namespace mlk::commands {
namespace {

struct SteerOptions {
  serve::TargetOptions target;
  options::Confirm confirm;
  bool no_wait = false;
  bool full = false;
};

void add_no_wait(Flags& flags, SteerOptions& opt) {
  flags.option(opt.no_wait, "--no-wait", "only leave the request for whoever drives the rollout");
}

void add_promote(Flags& flags, SteerOptions& opt) {
  flags.about(
      "Ends the pause at which a rollout stands and goes on to the next step; with --full straight to the end.");
  flags.example("mlk serve promote sentiment", "on to the next step");
  flags.example("mlk serve promote sentiment --full", "skip all further steps");
  serve::add_target(flags, opt.target);
  flags.option(opt.full, "--full", "skip all further steps");
  add_no_wait(flags, opt);
}

void add_pause(Flags& flags, SteerOptions& opt) {
  flags.about("Holds a rollout at the next pause between two steps, with the share that it has then.");
  flags.example("mlk serve pause sentiment", "keep the canary's share as it is");
  flags.example("mlk serve pause", "the same where there is only one service");
  serve::add_target(flags, opt.target);
}

void add_resume(Flags& flags, SteerOptions& opt) {
  flags.about("Goes on with a paused rollout, or with one that nobody drives any more.");
  flags.example("mlk serve resume sentiment", "go on, and stay until the rollout is over");
  flags.example("mlk serve resume sentiment --no-wait", "let whoever drives the rollout go on");
  serve::add_target(flags, opt.target);
  add_no_wait(flags, opt);
}

void add_abort(Flags& flags, SteerOptions& opt) {
  flags.about("Ends the rollout that is under way and goes back to the revision that served before.");
  flags.example("mlk serve abort sentiment", "all traffic back to the stable revision");
  flags.example("mlk serve abort sentiment --yes", "the same in a script");
  serve::add_target(flags, opt.target);
  options::add_confirm(flags, opt.confirm);
  add_no_wait(flags, opt);
}

Result<Report> steer(Context& ctx, const SteerOptions& opt, std::string_view schema, serving::Request request,
                     bool drives_on) {
  MLK_TRY(const serve::Target target, serve::find_target(ctx, opt.target));
  if (request == serving::Request::abort) {
    MLK_CHECK(ctx.confirm(
        fmt::format("End the rollout of '{}' in namespace '{}' and go back?", target.service, target.namespace_name),
        opt.confirm));
  }
  MLK_CHECK(serving::ask(serve::tools_for(ctx, target, {}), request));
  if (!drives_on || opt.no_wait) {
    Report report;
    report.document = record(schema);
    report.document.set("service", target.service)
        .set("namespace", target.namespace_name)
        .set("request", serving::to_string(request));
    report.names = {"service/" + target.service};
    report.prose = fmt::format("service/{}: asked its driver to {}", target.service, serving::to_string(request));
    return report;
  }
  serve::Narrator narrator(ctx.events(), ctx.clock());
  const auto tools = serve::tools_for(ctx, target, [&narrator](const serving::View& view) { narrator(view); });
  MLK_TRY(const auto ending, serving::go_on(tools));
  Report report = serve::ending_report(schema, target.service, target.namespace_name, ending);
  // Going back is what abort was asked for, so its success is no failure.
  if (request == serving::Request::abort && ending.phase == serving::Phase::undone) {
    report.failure.reset();
    report.prose = fmt::format("service/{}: back at revision {}", target.service, ending.stable.number);
  }
  return report;
}

Result<Report> run_promote(Context& ctx, const SteerOptions& opt) {
  return steer(ctx, opt, "serve-promote", opt.full ? serving::Request::promote_full : serving::Request::promote, true);
}

Result<Report> run_pause(Context& ctx, const SteerOptions& opt) {
  return steer(ctx, opt, "serve-pause", serving::Request::pause, false);
}

Result<Report> run_resume(Context& ctx, const SteerOptions& opt) {
  return steer(ctx, opt, "serve-resume", serving::Request::resume, true);
}

Result<Report> run_abort(Context& ctx, const SteerOptions& opt) {
  return steer(ctx, opt, "serve-abort", serving::Request::abort, true);
}

}  // namespace

MLK_VERB(serve_promote, SteerOptions, add_promote, run_promote);
MLK_VERB(serve_pause, SteerOptions, add_pause, run_pause);
MLK_VERB(serve_resume, SteerOptions, add_resume, run_resume);
MLK_VERB(serve_abort, SteerOptions, add_abort, run_abort);

}  // namespace mlk::commands
