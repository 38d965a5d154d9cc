#pragma once

#include <mlk/core/diagnostic.hpp>
#include <mlk/core/result.hpp>
#include <mlk/model/folder.hpp>

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace mlk::model {

/// One mistake of a file.
Diagnostic problem(const std::filesystem::path& path, std::string code, std::string message, std::string why,
                   std::string fix);

/// Reads the headers of the weights and the small files that say what the model is: fills in the folder's facts, and
/// adds what is wrong. Only a requested stop is an error.
Result<void> check_files(Folder& folder, std::vector<Diagnostic>& problems, const std::stop_token& stop);

}  // namespace mlk::model
