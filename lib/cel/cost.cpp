#include "cost.hpp"

#include "collections.hpp"
#include "named_format.hpp"
#include "run.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace mlk::inline v0::cel {
namespace {

using Named = std::pair<std::string_view, CostRule>;

constexpr std::array k_by_name = {
    Named{"isSorted", CostRule::traversal},
    Named{"sum", CostRule::traversal},
    Named{"max", CostRule::traversal},
    Named{"min", CostRule::traversal},
    Named{"indexOf", CostRule::traversal},
    Named{"lastIndexOf", CostRule::traversal},
    Named{"url", CostRule::text},
    Named{"lowerAscii", CostRule::text},
    Named{"upperAscii", CostRule::text},
    Named{"substring", CostRule::text},
    Named{"trim", CostRule::text},
    Named{"replace", CostRule::text_twice},
    Named{"split", CostRule::text_twice},
    Named{"join", CostRule::result_twice},
    Named{"find", CostRule::regex},
    Named{"findAll", CostRule::regex},
    Named{"cidr", CostRule::text},
    Named{"isIP", CostRule::text},
    Named{"isCIDR", CostRule::text},
    Named{"ip.isCanonical", CostRule::text_twice},
    Named{"quantity", CostRule::text},
    Named{"isQuantity", CostRule::text},
    Named{"semver", CostRule::text},
    Named{"isSemver", CostRule::text},
    Named{"validate", CostRule::format_validate},
};

constexpr std::array k_by_id = {
    Named{"starts_with_string", CostRule::text},
    Named{"ends_with_string", CostRule::text},
    Named{"string_to_bytes", CostRule::text},
    Named{"bytes_to_string", CostRule::text},
    Named{"strings_quote", CostRule::text},
    Named{"string_format", CostRule::text},
    Named{"in_list", CostRule::second_size},
    Named{"less_string", CostRule::smaller_size},
    Named{"less_equals_string", CostRule::smaller_size},
    Named{"greater_string", CostRule::smaller_size},
    Named{"greater_equals_string", CostRule::smaller_size},
    Named{"less_bytes", CostRule::smaller_size},
    Named{"less_equals_bytes", CostRule::smaller_size},
    Named{"greater_bytes", CostRule::smaller_size},
    Named{"greater_equals_bytes", CostRule::smaller_size},
    Named{"equals", CostRule::smaller_size},
    Named{"not_equals", CostRule::smaller_size},
    Named{"add_string", CostRule::sum_of_sizes},
    Named{"add_bytes", CostRule::sum_of_sizes},
    Named{"matches_string", CostRule::regex},
    Named{"contains_string", CostRule::contains},
    Named{"string_to_ip", CostRule::text},
    Named{"cidr_contains_ip_string", CostRule::contains_ip_text},
    Named{"cidr_contains_ip_ip", CostRule::contains_ip},
    Named{"cidr_contains_cidr_string", CostRule::contains_cidr_text},
    Named{"cidr_contains_cidr", CostRule::contains_cidr},
    Named{"list_slice", CostRule::list_output},
    Named{"lists_range", CostRule::list_output},
    Named{"list_reverse", CostRule::list_output},
    Named{"list_flatten", CostRule::list_flatten},
    Named{"list_flatten_int", CostRule::list_flatten},
    Named{"list_distinct", CostRule::list_compare_first},
    Named{"list_sets_contains_list", CostRule::sets},
    Named{"list_sets_intersects_list", CostRule::sets},
    Named{"list_sets_equivalent_list", CostRule::sets_twice},
};

constexpr double k_per_character = 0.1;
constexpr double k_per_pattern_character = 0.25;
constexpr std::uint64_t k_list_base = 10;

std::uint64_t tenth(std::uint64_t size) {
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(size) * k_per_character));
}

std::uint64_t pattern_cost(std::uint64_t text, std::uint64_t pattern) {
  return tenth(text + 1) *
         static_cast<std::uint64_t>(std::ceil(static_cast<double>(pattern) * k_per_pattern_character));
}

std::uint64_t allocating(double factor, double size) {
  const double cost = factor * size;
  return (cost < 1e18 ? static_cast<std::uint64_t>(cost) : std::uint64_t{1} << 60U) + 1 + k_list_base;
}

