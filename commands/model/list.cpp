#include "cli/verb.hpp"
#include "commands/images.hpp"

#include <mlk/core/text.hpp>

#include <utility>

namespace mlk::commands {
namespace {

struct ListOptions {
  std::optional<std::string> where;
  RegistryFlags registry;
};

void add_list(Flags& flags, ListOptions& opt) {
  flags.about(
      "Lists the images that mlk keeps on this machine, those of a layout (oci:DIR), or the tags of a repository in a "
      "registry.");
  flags.example("mlk model list", "what was packed here");
  flags.example("mlk model list registry.example.com/nlp/sentiment", "the tags in a registry");
  flags.argument(opt.where, "WHERE", "registry/repo or oci:DIR; this machine when left out")
      .completes(cli::Source::image_tags);
  add_registry(flags, opt.registry);
}

Report report_of(const std::vector<packaging::ListedImage>& images, const std::string& where, bool is_layout) {
  Report report;
  document::Node items = document::Node::sequence();
  Table table{{{"IMAGE"}}, {}, "no images in " + where};
  if (is_layout) {
    table.columns.push_back({"DIGEST"});
    table.columns.push_back({"SIZE", cli::Align::right});
  }
  for (const auto& image : images) {
    const auto name = image.name.empty() ? image.tag : image.name;
    const auto shown = name.empty() ? "<none>" : printable(name);
    items.push_back(document::Node::mapping({{"image", cli::or_null(name)},
                                             {"tag", cli::or_null(image.tag)},
                                             {"digest", cli::or_null(image.digest.text())},
                                             {"sizeBytes", image.size ? size_node(*image.size) : document::Node()}}));
    std::vector<Cell> row = {shown};
    if (is_layout) {
      row.emplace_back(image.digest.short_hex(), image.digest.text());
      row.push_back(image.size ? Cell(size_text(*image.size), std::to_string(*image.size)) : Cell("?", "unknown"));
    }
    table.rows.push_back(std::move(row));
    report.names.push_back(name.empty() ? image.digest.text() : name);
  }
  report.document = record("model-list");
  report.document.set("where", where).set("items", std::move(items));
  report.table = std::move(table);
  return report;
}

Result<Report> run_list(Context& ctx, const ListOptions& opt) {
  oci::Reference where;
  if (opt.where) {
    MLK_TRY(where, parse_image(ctx, *opt.where));
  } else {
    MLK_TRY(const auto directory, default_layout(ctx));
    where.home = oci::Home::layout;
    where.directory = directory.string();
    std::error_code code;
    if (!std::filesystem::exists(directory / "oci-layout", code)) return report_of({}, directory.string(), true);
  }
  MLK_TRY(const auto transport, make_transport(ctx, opt.registry));
  MLK_TRY(const auto images, packaging::list_images(where, transport));
  const bool is_layout = where.home == oci::Home::layout;
  return report_of(images, is_layout ? where.directory : where.name(), is_layout);
}

}  // namespace

MLK_VERB(model_list, ListOptions, add_list, run_list);

}  // namespace mlk::commands
