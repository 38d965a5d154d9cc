#pragma once

#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>
#include <mlk/oci/digest.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::oci {

namespace media {
inline constexpr std::string_view k_manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view k_index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view k_config = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view k_layer_tar = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view k_docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view k_docker_list = "application/vnd.docker.distribution.manifest.list.v2+json";
}  // namespace media

/// A manifest is small; one larger than this is refused, so that no server can fill the memory. Source: the
/// distribution specification asks registries to take 4 MiB.
inline constexpr std::size_t k_manifest_limit = std::size_t{4} << 20;

using Annotations = std::map<std::string, std::string>;

/// What points at content: type, digest and size in bytes.
struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;
  Annotations annotations;
  std::string platform;  ///< "linux/amd64", in an index; else empty
};

/// An image manifest.
struct Manifest {
  std::string media_type = std::string(media::k_manifest);
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
  Annotations annotations;

  /// Config and layers together, in bytes.
  std::uint64_t content_size() const noexcept;
};

/// An index: what an image layout and an image for several platforms begin with.
struct Index {
  std::vector<Descriptor> manifests;
  Annotations annotations;
};

/// Whether a media type is an index's (OCI's or Docker's).
bool is_index(std::string_view media_type) noexcept;

/// Reads a manifest; a missing field, a malformed digest, or another kind of document is an error that says which.
Result<Manifest> parse_manifest(std::string_view json);
Result<Index> parse_index(std::string_view json);

/// The bytes to store: keys in a fixed order, no white space, so equal content gives an equal digest.
std::string write_manifest(const Manifest& manifest);
std::string write_index(const Index& index);

/// A manifest's bytes, with the digest and type they go by.
struct Document {
  Descriptor descriptor;
  std::string bytes;
};

/// An image configuration for layers with these digests of the uncompressed tar: no command, no environment.
/// `created` is an RFC 3339 time, or empty to leave it out.
std::string write_image_config(const std::vector<Digest>& diff_ids, std::string_view created);

}  // namespace mlk::oci
