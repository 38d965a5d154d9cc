#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace mlk::inline v0::cel {

using ExprId = std::uint32_t;

enum class ExprKind : std::uint8_t { failed, literal, ident, select, call, list, map, message, fold };

/// What a comprehension macro does; its arguments are the range and then the expressions named here.
enum class FoldKind : std::uint8_t {
  all,                  ///< predicate
  exists,               ///< predicate
  exists_one,           ///< predicate
  map,                  ///< [filter,] transform
  filter,               ///< predicate
  transform_map,        ///< [filter,] value
  transform_map_entry,  ///< [filter,] entry
  bind,                 ///< the "range" is the value of the variable; then the body
  sort_by,              ///< key
  opt_map,              ///< the "range" is an optional; then the transform
  opt_flat_map,
};

struct BytesLiteral {
  std::string value;
};
using Literal = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, BytesLiteral>;

struct Expr {
  ExprKind kind = ExprKind::failed;
  FoldKind fold = FoldKind::all;
  bool is_member = false;    ///< call: args[0] is the target
  bool is_optional = false;  ///< select: a.?b
  bool is_test = false;      ///< select: has(a.b)
  std::uint16_t depth = 1;
  std::uint32_t offset = 0;
  std::string name;                 ///< ident, field, function, message type; the variable of a fold
  std::string name2;                ///< the second variable of a fold, or empty
  std::vector<ExprId> args;         ///< in the order of the text; a map has key, value, key, value, …
  std::vector<bool> optional_args;  ///< [?a], {?k: v}, T{?f: v}; one an item or entry, or empty where there are none
  std::vector<std::string> fields;  ///< message: one a value
  Literal literal = nullptr;
};

/// An expression as it was written, macros expanded.
struct Ast {
  std::vector<Expr> exprs;
  ExprId root = 0;

  const Expr& operator[](ExprId id) const { return exprs[id]; }
};

}  // namespace mlk::inline v0::cel
