#pragma once

#include <mlk/core/quantity.hpp>
#include <mlk/core/result.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::project {

/// The newest edition of mlk's defaults that this program knows.
inline constexpr int k_newest_edition = 1;

struct LockedModel {
  std::string image;   ///< "registry.example.com/nlp/sentiment:tag", without the digest
  std::string digest;  ///< "sha256:…", of the manifest
  std::optional<Bytes> size;
  bool operator==(const LockedModel&) const = default;
};

/// mlk.lock: what was resolved. Committed by users; the same content always gives the same bytes.
struct Lock {
  int edition = k_newest_edition;
  std::map<std::string, LockedModel> models;    ///< by section name
  std::map<std::string, std::string> images;    ///< image as written in mlk.yaml → digest
  std::map<std::string, std::string> backends;  ///< "job/finetune" → "job"
  std::map<std::string, std::string> engines;   ///< "vllm" → image with digest
  bool operator==(const Lock&) const = default;
};

/// mlk.lock beside this mlk.yaml ("prod.yaml" has "prod.lock").
std::filesystem::path lock_path(const std::filesystem::path& project_file);

/// Reads a lock; nothing where there is no such file; a version or edition newer than this program is an error that
/// says so, as is anything that mlk wouldn't have written.
Result<std::optional<Lock>> read_lock(const std::filesystem::path& path);
Result<Lock> parse_lock(std::string_view text, std::string_view file);

std::string format_lock(const Lock& lock);
/// Atomically; leaves the file alone where nothing changes. Whether it wrote.
Result<bool> write_lock(const std::filesystem::path& path, const Lock& lock);

}  // namespace mlk::project
