#include "collections.hpp"
#include "functions.hpp"
#include "time_text.hpp"

#include <algorithm>
#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

constexpr std::int64_t k_billion = 1'000'000'000;

Cell overflow(const Cell& operand) {
  if (operand.is(CellKind::uinteger)) return error_cell("unsigned integer overflow");
  if (operand.is(CellKind::duration)) return error_cell("duration overflow");
  return error_cell("integer overflow");
}

/// Adds or subtracts nanoseconds; the date's range ends with year 9999.
Cell shift(const Cell& time, std::int64_t nanoseconds, bool back) {
  auto seconds = nanoseconds / k_billion;
  auto rest = nanoseconds % k_billion;
  if (back) {
    seconds = -seconds;
    rest = -rest;
  }
  seconds += time.integer;
  rest += time.extra;
  if (rest < 0) {
    rest += k_billion;
    --seconds;
  } else if (rest >= k_billion) {
    rest -= k_billion;
    ++seconds;
  }
  if (!is_in_range(seconds)) return error_cell("timestamp overflow");
  return timestamp_cell(seconds, static_cast<std::uint32_t>(rest), time.offset);
}

Cell add_numbers(Run&, Args args) {
  const auto& a = args[0];
  const auto& b = args[1];
  if (a.is(CellKind::floating)) return cell(a.floating + b.floating);
  Cell sum = a;
  const bool failed = a.is(CellKind::uinteger) ? __builtin_add_overflow(a.uinteger, b.uinteger, &sum.uinteger)
                                               : __builtin_add_overflow(a.integer, b.integer, &sum.integer);
  return failed ? overflow(a) : sum;
}

Cell add_texts(Run& run, Args args) {
  const auto a = args[0].view();
  const auto b = args[1].view();
  auto* memory = run.room(a.size() + b.size());
  if (memory == nullptr) return run.stopped_cell();
  std::copy(a.begin(), a.end(), memory);
  std::copy(b.begin(), b.end(), memory + a.size());
  return text_cell(args[0].kind, {memory, a.size() + b.size()});
}

bool is_special(const Cell& list) {
  return list.is_document && list.type != nullptr && list.type->list_kind != ListKind::atomic;
}

Cell concatenate(Run& run, const Cell& a, const Cell& b) {
  const auto first = list_size(a);
  const auto count = first + list_size(b);
  auto* items = run.array<Cell>(count);
  if (items == nullptr) return run.stopped_cell();
  for (std::size_t i = 0; i < count; ++i) {
    items[i] = i < first ? list_item(run, a, i) : list_item(run, b, i - first);
    if (items[i].is_failure()) return items[i];
  }
  return run.list_over(items, count);
}

/// A set takes what it lacks; a list of type map replaces items with the same keys.
Cell merge(Run& run, const Cell& a, const Cell& b) {
  ListBuilder merged(run);
  const auto& type = *a.type;
  const auto same = [&](const Cell& x, const Cell& y) {
    if (type.list_kind == ListKind::set) return equals(run, x, y).is_true();
    if (!x.is(CellKind::map) || !y.is(CellKind::map)) return false;
    for (const auto& key : type.list_keys) {
      const auto left = map_find_field(run, x, key, key);
      const auto right = map_find_field(run, y, key, key);
      if (left.has_value() != right.has_value() || (left && !equals(run, *left, *right).is_true())) return false;
    }
    return true;
  };
  std::vector<Cell> items;
  for (std::size_t i = 0; i < list_size(a); ++i) items.push_back(list_item(run, a, i));
  for (std::size_t i = 0; i < list_size(b); ++i) {
    const auto item = list_item(run, b, i);
    if (item.is_failure()) return item;
    const auto known = std::find_if(items.begin(), items.end(), [&](const Cell& other) { return same(other, item); });
    if (known == items.end()) {
      items.push_back(item);
    } else if (type.list_kind == ListKind::map) {
      *known = item;
    }
    if (run.is_stopped()) return run.stopped_cell();
  }
  return run.list(items);
}

Cell add_lists(Run& run, Args args) {
  return is_special(args[0]) ? merge(run, args[0], args[1]) : concatenate(run, args[0], args[1]);
}

Cell add_duration_to_time(Run&, Args args) { return shift(args[0], args[1].integer, false); }
Cell add_time_to_duration(Run&, Args args) { return shift(args[1], args[0].integer, false); }
Cell subtract_duration_from_time(Run&, Args args) { return shift(args[0], args[1].integer, true); }

Cell subtract_times(Run&, Args args) {
  std::int64_t nanoseconds = 0;
  const auto seconds = args[0].integer - args[1].integer;
  const auto rest = static_cast<std::int64_t>(args[0].extra) - static_cast<std::int64_t>(args[1].extra);
  if (__builtin_mul_overflow(seconds, k_billion, &nanoseconds) ||
      __builtin_add_overflow(nanoseconds, rest, &nanoseconds)) {
    return error_cell("duration overflow");
  }
  return duration_cell(nanoseconds);
}

