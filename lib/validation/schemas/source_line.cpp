#include "source_line.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <fmt/format.h>

namespace mlk::inline v0::validation::schema {

SourceLine::SourceLine(std::string_view text) : m_text(text) {
  while (m_depth < text.size() && text[m_depth] == ' ') ++m_depth;
  m_at = m_depth;
}

void SourceLine::skip_space() noexcept {
  while (m_at < m_text.size() && m_text[m_at] == ' ') ++m_at;
}

bool SourceLine::take(char mark) noexcept {
  if (m_at >= m_text.size() || m_text[m_at] != mark) return false;
  ++m_at;
  return true;
}

// A value ends at a space outside of quotes and brackets.
std::size_t SourceLine::end_of_value(std::size_t from) const noexcept {
  std::size_t open = 0;
  bool is_quoted = false;
  std::size_t at = from;
  for (; at < m_text.size(); ++at) {
    const char c = m_text[at];
    if (is_quoted) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        is_quoted = false;
      }
    } else if (c == '"') {
      is_quoted = true;
    } else if (c == '[' || c == '{') {
      ++open;
    } else if ((c == ']' || c == '}') && open > 0) {
      --open;
    } else if (c == ' ' && open == 0) {
      break;
    }
  }
  return at < m_text.size() ? at : m_text.size();
}

std::string_view SourceLine::word() noexcept {
  const std::size_t end = m_at < m_text.size() && m_text[m_at] == '"' ? end_of_value(m_at) : m_text.find(' ', m_at);
  const auto out = m_text.substr(m_at, end == std::string_view::npos ? end : end - m_at);
  m_at += out.size();
  skip_space();
  return out;
}

SourceLine::Attribute SourceLine::attribute() noexcept {
  const std::size_t begin = m_at;
  while (m_at < m_text.size() && m_text[m_at] != ' ' && m_text[m_at] != '=') ++m_at;
  Attribute out{m_text.substr(begin, m_at - begin), {}};
  if (take('=')) {
    const std::size_t end = end_of_value(m_at);
    out.value = m_text.substr(m_at, end - m_at);
    m_at = end;
  }
  skip_space();
  return out;
}

Result<std::string> read_word(std::string_view value) {
  if (!value.starts_with('"')) return std::string(value);
  if (value.size() >= 2 && value.ends_with('"') && value.find('\\') == std::string_view::npos) {
    return std::string(value.substr(1, value.size() - 2));
  }
  MLK_TRY(const auto node, document::read_json(value));
  if (!node.is_string()) return Error(ErrorKind::failed, fmt::format("{} is no text", value));
  return node.string_or();
}

Result<std::vector<std::string>> read_words(std::string_view value) {
  MLK_TRY(const auto node, document::read_json(value));
  if (!node.is_sequence()) return Error(ErrorKind::failed, fmt::format("{} is no list", value));
  std::vector<std::string> out;
  for (const auto& item : node.items()) out.push_back(item.scalar_text());
  return out;
}

Result<std::vector<std::string>> read_json_items(std::string_view value) {
  MLK_TRY(const auto node, document::read_json(value));
  if (!node.is_sequence()) return Error(ErrorKind::failed, fmt::format("{} is no list", value));
  std::vector<std::string> out;
  for (const auto& item : node.items()) out.push_back(document::write_json(item, 0));
  return out;
}

}  // namespace mlk::inline v0::validation::schema
