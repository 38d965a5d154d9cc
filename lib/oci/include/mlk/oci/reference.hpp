#pragma once

#include <mlk/core/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace mlk::oci {

/// Where an image is kept.
enum class Home : std::uint8_t {
  registry,  ///< registry/repo:tag, docker://…, oci://…
  layout,    ///< oci:DIR:TAG, an image layout on disk
};

/// The name of an image as a user writes it.
struct Reference {
  Home home = Home::registry;
  std::string registry;    ///< "registry.example.com:5000"; empty for a layout
  std::string repository;  ///< "nlp/sentiment"; empty for a layout
  std::string directory;   ///< of the layout
  std::string tag;         ///< empty when none was given
  std::string digest;      ///< "sha256:…", or empty; where it is given it decides, and the tag is for people

  /// "registry/repo:tag@sha256:…", "oci:DIR:TAG": reads back as the same reference.
  std::string text() const;
  /// The same without tag and digest.
  std::string name() const;
  /// What a registry is asked for: the digest, else the tag, else "latest".
  std::string wanted() const;
};

/// Reads a name. registry/repo:tag and …@sha256:…, with docker:// accepted before them; a first part without a dot, a
/// colon and other than "localhost" is no registry, and then docker.io is meant, as docker does it. oci://… is always a
/// registry (as KServe writes it), oci:DIR:TAG a layout (as skopeo writes it). Anything else is a usage error that
/// quotes the text and says what is allowed.
Result<Reference> parse_reference(std::string_view text);

/// Whether a text is a tag: 1 to 128 of [A-Za-z0-9_.-], not beginning with a dot or a dash.
bool is_tag(std::string_view text) noexcept;

/// "127.0.0.1:5000", "localhost", "[::1]:5000": plain HTTP is on by itself for these.
bool is_loopback(std::string_view registry) noexcept;

}  // namespace mlk::oci
