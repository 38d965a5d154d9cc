#pragma once

#include "ast.hpp"
#include "functions.hpp"
#include "issues.hpp"

#include <mlk/cel/environment.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mlk::inline v0::cel {

/// What a name turned out to be.
enum class NameKind : std::uint8_t { none, variable, local, type };

/// What the checker found out about one expression.
struct Checked {
  Type type;
  NameKind name = NameKind::none;
  std::uint32_t slot = 0;  ///< variable: of the environment; local: of the expression; fold: of its first local
  std::string type_name;   ///< of a name that is a type
  /// A call's overloads that fit what is known; more than one where an argument is dyn.
  std::vector<const Overload*> overloads;
  const std::vector<Overload>* function = nullptr;  ///< all that the called name has
  bool is_qualified = false;                        ///< a call such as ip.isCanonical(x): args[0] is part of the name
};

struct CheckedAst {
  std::vector<Checked> notes;  ///< one an expression
  std::uint32_t locals = 0;
};

/// Types and overloads of every expression; nothing when there are issues.
std::optional<CheckedAst> check(const Ast& ast, const Environment& environment, Issues& issues);

/// Mistakes in literals that types don't show: patterns, durations, times, formats, lists of several types.
void check_literals(const Ast& ast, const CheckedAst& checked, const Environment& environment, Issues& issues);

}  // namespace mlk::inline v0::cel
