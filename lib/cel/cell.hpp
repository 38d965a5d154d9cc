#pragma once

#include "type_data.hpp"

#include <mlk/document/node.hpp>

#include <cstdint>
#include <string_view>

namespace mlk::inline v0::cel {

/// What a value is at run time.
enum class CellKind : std::uint8_t {
  error,
  unknown,
  null,
  boolean,
  integer,
  uinteger,
  floating,
  string,
  bytes,
  timestamp,
  duration,
  list,
  map,
  optional,
  type,
  quantity,
  url,
  ip,
  cidr,
  semver,
  format,
};

struct Cell;

struct ListData {
  const Cell* items;
};
struct MapEntry;
struct MapData {
  const MapEntry* entries;
  const std::uint32_t* slots;  ///< open addressing by the key's hash, entry number + 1; null pointer for small maps
  std::uint32_t mask;
};

/// A value during an evaluation: trivially copyable, points into the arena, the program or the documents.
struct Cell {
  CellKind kind = CellKind::null;
  bool is_document = false;  ///< list, map: `node` instead of `list` or `map`
  std::uint32_t extra = 0;  ///< timestamp: nanoseconds; native list, map: number of items; optional: whether it has one
  union {
    bool boolean;
    std::int64_t integer;  ///< timestamp: seconds since 1970; duration: nanoseconds
    std::uint64_t uinteger;
    double floating;
    const char* text;  ///< string, bytes; error: what went wrong; type: its name
    const document::Node* node;
    const ListData* list;
    const MapData* map;
    const Cell* value;   ///< optional
    const void* object;  ///< what a library made of a text: Quantity, Url, …
  };
  union {
    std::uint64_t size = 0;  ///< of text
    const TypeData* type;    ///< of a document's list or map; null pointer for dyn
    std::int64_t offset;     ///< timestamp: seconds east of UTC that it was written with, for printing alone
  };

  Cell() : integer(0) {}

  bool is_failure() const noexcept { return kind <= CellKind::unknown; }
  bool is(CellKind k) const noexcept { return kind == k; }
  bool is_true() const noexcept { return kind == CellKind::boolean && boolean; }
  bool is_false() const noexcept { return kind == CellKind::boolean && !boolean; }
  bool is_number() const noexcept {
    return kind == CellKind::integer || kind == CellKind::uinteger || kind == CellKind::floating;
  }
  std::string_view view() const noexcept { return {text, static_cast<std::size_t>(size)}; }
  template <class T>
  const T& as() const noexcept {
    return *static_cast<const T*>(object);
  }
};

struct MapEntry {
  Cell key;
  Cell value;
};

inline Cell cell(bool value) {
  Cell c;
  c.kind = CellKind::boolean;
  c.boolean = value;
  return c;
}
inline Cell cell(std::int64_t value) {
  Cell c;
  c.kind = CellKind::integer;
  c.integer = value;
  return c;
}
inline Cell cell(std::uint64_t value) {
  Cell c;
  c.kind = CellKind::uinteger;
  c.uinteger = value;
  return c;
}
inline Cell cell(double value) {
  Cell c;
  c.kind = CellKind::floating;
  c.floating = value;
  return c;
}
/// Of text that outlives the evaluation's use of it.
inline Cell text_cell(CellKind kind, std::string_view text) {
  Cell c;
  c.kind = kind;
  c.text = text.data();
  c.size = text.size();
  return c;
}
inline Cell string_cell(std::string_view text) { return text_cell(CellKind::string, text); }
inline Cell error_cell(std::string_view literal) { return text_cell(CellKind::error, literal); }
inline Cell duration_cell(std::int64_t nanoseconds) {
  Cell c = cell(nanoseconds);
  c.kind = CellKind::duration;
  return c;
}
inline Cell timestamp_cell(std::int64_t seconds, std::uint32_t nanoseconds, std::int64_t offset = 0) {
  Cell c = cell(seconds);
  c.kind = CellKind::timestamp;
  c.extra = nanoseconds;
  c.offset = offset;
  return c;
}
inline Cell object_cell(CellKind kind, const void* object) {
  Cell c;
  c.kind = kind;
  c.object = object;
  return c;
}

inline Cell no_such_overload() { return error_cell("no such overload"); }

/// "int", "google.protobuf.Timestamp", "kubernetes.Quantity"
std::string_view type_name(const Cell& cell);

}  // namespace mlk::inline v0::cel
