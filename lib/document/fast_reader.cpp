#include "fast_reader.hpp"

#include "scalar.hpp"
#include "utf8.hpp"

#include <array>
#include <cstring>
#include <string>

namespace mlk::inline v0::document {

namespace {

constexpr int k_fast_depth = 100;               // what nests deeper is left to the slow reader
constexpr std::ptrdiff_t k_longest_key = 1000;  // libyaml looks 1024 characters ahead for a key's colon
constexpr std::uint32_t k_searched_keys = 64;   // larger mappings want an index, which the slow reader has

enum CharacterClass : std::uint8_t {
  k_control = 1,     // only a line feed is taken
  k_high = 2,        // part of a character beyond ASCII
  k_no_start = 4,    // begins no plain scalar
  k_flow_start = 8,  // may begin a plain scalar in a flow collection
  k_number = 16,     // may stand in a number
  k_word = 32,       // begins words such as true, null, on
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    if ((c < 0x20 && c != '\n') || c == 0x7F) classes[c] |= k_control;
    if (c >= 0x80) classes[c] |= k_high;
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    if (is_letter || is_digit) classes[c] |= k_flow_start;
    if (is_digit) classes[c] |= k_number;
  }
  for (const char c : std::string_view(",[]{}#&*!|>'\"%@`")) classes[static_cast<unsigned char>(c)] |= k_no_start;
  for (const char c : std::string_view("/._$+(<=~^~")) classes[static_cast<unsigned char>(c)] |= k_flow_start;
  for (const char c : std::string_view("abcdefABCDEFxXoO_+-.")) classes[static_cast<unsigned char>(c)] |= k_number;
  for (const char c : std::string_view("yYnNtTfFoO")) classes[static_cast<unsigned char>(c)] |= k_word;
  return classes;
}

constexpr std::array<std::uint8_t, 256> k_classes = make_classes();

bool is(char c, CharacterClass wanted) noexcept { return (k_classes[static_cast<unsigned char>(c)] & wanted) != 0; }

/// Whether libyaml takes every character, and none of them ends a line but the line feed.
bool is_readable(std::string_view text) noexcept {
  std::uint8_t seen = 0;
  for (const char c : text) seen |= k_classes[static_cast<unsigned char>(c)];
  if ((seen & k_control) != 0) return false;
  if ((seen & k_high) == 0) return true;
  for (std::size_t at = 0; at < text.size();) {
    if (!is(text[at], k_high)) {
      ++at;
      continue;
    }
    const CodePoint point = decode_utf8(text, at);
    const std::uint32_t c = point.value;
    const bool is_break = c == 0x2028 || c == 0x2029;
    if (!point.is_valid || c < 0xA0 || c == 0xFEFF || is_break || c == 0xFFFE || c == 0xFFFF) return false;
    at += point.length;
  }
  return true;
}

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

// ---- small steps

std::uint32_t FastReader::offset_of(const char* at) const noexcept {
  return static_cast<std::uint32_t>(at - m_arena.m_text.data());
}

std::uint32_t FastReader::open(Kind kind) {
  const auto cell = static_cast<std::uint32_t>(m_arena.m_cells.size());
  Cell& made = m_arena.m_cells.emplace_back();
  made.kind = kind;
  made.at = offset_of(m_at);
  return cell;
}

void FastReader::close(std::uint32_t cell, std::uint32_t count) noexcept {
  m_arena.m_cells[cell].begin = count;
  m_arena.m_cells[cell].end = static_cast<std::uint32_t>(m_arena.m_cells.size());
}

void FastReader::add_string(const char* at, const char* begin, const char* end) {
  Cell& cell = m_arena.m_cells.emplace_back();
  cell.kind = Kind::string;
  cell.at = offset_of(at);
  cell.begin = offset_of(begin);
  cell.end = offset_of(end);
}

void FastReader::add_null(const char* at) {
  add_string(at, at, at);
  m_arena.m_cells.back().kind = Kind::null;
}

bool FastReader::add_plain(const char* begin, const char* end) {
  const auto kind = classify({begin, static_cast<std::size_t>(end - begin)}, m_schema);
  if (!kind) return false;
  add_string(begin, begin, end);
  m_arena.m_cells.back().kind = *kind;
  return true;
}

bool FastReader::is_item() const noexcept {
  return *m_at == '-' && (m_at + 1 == m_end || m_at[1] == ' ' || m_at[1] == '\n');
}

bool FastReader::next_content() {
  while (m_at < m_end) {
    if (*m_at == ' ') {
      ++m_at;
    } else if (*m_at == '\n') {
      m_line = ++m_at;
    } else if (*m_at == '#') {
      const void* line_end = std::memchr(m_at, '\n', static_cast<std::size_t>(m_end - m_at));
      m_at = line_end == nullptr ? m_end : static_cast<const char*>(line_end);
    } else {
      break;
    }
  }
  const bool is_document_end = m_at == m_line && m_end - m_at >= 3 && std::memcmp(m_at, "...", 3) == 0;
  return !is_document_end;
}

/// What may follow a value on its line: a comment, set off by a space.
bool FastReader::end_line() {
  const char* value_end = m_at;
  skip_spaces();
  if (m_at == m_end || *m_at == '\n' || (*m_at == '#' && m_at > value_end)) return next_content();
  return false;
}

// ---- block collections

bool FastReader::read(std::string_view chunk) {
  if (!is_readable(chunk)) return false;
  const std::size_t cells = m_arena.m_cells.size();
  const std::size_t copies = m_arena.m_copies.size();
  m_at = m_line = chunk.data();
  m_end = chunk.data() + chunk.size();
  if (next_content()) {
    if (m_at == m_end) return true;
    if (read_block(-1, 0) && m_at == m_end) {
      m_arena.m_roots.push_back(static_cast<std::uint32_t>(cells));
      ++m_arena.m_fast_count;
      return true;
    }
  }
  m_arena.m_cells.resize(cells);
  m_arena.m_copies.resize(copies);
  return false;
}

/// A value on a line of its own, right of the collection that it belongs to.
bool FastReader::read_block(int parent, int depth) {
  if (depth > k_fast_depth) return false;
  if (is_item()) return read_sequence(column(), depth);
  if (find_colon()) return read_mapping(column(), depth);
  return parent >= 0 && read_inline(parent, depth);
}

bool FastReader::read_mapping(int column_of_keys, int depth) {
  const std::uint32_t mapping = open(Kind::mapping);
  std::uint32_t count = 0;
  do {
    if (++count > k_searched_keys || !find_colon() || !read_key(mapping)) return false;
    if (!read_mapping_value(column_of_keys, depth)) return false;
  } while (m_at != m_end && column() == column_of_keys);
  close(mapping, count);
  return m_at == m_end || column() < column_of_keys;
}

bool FastReader::read_mapping_value(int column_of_keys, int depth) {
  const char* colon_end = m_at;
  skip_spaces();
  const bool is_here = m_at != m_end && *m_at != '\n' && *m_at != '#';
  if (is_here) return read_inline(column_of_keys, depth);
  if (!next_content()) return false;
  if (m_at != m_end && column() > column_of_keys) return read_block(column_of_keys, depth + 1);
  if (m_at != m_end && column() == column_of_keys && is_item()) return read_sequence(column_of_keys, depth + 1);
  add_null(colon_end);
  return true;
}

bool FastReader::read_sequence(int column_of_items, int depth) {
  const std::uint32_t sequence = open(Kind::sequence);
  std::uint32_t count = 0;
  do {
    ++count;
    if (!read_item(column_of_items, depth)) return false;
  } while (m_at != m_end && column() == column_of_items && is_item());
  close(sequence, count);
  return m_at == m_end || column() <= column_of_items;
}

bool FastReader::read_item(int column_of_items, int depth) {
  const char* dash_end = ++m_at;
  skip_spaces();
  if (m_at == m_end || *m_at == '\n' || *m_at == '#') {
    if (!next_content()) return false;
    if (m_at != m_end && column() > column_of_items) return read_block(column_of_items, depth + 1);
    add_null(dash_end);
    return true;
  }
  if (depth + 1 > k_fast_depth) return false;
  if (is_item()) return read_sequence(column(), depth + 1);
  if (find_colon()) return read_mapping(column(), depth + 1);
  return read_inline(column_of_items, depth);
}

// ---- keys

/// Whether a key begins here; its colon is then known.
bool FastReader::find_colon() {
  const char* at = m_at;
  if (*at == '"' || *at == '\'') {
    const char quote = *at++;
    while (at < m_end && *at != quote && *at != '\n') at += *at == '\\' && quote == '"' ? 2 : 1;
    if (at >= m_end || *at != quote) return false;
    for (++at; at < m_end && *at == ' ';) ++at;
    if (at == m_end || *at != ':') return false;
  } else {
    if (*at == '[' || *at == '{') return false;
    for (; at < m_end && *at != '\n'; ++at) {
      if (*at == ':' && (at + 1 == m_end || at[1] == ' ' || at[1] == '\n')) break;
      if (*at == '#' && at > m_at && at[-1] == ' ') return false;
    }
    if (at == m_end || *at != ':') return false;
  }
  m_colon = at;
  return at + 1 == m_end || at[1] == ' ' || at[1] == '\n';
}

bool FastReader::read_key(std::uint32_t mapping) {
  const char* begin = m_at;
  if (m_colon - begin > k_longest_key) return false;
  if (*begin == '"') {
    if (!read_double_quoted()) return false;
  } else if (*begin == '\'') {
    if (!read_single_quoted()) return false;
  } else {
    const char* end = m_colon;
    while (end > begin && end[-1] == ' ') --end;
    const bool may_start = end > begin && !is(*begin, k_no_start) &&
                           ((*begin != '-' && *begin != '?' && *begin != ':') || (end - begin > 1 && begin[1] != ' '));
    // A key that isn't text, and "<<", mean something that the slow reader knows.
    if (!may_start || !add_plain(begin, end) || m_arena.m_cells.back().kind != Kind::string) return false;
    if (end - begin == 2 && begin[0] == '<' && begin[1] == '<') return false;
    m_at = end;
  }
  skip_spaces();
  if (m_at != m_colon) return false;
  ++m_at;
  return !is_repeated(mapping);
}

bool FastReader::is_repeated(std::uint32_t mapping) const {
  const auto key = static_cast<std::uint32_t>(m_arena.m_cells.size()) - 1;
  const std::string_view name = m_arena.characters(m_arena.m_cells[key]);
  for (std::uint32_t at = mapping + 1; at < key; at = m_arena.after(at + 1)) {
    if (m_arena.characters(m_arena.m_cells[at]) == name) return true;
  }
  return false;
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

// ---- flow collections

/// White space, line breaks and comments between the tokens of a flow collection.
bool FastReader::skip_flow_space() {
  const char* before = m_at;
  if (m_at < m_end && *m_at != ' ' && *m_at != '\n') return *m_at != '#';
  if (!next_content()) return false;
  return m_at != m_end && (m_at == before || m_at != m_line);
}

bool FastReader::read_flow(int depth) {
  if (depth > k_fast_depth) return false;
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
    if (++count > k_searched_keys || !read_flow_key() || is_repeated(mapping)) return false;
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
