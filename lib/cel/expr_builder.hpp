#pragma once

#include "ast.hpp"
#include "issues.hpp"
#include "parser.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::inline v0::cel {

/// Makes expressions, holds the limit of their depth, and expands macros.
class ExprBuilder {
 public:
  ExprBuilder(const SyntaxOptions& options, Issues& issues) : m_options(options), m_issues(issues) {}

  ExprId add(Expr expr);
  ExprId failed(std::uint32_t offset);
  ExprId literal(std::uint32_t offset, Literal value);
  ExprId ident(std::uint32_t offset, std::string name);
  ExprId call(std::uint32_t offset, std::string_view function, std::vector<ExprId> args, bool is_member = false);
  /// A call as it was written: a macro where its name and number of arguments are one's.
  ExprId call_or_macro(std::uint32_t offset, std::string_view function, std::optional<ExprId> target,
                       std::vector<ExprId> args);

  const Expr& operator[](ExprId id) const { return m_ast.exprs[id]; }
  Ast finish(ExprId root) {
    m_ast.root = root;
    return std::move(m_ast);
  }
  bool is_too_deep() const noexcept { return m_is_too_deep; }
  void report_depth(std::uint32_t offset);

 private:
  std::optional<ExprId> expand(std::uint32_t offset, std::string_view function, std::optional<ExprId> target,
                               const std::vector<ExprId>& args);
  ExprId expand_has(std::uint32_t offset, ExprId arg);
  ExprId expand_fold(std::uint32_t offset, FoldKind kind, ExprId range, std::size_t variables,
                     const std::vector<ExprId>& args);
  ExprId expand_bind(std::uint32_t offset, const std::vector<ExprId>& args);
  std::optional<std::string> variable(ExprId id);

  const SyntaxOptions& m_options;
  Issues& m_issues;
  Ast m_ast;
  bool m_is_too_deep = false;
};

}  // namespace mlk::inline v0::cel
