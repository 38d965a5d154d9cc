#include "cli/verb.hpp"
#include "commands/images.hpp"
#include "commands/model/describe.hpp"

namespace mlk::commands {
namespace {

struct PullOptions {
  std::string image;
  std::optional<std::string> folder;
  bool overwrite = false;
  RegistryFlags registry;
};

void add_pull(Flags& flags, PullOptions& opt) {
  flags.about(
      "Writes the model files of an image into a folder, to the byte as they were packed. Files appear when all of "
      "them have arrived and their digests are right; nothing is written outside the folder.");
  flags.example("mlk model pull registry.example.com/nlp/sentiment:v1 ./models/sentiment", "fetch a model");
  flags.example("mlk model pull oci:./layout:v1 out", "from a layout on disk");
  flags.argument(opt.image, "IMAGE", "registry/repo:tag, …@sha256:… or oci:DIR:TAG").completes(cli::Source::image_tags);
  flags.argument(opt.folder, "DIR", "where to (default: the last part of the image's name)")
      .completes(cli::Source::directories);
  flags.option(opt.overwrite, "--overwrite", "replace files of the same name");
  add_registry(flags, opt.registry);
}

std::string default_folder(const oci::Reference& image) {
  const auto& name = image.home == oci::Home::layout ? image.directory : image.repository;
  return std::filesystem::path(name).filename().string();
}

Result<Report> run_pull(Context& ctx, const PullOptions& opt) {
  MLK_TRY(const auto image, find_image(ctx, opt.image));
  const auto shown = opt.folder.value_or(default_folder(image));
  MLK_TRY(const auto transport, make_transport(ctx, opt.registry));
  MLK_TRY(const auto pulled, packaging::pull_files(image, ctx.resolve(shown), opt.overwrite, transport));
  Report report;
  document::Node files = document::Node::sequence();
  for (const auto& file : pulled.files) files.push_back(file);
  report.document = record("model-pull");
  report.document.set("image", display_name(ctx, image))
      .set("digest", pulled.manifest.digest.text())
      .set("folder", shown)
      .set("files", std::move(files))
      .set("sizeBytes", size_node(pulled.size));
  report.names = {shown};
  report.prose = "pulled " + display_name(ctx, image) + "\n" +
                 fields_text({{"files", std::to_string(pulled.files.size()) + ", " + size_text(pulled.size)},
                              {"folder", shown},
                              {"digest", pulled.manifest.digest.text()}});
  return report;
}

}  // namespace

MLK_VERB(model_pull, PullOptions, add_pull, run_pull);

}  // namespace mlk::commands
