#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/generation.hpp"
#include "commands/serve/render.hpp"
#include "commands/serve/target.hpp"

#include <mlk/placement/plan.hpp>
#include <mlk/placement/workload.hpp>
#include <mlk/platform/inventory.hpp>
#include <mlk/project/load.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/serving/rollout.hpp>
#include <mlk/serving/steps.hpp>
#include <mlk/validation/validate.hpp>
#include <mlk/workload/names.hpp>
#include <mlk/workload/service.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

struct RolloutOptions {
  std::optional<std::string> service;
  options::Cluster cluster;
  options::Project project;
  options::DryRun dry_run = options::DryRun::none;
  std::string model;
  std::string if_running = "continue";
};

void add_rollout(Flags& flags, RolloutOptions& opt) {
  flags.about(
      "Takes a service to what mlk.yaml and mlk.lock say now, by its strategy (rolling, canary, blue-green), and stays "
      "until that is done. A rollout that makes no progress is undone by itself, with its reason.\n\n"
      "The rollout is driven from here, and its state lies in the cluster: when this program is killed, run the same "
      "command again, anywhere, and it goes on where it stood. Ctrl-C leaves it standing as it is.");
  flags.example("mlk serve rollout sentiment -e prod", "roll out what mlk.yaml and mlk.lock say");
  flags.example("mlk serve rollout sentiment --model @sha256:4f5c…", "the same with another build of the model");
  flags.example("mlk serve rollout sentiment --dry-run=server", "show what would change, change nothing");
  flags.argument(opt.service, "SERVICE", "a service of mlk.yaml; may be left out where there is only one")
      .completes(cli::Source::service_sections);
  flags.option(opt.model, "--model", "IMAGE",
               "serve this model image (or @sha256:… of the same repository), and keep it in mlk.lock");
  flags
      .option(opt.if_running, "--if-running", "WHAT",
              "when a rollout is under way: continue it if it leads to the same and else refuse, supersede it, wait "
              "for its "
              "end first, or fail in any case (default continue)")
      .choices({"continue", "supersede", "wait", "fail"});
  options::add_dry_run(flags, opt.dry_run);
  options::add_cluster(flags, opt.cluster);
  options::add_project(flags, opt.project);
}

serving::IfRunning if_running_of(std::string_view text) {
  if (text == "supersede") return serving::IfRunning::supersede;
  if (text == "wait") return serving::IfRunning::wait;
  if (text == "fail") return serving::IfRunning::fail;
  return serving::IfRunning::go_on;
}

/// The lock with the model that --model names: "@sha256:…" or "registry/repo@sha256:…".
Result<project::Lock> with_model(project::Lock lock, const project::Project& project, const project::Service& service,
                                 const std::string& model) {
  const auto at = model.find('@');
  const std::string& section = service.model.value;
  const project::Model* known = project.find_model(section);
  if (at == std::string::npos || !model.substr(at + 1).starts_with("sha256:")) {
    return Error(ErrorKind::usage, fmt::format("--model '{}' names no digest", model))
        .because("a tag can move between two looks at it; a rollout serves one thing to its end")
        .fixed_by("give '@sha256:…' or 'registry/repo@sha256:…'; 'mlk model list' shows digests");
  }
  if (known == nullptr) {
    return Error(ErrorKind::usage,
                 fmt::format("service '{}' has no model that --model could replace", service.name.value))
        .fixed_by("add 'model:' to the service and the model to 'models:' in mlk.yaml");
  }
  project::LockedModel& locked = lock.models[section];
  if (at != 0) locked.image = model.substr(0, at);
  if (locked.image.empty()) locked.image = known->image.value;
  if (locked.digest != model.substr(at + 1)) locked.size.reset();
  locked.digest = model.substr(at + 1);
  return lock;
}

Result<void> check_objects(Context& ctx, const workload::ServiceObjects& objects) {
  std::vector<document::Node> nodes;
  for (const auto& object : objects.objects()) nodes.push_back(object.node);
  const auto findings = validation::validate(nodes, {});
  if (auto failure = findings_failure(findings, "rolling out")) return *std::move(failure);
  const auto warnings = findings.count(Severity::warning);
  ctx.note(fmt::format("  ✔ validated {} objects, 0 errors, {} warning{}", nodes.size(), warnings,
                       warnings == 1 ? "" : "s"));
  return {};
}

/// What is going to happen, in a few lines.
void announce(Context& ctx, const workload::ServiceObjects& objects, const serving::Journal& plan) {
  for (const auto& choice : objects.choices) {
    ctx.note(fmt::format("  {:<9} {}{}", choice.what, choice.value, choice.why.empty() ? "" : " (" + choice.why + ")"));
  }
  if (!serving::has_way_back(plan)) {
    ctx.note(fmt::format(
        "  rollout   revision {}, {} replica{} at once: nothing serves yet that it could replace step by step",
        plan.target.number, plan.replicas, plan.replicas == 1 ? "" : "s"));
    return;
  }
  std::string steps;
  for (const auto& step : plan.steps) {
    const auto reached = serving::split(plan.sharing, plan.replicas, step.weight, true).share();
    if (!steps.empty()) steps += ", ";
    steps += format_percent(step.weight);
    const bool is_off =
        plan.sharing == serving::Sharing::replicas && format_percent(reached) != format_percent(step.weight);
    if (is_off)
      steps += fmt::format(" (really {}: by {} replicas, no gateway)", format_percent(reached), plan.replicas);
  }
  ctx.note(fmt::format("  rollout   {} from revision {} to {}{}{}, up to {} more replica{} meanwhile", plan.strategy,
                       plan.stable.number, plan.target.number, steps.empty() ? "" : ": ", steps, serving::surge(plan),
                       serving::surge(plan) == 1 ? "" : "s"));
}

