#include "cli/completion/cache.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

namespace mlk::cli {
namespace {

constexpr std::string_view k_format = "mlk-completion 1";
constexpr std::size_t k_limit = std::size_t{16} << 20;

/// FNV-1a, 64 bits: it only spreads questions over file names, the question in the file decides.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char letter : text) value = (value ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
  return value;
}

}  // namespace

CompletionCache::Claim::~Claim() { ::close(m_fd); }

std::filesystem::path CompletionCache::path_of(std::string_view question, std::string_view suffix) const {
  return m_folder / fmt::format("{:016x}{}", hash(question), suffix);
}

bool CompletionCache::is_ready() const {
  if (m_folder.empty()) return false;
  std::error_code problem;
  std::filesystem::create_directories(m_folder.parent_path(), problem);
  ::mkdir(m_folder.c_str(), 0700);
  // A folder that others can write to, or that isn't ours, could feed us anything.
  struct stat info {};
  if (::lstat(m_folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) return false;
  return (info.st_mode & 0077U) == 0 || ::chmod(m_folder.c_str(), 0700) == 0;
}

std::optional<CachedAnswer> CompletionCache::find(std::string_view question) const {
  if (!is_ready()) return std::nullopt;
  const auto text = read_file(path_of(question, ""), k_limit);
  if (!text) return std::nullopt;
  const std::vector<std::string> lines = split(*text, '\n');
  // format, question, time, state, then a candidate a line
  if (lines.size() < 5 || lines[0] != k_format || lines[1] != question) return std::nullopt;
  CachedAnswer answer;
  const auto asked = parse_rfc3339(lines[2]);
  if (!asked) return std::nullopt;
  answer.asked = *asked;
  answer.is_failed = lines[3] == "failed";
  for (std::size_t i = 4; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::size_t tab = lines[i].find('\t');
    answer.candidates.push_back({lines[i].substr(0, tab), tab == std::string::npos ? "" : lines[i].substr(tab + 1)});
  }
  return answer;
}

Result<void> CompletionCache::store(std::string_view question, const CachedAnswer& answer) const {
  if (!is_ready()) return Error(ErrorKind::failed, "no private folder for the cache of completions");
  std::string text = fmt::format("{}\n{}\n{}\n{}\n", k_format, question, format_rfc3339(answer.asked),
                                 answer.is_failed ? "failed" : "ok");
  for (const Candidate& candidate : answer.candidates) {
    text += candidate.value;
    if (!candidate.description.empty()) text += "\t" + candidate.description;
    text += '\n';
  }
  return write_file(path_of(question, ""), text, 0600);
}

std::unique_ptr<CompletionCache::Claim> CompletionCache::claim(std::string_view question) const {
  if (!is_ready()) return nullptr;
  const int fd = ::open(path_of(question, ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return nullptr;
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return nullptr;
  }
  return std::make_unique<Claim>(fd);
}

}  // namespace mlk::cli