Cell subtract_numbers(Run&, Args args) {
  const auto& a = args[0];
  const auto& b = args[1];
  if (a.is(CellKind::floating)) return cell(a.floating - b.floating);
  Cell difference = a;
  const bool failed = a.is(CellKind::uinteger) ? __builtin_sub_overflow(a.uinteger, b.uinteger, &difference.uinteger)
                                               : __builtin_sub_overflow(a.integer, b.integer, &difference.integer);
  return failed ? overflow(a) : difference;
}

Cell multiply(Run&, Args args) {
  const auto& a = args[0];
  const auto& b = args[1];
  if (a.is(CellKind::floating)) return cell(a.floating * b.floating);
  Cell product = a;
  const bool failed = a.is(CellKind::uinteger) ? __builtin_mul_overflow(a.uinteger, b.uinteger, &product.uinteger)
                                               : __builtin_mul_overflow(a.integer, b.integer, &product.integer);
  return failed ? overflow(a) : product;
}

Cell divide(Run&, Args args) {
  const auto& a = args[0];
  const auto& b = args[1];
  if (a.is(CellKind::floating)) return cell(a.floating / b.floating);
  if (b.integer == 0) return error_cell("division by zero");
  if (a.is(CellKind::uinteger)) return cell(a.uinteger / b.uinteger);
  if (a.integer == INT64_MIN && b.integer == -1) return overflow(a);
  return cell(a.integer / b.integer);
}

Cell remainder(Run&, Args args) {
  const auto& a = args[0];
  const auto& b = args[1];
  if (b.integer == 0) return error_cell("modulus by zero");
  if (a.is(CellKind::uinteger)) return cell(a.uinteger % b.uinteger);
  if (a.integer == INT64_MIN && b.integer == -1) return overflow(a);
  return cell(a.integer % b.integer);
}

Cell negate(Run&, Args args) {
  const auto& a = args[0];
  if (a.is(CellKind::floating)) return cell(-a.floating);
  return a.integer == INT64_MIN ? overflow(a) : cell(-a.integer);
}

Cell logical_not(Run&, Args args) { return cell(!args[0].boolean); }
Cell equal(Run& run, Args args) { return equals(run, args[0], args[1]); }
Cell not_equal(Run& run, Args args) {
  const auto same = equals(run, args[0], args[1]);
  return same.is_failure() ? same : cell(!same.boolean);
}

/// 2, which is what a NaN gives, makes every comparison false.
template <bool (*holds)(int)>
Cell ordered(Run&, Args args) {
  if (args[0].is(CellKind::integer) && args[1].is(CellKind::integer)) {
    const auto a = args[0].integer;
    const auto b = args[1].integer;
    return cell(holds(a < b ? -1 : a > b ? 1 : 0));
  }
  const auto order = compare(args[0], args[1]);
  if (!order) return no_such_overload();
  return cell(*order != 2 && holds(*order));
}
bool is_less(int order) { return order < 0; }
bool is_less_equal(int order) { return order <= 0; }
bool is_greater(int order) { return order > 0; }
bool is_greater_equal(int order) { return order >= 0; }

Cell in_list(Run& run, Args args) {
  Cell failed;
  for (std::size_t i = 0; i < list_size(args[1]); ++i) {
    const auto same = equals(run, list_item(run, args[1], i), args[0]);
    if (same.is_true()) return same;
    if (same.is_failure() && !failed.is_failure()) failed = same;
  }
  return failed.is_failure() ? failed : cell(false);
}

Cell in_map(Run& run, Args args) {
  const auto found = map_find(run, args[1], args[0]);
  return found && found->is_failure() ? *found : cell(found.has_value());
}