std::uint64_t compare_all(Run& run, const Cell& list) {
  const auto size = static_cast<double>(list_size(list));
  double factor = 2;
  if (size > 0) {
    const auto first = list_item(run, list, 0);
    if (first.is(CellKind::string) || first.is(CellKind::bytes)) factor += k_per_character;
  }
  return allocating(factor, size * size);
}

std::uint64_t traversal(Run& run, const Cell& value) {
  if (!run.step()) return 0;
  switch (value.kind) {
    case CellKind::string:
    case CellKind::bytes:
      return static_cast<std::uint64_t>(static_cast<double>(value.size) * k_per_character);
    case CellKind::list: {
      std::uint64_t cost = 0;
      for (std::size_t i = 0; i < list_size(value); ++i) cost += traversal(run, list_item(run, value, i));
      return cost;
    }
    case CellKind::map: {
      std::uint64_t cost = 0;
      for (std::size_t i = 0; i < map_size(value); ++i) {
        const auto entry = map_entry(run, value, i);
        if (entry.fits) cost += traversal(run, entry.key) + traversal(run, entry.value);
      }
      return cost;
    }
    default:
      return 1;
  }
}

}  // namespace

CostRules cost_rules(std::string_view function, std::string_view overload) {
  CostRules rules;
  // The rules of the list library stand before those by name: they are of its overloads alone.
  for (const auto& [name, rule] : k_by_name) {
    if (name == function) {
      rules.by_name = rule;
      rules.has_name = true;
    }
  }
  for (const auto& [id, rule] : k_by_id) {
    if (id == overload) rules.by_id = rule;
  }
  if (function == "sort") rules.by_id = CostRule::list_compare_first;
  if (function == "@sortByAssociatedKeys") rules.by_id = CostRule::list_compare_second;
  return rules;
}

std::uint64_t call_cost(Run& run, CostRule rule, std::span<const Cell> args, const Cell& result) {
  const auto size = [&](std::size_t index) { return cost_size(args[index]); };
  switch (rule) {
    case CostRule::unit:
      return 1;
    case CostRule::nothing:
      return 0;
    case CostRule::text:
      return tenth(size(0));
    case CostRule::text_twice:
      return tenth(size(0) * 2);
    case CostRule::result_twice:
      return tenth(cost_size(result) * 2);
    case CostRule::regex:
      return pattern_cost(size(0), size(1));
    case CostRule::contains:
      return tenth(size(0)) * tenth(size(1));
    case CostRule::traversal:
      return traversal(run, args[0]);
    case CostRule::second_size:
      return size(1);
    case CostRule::smaller_size:
      if (args[0].kind >= CellKind::quantity) return 1;
      return tenth(std::min(size(0), size(1)));
    case CostRule::sum_of_sizes:
      return tenth(size(0) + size(1));
    case CostRule::contains_ip:
      return tenth(size(0) * 2);
    case CostRule::contains_ip_text:
      return tenth(size(0) * 2) + tenth(size(1));
    case CostRule::contains_cidr:
      return tenth(size(0) * 2) + tenth(size(0)) + 1;
    case CostRule::contains_cidr_text:
      return tenth(size(0) * 2) + tenth(size(0)) + 1 + tenth(size(1));
    case CostRule::format_validate:
      return args[0].is(CellKind::format) ? pattern_cost(size(1), args[0].as<NamedFormat>().pattern_size) : 1;
    case CostRule::list_output:
      return allocating(1, static_cast<double>(cost_size(result)));
    case CostRule::list_flatten:
      return allocating(args.size() == 2 ? static_cast<double>(args[1].integer) : 1, static_cast<double>(size(0)));
    case CostRule::list_compare_first:
      return compare_all(run, args[0]);
    case CostRule::list_compare_second:
      return compare_all(run, args[1]);
    case CostRule::sets:
      return 1 + size(0) * size(1);
    case CostRule::sets_twice:
      return 1 + 2 * size(0) * size(1);
  }
  return 1;
}

}  // namespace mlk::inline v0::cel
