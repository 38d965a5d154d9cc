// The fast reader's scalars; its block collections are in fast_reader.cpp.
#include "character_class.hpp"
#include "fast_reader.hpp"
#include "scalar.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace mlk::inline v0::document {

namespace {

/// The kind of an unquoted scalar; nothing where there is something to say about it.
std::optional<Kind> classify(std::string_view text, Schema schema) {
  const char first = text[0];
  const bool is_letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
  if (is_letter && (!is(first, k_word) || text.size() > 5)) return Kind::string;
  if (!is_letter && is(first, k_number) && first != '.') {
    std::uint8_t all = k_number;
    bool is_all_digits = true;
    for (const char c : text) {
      all &= k_classes[static_cast<unsigned char>(c)];
      is_all_digits = is_all_digits && c >= '0' && c <= '9';
    }
    if ((all & k_number) == 0) return Kind::string;
    if (is_all_digits && text.size() <= 18 && (first != '0' || text.size() == 1)) return Kind::integer;
  } else if (!is_letter && first != '.' && first != '~') {
    return Kind::string;
  }
  const Resolved resolved = resolve_plain(text, schema);
  if (resolved.problem != NumberProblem::none) return {};
  return resolved.value.kind();
}

}  // namespace

bool FastReader::add_plain(const char* begin, const char* end) {
  const auto kind = classify({begin, static_cast<std::size_t>(end - begin)}, m_schema);
  if (!kind) return false;
  add_string(begin, begin, end);
  m_arena.m_cells.back().kind = *kind;
  return true;
}

// ---- values on one line

bool FastReader::read_inline(int parent, int depth) {
  switch (*m_at) {
    case '"':
      return read_double_quoted() && end_line();
    case '\'':
      return read_single_quoted() && end_line();
    case '[':
    case '{':
      return read_flow(depth + 1) && end_line();
    case '|':
      return read_literal(parent) && next_content();
    default:
      return read_plain() && end_line();
  }
}

bool FastReader::read_plain() {
  const char* begin = m_at;
  if (is(*begin, k_no_start)) return false;
  if (*begin == '-' || *begin == '?' || *begin == ':') {
    if (begin + 1 == m_end || begin[1] == ' ' || begin[1] == '\n') return false;
  }
  const char* at = begin;
  for (; at < m_end && *at != '\n'; ++at) {
    if (*at == ':' && (at + 1 == m_end || at[1] == ' ' || at[1] == '\n')) return false;
    if (*at == '#' && at[-1] == ' ') break;
  }
  while (at[-1] == ' ') --at;
  m_at = at;
  return add_plain(begin, at);
}

bool FastReader::read_single_quoted() {
  const char* begin = m_at + 1;
  const char* at = begin;
  bool has_quotes = false;
  for (; at < m_end && *at != '\n'; ++at) {
    if (*at != '\'') continue;
    if (at + 1 == m_end || at[1] != '\'') break;
    has_quotes = true;
    ++at;
  }
  if (at >= m_end || *at != '\'') return false;
  add_string(m_at, begin, at);
  m_at = at + 1;
  if (!has_quotes) return true;
  const auto copied = static_cast<std::uint32_t>(m_arena.m_copies.size());
  for (const char* c = begin; c < at; ++c) {
    m_arena.m_copies += *c;
    if (*c == '\'') ++c;
  }
  take_copy(copied);
  return true;
}

bool FastReader::read_double_quoted() {
  const char* begin = m_at + 1;
  const char* at = begin;
  bool has_escapes = false;
  for (; at < m_end && *at != '"' && *at != '\n'; ++at) {
    if (*at != '\\') continue;
    has_escapes = true;
    if (++at == m_end || *at == '\n') return false;
  }
  if (at >= m_end || *at != '"') return false;
  add_string(m_at, begin, at);
  m_at = at + 1;
  return !has_escapes || unescape(begin, at);
}

bool FastReader::unescape(const char* begin, const char* end) {
  const auto copied = static_cast<std::uint32_t>(m_arena.m_copies.size());
  for (const char* c = begin; c < end; ++c) {
    if (*c != '\\') {
      m_arena.m_copies += *c;
      continue;
    }
    switch (*++c) {
      case 'n':
        m_arena.m_copies += '\n';
        break;
      case 't':
        m_arena.m_copies += '\t';
        break;
      case '"':
      case '\\':
      case '/':
        m_arena.m_copies += *c;
        break;
      default:
        return false;
    }
  }
  take_copy(copied);
  return true;
}

/// What was copied since is what the last cell's characters are.
void FastReader::take_copy(std::uint32_t begin) noexcept {
  Cell& cell = m_arena.m_cells.back();
  cell.is_copied = true;
  cell.begin = begin;
  cell.end = static_cast<std::uint32_t>(m_arena.m_copies.size());
}

// ---- literal blocks

/// The indentation of a block: that of its first line with anything on it. Nothing where an empty line before it is
/// indented further, and 0 where the block is empty.
std::optional<int> FastReader::indentation_of_block(const char* at, int parent) const noexcept {
  int widest = 0;
  while (at < m_end) {
    const char* line = at;
    while (at < m_end && *at == ' ') ++at;
    const int spaces = static_cast<int>(at - line);
    if (at == m_end || *at == '\n') {
      widest = std::max(widest, spaces);
      if (at < m_end) ++at;
      continue;
    }
    if (spaces <= parent) return widest > parent ? std::nullopt : std::optional(0);
    return widest > spaces ? std::nullopt : std::optional(spaces);
  }
  return widest > parent ? std::nullopt : std::optional(0);
}

bool FastReader::read_literal(int parent) {
  add_string(m_at, m_at, m_at);
  const char chomping = m_at + 1 < m_end && (m_at[1] == '-' || m_at[1] == '+') ? m_at[1] : ' ';
  m_at += chomping == ' ' ? 1 : 2;
  const char* header_end = m_at;
  skip_spaces();
  if (m_at < m_end && *m_at == '#' && m_at > header_end) {
    while (m_at < m_end && *m_at != '\n') ++m_at;
  }
  if (m_at == m_end || *m_at != '\n') return false;
  m_line = ++m_at;
  const auto indentation = indentation_of_block(m_at, parent);
  if (!indentation || (*indentation == 0 && chomping == '+')) return false;
  const auto copied = static_cast<std::uint32_t>(m_arena.m_copies.size());
  if (*indentation > 0) copy_block(*indentation, chomping);
  take_copy(copied);
  return true;
}

void FastReader::copy_block(int indentation, char chomping) {
  std::size_t breaks = 0;  // that came after the last line with anything on it
  while (m_at < m_end) {
    const char* at = m_at;
    while (at < m_end && *at == ' ' && at - m_at < indentation) ++at;
    const bool is_empty = at == m_end || *at == '\n';
    if (!is_empty && at - m_at < indentation) break;
    const void* found = std::memchr(at, '\n', static_cast<std::size_t>(m_end - at));
    const char* line_end = found == nullptr ? m_end : static_cast<const char*>(found);
    if (!is_empty) {
      m_arena.m_copies.append(breaks, '\n');
      breaks = 0;
      m_arena.m_copies.append(at, static_cast<std::size_t>(line_end - at));
    }
    m_at = line_end;
    if (line_end < m_end) {
      ++breaks;
      m_line = ++m_at;
    }
  }
  m_arena.m_copies.append(chomping == '+' ? breaks : chomping == '-' ? 0 : std::min<std::size_t>(breaks, 1), '\n');
}

}  // namespace mlk::inline v0::document
