#include "issues.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::cel {
namespace {

constexpr std::size_t k_most_issues = 30;

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace

void Issues::add(std::uint32_t offset, std::string message) {
  if (m_list.size() >= k_most_issues) return;
  Issue issue{offset, 1, 1, std::move(message)};
  const auto end = std::min<std::size_t>(offset, m_source.size());
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (m_source[i] == '\n') {
      ++issue.line;
      line_start = i + 1;
    }
  }
  for (std::size_t i = line_start; i < end; ++i) issue.column += starts_character(m_source[i]) ? 1 : 0;
  m_list.push_back(std::move(issue));
}

std::vector<Issue> Issues::take() {
  std::stable_sort(m_list.begin(), m_list.end(), [](const Issue& a, const Issue& b) { return a.offset < b.offset; });
  return std::move(m_list);
}

std::string to_string(const Issue& issue, std::string_view expression) {
  std::size_t start = 0;
  for (std::uint32_t line = 1; line < issue.line; ++line) {
    const auto next = expression.find('\n', start);
    if (next == std::string_view::npos) break;
    start = next + 1;
  }
  auto text = expression.substr(start);
  text = text.substr(0, text.find('\n'));
  return fmt::format("ERROR: {}:{}: {}\n | {}\n | {}^", issue.line, issue.column, issue.message, text,
                     std::string(issue.column - 1, '.'));
}

}  // namespace mlk::inline v0::cel
