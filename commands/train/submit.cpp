#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/generation.hpp"
#include "commands/train/following.hpp"
#include "commands/train/placement.hpp"

#include <mlk/core/text.hpp>
#include <mlk/project/load.hpp>
#include <mlk/training/submit.hpp>
#include <mlk/workload/job.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

using document::Node;
using options::DryRun;
using placement::Verdict;

struct SubmitOptions {
  std::optional<std::string> section;
  std::string name;
  std::string run_id;
  bool follow = false;
  bool no_plan = false;
  bool is_all_ranks = false;
  DryRun dry_run = DryRun::none;
  train::PatienceOptions patience;
  options::Cluster cluster;
  options::Project project;
};

void add_submit(Flags& flags, SubmitOptions& opt) {
  flags.about(
      "Starts a run of a job of mlk.yaml. Before anything leaves this machine the manifests are validated; then the "
      "plan "
      "says whether they fit (one that never can is refused with exit code 4).\n\n"
      "A run is called after its section with four random characters, or as --name says. With --run-id the name "
      "follows "
      "from the id, so that a repeated submit finds the run that is there. Without a terminal one of the two is "
      "needed.\n\n"
      "With --follow mlk stays until the run ends and ends with its outcome: 0 when it completed, 6 when it failed, "
      "with "
      "the rank and exit code that failed first. It doesn't wait for what can't get better. What it gives up on stays "
      "in "
      "the cluster, to be looked at.");
  flags.example("mlk train submit finetune --follow", "start it, show rank 0's log, end with its outcome");
  flags.example("mlk train submit finetune --run-id \"$CI_PIPELINE_ID\" -f", "in CI: a retried step finds its own run");
  flags.example("mlk train submit finetune --set jobs.finetune.nodes=4 --dry-run=server", "what the cluster would say");
  flags.argument(opt.section, "JOB", "job of mlk.yaml; may be left out where there is only one")
      .completes(cli::Source::job_sections);
  flags.option(opt.name, "--name", "NAME", "the run's whole name");
  flags.option(opt.run_id, "--run-id", "ID", "id of this run: submitting it again finds the run that is there");
  flags.option(opt.follow, "-f,--follow", "stay until the run ends, and end with its outcome");
  flags.option(opt.is_all_ranks, "--all-ranks", "with --follow: the logs of all ranks, not of rank 0 alone");
  flags.option(opt.no_plan, "--no-plan", "submit without asking whether it fits");
  options::add_dry_run(flags, opt.dry_run);
  train::add_patience(flags, opt.patience);
  options::add_cluster(flags, opt.cluster);
  options::add_project(flags, opt.project);
  flags.check([&opt]() -> Result<void> {
    if (!opt.name.empty() && !opt.run_id.empty()) {
      return Error(ErrorKind::usage, "--name '" + opt.name + "' and --run-id '" + opt.run_id + "' exclude each other")
          .fixed_by("leave one of the two out: --run-id makes a name of its own");
    }
    if (opt.follow && opt.dry_run != DryRun::none) {
      return Error(ErrorKind::usage, "--follow and --dry-run exclude each other: nothing would run")
          .fixed_by("leave one of the two out");
    }
    return {};
  });
}

Result<workload::JobOptions> name_run(Context& ctx, const SubmitOptions& opt) {
  workload::JobOptions job;
  job.name = opt.name;
  job.run_id = opt.run_id;
  if (!opt.name.empty()) return job;
  if (!opt.run_id.empty()) {
    job.suffix = training::suffix_of(opt.run_id);
    return job;
  }
  // A script that is run again must not start the same work twice.
  if (!ctx.err().is_terminal() && opt.dry_run == DryRun::none) {
    return Error(ErrorKind::usage, "without a terminal a run needs --run-id or --name")
        .because("a step that is repeated would start the same work a second time")
        .fixed_by("add --run-id ID, in CI the pipeline's own");
  }
  MLK_TRY(job.suffix, training::random_suffix());
  return job;
}

