#include "fast_reader.hpp"

#include "character_class.hpp"
#include "utf8.hpp"

#include <cstring>

namespace mlk::inline v0::document {

namespace {

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
  if (depth > k_deepest) return false;
  if (is_item()) return read_sequence(column(), depth);
  if (find_colon()) return read_mapping(column(), depth);
  return parent >= 0 && read_inline(parent, depth);
}

bool FastReader::read_mapping(int column_of_keys, int depth) {
  const std::uint32_t mapping = open(Kind::mapping);
  std::uint32_t count = 0;
  do {
    if (++count > k_most_keys || !find_colon() || !read_key(mapping)) return false;
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
  if (depth + 1 > k_deepest) return false;
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

}  // namespace mlk::inline v0::document
