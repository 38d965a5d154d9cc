// The fast reader's flow collections; its block collections are in fast_reader.cpp.
#include "character_class.hpp"
#include "fast_reader.hpp"

#include <cstring>

namespace mlk::inline v0::document {

/// White space, line breaks and comments between the tokens of a flow collection.
bool FastReader::skip_flow_space() {
  const char* before = m_at;
  if (m_at < m_end && *m_at != ' ' && *m_at != '\n') return *m_at != '#';
  if (!next_content()) return false;
  return m_at != m_end && (m_at == before || m_at != m_line);
}

bool FastReader::read_flow(int depth) {
  if (depth > k_deepest) return false;
  switch (*m_at) {
    case '[':
      return read_flow_sequence(depth);
    case '{':
      return read_flow_mapping(depth);
    case '"':
      return read_double_quoted();
    case '\'':
      return read_single_quoted();
    default:
      return read_flow_plain();
  }
}

bool FastReader::read_flow_sequence(int depth) {
  const std::uint32_t sequence = open(Kind::sequence);
  std::uint32_t count = 0;
  ++m_at;
  if (!skip_flow_space()) return false;
  while (*m_at != ']') {
    if (!read_flow(depth + 1) || !skip_flow_space()) return false;
    ++count;
    if (*m_at == ']') break;
    if (*m_at != ',') return false;
    ++m_at;
    if (!skip_flow_space() || *m_at == ']') return false;
  }
  ++m_at;
  close(sequence, count);
  return true;
}

bool FastReader::read_flow_mapping(int depth) {
  const std::uint32_t mapping = open(Kind::mapping);
  std::uint32_t count = 0;
  ++m_at;
  if (!skip_flow_space()) return false;
  while (*m_at != '}') {
    if (++count > k_most_keys || !read_flow_key() || is_repeated(mapping)) return false;
    if (!skip_flow_space() || *m_at == ',' || *m_at == '}') return false;
    if (!read_flow(depth + 1) || !skip_flow_space()) return false;
    if (*m_at == '}') break;
    if (*m_at != ',') return false;
    ++m_at;
    if (!skip_flow_space() || *m_at == '}') return false;
  }
  ++m_at;
  close(mapping, count);
  return true;
}

bool FastReader::read_flow_key() {
  const char* begin = m_at;
  const bool is_quoted = *begin == '"' || *begin == '\'';
  if (is_quoted ? !read_flow(0) : !read_flow_plain()) return false;
  if (m_at - begin > k_longest_key || m_arena.m_cells.back().kind != Kind::string) return false;
  if (m_at - begin == 2 && std::memcmp(begin, "<<", 2) == 0) return false;
  skip_spaces();
  if (m_at == m_end || *m_at != ':') return false;
  ++m_at;
  return m_at != m_end && (is_quoted || *m_at == ' ' || *m_at == '\n');
}

bool FastReader::read_flow_plain() {
  const char* begin = m_at;
  if (*begin == '-') {
    if (begin + 1 == m_end || (begin[1] != '-' && !is(begin[1], k_flow_start))) return false;
  } else if (!is(*begin, k_flow_start)) {
    return false;
  }
  const char* at = begin;
  for (; at < m_end && *at != ',' && *at != ']' && *at != '}'; ++at) {
    if (*at == '\n' || *at == '[' || *at == '{' || *at == '?' || *at == '#') return false;
    if (*at != ':') continue;
    if (at + 1 == m_end || at[1] == ' ' || at[1] == '\n') break;
    if (at[1] == ',' || at[1] == '[' || at[1] == ']' || at[1] == '{' || at[1] == '}') return false;
  }
  if (at == m_end) return false;
  m_at = at;
  while (at[-1] == ' ') --at;
  return add_plain(begin, at);
}

}  // namespace mlk::inline v0::document
