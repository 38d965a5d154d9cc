#include "cli/verb.hpp"
#include "commands/images.hpp"
#include "commands/model/describe.hpp"
#include "commands/model/source.hpp"

#include <mlk/core/text.hpp>
#include <mlk/packaging/plan.hpp>
#include <mlk/project/lock.hpp>

#include <algorithm>
#include <utility>

namespace mlk::commands {
namespace {

struct PackOptions {
  std::optional<std::string> model;
  std::vector<std::string> targets;
  bool no_lock = false;
  options::DryRun dry_run = options::DryRun::none;
  options::Project project;
  RegistryFlags registry;
};

void add_pack(Flags& flags, PackOptions& opt) {
  flags.about(
      "Turns a folder with a model into an OCI image that Kubernetes mounts as a volume: the files under models/, one "
      "layer for each weight file. Nothing but the content decides the digest.\n\n"
      "Without -t the image goes into the layout that mlk keeps on this machine, under the name that mlk.yaml gives "
      "the model; 'mlk model push' sends it on. With -t it goes where the name says, without a copy here. For a model "
      "of mlk.yaml the digest is written to mlk.lock.");
  flags.example("mlk model pack", "the only model of mlk.yaml");
  flags.example("mlk model pack ./models/sentiment -t registry.example.com/nlp/sentiment:v1", "straight to a registry");
  flags.example("mlk model pack ./m -t oci:./layout:v1 -t 127.0.0.1:5000/m:v1", "into a layout and a registry");
  flags.argument(opt.model, "DIR", "folder, or a model's name in mlk.yaml; may be left out where there is only one")
      .completes(cli::Source::directories);
  flags.option(opt.targets, "-t,--tag", "NAME", "image to write: registry/repo:tag or oci:DIR:TAG; repeatable")
      .completes(cli::Source::image_tags);
  flags.option(opt.no_lock, "--no-lock", "leave mlk.lock as it is");
  options::add_dry_run(flags, opt.dry_run);
  add_registry(flags, opt.registry);
  options::add_project(flags, opt.project);
}

Result<std::vector<oci::Reference>> choose_targets(const Context& ctx, const PackOptions& opt,
                                                   const ModelSource& source) {
  std::vector<oci::Reference> out;
  for (const auto& name : opt.targets) {
    MLK_TRY(auto target, parse_image(ctx, name));
    out.push_back(std::move(target));
  }
  if (!out.empty()) return out;
  if (source.section == nullptr || source.section->image->empty()) {
    return Error(ErrorKind::usage, "the image has no name")
        .because(source.section == nullptr ? "'" + source.shown + "' is no model of an mlk.yaml here"
                                           : "model '" + *source.section->name + "' has no 'image' in mlk.yaml")
        .fixed_by("name it: mlk model pack " + source.shown + " -t registry/repository:tag");
  }
  MLK_TRY(const auto name, parse_image(ctx, *source.section->image));
  if (name.home == oci::Home::layout) return std::vector{name};
  MLK_TRY(const auto directory, default_layout(ctx));
  return std::vector{packaging::in_layout(directory, name)};
}

/// The name to put into mlk.lock: what a cluster will pull. Empty when there is none.
Result<std::string> locked_name(const Context& ctx, const ModelSource& source, const packaging::MovedImage& image) {
  for (const auto& target : image.targets) {
    if (target.home == oci::Home::registry) return target.name() + ":" + target.tag;
  }
  if (source.section->image->empty()) return std::string();
  MLK_TRY(auto name, parse_image(ctx, *source.section->image));
  if (name.home == oci::Home::layout) return std::string();
  if (name.tag.empty()) name.tag = image.manifest.descriptor.digest.short_hex();
  return name.name() + ":" + name.tag;
}

std::string files_text(const model::Folder& folder) {
  std::string out = std::to_string(folder.files.size()) + ", " + size_text(folder.size);
  if (folder.ignored.empty()) return out;
  auto shown = folder.ignored;
  shown.resize(std::min<std::size_t>(shown.size(), 4));
  return out + "; left out: " + join(shown, ", ") + (folder.ignored.size() > 4 ? ", …" : "");
}

Report dry_report(const ModelSource& source, const model::Folder& folder, const packaging::PackPlan& plan) {
  Report report;
  document::Node layers = document::Node::sequence();
  Table table{{{"LAYER"}, {"FILES", cli::Align::right}, {"SIZE", cli::Align::right}}, {}, "nothing to pack"};
  for (const auto& layer : plan.layers) {
    layers.push_back(document::Node::mapping({{"title", layer.title},
                                              {"files", static_cast<std::int64_t>(layer.files.size())},
                                              {"sizeBytes", size_node(layer.size)}}));
    table.rows.push_back(
        {layer.title, std::to_string(layer.files.size()), Cell(size_text(layer.size), std::to_string(layer.size))});
  }
  report.document = record("model-pack-plan");
  report.document.set("folder", source.shown)
      .set("model", facts_record(folder.facts))
      .set("layers", std::move(layers))
      .set("sizeBytes", size_node(plan.size));
  report.prose = "would pack " + source.shown + "\n" +
                 fields_text({{"model", facts_text(folder.facts)}, {"files", files_text(folder)}}) + "\n";
  report.table = std::move(table);
  return report;
}

Report report_of(const Context& ctx, const ModelSource& source, const model::Folder& folder,
                 const packaging::MovedImage& image, bool is_locked) {
  Report report;
  document::Node targets = document::Node::sequence();
  document::Node layers = document::Node::sequence();
  std::vector<std::pair<std::string, std::string>> fields = {
      {"model", facts_text(folder.facts)}, {"files", files_text(folder)}, {"layers", layers_text(image)}};
  for (const auto& target : image.targets) {
    targets.push_back(target_record(target));
    report.names.push_back(display_name(ctx, target));
    fields.emplace_back("image", display_name(ctx, target));
  }
  for (const auto& layer : image.layers) layers.push_back(layer_record(layer));
  fields.emplace_back("digest", image.manifest.descriptor.digest.text());
  if (is_locked) fields.emplace_back("locked", "in " + project::lock_path(source.project->file).string());
  report.document = record("model-pack");
  report.document.set("folder", source.shown)
      .set("section", source.section != nullptr ? document::Node(*source.section->name) : document::Node())
      .set("digest", image.manifest.descriptor.digest.text())
      .set("targets", std::move(targets))
      .set("model", facts_record(folder.facts))
      .set("layers", std::move(layers))
      .set("sizeBytes", size_node(image.size))
      .set("movedBytes", size_node(image.moved))
      .set("isLocked", is_locked);
  report.prose = "packed " + source.shown + "\n" + fields_text(fields);
  const bool is_only_here = std::none_of(image.targets.begin(), image.targets.end(),
                                         [](const auto& target) { return target.home == oci::Home::registry; });
  if (is_only_here) report.prose += "\nsend it on: mlk model push " + display_name(ctx, image.targets.front());
  return report;
}

Result<Report> run_pack(Context& ctx, const PackOptions& opt) {
  MLK_TRY(const auto source, find_source(ctx, opt.model, opt.project));
  MLK_TRY(const auto targets, choose_targets(ctx, opt, source));
  MLK_TRY(const auto mtime, packaging::parse_source_date_epoch(ctx.env("SOURCE_DATE_EPOCH").value_or("")));
  MLK_TRY(const auto folder, model::inspect_folder(source.folder, ctx.stop()));
  MLK_TRY(const auto plan, packaging::plan_pack(folder, mtime));
  if (opt.dry_run != options::DryRun::none) return dry_report(source, folder, plan);
  MLK_TRY(const auto transport, make_transport(ctx, opt.registry));
  MLK_TRY(const auto image, packaging::pack(folder, plan, targets, transport));
  bool is_locked = false;
  if (source.section != nullptr && !opt.no_lock) {
    MLK_TRY(const auto name, locked_name(ctx, source, image));
    if (!name.empty()) {
      MLK_CHECK(lock_model(source, name, image.manifest.descriptor.digest.text(), image.size));
      is_locked = true;
    }
  }
  return report_of(ctx, source, folder, image, is_locked);
}

}  // namespace

MLK_VERB(model_pack, PackOptions, add_pack, run_pack);

}  // namespace mlk::commands
