#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/generation.hpp"

#include <mlk/core/text.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/placement/plan.hpp>
#include <mlk/placement/workload.hpp>
#include <mlk/platform/inventory.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::commands {
namespace {

using document::Node;
using placement::Answer;
using placement::Verdict;

constexpr std::size_t k_shown_nodes = 6;

struct PlanOptions {
  std::vector<std::string> sections;
  options::Cluster cluster;
  options::Project project;
};

void add_plan(Flags& flags, PlanOptions& opt) {
  flags.about(
      "Says for each section of mlk.yaml whether its pods fit the cluster: fits (and where), waits (for what is in "
      "use), never (not even with nothing else running), or unknown, where your rights hide what decides. Sections are "
      "planned in the order given, each on what those before it leave. Nothing is changed.\n\n"
      "Looked at are resources, taints, node selector and node affinity, cordons and readiness, and the quotas of the "
      "namespace. Exit code 4 when a section can never be placed.");
  flags.example("mlk plan", "every section of mlk.yaml");
  flags.example("mlk plan job/finetune --set jobs.finetune.gpus=a100:8", "one section, with other GPUs");
  flags.example("mlk plan -o json", "answers with each reason and the nodes it holds for");
  flags.arguments(opt.sections, "SECTION", "job/x or service/y of mlk.yaml; all of them when left out")
      .completes(cli::Source::sections);
  options::add_cluster(flags, opt.cluster);
  options::add_project(flags, opt.project);
}

/// The pods of each section, under the section's name: that is what the user knows.
Result<std::vector<placement::Workload>> read_workloads(const workload::Bundle& bundle,
                                                        const std::string& namespace_name) {
  std::vector<placement::Workload> workloads;
  for (const workload::SectionObjects& section : bundle.sections) {
    std::vector<Node> nodes;
    for (const workload::Object& object : section.objects) nodes.push_back(object.node);
    MLK_TRY(auto found, placement::read_workloads(nodes));
    for (placement::Workload& each : found) {
      each.name = to_string(section.section);
      if (each.name_space.empty()) each.name_space = namespace_name;
      workloads.push_back(std::move(each));
    }
  }
  return workloads;
}

std::string where(const Answer& answer) {
  std::vector<std::string> names;
  for (const auto& each : answer.assignments) {
    if (names.size() == k_shown_nodes) {
      names.push_back(fmt::format("{} more", answer.assignments.size() - k_shown_nodes));
      break;
    }
    names.push_back(each.pods == 1 ? each.node : fmt::format("{} ×{}", each.node, each.pods));
  }
  return join(names, ", ");
}

Style style_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fits:
      return Style::good;
    case Verdict::waits:
      return Style::warning;
    case Verdict::never:
      return Style::bad;
    case Verdict::unknown:
      return Style::accent;
  }
  return Style::plain;
}

/// Why nodes take no further pod, one reason a line. What keeps no pod back isn't worth a line.
std::string refusal_lines(const Answer& answer) {
  if (answer.verdict == Verdict::fits) return {};
  std::string text;
  for (const placement::Refusal& refusal : answer.refusals) {
    const std::size_t nodes = refusal.nodes.size();
    const std::string count = nodes == 0 ? "namespace" : fmt::format("{} {}", nodes, nodes == 1 ? "node" : "nodes");
    text += fmt::format("\n    {:>9}  {}", count, describe(refusal));
  }
  return text;
}

/// The answer's own sentence; the reasons follow one a line, so what repeats them is left out.
std::string headline(const Answer& answer) {
  const std::string reasons = ": " + describe(answer.refusals);
  std::string_view sentence = answer.reason;
  if (reasons.size() > 2 && sentence.ends_with(reasons)) sentence.remove_suffix(reasons.size());
  return std::string(sentence);
}

std::string to_prose(const std::vector<Answer>& answers, const placement::Inventory& inventory, bool has_colour) {
  std::size_t width = 0;
  for (const Answer& answer : answers) width = std::max(width, display_width(answer.workload));
  std::string text;
  for (const Answer& answer : answers) {
    if (!text.empty()) text += '\n';
    text += answer.workload + std::string(width - display_width(answer.workload) + 2, ' ');
    const std::string verdict = fmt::format("{:<7}", to_string(answer.verdict));
    text += cli::paint(verdict, style_of(answer.verdict), has_colour) + "  " + headline(answer);
    if (!answer.assignments.empty()) text += ": " + where(answer);
    text += refusal_lines(answer);
  }
  for (const std::string& unknown : inventory.unknown) text += "\nunknown: " + unknown;
  return text;
}

Node to_document(const std::vector<Answer>& answers, const placement::Inventory& inventory,
                 const kube::Client& client) {
  Node list = Node::sequence();
  for (const Answer& answer : answers) {
    Node each = placement::to_document(answer);
    each.erase("workload");
    Node named = Node::mapping({{"section", answer.workload}});
    for (document::Entry& entry : each.entries_mutable()) named.set(entry.key, std::move(entry.value));
    list.push_back(std::move(named));
  }
  Node unknown = Node::sequence();
  for (const std::string& each : inventory.unknown) unknown.push_back(each);
  Node document = record("plan");
  document.set("context", cli::or_null(client.config().context))
      .set("namespace", client.config().namespace_name)
      .set("nodes", static_cast<std::int64_t>(inventory.nodes.size()))
      .set("sections", std::move(list))
      .set("unknown", std::move(unknown));
  return document;
}

std::optional<Error> failure_of(const std::vector<Answer>& answers) {
  std::vector<std::string> names;
  std::string why;
  for (const Answer& answer : answers) {
    if (answer.verdict != Verdict::never) continue;
    names.push_back(answer.workload);
    if (why.empty()) why = answer.reason;
  }
  if (names.empty()) return std::nullopt;
  return Error(ErrorKind::never_fits, fmt::format("{} can never be placed here", join(names, ", ")))
      .because(std::move(why))
      .fixed_by("see what there is with 'mlk cluster gpus', and ask for less, or for other GPUs");
}

Result<Report> run_plan(Context& ctx, const PlanOptions& opt) {
  MLK_TRY(Generation generation, prepare_generation(ctx, opt.project));
  MLK_TRY(kube::Client * client, ctx.cluster(opt.cluster, &generation.project));
  const std::string& namespace_name = client->config().namespace_name;
  MLK_TRY(const Generated generated, generate_validated(generation, opt.sections, namespace_name));
  MLK_TRY(const auto workloads, read_workloads(generated.bundle, namespace_name));
  if (workloads.empty()) {
    return Error(ErrorKind::failed, "nothing to plan: the sections have no pods")
        .fixed_by("name a job or service; 'mlk config show' prints what mlk.yaml has");
  }
  MLK_TRY(const placement::Inventory inventory, platform::read_inventory(*client, namespace_name));
  const std::vector<Answer> answers = placement::plan(inventory, workloads);
  Report report;
  report.document = to_document(answers, inventory, *client);
  report.prose = to_prose(answers, inventory, ctx.out_has_colour());
  for (const Answer& answer : answers) report.names.push_back(answer.workload);
  report.failure = failure_of(answers);
  return report;
}

}  // namespace

MLK_VERB(plan, PlanOptions, add_plan, run_plan);

}  // namespace mlk::commands
