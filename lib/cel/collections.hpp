#pragma once

#include "cell.hpp"
#include "run.hpp"

#include <optional>

namespace mlk::inline v0::cel {

// Lists and maps as expressions see them, be they made by an expression or part of a document.

/// A document's value as one of the type, or of what it looks like where there is none. A failure when it isn't one.
Cell from_document(Run& run, const document::Node& node, const TypeData* type);

std::size_t list_size(const Cell& list);
Cell list_item(Run& run, const Cell& list, std::size_t index);

std::size_t map_size(const Cell& map);
/// Key and value in the map's order. Fields that the type doesn't declare are left out: `fits` says whether it does.
struct Visited {
  Cell key;
  Cell value;
  bool fits = true;
};
Visited map_entry(Run& run, const Cell& map, std::size_t index);
/// The value under a key; nothing when it isn't there; a failure when a document's value doesn't fit its type.
std::optional<Cell> map_find(Run& run, const Cell& map, const Cell& key);
/// A field of a document's object or a string key: `escaped` as the expression has it, `name` as documents do.
std::optional<Cell> map_find_field(Run& run, const Cell& map, std::string_view escaped, std::string_view name);

bool is_key(const Cell& key);
std::uint64_t hash_key(const Cell& key);
const MapEntry* find_entry(const MapData& map, std::size_t size, const Cell& key);

/// CEL's equality: numbers by value, lists and maps by what they hold; a failure inside makes it one.
Cell equals(Run& run, const Cell& a, const Cell& b);
bool numbers_equal(const Cell& a, const Cell& b);
/// -1, 0, 1, or nothing when the two can't be compared (2: NaN, which is neither).
std::optional<int> compare(const Cell& a, const Cell& b);

/// As the cost model sees it: code points, bytes, items, entries, else 1.
std::uint64_t cost_size(const Cell& cell);

}  // namespace mlk::inline v0::cel
