#include "digest_cache.hpp"

#include <mlk/core/file.hpp>
#include <mlk/crypto/hash.hpp>

#include <sys/stat.h>

#include <chrono>

namespace mlk::packaging {

namespace fs = std::filesystem;

namespace {

/// A file that is written twice within one tick of its file system's clock looks the same from outside.
constexpr std::chrono::seconds k_settled{2};

std::string number_pair(const timespec& time) {
  return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

bool is_settled(const timespec& time, SystemTime now) {
  return SystemTime(std::chrono::seconds(time.tv_sec)) + k_settled < now;
}

}  // namespace

std::string DigestCache::key(const std::vector<oci::LayerFile>& files, std::int64_t mtime, SystemTime now) const {
  if (m_directory.empty()) return {};
  crypto::Sha256 hash;
  hash.update("layer 1\n" + std::to_string(mtime) + "\n");
  for (const auto& file : files) {
    struct stat status = {};
    if (::stat(file.source.c_str(), &status) != 0) return {};
    if (!is_settled(status.st_mtim, now) || !is_settled(status.st_ctim, now)) return {};
    hash.update(file.name);
    hash.update(std::string_view("\0", 1));
    hash.update(std::to_string(status.st_dev) + " " + std::to_string(status.st_ino) + " " +
                std::to_string(status.st_size) + " " + number_pair(status.st_mtim) + " " + number_pair(status.st_ctim) +
                "\n");
  }
  return hash.finish_hex();
}

std::optional<oci::Digest> DigestCache::find(const std::string& key) const {
  if (key.empty()) return std::nullopt;
  const auto text = read_file(m_directory / key, 256);
  if (!text) return std::nullopt;
  auto digest = oci::Digest::parse(*text);
  return digest ? std::optional(*std::move(digest)) : std::nullopt;
}

void DigestCache::remember(const std::string& key, const oci::Digest& digest) const {
  if (key.empty()) return;
  std::error_code code;
  fs::create_directories(m_directory, code);
  static_cast<void>(write_file(m_directory / key, digest.text(), 0600));
}

void DigestCache::forget(const std::string& key) const {
  std::error_code code;
  if (!key.empty()) fs::remove(m_directory / key, code);
}

}  // namespace mlk::packaging
