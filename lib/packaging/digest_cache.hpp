#pragma once

#include <mlk/core/time.hpp>
#include <mlk/oci/digest.hpp>
#include <mlk/oci/layer.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mlk::packaging {

/// Remembers the digests of layers by what their files look like from outside (device, inode, size, modification and
/// change time), so that an unchanged file isn't read to learn that a registry has it. A cache: what can't be read or
/// written is as if it weren't there.
class DigestCache {
 public:
  /// An empty path remembers nothing.
  explicit DigestCache(std::filesystem::path directory) : m_directory(std::move(directory)) {}

  /// The name under which a layer is remembered; empty when a file changed so lately that its times tell nothing.
  std::string key(const std::vector<oci::LayerFile>& files, std::int64_t mtime, SystemTime now) const;
  std::optional<oci::Digest> find(const std::string& key) const;
  void remember(const std::string& key, const oci::Digest& digest) const;
  void forget(const std::string& key) const;

 private:
  std::filesystem::path m_directory;
};

}  // namespace mlk::packaging
