#include "fast_reader.hpp"
#include "scalar.hpp"
#include "source_text.hpp"
#include "utf8.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/arena.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace mlk::inline v0::document {

// ---- what a view answers

std::optional<bool> View::as_bool() const noexcept {
  if (kind() != Kind::boolean) return {};
  const std::string_view word = m_arena->characters(m_arena->m_cells[m_cell]);
  const char first = static_cast<char>(word[0] | 0x20);
  return first == 'y' || first == 't' || (first == 'o' && (word[1] | 0x20) == 'n');
}

std::optional<std::int64_t> View::as_int() const noexcept {
  if (kind() != Kind::integer) return {};
  const std::string_view text = m_arena->characters(m_arena->m_cells[m_cell]);
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_decimal =
      status == std::errc() && end == text.data() + text.size() && (text[0] != '0' || text.size() == 1);
  if (is_decimal) return value;
  return resolve_plain(text, Schema::kubernetes).value.as_int();
}

std::optional<double> View::as_double() const noexcept {
  if (const auto whole = as_int()) return static_cast<double>(*whole);
  if (kind() != Kind::floating) return {};
  return resolve_plain(m_arena->characters(m_arena->m_cells[m_cell]), Schema::kubernetes).value.as_double();
}

std::optional<std::string_view> View::as_string() const noexcept {
  if (kind() != Kind::string) return {};
  return m_arena->characters(m_arena->m_cells[m_cell]);
}

std::string View::scalar_text() const {
  switch (kind()) {
    case Kind::boolean:
      return *as_bool() ? "true" : "false";
    case Kind::integer:
      return std::to_string(*as_int());
    case Kind::floating:
      return Node(*as_double()).scalar_text();
    case Kind::string:
      return std::string(*as_string());
    case Kind::null:
    case Kind::sequence:
    case Kind::mapping:
      return {};
  }
  return {};
}

std::size_t View::size() const noexcept { return is_sequence() || is_mapping() ? m_arena->m_cells[m_cell].begin : 0; }

View View::operator[](std::string_view key) const noexcept {
  if (!is_mapping()) return {};
  const std::uint32_t end = m_arena->m_cells[m_cell].end;
  for (std::uint32_t at = m_cell + 1; at < end; at = m_arena->after(at + 1)) {
    if (m_arena->characters(m_arena->m_cells[at]) == key) return {m_arena, at + 1};
  }
  return {};
}

View View::operator[](std::size_t index) const noexcept {
  if (!is_sequence() || index >= size()) return {};
  std::uint32_t at = m_cell + 1;
  while (index-- > 0) at = m_arena->after(at);
  return {m_arena, at};
}

Place View::place() const { return m_arena == nullptr ? Place{} : m_arena->place_of(m_cell); }

Node View::to_node() const {
  Node node;
  switch (kind()) {
    case Kind::null:
      break;
    case Kind::boolean:
      node = Node(*as_bool());
      break;
    case Kind::integer:
      node = Node(*as_int());
      break;
    case Kind::floating:
      node = Node(*as_double());
      break;
    case Kind::string:
      node = Node(*as_string());
      break;
    case Kind::sequence:
      node = Node::sequence();
      node.items_mutable().reserve(size());
      for (const View item : items()) node.items_mutable().push_back(item.to_node());
      break;
    case Kind::mapping:
      node = Node::mapping();
      node.entries_mutable().reserve(size());
      for (const EntryView entry : entries()) {
        node.entries_mutable().push_back({std::string(entry.name()), entry.key.place(), entry.value.to_node()});
      }
      break;
  }
  node.set_place(place());
  return node;
}

Path View::path_from(const View& root) const {
  Path path;
  View at = root;
  while (!is_same(at) && (at.is_mapping() || at.is_sequence())) {
    const View before = at;
    std::size_t index = 0;
    for (const View item : before.items()) {
      if (m_cell < m_arena->after(item.m_cell)) {
        path.emplace_back(index);
        at = item;
        break;
      }
      ++index;
    }
    for (const EntryView entry : before.entries()) {
      if (m_cell < m_arena->after(entry.value.m_cell)) {
        path.emplace_back(std::string(entry.name()));
        at = entry.value;
        break;
      }
    }
    if (at.is_same(before)) break;
  }
  return path;
}

std::vector<View> View::ancestors(const View& root) const {
  std::vector<View> around;
  View at = root;
  for (const PathStep& step : path_from(root)) {
    around.insert(around.begin(), at);
    const auto* key = std::get_if<std::string>(&step);
    at = key != nullptr ? at[*key] : at[std::get<std::size_t>(step)];
  }
  return around;
}

