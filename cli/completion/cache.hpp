#pragma once

#include "cli/completion/candidate.hpp"

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::cli {

/// What was known of one question ("jobs in namespace x of server y as user z"), and since when.
struct CachedAnswer {
  std::vector<Candidate> candidates;
  SystemTime asked;        ///< when the server was last asked
  bool is_failed = false;  ///< it gave no answer then; the candidates are from before
};

/// Answers of earlier completions in a private folder (0700, files 0600): names only, no credentials. A file holds the
/// whole question, so that two questions never share an answer. A file that can't be read is no answer.
class CompletionCache {
 public:
  /// An empty folder keeps nothing.
  explicit CompletionCache(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  std::optional<CachedAnswer> find(std::string_view question) const;
  Result<void> store(std::string_view question, const CachedAnswer& answer) const;

  /// One process at a time asks a question; null when another one is at it. Held until the handle goes.
  class Claim {
   public:
    explicit Claim(int fd) noexcept : m_fd(fd) {}
    ~Claim();
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    int m_fd;
  };
  std::unique_ptr<Claim> claim(std::string_view question) const;

 private:
  std::filesystem::path path_of(std::string_view question, std::string_view suffix) const;
  bool is_ready() const;

  std::filesystem::path m_folder;
};

}  // namespace mlk::cli
