#pragma once

#include <mlk/core/result.hpp>
#include <mlk/oci/blob.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::oci {

/// One file of a layer.
struct LayerFile {
  std::string name;              ///< in the layer, such as "models/config.json"
  std::filesystem::path source;  ///< on disk
  std::uint64_t size = 0;        ///< bytes, as it was when the plan was made
};

/// A tar layer that is made while it is read: header, the file's bytes, padding. The same names and bytes give the same
/// layer: entries are sorted, owner and group are 0, files 0644, folders 0755, and every time is `mtime` (seconds since
/// 1970). Folders above the files come as entries of their own. A file that changes its size meanwhile is an error.
class LayerStream final : public BlobSource {
 public:
  LayerStream(std::vector<LayerFile> files, std::int64_t mtime);
  ~LayerStream() override;

  std::uint64_t size() const override;
  Result<std::size_t> read(std::span<std::byte> buffer) override;
  Result<void> rewind() override;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

/// What came out of a layer.
struct Extracted {
  std::vector<std::string> files;    ///< relative to the folder
  std::vector<std::string> removed;  ///< files and folders of lower layers that this one takes away
  std::uint64_t bytes = 0;
};

/// Takes a layer apart (plain, gzip or zstd) below a folder that holds nothing yet. Only entries under `prefix`
/// ("models/") are taken, and the prefix is dropped. Names that lead out of the folder, links and devices are refused.
/// The layer is read to its end, so a verified source has checked it when this succeeds.
Result<Extracted> extract_layer(BlobSource& layer, const std::filesystem::path& folder, std::string_view prefix,
                                const std::stop_token& stop);

/// Moves one file below a folder, making the folders above it; both are on the same file system. Nothing outside the
/// folder is touched: a link among the folders is an error. A file of that name is only replaced with `overwrite`.
Result<void> place_file(const std::filesystem::path& from, const std::filesystem::path& folder, const std::string& name,
                        bool overwrite);

}  // namespace mlk::oci
