#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/model/folder.hpp>
#include <mlk/oci/blob.hpp>
#include <mlk/oci/manifest.hpp>
#include <mlk/oci/reference.hpp>
#include <mlk/oci/registry.hpp>
#include <mlk/packaging/plan.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mlk::packaging {

/// What moving an image needs from outside.
struct Transport {
  std::shared_ptr<oci::RegistryAuth> auth;
  Clock* clock = nullptr;
  oci::RegistryOptions registry;
  std::filesystem::path digest_cache;  ///< folder that remembers the digests of unchanged files; empty for none
  unsigned workers = 2;                ///< layers that move at the same time
  oci::Progress progress;              ///< may be empty
  std::stop_token stop;
};

/// One layer after it was moved.
struct MovedLayer {
  std::string title;
  oci::Descriptor descriptor;
  bool was_there = false;  ///< in every place already, so nothing was moved
};

/// An image that stands where it was asked for.
struct MovedImage {
  oci::Document manifest;               ///< its digest names the image
  std::vector<oci::Reference> targets;  ///< with tag and digest filled in
  std::vector<MovedLayer> layers;
  std::uint64_t size = 0;   ///< bytes of all layers and the configuration
  std::uint64_t moved = 0;  ///< bytes that had to be written or sent
};

/// Turns a folder into an image in each of the targets: layouts and registries, any number. Each file is read once
/// (hashed while it is written or sent); nothing is copied on the way. A target without tag gets the first 12 digits of
/// the content's digest. What a target holds already isn't sent. Tags are set last, when everything is there.
Result<MovedImage> pack(const model::Folder& folder, const PackPlan& plan, std::vector<oci::Reference> targets,
                        const Transport& transport);

/// Copies an image as it is, from a layout or registry to another: the same digest there.
Result<MovedImage> copy_image(const oci::Reference& from, const oci::Reference& to, const Transport& transport);

/// Files that a pull wrote.
struct PulledFiles {
  oci::Descriptor manifest;
  std::vector<std::string> files;
  std::uint64_t size = 0;  ///< bytes
};

/// Writes an image's model files (those below models/) into a folder, which is made if need be. Existing files are only
/// replaced with `overwrite`; never anything outside the folder.
Result<PulledFiles> pull_files(const oci::Reference& from, const std::filesystem::path& folder, bool overwrite,
                               const Transport& transport);

/// What an image says of itself: manifest and configuration only, no layer is fetched.
struct ImageSummary {
  oci::Reference reference;
  oci::Descriptor descriptor;  ///< of the manifest
  oci::Manifest manifest;
  std::string platform;  ///< "linux/amd64"
};

Result<ImageSummary> inspect_image(const oci::Reference& reference, const Transport& transport);

/// One name in a layout or registry.
struct ListedImage {
  std::string name;  ///< whole image name, or the tag
  std::string tag;
  oci::Digest digest;                 ///< empty where asking for it would take a request per tag
  std::optional<std::uint64_t> size;  ///< bytes of layers and configuration, where it is known without asking
};

/// The tags of a layout, or of a repository in a registry, sorted.
Result<std::vector<ListedImage>> list_images(const oci::Reference& where, const Transport& transport);

/// Gives an image one more tag, where it is.
Result<oci::Descriptor> tag_image(const oci::Reference& image, const std::string& tag, const Transport& transport);

/// A name as an image of a layout that holds images of many repositories: there its tag is the whole name. Without a
/// tag it ends in ':', which means the newest when it is read and the content's digest when it is written.
oci::Reference in_layout(const std::filesystem::path& directory, const oci::Reference& name);

}  // namespace mlk::packaging
