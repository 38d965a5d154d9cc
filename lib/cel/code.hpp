#pragma once

#include "ast.hpp"
#include "cell.hpp"
#include "functions.hpp"
#include "run.hpp"

#include <mlk/cel/program.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mlk::inline v0::cel {

enum class Op : std::uint8_t {
  constant,
  variable,
  local,
  select,
  has,
  optional_select,
  index,
  optional_index,
  call,
  in_set,  ///< x in [literals]
  logical_and,
  logical_or,
  conditional,
  list,
  map,
  fold,
  or_optional,
  or_value,
};

/// One node of a program. Its arguments are other steps, in a table that all share.
struct Step {
  Op op = Op::constant;
  FoldKind fold = FoldKind::all;
  CostRule cost = CostRule::unit;
  bool is_attribute = false;       ///< a name with selections: the cost model counts these otherwise
  bool has_two_variables = false;  ///< fold
  std::uint16_t overloads = 0;     ///< call: how many, from `index` on
  std::uint32_t arg_count = 0;
  std::uint32_t first_arg = 0;
  std::uint32_t index = 0;       ///< constant, slot, name, first overload, in_set: constant
  std::uint32_t fixed_cost = 0;  ///< constant: what evaluating it would have cost
  Function function = nullptr;   ///< fold: what sorts
};

/// A field as the expression names it and as documents do.
struct Name {
  std::string escaped;
  std::string name;
};

struct Program::Code {
  explicit Code(std::string text);
  ~Code();
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;

  std::string source;
  Type type;
  std::vector<Step> steps;
  std::vector<std::uint32_t> args;
  std::vector<bool> optional_args;  ///< one a place in args: an optional item, or the value of an optional entry
  std::vector<Cell> constants;
  std::vector<Name> names;
  std::vector<const Overload*> overloads;
  std::uint32_t root = 0;
  std::uint32_t locals = 0;
  std::vector<Environment::Variable> variables;  ///< those of the environment, by slot
  std::vector<bool> used;
  Run constants_run;  ///< holds what constants point at
  KnownRegexes regexes;
};

}  // namespace mlk::inline v0::cel
