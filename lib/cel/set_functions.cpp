#include "collections.hpp"
#include "functions.hpp"

#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

bool has(Run& run, const Cell& list, const Cell& item) {
  for (std::size_t i = 0; i < list_size(list); ++i) {
    if (equals(run, list_item(run, list, i), item).is_true()) return true;
  }
  return false;
}

bool has_all(Run& run, const Cell& list, const Cell& items) {
  for (std::size_t i = 0; i < list_size(items); ++i) {
    if (!has(run, list, list_item(run, items, i))) return false;
  }
  return true;
}

Cell contains(Run& run, Args args) { return cell(has_all(run, args[0], args[1])); }

Cell equivalent(Run& run, Args args) { return cell(has_all(run, args[0], args[1]) && has_all(run, args[1], args[0])); }

Cell intersects(Run& run, Args args) {
  for (std::size_t i = 0; i < list_size(args[1]); ++i) {
    if (has(run, args[0], list_item(run, args[1], i))) return cell(true);
  }
  return cell(false);
}

// clang-format off
constexpr std::array k_declarations = {
    Declaration{"sets.contains", "list_sets_contains_list", false, "list(T), list(T)", "bool", contains},
    Declaration{"sets.equivalent", "list_sets_equivalent_list", false, "list(T), list(T)", "bool", equivalent},
    Declaration{"sets.intersects", "list_sets_intersects_list", false, "list(T), list(T)", "bool", intersects},
};
// clang-format on

}  // namespace

std::span<const Declaration> set_functions() { return k_declarations; }

}  // namespace mlk::inline v0::cel