bool operator==(const View& a, const View& b) {
  if (a.kind() != b.kind()) {
    const auto x = a.as_double();
    const auto y = b.as_double();
    return x && y && *x == *y;
  }
  switch (a.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return a.as_bool() == b.as_bool();
    case Kind::integer:
      return a.as_int() == b.as_int();
    case Kind::floating:
      return a.as_double() == b.as_double();
    case Kind::string:
      return a.as_string() == b.as_string();
    case Kind::sequence:
      return a.size() == b.size() && std::equal(a.items().begin(), a.items().end(), b.items().begin());
    case Kind::mapping: {
      if (a.size() != b.size()) return false;
      const Entries all = a.entries();
      return std::all_of(all.begin(), all.end(), [&b](const EntryView& entry) {
        const View other = b[entry.name()];
        return !other.is_missing() && entry.value == other;
      });
    }
  }
  return false;
}

// ---- filling

void Arena::clear() noexcept {
  m_cells.clear();
  m_roots.clear();
  m_copies.clear();
  m_places.clear();
  m_fast_count = 0;
  m_lines.clear();
  m_text = {};
  m_file.reset();
}

std::size_t Arena::byte_size() const noexcept {
  return m_cells.capacity() * sizeof(Cell) + m_copies.capacity() + m_places.capacity() * sizeof(Place) +
         (m_roots.capacity() + m_lines.capacity()) * sizeof(std::uint32_t);
}

void Arena::read(std::string_view text, std::string_view file, Schema schema, std::vector<Diagnostic>& diagnostics) {
  clear();
  m_text = without_byte_order_mark(text);
  m_file = std::make_shared<const std::string>(file);
  for (const Chunk& chunk : split_documents(m_text, m_file, schema, diagnostics)) {
    FastReader fast(*this, schema);
    if (fast.read(chunk.text)) continue;
    Documents documents;
    read_chunk(chunk, m_file, schema, documents);
    for (const Node& node : documents.nodes) add(node);
    std::move(documents.diagnostics.begin(), documents.diagnostics.end(), std::back_inserter(diagnostics));
  }
}

View Arena::add(const Node& node) {
  const auto root = static_cast<std::uint32_t>(m_cells.size());
  append(node);
  m_roots.push_back(root);
  return {this, root};
}

void Arena::append_scalar(Kind kind, std::string_view text, const Place& place) {
  Cell cell;
  cell.kind = kind;
  cell.is_copied = true;
  cell.is_placed = true;
  cell.at = static_cast<std::uint32_t>(m_places.size());
  cell.begin = static_cast<std::uint32_t>(m_copies.size());
  m_copies += text;
  cell.end = static_cast<std::uint32_t>(m_copies.size());
  m_places.push_back(place);
  m_cells.push_back(cell);
}

void Arena::append(const Node& node) {
  if (!node.is_sequence() && !node.is_mapping()) {
    const bool is_double = node.kind() == Kind::floating;
    append_scalar(node.kind(), is_double ? format_double(*node.as_double()) : node.scalar_text(), node.place());
    return;
  }
  const std::size_t at = m_cells.size();
  append_scalar(node.kind(), {}, node.place());
  for (const Node& item : node.items()) append(item);
  for (const Entry& entry : node.entries()) {
    append_scalar(Kind::string, entry.key, entry.key_place);
    append(entry.value);
  }
  m_cells[at].begin = static_cast<std::uint32_t>(node.size());
  m_cells[at].end = static_cast<std::uint32_t>(m_cells.size());
}

// ---- places

namespace {

std::uint32_t count_characters(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Where a scalar ends that begins at `begin`: behind its closing quote where it has one.
std::size_t end_of_scalar(std::string_view text, std::size_t begin, std::size_t characters_end) {
  const char quote = begin < text.size() ? text[begin] : '\0';
  if (quote != '"' && quote != '\'') return characters_end;
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 == text.size() || text[at + 1] != '\'') return at + 1;
      ++at;
    }
  }
  return text.size();
}

}  // namespace

Place Arena::place_of(std::uint32_t index) const {
  const Cell& cell = m_cells[index];
  if (cell.is_placed) return m_places[cell.at];
  if (m_lines.empty()) {
    m_lines.push_back(0);
    for (std::size_t at = 0; (at = m_text.find('\n', at)) != std::string_view::npos;) {
      m_lines.push_back(static_cast<std::uint32_t>(++at));
    }
  }
  const bool is_scalar = cell.kind != Kind::sequence && cell.kind != Kind::mapping;
  std::size_t end = cell.at;
  if (is_scalar) end = end_of_scalar(m_text, cell.at, cell.is_copied ? cell.at + 1 : std::max(cell.at, cell.end));
  const auto spot = [this](std::size_t offset) {
    const auto line = std::upper_bound(m_lines.begin(), m_lines.end(), offset) - 1;
    return std::pair(static_cast<std::uint32_t>(line - m_lines.begin()) + 1,
                     count_characters(m_text.substr(*line, offset - *line)) + 1);
  };
  const auto [line, column] = spot(cell.at);
  const auto [end_line, end_column] = spot(end);
  return {m_file, line, column, end_line, end_column};
}

}  // namespace mlk::inline v0::document