/// What is about to be sent, with what validation says of it.
struct Prepared {
  workload::JobObjects objects;
  validation::Findings findings;
};

Result<Prepared> generate(Generation& generation, const project::Job& job, const workload::JobOptions& options) {
  Prepared prepared;
  MLK_TRY(prepared.objects,
          workload::generate_job(generation.project, generation.lock, job, options, generation.library));
  std::vector<Node> nodes;
  for (const workload::Object& object : prepared.objects.objects()) nodes.push_back(object.node);
  prepared.findings = validation::validate(nodes);
  validation::add(prepared.findings, prepared.objects.warnings);
  if (auto failure = findings_failure(prepared.findings, fmt::format("job '{}' wasn't submitted", *job.name))) {
    return *std::move(failure);
  }
  return prepared;
}

void say(Context& ctx, std::string_view what, std::string_view text) {
  ctx.note(fmt::format("  {:<9} {}", what, text));
}

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

void say_findings(Context& ctx, const Prepared& prepared) {
  std::vector<std::string> warnings;
  for (const Diagnostic& found : prepared.findings.diagnostics) {
    if (found.severity != Severity::warning) continue;
    const std::string place = to_string(found.place);
    warnings.push_back(place.empty() ? found.code : fmt::format("{}, {}", found.code, place));
  }
  ctx.note(fmt::format("  ✔ validated {}, 0 errors, {}{}", counted(prepared.objects.objects().size(), "object"),
                       counted(warnings.size(), "warning"),
                       warnings.empty() ? "" : fmt::format(" ({})", join(warnings, "; "))));
}

std::string asked(const project::Job& job) {
  if (!job.pod.gpus) return counted(static_cast<std::size_t>(*job.nodes), "node");
  return fmt::format("{} × {}", *job.nodes, project::format_gpus(**job.pod.gpus));
}

std::string plan_words(const placement::Answer& answer) {
  constexpr std::size_t most_nodes = 4;
  switch (answer.verdict) {
    case Verdict::fits: {
      std::vector<std::string> nodes;
      for (const auto& each : answer.assignments) {
        if (nodes.size() < most_nodes) nodes.push_back(each.node);
      }
      std::string where = join(nodes, ", ");
      if (answer.assignments.size() > most_nodes)
        where += fmt::format(" and {} more", answer.assignments.size() - most_nodes);
      return "fits now on " + where;
    }
    case Verdict::waits:
      return "waits: " + answer.reason;
    case Verdict::never:
      return "never: " + answer.reason;
    case Verdict::unknown:
      break;
  }
  const std::string hidden = join(answer.unknown, "; ");
  return fmt::format("unknown ({})", hidden.empty() ? answer.reason : hidden);
}

/// Says what the plan is; one that can never come true stops here.
Result<std::optional<placement::Answer>> check_plan(Context& ctx, kube::Client& client, const SubmitOptions& opt,
                                                    const project::Job& job, const Prepared& prepared,
                                                    const std::string& namespace_name) {
  if (opt.no_plan) return std::optional<placement::Answer>();
  MLK_TRY(auto answer, train::plan_job(client, prepared.objects.job, namespace_name));
  say(ctx, "plan", fmt::format("{}: {}", asked(job), plan_words(answer)));
  if (answer.verdict != Verdict::never) return std::optional(std::move(answer));
  return Error(ErrorKind::never_fits, fmt::format("job '{}' can never be placed: {} asked", *job.name, asked(job)))
      .because(answer.reason)
      .fixed_by(
          fmt::format("run 'mlk plan job/{}', ask for less, or submit it all the same with --no-plan", *job.name));
}