/// Whether the pods that come on top while the rollout runs fit on what is free; only a proven never stops it.
Result<void> check_room(Context& ctx, kube::Client& client, const workload::ServiceObjects& objects,
                        const serving::Journal& plan) {
  const std::int64_t more = serving::has_way_back(plan) ? serving::surge(plan) : plan.replicas;
  if (more == 0) return {};
  placement::Workload pods;
  pods.name = "service/" + objects.name;
  pods.name_space = client.config().namespace_name;
  pods.replicas = more;
  MLK_TRY(pods.pod, placement::read_pod_request(objects.deployment["spec"]["template"]["spec"]));
  MLK_TRY(const auto inventory, platform::read_inventory(client, pods.name_space));
  const auto answer = placement::plan(inventory, {pods}).front();
  const std::string found =
      fmt::format("{} more pod{}: {}", more, more == 1 ? "" : "s", placement::to_string(answer.verdict));
  if (answer.verdict == placement::Verdict::never) {
    return Error(ErrorKind::never_fits,
                 fmt::format("the {} pod{} that this rollout adds can never be placed", more, more == 1 ? "" : "s"))
        .because(answer.reason)
        .fixed_by(fmt::format("run 'mlk plan service/{}', or ask for fewer or other GPUs", objects.name));
  }
  const std::string line = answer.reason.empty() ? found : fmt::format("{}, {}", found, answer.reason);
  if (answer.verdict == placement::Verdict::waits) {
    ctx.warn(fmt::format("{}; without that room the rollout is undone after {}", line,
                         format_duration(plan.progress_deadline)));
  } else {
    ctx.note("  plan      " + line);
  }
  return {};
}

Result<void> try_on_server(kube::Client& client, const workload::ServiceObjects& objects) {
  kube::ApplyOptions options;
  options.dry_run = true;
  options.force = true;
  for (const auto& object : objects.objects()) {
    MLK_TRY(const auto type, client.find_type(object.node["apiVersion"].string_or(), object.node["kind"].string_or()));
    MLK_CHECK(client.apply(type, client.config().namespace_name, object.node, options));
  }
  return {};
}

Result<Report> run_rollout(Context& ctx, const RolloutOptions& opt) {
  MLK_TRY(Generation generation, prepare_generation(ctx, opt.project));
  const project::Project& project = generation.project;
  MLK_TRY(const project::Service* service, project::select_service(project, opt.service));
  if (opt.dry_run == options::DryRun::none) MLK_CHECK(project::require_environment(project));
  if (!opt.model.empty()) {
    MLK_TRY(generation.lock, with_model(std::move(generation.lock), project, *service, opt.model));
  }
  MLK_TRY(kube::Client * client, ctx.cluster(opt.cluster, &project));
  const serve::Target target{client, client->config().namespace_name, service->name.value};

  workload::ServiceOptions settings;
  settings.namespace_name = target.namespace_name;
  MLK_TRY(const auto objects,
          workload::generate_service(project, generation.lock, *service, settings, generation.library));
  MLK_TRY(const auto plan, serving::plan_rollout(*client, target.namespace_name, objects, service->rollout));
  announce(ctx, objects, plan);
  MLK_CHECK(check_objects(ctx, objects));
  MLK_CHECK(check_room(ctx, *client, objects, plan));
  if (opt.dry_run == options::DryRun::server) MLK_CHECK(try_on_server(*client, objects));
  if (opt.dry_run != options::DryRun::none) {
    serving::Ending nothing_done;
    nothing_done.phase = serving::Phase::preparing;
    nothing_done.stable = plan.stable;
    nothing_done.target = plan.target;
    Report report = serve::ending_report("serve-rollout", target.service, target.namespace_name, nothing_done);
    report.prose = fmt::format("service/{}: would go to revision {} (dry run)", target.service, plan.target.number);
    return report;
  }
  if (!opt.model.empty()) MLK_CHECK(project::write_lock(project::lock_path(project.file), generation.lock));

  serve::Narrator narrator(ctx.events(), ctx.clock());
  const auto tools = serve::tools_for(ctx, target, [&narrator](const serving::View& view) { narrator(view); });
  auto ending = serving::roll_out(tools, objects, service->rollout, if_running_of(opt.if_running));
  if (!ending && ending.error().kind == ErrorKind::interrupted) {
    return std::move(std::move(ending).error())
        .fixed_by(fmt::format("go on: mlk serve rollout {0} · back: mlk serve abort {0}", target.service));
  }
  if (!ending) return std::move(ending).error();
  return serve::ending_report("serve-rollout", target.service, target.namespace_name, *ending);
}

}  // namespace

MLK_VERB(serve_rollout, RolloutOptions, add_rollout, run_rollout);

}  // namespace mlk::commands
