#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace mlk::inline v0 {

/// A whole small text file; larger than `limit` bytes is an error, so that a wrong path can't fill the memory.
MLK_API Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{64} << 20);

/// Writes a new file beside the old one, syncs it and renames it over: readers see the old text or the new, never half.
/// `mode` holds the permission bits for a new file.
MLK_API Result<void> write_file(const std::filesystem::path& path, std::string_view text, unsigned mode = 0644);

}  // namespace mlk::inline v0
