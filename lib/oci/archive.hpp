#pragma once

#include <mlk/core/result.hpp>
#include <mlk/oci/blob.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace mlk::oci {

/// One entry of a tar.
struct ArchiveEntry {
  enum class Type : std::uint8_t { file, folder, link, other };
  std::string name;  ///< UTF-8, as it stands there
  Type type = Type::other;
  std::uint64_t size = 0;
};

/// Reads a tar (plain, gzip or zstd) entry by entry from a source. The library behind it is loaded on first use.
class ArchiveReader {
 public:
  static Result<ArchiveReader> open(BlobSource& source);
  ArchiveReader(ArchiveReader&&) noexcept;
  ~ArchiveReader();

  /// The next entry; false at the end.
  Result<bool> next(ArchiveEntry& entry);
  /// The next piece of the entry's bytes, valid until the next call; empty at its end.
  Result<std::span<const std::byte>> piece();

 private:
  struct State;
  explicit ArchiveReader(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace mlk::oci
