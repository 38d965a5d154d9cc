#include "collections.hpp"
#include "functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

// Kubernetes' list library.

bool is_comparable(const Cell& item) { return compare(item, item).has_value(); }

Cell is_sorted(Run& run, Args args) {
  Cell before;
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const auto item = list_item(run, args[0], i);
    if (item.is_failure()) return item;
    if (i > 0) {
      // What differs in type compares as nothing, as in Kubernetes; what has no order at all fails.
      if (!is_comparable(before)) return no_such_overload();
      if (compare(before, item) == 1) return cell(false);
    }
    before = item;
  }
  return cell(true);
}

template <CellKind kind>
Cell sum(Run& run, Args args) {
  Cell total;
  total.kind = kind;
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const auto item = list_item(run, args[0], i);
    if (item.is_failure()) return item;
    if (!item.is(kind)) return no_such_overload();
    if (kind == CellKind::floating) {
      total.floating += item.floating;
    } else if (kind == CellKind::uinteger ? __builtin_add_overflow(total.uinteger, item.uinteger, &total.uinteger)
                                          : __builtin_add_overflow(total.integer, item.integer, &total.integer)) {
      return error_cell(kind == CellKind::duration ? "duration overflow" : "integer overflow");
    }
  }
  return total;
}

template <int wanted>
Cell extreme(Run& run, Args args) {
  Cell best;
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const auto item = list_item(run, args[0], i);
    if (item.is_failure()) return item;
    if (i == 0) {
      best = item;
      continue;
    }
    if (!is_comparable(best)) return no_such_overload();
    if (compare(best, item) == wanted) best = item;
  }
  if (list_size(args[0]) == 0) return error_cell(wanted > 0 ? "min called on empty list" : "max called on empty list");
  return best;
}

Cell index_of(Run& run, Args args) {
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    if (equals(run, list_item(run, args[0], i), args[1]).is_true()) return cell(static_cast<std::int64_t>(i));
  }
  return cell(std::int64_t{-1});
}

Cell last_index_of(Run& run, Args args) {
  for (std::size_t i = list_size(args[0]); i > 0; --i) {
    if (equals(run, list_item(run, args[0], i - 1), args[1]).is_true()) return cell(static_cast<std::int64_t>(i - 1));
  }
  return cell(std::int64_t{-1});
}

// cel-go's list library, version 3.

Cell slice(Run& run, Args args) {
  const auto begin = args[1].integer;
  const auto end = args[2].integer;
  if (begin < 0 || end < 0) {
    return run.error(fmt::format("cannot slice({}, {}), negative indexes not supported", begin, end));
  }
  if (begin > end) {
    return run.error(
        fmt::format("cannot slice({}, {}), start index must be less than or equal to end index", begin, end));
  }
  const auto size = static_cast<std::int64_t>(list_size(args[0]));
  if (size < end) return run.error(fmt::format("cannot slice({}, {}), list is length {}", begin, end, size));
  ListBuilder out(run);
  for (auto i = begin; i < end; ++i) out.add(list_item(run, args[0], static_cast<std::size_t>(i)));
  return out.finish();
}

void flatten_into(Run& run, ListBuilder& out, const Cell& list, std::int64_t depth) {
  for (std::size_t i = 0; i < list_size(list) && run.step(); ++i) {
    const auto item = list_item(run, list, i);
    if (item.is(CellKind::list) && depth > 0) {
      flatten_into(run, out, item, depth - 1);
    } else {
      out.add(item);
    }
  }
}

Cell flatten(Run& run, Args args) {
  const auto depth = args.size() == 2 ? args[1].integer : 1;
  if (depth < 0) return error_cell("level must be non-negative");
  ListBuilder out(run);
  flatten_into(run, out, args[0], depth);
  return out.finish();
}

Cell sort_by_keys(Run& run, const Cell& list, const Cell& keys) {
  std::vector<Cell> values;
  for (std::size_t i = 0; i < list_size(keys); ++i) {
    values.push_back(list_item(run, keys, i));
    if (values.back().is_failure()) return values.back();
    if (!compare(values.back(), values.back())) return error_cell("list elements must be comparable");
    if (values.back().kind != values.front().kind) return error_cell("list elements must have the same type");
  }
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return compare(values[a], values[b]) == -1; });
  ListBuilder out(run);
  for (const auto index : order) out.add(list_item(run, list, index));
  return out.finish();
}

