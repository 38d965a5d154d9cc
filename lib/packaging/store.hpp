#pragma once

#include <mlk/core/result.hpp>
#include <mlk/oci/blob.hpp>
#include <mlk/oci/manifest.hpp>
#include <mlk/oci/reference.hpp>
#include <mlk/packaging/image.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace mlk::packaging {

/// One place that images are read from or written to, whether a layout or a repository. For one thread.
class Store {
 public:
  /// Told with bytes that moved; negative when something begins again.
  using Moved = std::function<void(std::int64_t)>;

  virtual ~Store() = default;
  virtual Result<bool> has_blob(const oci::Descriptor& blob) = 0;
  /// Stores content whose digest isn't known yet: one pass.
  virtual Result<oci::Digest> put_unknown(oci::BlobSource& source, const Moved& moved) = 0;
  virtual Result<void> put_known(const oci::Digest& digest, oci::BlobSource& source, const Moved& moved) = 0;
  /// A blob to read, verified at its end. The store must outlive it.
  virtual Result<std::unique_ptr<oci::BlobSource>> open_blob(const oci::Descriptor& blob, Moved moved) = 0;
  virtual Result<std::string> read_blob(const oci::Descriptor& blob) = 0;
  /// What a tag or digest names; both empty: the reference that the store was opened for.
  virtual Result<oci::Document> fetch_manifest(const std::string& wanted) = 0;
  /// Stores a manifest, under a tag where one is given.
  virtual Result<void> put_manifest(const oci::Document& manifest, const std::string& tag) = 0;
  virtual Result<std::vector<ListedImage>> list() = 0;
};

/// Opens the place that a reference names; a layout that isn't there is made when it is to be written to.
Result<std::unique_ptr<Store>> open_store(const oci::Reference& reference, const Transport& transport,
                                          const std::stop_token& stop, bool is_written);

}  // namespace mlk::packaging
