#include "checker.hpp"
#include "string_format.hpp"
#include "time_text.hpp"
#include "unify.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

namespace mlk::inline v0::cel {
namespace {

class LiteralChecker {
 public:
  LiteralChecker(const Ast& ast, const CheckedAst& checked, const Environment& environment, Issues& issues)
      : m_ast(ast), m_checked(checked), m_environment(environment), m_issues(issues) {}

  void visit(ExprId id, bool in_format) {
    const auto& expr = m_ast[id];
    if (expr.kind == ExprKind::call) call(expr);
    if (!in_format && !m_environment.allows_mixed_literals()) {
      if (expr.kind == ExprKind::list) list(expr);
      if (expr.kind == ExprKind::map) map(expr);
    }
    in_format = in_format || (expr.kind == ExprKind::call && expr.name == "format");
    for (const auto arg : expr.args) visit(arg, in_format);
  }

 private:
  const Type& type_of(ExprId id) const { return m_checked.notes[id].type; }

  const std::string* text_of(ExprId id) const {
    const auto& expr = m_ast[id];
    return expr.kind == ExprKind::literal ? std::get_if<std::string>(&expr.literal) : nullptr;
  }

  void report(ExprId id, std::string message) { m_issues.add(m_ast[id].offset, std::move(message)); }

  void call(const Expr& expr) {
    if (expr.name == "format" && expr.is_member && expr.args.size() == 2) return format(expr);
    const bool is_match = expr.name == "matches" && expr.args.size() == 2;
    const bool is_time = (expr.name == "duration" || expr.name == "timestamp") && expr.args.size() == 1;
    if (!is_match && !is_time) return;
    const auto* text = text_of(expr.args.back());
    if (text == nullptr) return;
    bool is_right = false;
    if (is_match) is_right = compile_regex(*text)->ok();
    if (expr.name == "duration") is_right = parse_go_duration(*text).has_value();
    if (expr.name == "timestamp") is_right = parse_time(*text).has_value();
    if (!is_right) report(expr.args.back(), fmt::format("invalid {} argument", expr.name));
  }

  void same_type(ExprId id, bool is_optional, std::optional<Type>& first, bool& done) {
    auto type = type_of(id);
    if (is_optional && is_optional_type(type)) type = Type(type.parameters()[0]);
    if (!first) {
      first = std::move(type);
    } else if (!done && !(*first == type)) {
      done = true;
      report(id, fmt::format("expected type '{}' but found '{}'", first->to_string(), type.to_string()));
    }
  }

  void list(const Expr& expr) {
    std::optional<Type> first;
    bool done = false;
    for (std::size_t i = 0; i < expr.args.size(); ++i) same_type(expr.args[i], expr.optional_args[i], first, done);
  }

  void map(const Expr& expr) {
    std::optional<Type> key;
    std::optional<Type> value;
    bool done = false;
    for (std::size_t i = 0; i + 1 < expr.args.size(); i += 2) {
      same_type(expr.args[i], false, key, done);
      same_type(expr.args[i + 1], expr.optional_args[i / 2], value, done);
    }
  }

  void format(const Expr& expr) {
    const auto* text = text_of(expr.args[0]);
    const auto& arguments = m_ast[expr.args[1]];
    if (text == nullptr || arguments.kind != ExprKind::list) return;
    std::string mistake;
    const auto pieces = parse_format(*text, mistake);
    if (!mistake.empty()) return m_issues.add(expr.offset, std::move(mistake));
    std::size_t clauses = 0;
    for (const auto& piece : pieces) {
      if (!piece.clause) continue;
      if (clauses >= arguments.args.size()) {
        return m_issues.add(expr.offset, fmt::format("index {} out of range", clauses));
      }
      clause(*piece.clause, arguments.args[clauses++]);
    }
    if (clauses < arguments.args.size()) {
      m_issues.add(expr.offset, fmt::format("too many arguments supplied to string.format (expected {}, got {})",
                                            clauses, arguments.args.size()));
    }
  }

  void clause(const FormatClause& clause, ExprId argument) {
    using enum TypeKind;
    switch (clause.verb) {
      case 's':
        return takes(argument,
                     {null, boolean, integer, uinteger, floating, string, bytes, timestamp, duration, list, map, type},
                     "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
                     "durations, and timestamps");
      case 'd':
        return takes(argument, {integer, uinteger}, "decimal clause can only be used on integers");
      case 'f':
        return takes(argument, {floating, string}, "fixed-point clause can only be used on doubles");
      case 'e':
        return takes(argument, {floating, string}, "scientific clause can only be used on doubles");
      case 'b':
        return takes(argument, {integer, uinteger, boolean}, "only integers and bools can be formatted as binary");
      case 'o':
        return takes(argument, {integer, uinteger}, "octal clause can only be used on integers");
      default:
        return takes(argument, {integer, uinteger, string, bytes},
                     "only integers, byte buffers, and strings can be formatted as hex");
    }
  }

  void takes(ExprId argument, std::initializer_list<TypeKind> kinds, std::string_view otherwise) {
    const auto& type = type_of(argument);
    if (type.kind() == TypeKind::dyn || std::find(kinds.begin(), kinds.end(), type.kind()) != kinds.end()) return;
    report(argument, fmt::format("error during formatting: {}, was given {}", otherwise, type.name()));
  }

  const Ast& m_ast;
  const CheckedAst& m_checked;
  const Environment& m_environment;
  Issues& m_issues;
};

}  // namespace

void check_literals(const Ast& ast, const CheckedAst& checked, const Environment& environment, Issues& issues) {
  LiteralChecker(ast, checked, environment, issues).visit(ast.root, false);
}

}  // namespace mlk::inline v0::cel