Cell sort(Run& run, Args args) { return sort_by_keys(run, args[0], args[0]); }
Cell sort_by(Run& run, Args args) { return sort_by_keys(run, args[0], args[1]); }

Cell range(Run& run, Args args) {
  ListBuilder out(run);
  for (std::int64_t i = 0; i < args[0].integer && !run.is_stopped(); ++i) out.add(cell(i));
  return out.finish();
}

Cell reverse(Run& run, Args args) {
  ListBuilder out(run);
  for (std::size_t i = list_size(args[0]); i > 0; --i) out.add(list_item(run, args[0], i - 1));
  return out.finish();
}

Cell distinct(Run& run, Args args) {
  std::vector<Cell> kept;
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const auto item = list_item(run, args[0], i);
    const auto same = [&](const Cell& other) { return equals(run, item, other).is_true(); };
    if (std::none_of(kept.begin(), kept.end(), same)) kept.push_back(item);
    if (run.is_stopped()) return run.stopped_cell();
  }
  return run.list(kept);
}

constexpr std::array k_declarations = {
    Declaration{"sum", "list_int_sum_int", true, "list(int)", "int", sum<CellKind::integer>},
    Declaration{"sum", "list_uint_sum_uint", true, "list(uint)", "uint", sum<CellKind::uinteger>},
    Declaration{"sum", "list_double_sum_double", true, "list(double)", "double", sum<CellKind::floating>},
    Declaration{"sum", "list_duration_sum_duration", true, "list(duration)", "duration", sum<CellKind::duration>},
    Declaration{"indexOf", "list_a_index_of_int", true, "list(A), A", "int", index_of},
    Declaration{"lastIndexOf", "list_a_last_index_of_int", true, "list(A), A", "int", last_index_of},
    Declaration{"slice", "list_slice", true, "list(T), int, int", "list(T)", slice},
    Declaration{"flatten", "list_flatten", true, "list(list(T))", "list(T)", flatten},
    Declaration{"flatten", "list_flatten_int", true, "list(dyn), int", "list(dyn)", flatten},
    Declaration{"lists.range", "lists_range", false, "int", "list(int)", range},
    Declaration{"reverse", "list_reverse", true, "list(T)", "list(T)", reverse},
    Declaration{"distinct", "list_distinct", true, "list(T)", "list(T)", distinct},
};

struct Comparable {
  std::string_view list;
  std::string_view item;
  std::string_view list_and_keys;
};
constexpr std::array k_comparable = {
    Comparable{"list(int)", "int", "list(T), list(int)"},
    Comparable{"list(uint)", "uint", "list(T), list(uint)"},
    Comparable{"list(double)", "double", "list(T), list(double)"},
    Comparable{"list(bool)", "bool", "list(T), list(bool)"},
    Comparable{"list(duration)", "duration", "list(T), list(duration)"},
    Comparable{"list(timestamp)", "timestamp", "list(T), list(timestamp)"},
    Comparable{"list(string)", "string", "list(T), list(string)"},
    Comparable{"list(bytes)", "bytes", "list(T), list(bytes)"},
};

}  // namespace

std::span<const Declaration> list_functions() {
  static const std::vector<Declaration> all = [] {
    std::vector<Declaration> declarations(k_declarations.begin(), k_declarations.end());
    for (const auto& [list, item, list_and_keys] : k_comparable) {
      declarations.push_back({"isSorted", "list_is_sorted", true, list, "bool", is_sorted});
      declarations.push_back({"max", "list_max", true, list, item, extreme<-1>});
      declarations.push_back({"min", "list_min", true, list, item, extreme<1>});
      declarations.push_back({"sort", "list_sort", true, list, list, sort});
      declarations.push_back({"@sortByAssociatedKeys", "list_sort_by", true, list_and_keys, "list(T)", sort_by});
    }
    return declarations;
  }();
  return all;
}

}  // namespace mlk::inline v0::cel
