#include "cli/verb.hpp"
#include "commands/images.hpp"
#include "commands/model/describe.hpp"

#include <mlk/core/text.hpp>
#include <mlk/model/folder.hpp>

#include <utility>

namespace mlk::commands {
namespace {

struct InspectOptions {
  std::string what;
  RegistryFlags registry;
};

void add_inspect(Flags& flags, InspectOptions& opt) {
  flags.about(
      "Says what a model is: from the files of a folder, or from an image's manifest and configuration. No layer is "
      "fetched. An image is looked for on this machine first; docker://NAME always asks the registry.");
  flags.example("mlk model inspect ./models/sentiment", "a folder");
  flags.example("mlk model inspect registry.example.com/nlp/sentiment:v1", "an image");
  flags.argument(opt.what, "DIR|IMAGE", "folder, registry/repo:tag or oci:DIR:TAG").completes(cli::Source::image_tags);
  add_registry(flags, opt.registry);
}

Report report_of_folder(const std::string& shown, const model::Folder& folder) {
  Report report;
  document::Node files = document::Node::sequence();
  Table table{{{"FILE"}, {"ROLE"}, {"SIZE", cli::Align::right}}, {}, "no files"};
  for (const auto& file : folder.files) {
    files.push_back(document::Node::mapping({{"path", file.path},
                                             {"role", to_string(file.role)},
                                             {"format", cli::or_null(to_string(file.format))},
                                             {"sizeBytes", size_node(file.size)}}));
    table.rows.push_back(
        {printable(file.path), to_string(file.role), Cell(size_text(file.size), std::to_string(file.size))});
  }
  document::Node ignored = document::Node::sequence();
  for (const auto& name : folder.ignored) ignored.push_back(name);
  report.document = record("model-folder");
  report.document.set("folder", shown)
      .set("model", facts_record(folder.facts))
      .set("files", std::move(files))
      .set("ignored", std::move(ignored))
      .set("sizeBytes", size_node(folder.size));
  report.names = {shown};
  report.prose = shown + "\n" +
                 fields_text({{"model", facts_text(folder.facts)},
                              {"files", std::to_string(folder.files.size()) + ", " + size_text(folder.size)},
                              {"left out", join(folder.ignored, ", ")}}) +
                 "\n";
  report.table = std::move(table);
  return report;
}

Report report_of_image(const Context& ctx, const packaging::ImageSummary& image) {
  Report report;
  const auto facts = facts_of(image.manifest.annotations);
  document::Node layers = document::Node::sequence();
  Table table{{{"LAYER"}, {"SIZE", cli::Align::right}, {"DIGEST"}, {"TYPE", cli::Align::left, true}}, {}, "no layers"};
  for (const auto& layer : image.manifest.layers) {
    const auto title = layer.annotations.find("dev.mlk.layer.title");
    const auto name = title == layer.annotations.end() ? std::string() : title->second;
    layers.push_back(document::Node::mapping({{"title", cli::or_null(name)},
                                              {"digest", layer.digest.text()},
                                              {"mediaType", layer.media_type},
                                              {"sizeBytes", size_node(layer.size)}}));
    table.rows.push_back({printable(name), Cell(size_text(layer.size), std::to_string(layer.size)),
                          Cell(layer.digest.short_hex(), layer.digest.text()), printable(layer.media_type)});
  }
  document::Node annotations = document::Node::mapping();
  for (const auto& [key, value] : image.manifest.annotations) annotations.set(key, value);
  report.document = record("model-image");
  report.document.set("image", display_name(ctx, image.reference))
      .set("digest", image.descriptor.digest.text())
      .set("mediaType", image.descriptor.media_type)
      .set("artifactType", cli::or_null(image.manifest.artifact_type))
      .set("platform", cli::or_null(image.platform))
      .set("model", facts_record(facts))
      .set("layers", std::move(layers))
      .set("annotations", std::move(annotations))
      .set("sizeBytes", size_node(image.manifest.content_size()));
  report.names = {display_name(ctx, image.reference)};
  const bool is_local = image.reference.home == oci::Home::layout;
  report.prose = display_name(ctx, image.reference) + "\n" +
                 fields_text({{"model", facts_text(facts)},
                              {"digest", image.descriptor.digest.text()},
                              {"size", size_text(image.manifest.content_size())},
                              {"platform", image.platform},
                              {"from", is_local ? image.reference.directory : image.reference.registry}}) +
                 "\n";
  report.table = std::move(table);
  return report;
}

Result<Report> run_inspect(Context& ctx, const InspectOptions& opt) {
  std::error_code code;
  if (const auto folder = ctx.resolve(opt.what); std::filesystem::is_directory(folder, code)) {
    if (std::filesystem::exists(folder / "oci-layout", code)) {
      return Error(ErrorKind::usage, "'" + opt.what + "' is an image layout, not a model's folder")
          .fixed_by("see what is in it with 'mlk model list oci:" + opt.what + "', then name one: oci:" + opt.what +
                    ":TAG");
    }
    MLK_TRY(const auto found, model::inspect_folder(folder, ctx.stop()));
    return report_of_folder(opt.what, found);
  }
  if (opt.what.starts_with("./") || opt.what.starts_with("../") || opt.what.starts_with('/')) {
    return Error(ErrorKind::not_found, "there is no folder '" + opt.what + "'")
        .fixed_by("name a folder that is there, or an image");
  }
  MLK_TRY(const auto image, find_image(ctx, opt.what));
  MLK_TRY(const auto transport, make_transport(ctx, opt.registry));
  MLK_TRY(const auto summary, packaging::inspect_image(image, transport));
  return report_of_image(ctx, summary);
}

}  // namespace

MLK_VERB(model_inspect, InspectOptions, add_inspect, run_inspect);

}  // namespace mlk::commands
