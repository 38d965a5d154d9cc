#pragma once

#include "cell.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace mlk::inline v0::cel {

class Run;

/// What a call costs, by what goes in and comes out. Sources: cel-go interpreter/runtimecost.go and ext; apiserver
/// pkg/cel/library/cost.go.
enum class CostRule : std::uint8_t {
  unit,
  nothing,
  text,  ///< a tenth of the first argument's size
  text_twice,
  result_twice,
  regex,
  contains,
  traversal,
  second_size,
  smaller_size,
  sum_of_sizes,
  contains_ip,
  contains_ip_text,
  contains_cidr,
  contains_cidr_text,
  format_validate,
  list_output,
  list_flatten,
  list_compare_first,
  list_compare_second,
  sets,
  sets_twice,
};

/// A rule holds for a function whatever the overload, or for an overload that is known before the evaluation.
struct CostRules {
  CostRule by_name = CostRule::unit;
  CostRule by_id = CostRule::unit;
  bool has_name = false;

  CostRule pick(bool is_resolved) const { return has_name ? by_name : is_resolved ? by_id : CostRule::unit; }
};

CostRules cost_rules(std::string_view function, std::string_view overload);
std::uint64_t call_cost(Run& run, CostRule rule, std::span<const Cell> args, const Cell& result);

}  // namespace mlk::inline v0::cel
