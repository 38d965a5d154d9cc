#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/diagnostic.hpp>
#include <mlk/document/node.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/tree.hpp>

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::document {

class Arena;
class Items;
class Entries;

/// One value in an arena, with everything below it: two words, copied freely, good as long as the arena is neither
/// cleared nor gone. What isn't there is a view too, which is null and empty: view["spec"]["replicas"].as_int().
class View {
 public:
  View() = default;

  Kind kind() const noexcept;
  bool is_missing() const noexcept { return m_arena == nullptr; }
  bool is_null() const noexcept { return kind() == Kind::null; }
  bool is_string() const noexcept { return kind() == Kind::string; }
  bool is_sequence() const noexcept { return kind() == Kind::sequence; }
  bool is_mapping() const noexcept { return kind() == Kind::mapping; }

  /// The value when it is of that kind, else nothing. as_double takes integers too.
  MLK_API std::optional<bool> as_bool() const noexcept;
  MLK_API std::optional<std::int64_t> as_int() const noexcept;
  MLK_API std::optional<double> as_double() const noexcept;
  MLK_API std::optional<std::string_view> as_string() const noexcept;
  std::string_view string_or(std::string_view other = {}) const noexcept { return as_string().value_or(other); }
  std::int64_t int_or(std::int64_t other) const noexcept { return as_int().value_or(other); }
  bool bool_or(bool other) const noexcept { return as_bool().value_or(other); }
  /// A scalar as text: "true", "3", "abc"; empty for null, lists and maps.
  MLK_API std::string scalar_text() const;

  /// Number of items or entries; 0 for scalars.
  MLK_API std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  /// Items of a sequence; none for anything else.
  Items items() const noexcept;
  /// Entries of a mapping; none for anything else.
  Entries entries() const noexcept;

  MLK_API View operator[](std::string_view key) const noexcept;
  /// Walks to the item: keep an iterator where all are wanted.
  MLK_API View operator[](std::size_t index) const noexcept;

  /// Where it stands; a mapping at its first key. Computed when asked for.
  MLK_API Place place() const;
  /// A tree of its own, with places.
  MLK_API Node to_node() const;

  /// The keys and indexes that lead here from a value above it.
  MLK_API Path path_from(const View& root) const;
  /// The values around this one, from the nearest one up to `root`.
  MLK_API std::vector<View> ancestors(const View& root) const;

  /// The same value in the same arena.
  bool is_same(const View& other) const noexcept { return m_arena == other.m_arena && m_cell == other.m_cell; }
  /// Equal values, wherever they stand; mappings are equal whatever the order of their keys; 1 equals 1.0.
  friend MLK_API bool operator==(const View& a, const View& b);

 private:
  friend class Arena;
  friend class Items;
  friend class Entries;
  View(const Arena* arena, std::uint32_t cell) noexcept : m_arena(arena), m_cell(cell) {}

  const Arena* m_arena = nullptr;
  std::uint32_t m_cell = 0;
};

/// A key and its value; the key is a string with a place of its own.
struct EntryView {
  View key;
  View value;

  std::string_view name() const noexcept { return key.string_or(); }
};

/// Documents read into one block of memory, to be looked at and not to be changed: sixteen bytes a value, most strings
/// left in the text where they stand. An arena that is cleared and filled again allocates nothing.
class MLK_API Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  /// Forgets everything, and keeps the memory.
  void clear() noexcept;
  /// Clears, then reads all documents of a text exactly as read_yaml does; what is wrong is appended to `diagnostics`.
  /// The text has to outlive the arena's use, and is at most 4 GiB long.
  void read(std::string_view text, std::string_view file, Schema schema, std::vector<Diagnostic>& diagnostics);
  /// Adds a tree as one more document, with its places.
  View add(const Node& node);

  std::size_t document_count() const noexcept { return m_roots.size(); }
  /// How many of the documents took the short way: for tests and benchmarks.
  std::size_t fast_count() const noexcept { return m_fast_count; }
  View document(std::size_t index) const noexcept { return {this, m_roots[index]}; }
  /// What it occupies.
  std::size_t byte_size() const noexcept;

  /// One value as it is kept: collections are followed by what they hold, a mapping by key, value, key, value.
  struct Cell {
    Kind kind = Kind::null;
    bool is_copied = false;   ///< the characters stand in m_copies, not in the text
    bool is_placed = false;   ///< `at` is an index of m_places, not of the text
    std::uint32_t at = 0;     ///< where it begins in the text
    std::uint32_t begin = 0;  ///< a scalar's characters; a collection's number of items or entries
    std::uint32_t end = 0;    ///< … up to here; of a collection, the cell after everything below
  };

 private:
  friend class View;
  friend class Items;
  friend class Entries;
  friend class FastReader;

  std::uint32_t after(std::uint32_t cell) const noexcept {
    const Cell& it = m_cells[cell];
    return it.kind == Kind::sequence || it.kind == Kind::mapping ? it.end : cell + 1;
  }
  std::string_view characters(const Cell& cell) const noexcept {
    return (cell.is_copied ? std::string_view(m_copies) : m_text).substr(cell.begin, cell.end - cell.begin);
  }
  void append(const Node& node);
  void append_scalar(Kind kind, std::string_view text, const Place& place);
  Place place_of(std::uint32_t cell) const;

  std::vector<Cell> m_cells;
  std::vector<std::uint32_t> m_roots;
  std::size_t m_fast_count = 0;
  std::string m_copies;
  std::string_view m_text;
  std::shared_ptr<const std::string> m_file;
  std::vector<Place> m_places;                 ///< of what came from a tree
  mutable std::vector<std::uint32_t> m_lines;  ///< where each line begins; filled by the first question for a place
};

