#include "cli/verb.hpp"
#include "commands/images.hpp"
#include "commands/model/describe.hpp"

namespace mlk::commands {
namespace {

struct TagOptions {
  std::string image;
  std::string tag;
  RegistryFlags registry;
};

void add_tag(Flags& flags, TagOptions& opt) {
  flags.about(
      "Gives an image one more tag where it is: on this machine, in a layout, or in its registry. No layer is moved. "
      "An image is looked for on this machine first; docker://NAME always means the registry.");
  flags.example("mlk model tag registry.example.com/nlp/sentiment:3f2a stable", "one more tag in the registry");
  flags.example("mlk model tag oci:./layout:v1 stable", "in a layout on disk");
  flags.argument(opt.image, "IMAGE", "registry/repo:tag, …@sha256:… or oci:DIR:TAG").completes(cli::Source::image_tags);
  flags.argument(opt.tag, "TAG", "the new tag; for an image on this machine it may be a whole name");
  add_registry(flags, opt.registry);
}

/// The tag as the place where the image is wants it: the default layout keeps whole names.
Result<std::string> new_tag(const Context& ctx, const oci::Reference& image, const std::string& tag) {
  MLK_TRY(const auto directory, default_layout(ctx));
  const bool is_default = image.home == oci::Home::layout && image.directory == directory.string();
  if (is_default && !oci::is_tag(tag)) {
    MLK_TRY(auto name, parse_image(ctx, tag));
    if (name.home == oci::Home::registry && !name.tag.empty() && name.digest.empty())
      return name.name() + ":" + name.tag;
  }
  if (!oci::is_tag(tag)) {
    return Error(ErrorKind::usage, "'" + tag + "' can't be a tag")
        .because("a tag has up to 128 letters, digits, '_', '.' and '-', and begins with a letter, digit or '_'")
        .fixed_by("to copy an image to another repository, use 'mlk model push IMAGE TARGET'");
  }
  return is_default ? image.tag.substr(0, image.tag.rfind(':')) + ":" + tag : tag;
}

Result<Report> run_tag(Context& ctx, const TagOptions& opt) {
  MLK_TRY(const auto image, find_image(ctx, opt.image));
  MLK_TRY(const auto tag, new_tag(ctx, image, opt.tag));
  MLK_TRY(const auto transport, make_transport(ctx, opt.registry));
  MLK_TRY(const auto tagged, packaging::tag_image(image, tag, transport));
  auto stands = image;
  stands.tag = tag;
  stands.digest = tagged.digest.text();
  Report report;
  report.document = record("model-tag");
  report.document.set("image", display_name(ctx, image))
      .set("target", target_record(stands))
      .set("digest", stands.digest);
  report.names = {display_name(ctx, stands)};
  report.prose = "tagged " + display_name(ctx, image) + "\n" +
                 fields_text({{"image", display_name(ctx, stands)}, {"digest", stands.digest}});
  return report;
}

}  // namespace

MLK_VERB(model_tag, TagOptions, add_tag, run_tag);

}  // namespace mlk::commands
