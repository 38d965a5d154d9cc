#include "commands/images.hpp"

#include <mlk/core/quantity.hpp>
#include <mlk/oci/layout.hpp>

#include <algorithm>
#include <utility>

namespace mlk::commands {

namespace fs = std::filesystem;
using Kind = oci::TransferEvent::Kind;

void add_registry(Flags& flags, RegistryFlags& into) {
  flags.group("Registry");
  flags.option(into.plain_http, "--plain-http", "talk HTTP without TLS (on by itself for loopback addresses)");
  flags.option(into.ca_file, "--ca-file", "FILE", "PEM file of the registry's certificate authority")
      .completes(cli::Source::files);
  flags.group("");
}

namespace {

/// Bars, or lines, for the items of one transfer.
oci::Progress show_on(cli::Progress& progress) {
  auto tasks = std::make_shared<std::vector<cli::Progress::Task*>>();
  return [&progress, tasks](const oci::TransferEvent& event) {
    if (event.kind == Kind::planned) {
      tasks->push_back(&progress.start(std::string(event.title), Bytes(event.bytes)));
    } else if (event.kind == Kind::moved) {
      (*tasks)[event.item]->add(Bytes(event.bytes));
    } else {
      (*tasks)[event.item]->finish(event.was_there ? "already there" : "");
    }
  };
}

Result<std::optional<oci::Reference>> find_in_default(const Context& ctx, const oci::Reference& name) {
  MLK_TRY(const auto directory, default_layout(ctx));
  std::error_code code;
  if (!fs::exists(directory / "oci-layout", code)) return std::optional<oci::Reference>();
  MLK_TRY(const auto layout, oci::Layout::open(directory));
  auto local = packaging::in_layout(directory, name);
  const auto found = layout.resolve(local.tag, local.digest);
  if (!found) {
    if (found.error().kind == ErrorKind::not_found) return std::optional<oci::Reference>();
    return found.error();
  }
  // The whole name that it is kept under, where the user left the tag out.
  if (const auto tag = found->annotations.find("org.opencontainers.image.ref.name"); tag != found->annotations.end()) {
    local.tag = tag->second;
  }
  return std::optional(std::move(local));
}

}  // namespace

Result<packaging::Transport> make_transport(Context& ctx, const RegistryFlags& flags) {
  packaging::Transport out;
  out.stop = ctx.stop();
  out.clock = &ctx.clock();
  out.auth = std::make_shared<oci::RegistryAuth>(
      oci::CredentialStore::from([&ctx](const std::string& name) { return ctx.env(name); }));
  if (flags.plain_http) out.registry.plain_http = true;
  if (!flags.ca_file.empty()) out.registry.ca_file = ctx.resolve(flags.ca_file).string();
  if (const auto cache = ctx.cache_dir(); !cache.empty()) out.digest_cache = cache / "layers";
  out.progress = show_on(ctx.progress());
  return out;
}

Result<fs::path> default_layout(const Context& ctx) {
  if (const auto data = ctx.env("XDG_DATA_HOME"); data && fs::path(*data).is_absolute()) {
    return fs::path(*data) / "mlk" / "models";
  }
  if (const auto home = ctx.env("HOME")) return fs::path(*home) / ".local" / "share" / "mlk" / "models";
  return Error(ErrorKind::usage, "where images are kept isn't known")
      .because("neither XDG_DATA_HOME nor HOME is set")
      .fixed_by("name a layout: oci:DIR:TAG");
}

Result<oci::Reference> parse_image(const Context& ctx, std::string_view text) {
  MLK_TRY(auto out, oci::parse_reference(text));
  if (out.home == oci::Home::layout) out.directory = ctx.resolve(out.directory).string();
  return out;
}

bool names_registry(std::string_view text) noexcept {
  return text.starts_with("docker://") || text.starts_with("oci://") || text.starts_with("oci+native://");
}

Result<oci::Reference> find_image(const Context& ctx, std::string_view text) {
  MLK_TRY(auto name, parse_image(ctx, text));
  if (name.home == oci::Home::layout || names_registry(text)) return name;
  MLK_TRY(auto local, find_in_default(ctx, name));
  return local ? *std::move(local) : name;
}

Result<oci::Reference> find_local_image(const Context& ctx, std::string_view text) {
  MLK_TRY(auto name, parse_image(ctx, text));
  if (name.home == oci::Home::layout) return name;
  MLK_TRY(auto local, find_in_default(ctx, name));
  if (local) return *std::move(local);
  return Error(ErrorKind::not_found, "there is no image '" + name.text() + "' on this machine")
      .because("nothing of that name was packed into the layout that mlk keeps")
      .fixed_by("look at what is there with 'mlk model list', or pack it with 'mlk model pack DIR'");
}

std::string display_name(const Context& ctx, const oci::Reference& reference) {
  if (reference.home == oci::Home::layout) {
    const auto directory = default_layout(ctx);
    if (directory && reference.directory == directory->string()) return reference.tag;
    return "oci:" + reference.directory + (reference.tag.empty() ? "" : ":" + reference.tag);
  }
  return reference.tag.empty() ? reference.text() : reference.name() + ":" + reference.tag;
}

std::string size_text(std::uint64_t bytes) { return format_bytes(Bytes(static_cast<std::int64_t>(bytes))); }

document::Node size_node(std::uint64_t bytes) { return static_cast<std::int64_t>(bytes); }

document::Node target_record(const oci::Reference& target) {
  return document::Node::mapping({{"image", target.name() + ":" + target.tag},
                                  {"digest", target.digest},
                                  {"registry", cli::or_null(target.registry)},
                                  {"repository", cli::or_null(target.repository)},
                                  {"directory", cli::or_null(target.directory)},
                                  {"tag", cli::or_null(target.tag)}});
}

document::Node layer_record(const packaging::MovedLayer& layer) {
  return document::Node::mapping({{"title", layer.title},
                                  {"digest", layer.descriptor.digest.text()},
                                  {"mediaType", layer.descriptor.media_type},
                                  {"sizeBytes", size_node(layer.descriptor.size)},
                                  {"wasThere", layer.was_there}});
}

std::string layers_text(const packaging::MovedImage& image) {
  const auto there = std::count_if(image.layers.begin(), image.layers.end(), [](const auto& l) { return l.was_there; });
  const auto moved = static_cast<std::ptrdiff_t>(image.layers.size()) - there;
  std::string out = std::to_string(image.layers.size()) + ", " + size_text(image.size) + ": ";
  if (moved > 0) out += std::to_string(moved) + " written";
  if (there > 0) out += (moved > 0 ? ", " : "") + std::to_string(there) + " already there";
  return out;
}

}  // namespace mlk::commands
