#pragma once

#include <mlk/core/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace mlk::cli::reference {

/// `mlk __reference --format markdown|man DIR`: writes the reference of all commands into a folder, a file a page. For
/// builds, not for users: neither help nor completion knows it. The same program writes the same bytes.
Result<void> write(const std::vector<std::string>& words, const std::filesystem::path& cwd);

}  // namespace mlk::cli::reference
