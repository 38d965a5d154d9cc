#pragma once

#include "kubeconfig_file.hpp"

#include <mlk/core/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace mlk::kube {

std::filesystem::path resolve_path(const std::string& path, const std::filesystem::path& directory);

/// What `key` (a path) or `key`-data (base64) holds; empty for neither, an error for both.
Result<std::string> file_or_data(const Definition& definition, std::string_view key);

/// A user's credentials, checked as Kubernetes' own client checks them.
Result<Credentials> read_user(const Definition& definition);

}  // namespace mlk::kube
