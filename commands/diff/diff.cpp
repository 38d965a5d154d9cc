#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/generation.hpp"

#include <mlk/kube/client.hpp>
#include <mlk/kube/difference.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

using document::Node;

struct DiffOptions {
  std::vector<std::string> sections;
  options::Project project;
  options::Cluster cluster;
};

void add_diff(Flags& flags, DiffOptions& opt) {
  flags.about(
      "Compares what mlk.yaml would generate with what is in the cluster, by a dry run of a server-side apply: the "
      "server's own defaults count on both sides, and nothing is changed.\n\n"
      "Exit code 3 says that something differs. A job's runs are each made once by 'mlk train submit', so a job is "
      "compared only where an object of its own name exists.");
  flags.example("mlk diff", "everything in mlk.yaml against the cluster");
  flags.example("mlk diff service/sentiment -e prod", "one service, in an environment");
  flags.arguments(opt.sections, "SECTION", "job/x or service/y; all of them when left out")
      .completes(cli::Source::sections);
  options::add_project(flags, opt.project);
  options::add_cluster(flags, opt.cluster);
}

Node describe(const kube::Difference& difference) {
  return Node::mapping({{"object", difference.object},
                        {"exists", difference.exists},
                        {"differs", !difference.is_empty()},
                        {"diff", cli::or_null(difference.text)}});
}

/// Jobs that nobody created under the section's own name: their runs have names of their own.
Result<bool> is_job_without_object(kube::Client& client, const workload::SectionObjects& section) {
  if (section.section.kind != project::SectionKind::job) return false;
  for (const workload::Object& object : section.objects) {
    if (object.role != workload::Role::job) continue;
    MLK_TRY(const kube::ResourceType type,
            client.find_type(object.node["apiVersion"].string_or(), object.node["kind"].string_or()));
    const std::string namespace_name = object.node["metadata"]["namespace"].string_or(client.config().namespace_name);
    MLK_TRY(const auto live, client.find(type, namespace_name, object.name()));
    return !live.has_value();
  }
  return false;
}

std::string coloured(const std::string& diff, bool with_colour) {
  if (!with_colour) return diff;
  std::string text;
  std::size_t at = 0;
  while (at < diff.size()) {
    const std::size_t end = std::min(diff.find('\n', at), diff.size());
    const std::string line = diff.substr(at, end - at);
    const bool is_header = line.starts_with("+++") || line.starts_with("---");
    const Style style = is_header                ? Style::bold
                        : line.starts_with('+')  ? Style::good
                        : line.starts_with('-')  ? Style::bad
                        : line.starts_with("@@") ? Style::dim
                                                 : Style::plain;
    text += cli::paint(line, style, true) + "\n";
    at = end + 1;
  }
  return text;
}

Result<Report> run_diff(Context& ctx, const DiffOptions& opt) {
  MLK_TRY(Generation generation, prepare_generation(ctx, opt.project));
  MLK_TRY(kube::Client * client, ctx.cluster(opt.cluster, &generation.project));
  MLK_TRY(const Generated generated, generate_validated(generation, opt.sections, client->config().namespace_name));
  Report report;
  report.document = record("diff");
  Node objects = Node::sequence();
  std::size_t differing = 0;
  for (const workload::SectionObjects& section : generated.bundle.sections) {
    MLK_TRY(const bool is_skipped, is_job_without_object(*client, section));
    if (is_skipped) {
      ctx.note(fmt::format("{}: not compared, its runs are made by 'mlk train submit'", to_string(section.section)));
      continue;
    }
    for (const workload::Object& object : section.objects) {
      MLK_TRY(const kube::Difference difference,
              kube::compare_with_live(*client, object.node, client->config().namespace_name));
      objects.push_back(describe(difference));
      if (difference.is_empty()) continue;
      ++differing;
      report.names.push_back(difference.object);
      report.prose += coloured(difference.text, ctx.out_has_colour());
    }
  }
  while (report.prose.ends_with('\n')) report.prose.pop_back();
  report.document.set("differing", static_cast<std::int64_t>(differing)).set("objects", std::move(objects));
  if (differing == 0) {
    ctx.note("no differences");
    return report;
  }
  return std::move(report).failing(
      Error(ErrorKind::findings, fmt::format("{} object{} differ{} from the cluster", differing,
                                             differing == 1 ? "" : "s", differing == 1 ? "s" : "")));
}

}  // namespace

MLK_VERB(diff, DiffOptions, add_diff, run_diff);

}  // namespace mlk::commands