// clang-format off
constexpr std::array k_declarations = {
    Declaration{"_?_:_", "conditional", false, "bool, A, A", "A", nullptr},
    Declaration{"_&&_", "logical_and", false, "bool, bool", "bool", nullptr},
    Declaration{"_||_", "logical_or", false, "bool, bool", "bool", nullptr},
    Declaration{"!_", "logical_not", false, "bool", "bool", logical_not},
    Declaration{"_==_", "equals", false, "A, A", "bool", equal},
    Declaration{"_!=_", "not_equals", false, "A, A", "bool", not_equal},
    Declaration{"_+_", "add_bytes", false, "bytes, bytes", "bytes", add_texts},
    Declaration{"_+_", "add_double", false, "double, double", "double", add_numbers},
    Declaration{"_+_", "add_duration_duration", false, "duration, duration", "duration", add_numbers},
    Declaration{"_+_", "add_duration_timestamp", false, "duration, timestamp", "timestamp", add_time_to_duration},
    Declaration{"_+_", "add_timestamp_duration", false, "timestamp, duration", "timestamp", add_duration_to_time},
    Declaration{"_+_", "add_int64", false, "int, int", "int", add_numbers},
    Declaration{"_+_", "add_list", false, "list(A), list(A)", "list(A)", add_lists},
    Declaration{"_+_", "add_string", false, "string, string", "string", add_texts},
    Declaration{"_+_", "add_uint64", false, "uint, uint", "uint", add_numbers},
    Declaration{"_-_", "subtract_double", false, "double, double", "double", subtract_numbers},
    Declaration{"_-_", "subtract_duration_duration", false, "duration, duration", "duration", subtract_numbers},
    Declaration{"_-_", "subtract_int64", false, "int, int", "int", subtract_numbers},
    Declaration{"_-_", "subtract_timestamp_duration", false, "timestamp, duration", "timestamp",
                subtract_duration_from_time},
    Declaration{"_-_", "subtract_timestamp_timestamp", false, "timestamp, timestamp", "duration", subtract_times},
    Declaration{"_-_", "subtract_uint64", false, "uint, uint", "uint", subtract_numbers},
    Declaration{"_*_", "multiply_double", false, "double, double", "double", multiply},
    Declaration{"_*_", "multiply_int64", false, "int, int", "int", multiply},
    Declaration{"_*_", "multiply_uint64", false, "uint, uint", "uint", multiply},
    Declaration{"_/_", "divide_double", false, "double, double", "double", divide},
    Declaration{"_/_", "divide_int64", false, "int, int", "int", divide},
    Declaration{"_/_", "divide_uint64", false, "uint, uint", "uint", divide},
    Declaration{"_%_", "modulo_int64", false, "int, int", "int", remainder},
    Declaration{"_%_", "modulo_uint64", false, "uint, uint", "uint", remainder},
    Declaration{"-_", "negate_double", false, "double", "double", negate},
    Declaration{"-_", "negate_int64", false, "int", "int", negate},
    Declaration{"@in", "in_list", false, "A, list(A)", "bool", in_list},
    Declaration{"@in", "in_map", false, "A, map(A, B)", "bool", in_map},
    Declaration{"_[_]", "index_list", false, "list(A), int", "A", nullptr},
    Declaration{"_[_]", "index_map", false, "map(A, B), A", "B", nullptr},
    Declaration{"_[_]", "optional_list_index_int", false, "optional(list(V)), int", "optional(V)", nullptr},
    Declaration{"_[_]", "optional_map_index_value", false, "optional(map(K, V)), K", "optional(V)", nullptr},
    Declaration{"_[?_]", "list_optindex_optional_int", false, "list(V), int", "optional(V)", nullptr},
    Declaration{"_[?_]", "optional_list_optindex_optional_int", false, "optional(list(V)), int", "optional(V)", nullptr},
    Declaration{"_[?_]", "map_optindex_optional_value", false, "map(K, V), K", "optional(V)", nullptr},
    Declaration{"_[?_]", "optional_map_optindex_optional_value", false, "optional(map(K, V)), K", "optional(V)", nullptr},
};
// clang-format on

/// The comparisons: what can be ordered, and numbers with each other.
std::vector<Declaration> comparisons() {
  struct Operator {
    std::string_view name;
    Function function;
  };
  static constexpr std::array operators = {Operator{"_<_", ordered<is_less>}, Operator{"_<=_", ordered<is_less_equal>},
                                           Operator{"_>_", ordered<is_greater>},
                                           Operator{"_>=_", ordered<is_greater_equal>}};
  static constexpr std::array<std::string_view, 14> parameters = {
      "bool, bool",     "int, int",     "int, double",          "int, uint",         "uint, uint",
      "uint, double",   "uint, int",    "double, double",       "double, int",       "double, uint",
      "string, string", "bytes, bytes", "timestamp, timestamp", "duration, duration"};
  std::vector<Declaration> out;
  for (const auto& [name, function] : operators) {
    for (const auto pair : parameters) {
      std::string_view id = "compare";
      if (pair == "string, string") id = "less_string";
      if (pair == "bytes, bytes") id = "less_bytes";
      out.push_back({name, id, false, pair, "bool", function});
    }
  }
  return out;
}

}  // namespace

std::span<const Declaration> operator_functions() {
  static const std::vector<Declaration> all = [] {
    std::vector<Declaration> declarations(k_declarations.begin(), k_declarations.end());
    const auto ordering = comparisons();
    declarations.insert(declarations.end(), ordering.begin(), ordering.end());
    return declarations;
  }();
  return all;
}

}  // namespace mlk::inline v0::cel
