#pragma once

#include <mlk/document/arena.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mlk::inline v0::document {

/// Reads the YAML that people and programs mostly write: block and flow collections, plain and quoted scalars on one
/// line, literal blocks, comments. It never guesses: whatever it isn't sure to read as libyaml does (anchors, tags,
/// merge keys, tabs, scalars over several lines, anything broken) it leaves alone, and the slow reader takes the whole
/// document and finds the words for what is wrong. A fuzzer holds the two against each other.
class FastReader {
 public:
  FastReader(Arena& arena, Schema schema) noexcept : m_arena(arena), m_schema(schema) {}

  /// Appends the one document of a chunk of the arena's text; false, with nothing added, where the chunk isn't plain.
  /// A chunk of comments alone adds nothing and is true.
  bool read(std::string_view chunk);

 private:
  using Cell = Arena::Cell;

  static constexpr int k_deepest = 100;                  // what nests deeper is left to the slow reader
  static constexpr std::ptrdiff_t k_longest_key = 1000;  // libyaml looks 1024 characters ahead for a key's colon
  static constexpr std::uint32_t k_most_keys = 64;       // larger mappings want an index, which the slow reader has

  // Columns count from 0. A value belongs to the innermost block collection, whose column is its parent's; the
  // document's own parent is -1. Each step leaves m_at on the content that comes next, or at the end.
  bool read_block(int parent, int depth);
  bool read_mapping(int column_of_keys, int depth);
  bool read_mapping_value(int column_of_keys, int depth);
  bool read_sequence(int column_of_items, int depth);
  bool read_item(int column_of_items, int depth);
  bool read_inline(int parent, int depth);
  bool read_literal(int parent);

  // These leave m_at right behind the value.
  bool read_plain();
  bool read_single_quoted();
  bool read_double_quoted();
  bool read_key(std::uint32_t mapping);
  bool read_flow(int depth);
  bool read_flow_sequence(int depth);
  bool read_flow_mapping(int depth);
  bool read_flow_key();
  bool read_flow_plain();

  bool find_colon();
  bool is_item() const noexcept;
  bool is_repeated(std::uint32_t mapping) const;
  bool next_content();
  bool end_line();
  bool skip_flow_space();
  void skip_spaces() noexcept {
    while (m_at < m_end && *m_at == ' ') ++m_at;
  }
  int column() const noexcept { return static_cast<int>(m_at - m_line); }

  std::uint32_t offset_of(const char* at) const noexcept;
  std::uint32_t open(Kind kind);
  void close(std::uint32_t cell, std::uint32_t count) noexcept;
  bool add_plain(const char* begin, const char* end);
  void add_string(const char* at, const char* begin, const char* end);
  void add_null(const char* at);
  bool unescape(const char* begin, const char* end);
  void take_copy(std::uint32_t begin) noexcept;
  std::optional<int> indentation_of_block(const char* at, int parent) const noexcept;
  void copy_block(int indentation, char chomping);

  Arena& m_arena;
  Schema m_schema;
  const char* m_at = nullptr;
  const char* m_end = nullptr;
  const char* m_line = nullptr;   ///< where the line of m_at begins
  const char* m_colon = nullptr;  ///< of the key that find_colon found
};

}  // namespace mlk::inline v0::document
