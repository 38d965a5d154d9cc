#include "expr_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::inline v0::cel {

void ExprBuilder::report_depth(std::uint32_t offset) {
  if (!m_is_too_deep) m_issues.add(offset, fmt::format("expression recursion limit exceeded: {}", k_max_depth));
  m_is_too_deep = true;
}

ExprId ExprBuilder::add(Expr expr) {
  std::uint16_t deepest = 0;
  for (const auto arg : expr.args) deepest = std::max(deepest, m_ast[arg].depth);
  expr.depth = static_cast<std::uint16_t>(std::min<std::size_t>(deepest + 1U, k_max_depth + 1));
  if (expr.depth > k_max_depth) report_depth(expr.offset);
  m_ast.exprs.push_back(std::move(expr));
  return static_cast<ExprId>(m_ast.exprs.size() - 1);
}

ExprId ExprBuilder::failed(std::uint32_t offset) {
  Expr expr;
  expr.offset = offset;
  return add(std::move(expr));
}

ExprId ExprBuilder::literal(std::uint32_t offset, Literal value) {
  Expr expr;
  expr.kind = ExprKind::literal;
  expr.offset = offset;
  expr.literal = std::move(value);
  return add(std::move(expr));
}

ExprId ExprBuilder::ident(std::uint32_t offset, std::string name) {
  Expr expr;
  expr.kind = ExprKind::ident;
  expr.offset = offset;
  expr.name = std::move(name);
  return add(std::move(expr));
}

ExprId ExprBuilder::call(std::uint32_t offset, std::string_view function, std::vector<ExprId> args, bool is_member) {
  Expr expr;
  expr.kind = ExprKind::call;
  expr.offset = offset;
  expr.name = function;
  expr.args = std::move(args);
  expr.is_member = is_member;
  return add(std::move(expr));
}

ExprId ExprBuilder::call_or_macro(std::uint32_t offset, std::string_view function, std::optional<ExprId> target,
                                  std::vector<ExprId> args) {
  if (const auto expanded = expand(offset, function, target, args)) return *expanded;
  if (target) args.insert(args.begin(), *target);
  return call(offset, function, std::move(args), target.has_value());
}

namespace {

struct Macro {
  std::string_view name;
  std::size_t args;
  std::size_t variables;
  FoldKind kind;
};

constexpr std::array k_macros = {
    Macro{"all", 2, 1, FoldKind::all},
    Macro{"exists", 2, 1, FoldKind::exists},
    Macro{"exists_one", 2, 1, FoldKind::exists_one},
    Macro{"map", 2, 1, FoldKind::map},
    Macro{"map", 3, 1, FoldKind::map},
    Macro{"filter", 2, 1, FoldKind::filter},
    Macro{"all", 3, 2, FoldKind::all},
    Macro{"exists", 3, 2, FoldKind::exists},
    Macro{"existsOne", 3, 2, FoldKind::exists_one},
    Macro{"exists_one", 3, 2, FoldKind::exists_one},
    Macro{"transformList", 3, 2, FoldKind::map},
    Macro{"transformList", 4, 2, FoldKind::map},
    Macro{"transformMap", 3, 2, FoldKind::transform_map},
    Macro{"transformMap", 4, 2, FoldKind::transform_map},
    Macro{"transformMapEntry", 3, 2, FoldKind::transform_map_entry},
    Macro{"transformMapEntry", 4, 2, FoldKind::transform_map_entry},
    Macro{"sortBy", 2, 1, FoldKind::sort_by},
    Macro{"optMap", 2, 1, FoldKind::opt_map},
    Macro{"optFlatMap", 2, 1, FoldKind::opt_flat_map},
};

}  // namespace

std::optional<ExprId> ExprBuilder::expand(std::uint32_t offset, std::string_view function, std::optional<ExprId> target,
                                          const std::vector<ExprId>& args) {
  if (!target) {
    if (function == "has" && args.size() == 1) return expand_has(offset, args.front());
    return std::nullopt;
  }
  if (m_options.bind && function == "bind" && args.size() == 3) {
    const auto& space = m_ast[*target];
    if (space.kind == ExprKind::ident && space.name == "cel") return expand_bind(offset, args);
  }
  const auto found = std::find_if(k_macros.begin(), k_macros.end(), [&](const Macro& macro) {
    return macro.name == function && macro.args == args.size();
  });
  if (found == k_macros.end()) return std::nullopt;
  return expand_fold(offset, found->kind, *target, found->variables, args);
}

ExprId ExprBuilder::expand_has(std::uint32_t offset, ExprId arg) {
  auto& field = m_ast.exprs[arg];
  if (field.kind == ExprKind::failed) return arg;
  if (field.kind != ExprKind::select || field.is_test || field.is_optional) {
    m_issues.add(field.offset, "invalid argument to has() macro");
    return failed(offset);
  }
  field.is_test = true;
  return arg;
}

std::optional<std::string> ExprBuilder::variable(ExprId id) {
  const auto& expr = m_ast[id];
  if (expr.kind == ExprKind::failed) return std::nullopt;
  if (expr.kind != ExprKind::ident || expr.name.empty() || expr.name.front() == '.') {
    m_issues.add(expr.offset, "argument must be a simple name");
    return std::nullopt;
  }
  if (expr.name == "__result__") {
    m_issues.add(expr.offset, "iteration variable overwrites accumulator variable");
    return std::nullopt;
  }
  return expr.name;
}

ExprId ExprBuilder::expand_fold(std::uint32_t offset, FoldKind kind, ExprId range, std::size_t variables,
                                const std::vector<ExprId>& args) {
  Expr expr;
  expr.kind = ExprKind::fold;
  expr.fold = kind;
  expr.offset = offset;
  auto first = variable(args[0]);
  auto second = variables == 2 ? variable(args[1]) : std::optional<std::string>(std::in_place);
  if (!first || !second) return failed(offset);
  if (variables == 2 && *first == *second) {
    m_issues.add(m_ast[args[1]].offset, fmt::format("duplicate variable name: {}", *first));
    return failed(offset);
  }
  expr.name = std::move(*first);
  expr.name2 = std::move(*second);
  expr.args.push_back(range);
  expr.args.insert(expr.args.end(), args.begin() + static_cast<std::ptrdiff_t>(variables), args.end());
  return add(std::move(expr));
}

ExprId ExprBuilder::expand_bind(std::uint32_t offset, const std::vector<ExprId>& args) {
  auto name = variable(args[0]);
  if (!name) return failed(offset);
  Expr expr;
  expr.kind = ExprKind::fold;
  expr.fold = FoldKind::bind;
  expr.offset = offset;
  expr.name = std::move(*name);
  expr.args = {args[1], args[2]};
  return add(std::move(expr));
}

}  // namespace mlk::inline v0::cel
