#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/images.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/platform/doctor.hpp>
#include <mlk/platform/rights.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::commands {
namespace {

using document::Node;
using platform::Check;
using platform::CheckState;

struct DoctorOptions {
  bool role = false;
  RegistryFlags registry;
  options::Cluster cluster;
  options::Project project;
};

void add_doctor(Flags& flags, DoctorOptions& opt) {
  flags.about(
      "Says what this cluster, its registries and your account can and can't do for mlk.yaml, each line with its fix: "
      "the lock, the server's version, the namespace, your rights one by one, the Gateway API, nodes and their GPUs, "
      "and the registry of each model. What your rights hide is unknown, never guessed. Without mlk.yaml it looks at "
      "the cluster alone. Nothing is changed.\n\n"
      "Exit code 3 when something that is needed is missing.");
  flags.example("mlk doctor", "everything that mlk.yaml here needs");
  flags.example("mlk doctor --role", "the smallest RBAC role for it, to give to an administrator");
  flags.option(opt.role, "--role", "print the smallest RBAC role that this file needs, and ask nobody");
  options::add_cluster(flags, opt.cluster);
  options::add_project(flags, opt.project);
  add_registry(flags, opt.registry);
}

/// The namespace that the file's objects go to: without a word to the cluster.
Result<std::string> namespace_of(Context& ctx, const DoctorOptions& opt, const project::Project& project) {
  if (!opt.cluster.namespace_name.empty()) return opt.cluster.namespace_name;
  if (!project.namespace_name->empty()) return *project.namespace_name;
  MLK_TRY(const kube::Client* client, ctx.cluster(opt.cluster, &project));
  return client->config().namespace_name;
}

Result<Report> print_role(Context& ctx, const DoctorOptions& opt, const std::optional<project::Project>& project) {
  if (!project) {
    return Error(ErrorKind::usage, "there is no mlk.yaml here, so no role for it")
        .because("the smallest role depends on the jobs and services of a file")
        .fixed_by("name a file with --file, or write one with 'mlk init'");
  }
  if (project->jobs.empty() && project->services.empty()) {
    return Error(ErrorKind::failed, "this file needs no role")
        .because("it has neither jobs nor services, so mlk does nothing in a cluster for it");
  }
  MLK_TRY(const std::string namespace_name, namespace_of(ctx, opt, *project));
  Node role = platform::smallest_role(*project, namespace_name);
  Report report;
  report.verbatim = document::write_yaml(role);
  report.names = {"role/" + role["metadata"]["name"].string_or()};
  report.document = record("doctor-role");
  report.document.set("role", std::move(role));
  return report;
}

platform::RegistryAccess registry_access(Context& ctx, const DoctorOptions& opt) {
  platform::RegistryAccess access{
      oci::CredentialStore::from([&ctx](const std::string& name) { return ctx.env(name); }), {}, &ctx.clock(), {}};
  access.stop = ctx.stop();
  if (opt.registry.plain_http) access.options.plain_http = true;
  if (!opt.registry.ca_file.empty()) access.options.ca_file = ctx.resolve(opt.registry.ca_file).string();
  // A quick look, and a second one for a connection that happened to break.
  access.options.attempts = 2;
  access.options.stall = Milliseconds(5000);
  access.options.longest_retry_after = Milliseconds(2000);
  return access;
}

std::string summary(const project::Project& project) {
  return fmt::format("is valid: models {}, jobs {}, services {}", project.models.size(), project.jobs.size(),
                     project.services.size());
}

/// What the checks are about, and the failure of a cluster that couldn't be asked to the end.
struct Examined {
  std::vector<Check> checks;
  std::optional<Error> failure;
  std::string context;
  std::string namespace_name;
};

void examine_cluster(Context& ctx, const DoctorOptions& opt, const project::Project* project, Examined& out) {
  auto client = ctx.cluster(opt.cluster, project);
  if (client) {
    out.context = (*client)->config().context;
    out.namespace_name = (*client)->config().namespace_name;
  }
  const Result<void> asked =
      client ? platform::check_cluster(**client, project, out.checks) : Result<void>(std::move(client).error());
  if (asked) return;
  out.failure = asked.error();
  out.checks.push_back({"cluster", "connection", CheckState::missing, asked.error().what, asked.error().fix});
}

Examined examine(Context& ctx, const DoctorOptions& opt, const std::optional<project::Project>& project) {
  Examined out;
  std::optional<project::Lock> lock;
  if (project) {
    out.checks.push_back({"project", project->file.filename().string(), CheckState::ok, summary(*project), {}});
    const auto read = project::read_lock(project::lock_path(project->file));
    if (read) lock = *read;
    for (Check& check : platform::check_lock(*project, read)) out.checks.push_back(std::move(check));
  }
  examine_cluster(ctx, opt, project ? &*project : nullptr, out);
  if (project && !ctx.stop().stop_requested()) {
    for (Check& check : platform::check_models(*project, lock, registry_access(ctx, opt))) {
      out.checks.push_back(std::move(check));
    }
  }
  return out;
}

struct Mark {
  std::string_view text;
  Style style;
};

Mark mark_of(CheckState state) {
  switch (state) {
    case CheckState::ok:
      return {"✔", Style::good};
    case CheckState::missing:
      return {"✖", Style::bad};
    case CheckState::warning:
      return {"!", Style::warning};
    case CheckState::unknown:
      return {"?", Style::accent};
  }
  return {"", Style::plain};
}

std::string to_prose(const std::vector<Check>& checks, bool has_colour) {
  std::size_t width = 0;
  for (const Check& check : checks) width = std::max(width, display_width(check.subject));
  std::string text;
  std::string_view area;
  for (const Check& check : checks) {
    if (check.area != area) {
      if (!text.empty()) text += '\n';
      area = check.area;
      text += cli::paint(area, Style::bold, has_colour) + '\n';
    }
    const Mark mark = mark_of(check.state);
    const std::string gap(width - display_width(check.subject) + 2, ' ');
    text +=
        fmt::format("  {} {}{}{}\n", cli::paint(mark.text, mark.style, has_colour), check.subject, gap, check.finding);
    if (!check.fix.empty()) text += fmt::format("      fix: {}\n", check.fix);
  }
  if (!text.empty()) text.pop_back();
  return text;
}

Node to_document(const Examined& examined, const std::optional<project::Project>& project) {
  Node checks = Node::sequence();
  for (const Check& check : examined.checks) {
    checks.push_back(Node::mapping({{"area", check.area},
                                    {"subject", check.subject},
                                    {"state", platform::to_string(check.state)},
                                    {"finding", check.finding},
                                    {"fix", cli::or_null(check.fix)}}));
  }
  Node document = record("doctor");
  document.set("project", project ? Node(*project->name) : Node())
      .set("context", cli::or_null(examined.context))
      .set("namespace", cli::or_null(examined.namespace_name))
      .set("checks", std::move(checks));
  const bool has_role = project && !examined.namespace_name.empty();
  document.set("role", has_role ? platform::smallest_role(*project, examined.namespace_name) : Node());
  return document;
}

std::optional<Error> failure_of(const Examined& examined) {
  if (examined.failure) return examined.failure;
  std::vector<std::string> names;
  for (const Check& check : examined.checks) {
    if (check.state == CheckState::missing) names.push_back(check.subject);
  }
  if (names.empty()) return std::nullopt;
  constexpr std::size_t k_named = 3;
  if (names.size() > k_named) {
    const std::string more = fmt::format("and {} more", names.size() - k_named);
    names.resize(k_named);
    names.push_back(more);
  }
  return Error(ErrorKind::findings, "not everything that is needed is there: " + join(names, ", "))
      .fixed_by("do what each line marked ✖ says, then run 'mlk doctor' again");
}

Result<Report> run_doctor(Context& ctx, const DoctorOptions& opt) {
  // Before the first question to anybody, so that a slip in the file can't lead to another cluster than it names.
  MLK_TRY(const std::optional<project::Project> project, ctx.find_project(opt.project));
  if (opt.role) return print_role(ctx, opt, project);
  const Examined examined = examine(ctx, opt, project);
  Report report;
  report.document = to_document(examined, project);
  report.prose = to_prose(examined.checks, ctx.out_has_colour());
  for (const Check& check : examined.checks) report.names.push_back(check.area + "/" + check.subject);
  report.failure = failure_of(examined);
  return report;
}

}  // namespace

MLK_VERB(doctor, DoctorOptions, add_doctor, run_doctor);

}  // namespace mlk::commands