Report report_of(const Prepared& prepared, const std::string& namespace_name, const SubmitOptions& opt) {
  Report report;
  report.document = record("train-submit");
  Node objects = Node::sequence();
  for (const workload::Object& object : prepared.objects.objects()) {
    objects.push_back(Node::mapping({{"kind", object.kind()}, {"name", object.name()}}));
  }
  report.document.set("name", prepared.objects.name)
      .set("namespace", cli::or_null(namespace_name))
      .set("runId", cli::or_null(opt.run_id))
      .set("isDryRun", opt.dry_run != DryRun::none)
      .set("isNew", true)
      .set("uid", nullptr)
      .set("plan", nullptr)
      .set("objects", std::move(objects));
  report.names = {"job/" + prepared.objects.name};
  return report;
}

Result<Report> follow_submitted(Context& ctx, kube::Client& client, const SubmitOptions& opt,
                                const std::string& namespace_name, const training::Submitted& submitted) {
  train::Target target{&client, namespace_name, {}};
  MLK_TRY(target.job, training::find_run(client, namespace_name, submitted.name, training::NameMatch::exact));
  train::Following following = train::following_for(opt.patience);
  following.options.logs.all_ranks = opt.is_all_ranks;
  following.options.logs.ranks = {0};
  return train::follow_run(ctx, target, following, "train-submit");
}

Result<Report> send(Context& ctx, const SubmitOptions& opt, const project::Project& project, const project::Job& job,
                    const Prepared& prepared) {
  MLK_TRY(kube::Client* const client, ctx.cluster(opt.cluster, &project));
  const std::string namespace_name = client->config().namespace_name;
  MLK_TRY(const auto answer, check_plan(ctx, *client, opt, job, prepared, namespace_name));
  say_findings(ctx, prepared);
  const bool is_dry = opt.dry_run == DryRun::server;
  MLK_TRY(const auto submitted, training::submit(*client, prepared.objects, {namespace_name, opt.run_id, is_dry}));
  Report report = report_of(prepared, namespace_name, opt);
  report.document.set("isNew", submitted.is_new);
  if (!is_dry) report.document.set("uid", submitted.uid);
  if (answer) report.document.set("plan", placement::to_document(*answer));
  const std::string_view done = is_dry             ? "would be created (checked by the server)"
                                : submitted.is_new ? "created"
                                                   : "was submitted before under this run id";
  const std::string line = fmt::format("  ✔ job/{} {}", submitted.name, done);
  if (!opt.follow) {
    report.prose = line;
    if (!is_dry) report.prose += fmt::format("\nfollow: mlk train logs {} -f", submitted.name);
    return report;
  }
  ctx.note(line);
  return follow_submitted(ctx, *client, opt, namespace_name, submitted);
}

Result<Report> run_submit(Context& ctx, const SubmitOptions& opt) {
  MLK_TRY(Generation generation, prepare_generation(ctx, opt.project));
  MLK_CHECK(project::require_environment(generation.project));
  MLK_TRY(const project::Job* const job, project::select_job(generation.project, opt.section));
  MLK_TRY(workload::JobOptions options, name_run(ctx, opt));
  options.namespace_name = opt.cluster.namespace_name;
  MLK_TRY(const Prepared prepared, generate(generation, *job, options));
  for (const workload::Choice& choice : prepared.objects.choices) {
    say(ctx, choice.what, choice.why.empty() ? choice.value : fmt::format("{} ({})", choice.value, choice.why));
  }
  if (opt.dry_run != DryRun::client) return send(ctx, opt, generation.project, *job, prepared);
  say_findings(ctx, prepared);
  const std::string namespace_name =
      options.namespace_name.empty() ? *generation.project.namespace_name : options.namespace_name;
  Report report = report_of(prepared, namespace_name, opt);
  report.prose =
      fmt::format("  ✔ job/{} would be created (checked here; the cluster wasn't asked)", prepared.objects.name);
  return report;
}

}  // namespace

MLK_VERB(train_submit, SubmitOptions, add_submit, run_submit);

}  // namespace mlk::commands
