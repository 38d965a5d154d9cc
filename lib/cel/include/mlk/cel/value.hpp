#pragma once

#include <mlk/core/api.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mlk::inline v0::cel {

enum class ValueKind : std::uint8_t {
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
  opaque,  ///< a quantity, URL, address, …: `text` names its type
};

/// What an expression came to, on its own: it points into no document.
struct Value {
  ValueKind kind = ValueKind::null;
  bool boolean = false;
  std::int64_t integer = 0;  ///< timestamp: seconds since 1970; duration: nanoseconds
  std::uint64_t uinteger = 0;
  double floating = 0;
  std::uint32_t nanoseconds = 0;  ///< timestamp
  std::string text;               ///< string, bytes; type and opaque: the type's name
  std::vector<Value> items;       ///< list; optional: at most one; map: key, value, key, value, …

  static MLK_API Value of(bool value);
  static MLK_API Value of(std::int64_t value);
  static MLK_API Value of(std::string value);
};

/// As CEL compares: numbers by value, maps in any order. NaN differs from itself, opaque values from everything.
MLK_API bool operator==(const Value& a, const Value& b);

/// For messages and tests: "[1, \"a\", {\"k\": 2u}]".
MLK_API std::string to_string(const Value& value);

}  // namespace mlk::inline v0::cel
