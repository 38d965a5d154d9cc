#pragma once

#include <mlk/core/result.hpp>
#include <mlk/oci/blob.hpp>
#include <mlk/oci/manifest.hpp>
#include <mlk/oci/reference.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace mlk::oci {

/// One blob being written into a layout: goes to a temporary name beside the others and is renamed when it is whole.
/// Thrown away without commit it leaves nothing behind.
class BlobWriter final : public BlobSink {
 public:
  BlobWriter(BlobWriter&&) noexcept;
  BlobWriter& operator=(BlobWriter&&) noexcept;
  ~BlobWriter() override;

  Result<void> write(std::span<const std::byte> piece) override;
  /// Makes the blob visible under its digest. With `expected`, other content is an error and nothing stays.
  Result<Digest> commit(const Digest* expected = nullptr);
  std::uint64_t written() const noexcept;

 private:
  friend class Layout;
  struct State;
  explicit BlobWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

/// An image layout on disk: oci-layout, index.json, blobs/sha256. Several processes may use one at once: blobs appear
/// by rename, and index.json changes under a lock and by rename.
class Layout {
 public:
  /// The layout that is there; a folder that is none, or of another version, is an error.
  static Result<Layout> open(const std::filesystem::path& directory);
  /// The layout that is there, or a new one in a folder that is missing or empty; any other folder is an error.
  static Result<Layout> open_or_create(const std::filesystem::path& directory);

  const std::filesystem::path& directory() const noexcept { return m_directory; }

  /// Whether a blob of that digest and size is there.
  bool has_blob(const Descriptor& descriptor) const;
  std::filesystem::path blob_path(const Digest& digest) const;
  /// With an expected size the space is reserved first, so a disk that is too small is found before anything is read.
  Result<BlobWriter> begin_blob(std::uint64_t expected_size = 0) const;
  /// Writes a small blob; its descriptor without a media type.
  Result<Digest> put_blob(std::string_view content) const;
  /// A small blob, verified against its digest; larger than `limit` is an error.
  Result<std::string> read_blob(const Descriptor& descriptor, std::size_t limit = k_manifest_limit) const;

  Result<Index> index() const;
  /// The manifest's descriptor that a tag (org.opencontainers.image.ref.name) or digest names. Empty for both: the only
  /// one there is. A tag that ends in ':' means the newest whose name begins so. Not there is a not_found error with
  /// the nearest names.
  Result<Descriptor> resolve(std::string_view tag, std::string_view digest) const;
  /// Gives a tag to a manifest whose blobs are there already; takes it from another one that had it.
  Result<void> set_tag(const Descriptor& manifest, std::string_view tag) const;

 private:
  explicit Layout(std::filesystem::path directory) : m_directory(std::move(directory)) {}
  std::filesystem::path m_directory;
};

}  // namespace mlk::oci
