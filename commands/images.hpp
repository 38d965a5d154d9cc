#pragma once

#include "commands/context.hpp"

#include <mlk/oci/reference.hpp>
#include <mlk/packaging/image.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::commands {

/// How registries are reached.
struct RegistryFlags {
  bool plain_http = false;
  std::string ca_file;
};

/// --plain-http --ca-file
void add_registry(Flags& flags, RegistryFlags& into);

/// Everything that moving images needs, with this run's stop, clock, credentials and progress.
Result<packaging::Transport> make_transport(Context& ctx, const RegistryFlags& flags);

/// The layout that images go to when nothing else is said: $XDG_DATA_HOME/mlk/models.
Result<std::filesystem::path> default_layout(const Context& ctx);

/// A name as the user typed it; a layout's folder is taken against the working directory.
Result<oci::Reference> parse_image(const Context& ctx, std::string_view text);

/// Whether a name says by itself that a registry is meant: docker://, oci://.
bool names_registry(std::string_view text) noexcept;

/// Where an image is: in a layout that was named, else in the default layout if it is there, else in its registry.
Result<oci::Reference> find_image(const Context& ctx, std::string_view text);
/// The same, but only on this machine: not_found says how to get it there.
Result<oci::Reference> find_local_image(const Context& ctx, std::string_view text);

/// A reference as people should read it: images of the default layout by their names alone.
std::string display_name(const Context& ctx, const oci::Reference& reference);

/// "87.3 MiB"
std::string size_text(std::uint64_t bytes);
document::Node size_node(std::uint64_t bytes);

/// {"image", "digest"} of where an image stands, and of its layers, for the JSON form.
document::Node target_record(const oci::Reference& target);
document::Node layer_record(const packaging::MovedLayer& layer);

/// "3, 87.3 MiB: 2 written, 1 already there"
std::string layers_text(const packaging::MovedImage& image);

}  // namespace mlk::commands
