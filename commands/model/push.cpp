#include "cli/verb.hpp"
#include "commands/images.hpp"
#include "commands/model/describe.hpp"
#include "commands/model/source.hpp"

#include <mlk/oci/layout.hpp>

#include <utility>

namespace mlk::commands {
namespace {

struct PushOptions {
  std::optional<std::string> image;
  std::optional<std::string> target;
  bool no_lock = false;
  options::Project project;
  RegistryFlags registry;
};

void add_push(Flags& flags, PushOptions& opt) {
  flags.about(
      "Sends an image from this machine to a registry: from the layout that mlk keeps, or from oci:DIR:TAG. What the "
      "registry has already isn't sent. For a model of mlk.yaml mlk.lock then names where it is.");
  flags.example("mlk model push", "the only model of mlk.yaml, to the image that it names there");
  flags.example("mlk model push registry.example.com/nlp/sentiment:v1", "an image to the registry in its name");
  flags.example("mlk model push oci:./layout:v1 127.0.0.1:5000/nlp/sentiment:v1", "from a layout of your own");
  flags
      .argument(opt.image, "IMAGE",
                "image on this machine, or a model's name in mlk.yaml; may be left out where there is only one")
      .completes(cli::Source::image_tags);
  flags.argument(opt.target, "TARGET", "where to, if the image's name doesn't say");
  flags.option(opt.no_lock, "--no-lock", "leave mlk.lock as it is");
  add_registry(flags, opt.registry);
  options::add_project(flags, opt.project);
}

/// A section of mlk.yaml that the word names, where there is one.
Result<ModelSource> section_of(Context& ctx, const PushOptions& opt) {
  const bool is_plain_word = !opt.image || opt.image->find_first_of(":@") == std::string::npos;
  if (!is_plain_word) return ModelSource{};
  MLK_TRY(auto source, find_section(ctx, opt.image, opt.project));
  if (source.section != nullptr && source.section->image->empty()) {
    return Error(ErrorKind::usage, "model '" + *source.section->name + "' has no 'image' in mlk.yaml")
        .fixed_by("add it, or name the image: mlk model push IMAGE");
  }
  return source;
}

Result<oci::Reference> choose_target(const Context& ctx, const PushOptions& opt, const oci::Reference& from,
                                     const std::string& name) {
  if (opt.target) {
    MLK_TRY(auto target, parse_image(ctx, *opt.target));
    if (target.tag.empty() && target.digest.empty()) {
      // The tag stays what it was.
      const auto colon = from.tag.rfind(':');
      target.tag = colon == std::string::npos ? from.tag : from.tag.substr(colon + 1);
    }
    return target;
  }
  MLK_TRY(const auto asked, parse_image(ctx, name));
  if (asked.home == oci::Home::layout) {
    return Error(ErrorKind::usage, "where '" + name + "' should go isn't clear")
        .because("a layout's image has no registry in its name")
        .fixed_by("name it: mlk model push " + name + " registry/repository:tag");
  }
  // The default layout keeps images under their whole names.
  return parse_image(ctx, from.tag);
}

Result<Report> run_push(Context& ctx, const PushOptions& opt) {
  MLK_TRY(const auto source, section_of(ctx, opt));
  if (source.section == nullptr && !opt.image) {
    return Error(ErrorKind::usage, "which image is meant isn't clear")
        .because("none was named, and there is no mlk.yaml here")
        .fixed_by("name it: mlk model push IMAGE; 'mlk model list' shows what is there");
  }
  const std::string name = source.section != nullptr ? *source.section->image : *opt.image;
  MLK_TRY(const auto from, find_local_image(ctx, name));
  MLK_TRY(const auto target, choose_target(ctx, opt, from, name));
  MLK_TRY(const auto transport, make_transport(ctx, opt.registry));
  MLK_TRY(const auto image, packaging::copy_image(from, target, transport));
  const auto& stands = image.targets.front();
  bool is_locked = false;
  if (source.section != nullptr && !opt.no_lock && stands.home == oci::Home::registry) {
    MLK_CHECK(lock_model(source, stands.name() + ":" + stands.tag, stands.digest, image.size));
    is_locked = true;
  }
  Report report;
  document::Node layers = document::Node::sequence();
  for (const auto& layer : image.layers) layers.push_back(layer_record(layer));
  report.document = record("model-push");
  report.document.set("from", display_name(ctx, from))
      .set("target", target_record(stands))
      .set("digest", stands.digest)
      .set("layers", std::move(layers))
      .set("sizeBytes", size_node(image.size))
      .set("movedBytes", size_node(image.moved))
      .set("isLocked", is_locked);
  report.names = {stands.name() + (stands.tag.empty() ? "" : ":" + stands.tag)};
  report.prose =
      "pushed " + display_name(ctx, from) + "\n" +
      fields_text({{"image", display_name(ctx, stands)}, {"blobs", layers_text(image)}, {"digest", stands.digest}});
  return report;
}

}  // namespace

MLK_VERB(model_push, PushOptions, add_push, run_push);

}  // namespace mlk::commands
