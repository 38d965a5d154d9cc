#include "cli/printer.hpp"
#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/generation.hpp"

#include <mlk/core/file.hpp>
#include <mlk/document/writer.hpp>

#include <fmt/format.h>

#include <filesystem>

namespace mlk::commands {
namespace {

using document::Node;
namespace fs = std::filesystem;

struct GenerateOptions {
  std::vector<std::string> sections;
  std::string namespace_name;
  std::optional<std::string> output_dir;
  bool origins = false;
  options::Project project;
};

void add_generate(Flags& flags, GenerateOptions& opt) {
  flags.about(
      "Prints the Kubernetes manifests of jobs and services. They depend on mlk.yaml, mlk.lock and .mlk/templates "
      "alone: no cluster is asked, and the same files always give the same bytes.\n\n"
      "What comes out is validated first: a finding that is an error stops it with exit code 3 and nothing is "
      "printed.");
  flags.example("mlk generate", "everything in mlk.yaml, ready for 'kubectl apply --server-side -f -'");
  flags.example("mlk generate service/sentiment -e prod", "one service, as it is in an environment");
  flags.example("mlk generate --output-dir manifests", "one file a section, to commit");
  flags.example("mlk generate job/finetune --origins", "which line or default each block comes from");
  flags.output_formats({"yaml", "json"});
  flags.arguments(opt.sections, "SECTION", "job/x or service/y; all of them when left out")
      .completes(cli::Source::sections);
  flags.option(opt.output_dir, "--output-dir", "DIR", "write one file a section into this folder instead of printing")
      .completes(cli::Source::directories);
  flags.option(opt.origins, "--origins", "print where each block comes from instead of the manifests");
  options::add_namespace(flags, opt.namespace_name, "namespace of the objects instead of mlk.yaml's");
  options::add_project(flags, opt.project);
  flags.check([&opt]() -> Result<void> {
    if (opt.origins && opt.output_dir) {
      return Error(ErrorKind::usage, "'--origins' prints a table and '--output-dir' writes manifests")
          .fixed_by("give one of them");
    }
    return {};
  });
}

std::string manifests(const std::vector<Node>& nodes, bool as_json) {
  if (!as_json) return document::write_yaml_stream(nodes);
  Node list = Node::mapping({{"apiVersion", "v1"}, {"kind", "List"}, {"items", Node::sequence(nodes)}});
  return document::write_json(list) + "\n";
}

/// "service-sentiment.yaml" for each section.
Result<std::string> write_sections(Context& ctx, const workload::Bundle& bundle, const fs::path& folder, bool as_json) {
  const fs::path target = ctx.resolve(folder);
  std::error_code error;
  fs::create_directories(target, error);
  if (error) return system_error(fmt::format("making the folder '{}'", folder.string()), error.value());
  std::string written;
  for (const workload::SectionObjects& section : bundle.sections) {
    std::vector<Node> nodes;
    for (const workload::Object& object : section.objects) nodes.push_back(object.node);
    const std::string name = fmt::format("{}-{}.{}", project::to_string(section.section.kind), section.section.name,
                                         as_json ? "json" : "yaml");
    MLK_CHECK(write_file(target / name, manifests(nodes, as_json)));
    written += (folder / name).string() + "\n";
  }
  return written;
}

std::string origin_text(const workload::BlockOrigin& origin) {
  const std::string place = to_string(origin.place);
  if (!origin.is_default) return place.empty() ? "flag" : place;
  return place.empty() ? "default" : "default, " + place;
}

std::string origins_text(Context& ctx, const workload::Bundle& bundle) {
  const auto all = workload::origins(bundle);
  if (ctx.is_json()) {
    Node blocks = Node::sequence();
    for (const workload::BlockOrigin& origin : all) {
      blocks.push_back(Node::mapping({{"object", origin.object},
                                      {"path", origin.path},
                                      {"place", cli::or_null(to_string(origin.place))},
                                      {"isDefault", origin.is_default}}));
    }
    Node root = record("generate-origins");
    root.set("blocks", std::move(blocks));
    return document::write_json(root) + "\n";
  }
  Table table{{{"OBJECT"}, {"BLOCK"}, {"FROM"}}, {}, ""};
  for (const workload::BlockOrigin& origin : all) {
    table.rows.push_back(
        {origin.object, origin.path, Cell(origin_text(origin), origin.is_default ? Style::dim : Style::plain)});
  }
  return cli::format_table(table, false, ctx.out().width(), ctx.out_has_colour());
}

void say_warnings(Context& ctx, const Generated& generated) {
  for (const Diagnostic& finding : generated.findings.diagnostics) {
    if (finding.severity == Severity::warning) ctx.note(to_string(finding));
    if (finding.severity == Severity::info) ctx.detail(1, to_string(finding));
  }
  for (const workload::SectionObjects& section : generated.bundle.sections) {
    for (const workload::Choice& choice : section.choices) {
      ctx.detail(1, fmt::format("{}: {} {} ({})", to_string(section.section), choice.what, choice.value, choice.why));
    }
  }
}

Result<Report> run_generate(Context& ctx, const GenerateOptions& opt) {
  MLK_TRY(Generation generation, prepare_generation(ctx, opt.project));
  MLK_TRY(const Generated generated, generate_validated(generation, opt.sections, opt.namespace_name));
  if (auto failure = findings_failure(generated.findings, "nothing was generated")) return *std::move(failure);
  say_warnings(ctx, generated);
  if (generated.bundle.sections.empty()) {
    ctx.note("nothing to generate: only jobs and services have manifests");
    return Report{.document = record("generate"), .verbatim = ""};
  }
  Report report;
  if (opt.origins) {
    report.verbatim = origins_text(ctx, generated.bundle);
  } else if (opt.output_dir) {
    MLK_TRY(report.verbatim, write_sections(ctx, generated.bundle, *opt.output_dir, ctx.is_json()));
  } else {
    report.verbatim = manifests(generated.bundle.nodes(), ctx.is_json());
  }
  return report;
}

}  // namespace

MLK_VERB(generate, GenerateOptions, add_generate, run_generate);

}  // namespace mlk::commands