/// The items of a sequence, one after the other.
class Items {
 public:
  class Iterator {
   public:
    using value_type = View;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = const View*;
    using reference = View;

    Iterator() = default;
    Iterator(const Arena* arena, std::uint32_t cell) noexcept : m_arena(arena), m_cell(cell) {}
    View operator*() const noexcept { return {m_arena, m_cell}; }
    Iterator& operator++() noexcept {
      m_cell = m_arena->after(m_cell);
      return *this;
    }
    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept { return m_cell == other.m_cell; }

   private:
    const Arena* m_arena = nullptr;
    std::uint32_t m_cell = 0;
  };

  Items() = default;
  Items(const Arena* arena, std::uint32_t begin, std::uint32_t end) noexcept
      : m_begin(arena, begin), m_end(arena, end) {}
  Iterator begin() const noexcept { return m_begin; }
  Iterator end() const noexcept { return m_end; }

 private:
  Iterator m_begin;
  Iterator m_end;
};

/// The entries of a mapping, one after the other.
class Entries {
 public:
  class Iterator {
   public:
    using value_type = EntryView;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = const EntryView*;
    using reference = EntryView;

    Iterator() = default;
    Iterator(const Arena* arena, std::uint32_t cell) noexcept : m_arena(arena), m_cell(cell) {}
    EntryView operator*() const noexcept { return {View(m_arena, m_cell), View(m_arena, m_cell + 1)}; }
    Iterator& operator++() noexcept {
      m_cell = m_arena->after(m_cell + 1);
      return *this;
    }
    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept { return m_cell == other.m_cell; }

   private:
    const Arena* m_arena = nullptr;
    std::uint32_t m_cell = 0;
  };

  Entries() = default;
  Entries(const Arena* arena, std::uint32_t begin, std::uint32_t end) noexcept
      : m_begin(arena, begin), m_end(arena, end) {}
  Iterator begin() const noexcept { return m_begin; }
  Iterator end() const noexcept { return m_end; }

 private:
  Iterator m_begin;
  Iterator m_end;
};

inline Items View::items() const noexcept {
  if (kind() != Kind::sequence) return {};
  return {m_arena, m_cell + 1, m_arena->after(m_cell)};
}

inline Entries View::entries() const noexcept {
  if (kind() != Kind::mapping) return {};
  return {m_arena, m_cell + 1, m_arena->after(m_cell)};
}

inline Kind View::kind() const noexcept { return m_arena == nullptr ? Kind::null : m_arena->m_cells[m_cell].kind; }

}  // namespace mlk::inline v0::document
