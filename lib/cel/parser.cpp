#include "parser.hpp"

#include "expr_builder.hpp"
#include "lexer.hpp"
#include "literal.hpp"
#include "utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::inline v0::cel {
namespace {

constexpr std::array<std::string_view, 17> k_reserved = {"as",        "break",  "const",  "continue", "else", "for",
                                                         "function",  "if",     "import", "let",      "loop", "package",
                                                         "namespace", "return", "var",    "void",     "while"};

bool is_reserved(std::string_view name) {
  return std::find(k_reserved.begin(), k_reserved.end(), name) != k_reserved.end();
}

std::string_view relation_function(TokenKind kind) {
  switch (kind) {
    case TokenKind::less:
      return "_<_";
    case TokenKind::less_equal:
      return "_<=_";
    case TokenKind::greater:
      return "_>_";
    case TokenKind::greater_equal:
      return "_>=_";
    case TokenKind::equal:
      return "_==_";
    case TokenKind::not_equal:
      return "_!=_";
    case TokenKind::k_in:
      return "@in";
    default:
      return {};
  }
}

std::string_view product_function(TokenKind kind) {
  switch (kind) {
    case TokenKind::star:
      return "_*_";
    case TokenKind::slash:
      return "_/_";
    case TokenKind::percent:
      return "_%_";
    default:
      return {};
  }
}

/// Recursive descent. After a mistake it says nothing more until the next comma or closing bracket of the list that
/// it stands in, so that one mistake doesn't hide those after it.
class Parser {
 public:
  Parser(std::string_view source, const SyntaxOptions& options, Issues& issues)
      : m_options(options), m_issues(issues), m_tokens(tokenize(source, issues)), m_build(options, issues) {}

  Ast run() {
    const auto root = expression();
    if (token().kind != TokenKind::end) unexpected();
    return m_build.finish(root);
  }

 private:
  const Token& token() const { return m_tokens[m_at]; }
  std::uint32_t offset() const { return token().offset; }
  Token take() {
    const auto taken = m_tokens[m_at];
    if (taken.kind != TokenKind::end) ++m_at;
    return taken;
  }
  bool accept(TokenKind kind) {
    if (token().kind != kind) return false;
    take();
    return true;
  }
  bool next_is(TokenKind kind) const { return m_at + 1 < m_tokens.size() && m_tokens[m_at + 1].kind == kind; }

  void unexpected() {
    if (m_is_panicking || m_build.is_too_deep()) return;
    m_is_panicking = true;
    const auto& at = token();
    m_issues.add(at.offset, at.kind == TokenKind::end ? std::string("Syntax error: the expression ends too early")
                                                      : fmt::format("Syntax error: unexpected '{}'", at.text));
  }
  void expect(TokenKind kind) {
    if (!accept(kind)) unexpected();
  }
  /// After a mistake in a list: on to the comma or bracket that ends the item.
  void synchronize() {
    if (!m_is_panicking || m_build.is_too_deep()) return;
    int nesting = 0;
    while (token().kind != TokenKind::end) {
      switch (token().kind) {
        case TokenKind::left_paren:
        case TokenKind::left_bracket:
        case TokenKind::left_brace:
          ++nesting;
          break;
        case TokenKind::right_paren:
        case TokenKind::right_bracket:
        case TokenKind::right_brace:
          if (nesting-- == 0) {
            m_is_panicking = false;
            return;
          }
          break;
        case TokenKind::comma:
          if (nesting == 0) {
            m_is_panicking = false;
            return;
          }
          break;
        default:
          break;
      }
      take();
    }
  }

  ExprId expression() {
    if (++m_nesting > k_max_depth) m_build.report_depth(offset());
    const auto id = m_build.is_too_deep() ? m_build.failed(offset()) : conditional();
    --m_nesting;
    return id;
  }

  ExprId conditional() {
    const auto condition = logical(TokenKind::logical_or, "_||_");
    const auto at = offset();
    if (!accept(TokenKind::question)) return condition;
    const auto yes = logical(TokenKind::logical_or, "_||_");
    expect(TokenKind::colon);
    const auto no = expression();
    return m_build.call(at, "_?_:_", {condition, yes, no});
  }

  /// a && b && c is one call with three arguments, so that long chains need no depth.
  ExprId logical(TokenKind kind, std::string_view function) {
    const auto operand = [&] {
      return kind == TokenKind::logical_or ? logical(TokenKind::logical_and, "_&&_") : relation();
    };
    std::vector<ExprId> terms = {operand()};
    const auto at = offset();
    while (accept(kind)) terms.push_back(operand());
    return terms.size() == 1 ? terms.front() : m_build.call(at, function, std::move(terms));
  }

  ExprId relation() {
    auto left = sum();
    while (true) {
      const auto function = relation_function(token().kind);
      if (function.empty()) return left;
      const auto at = take().offset;
      left = m_build.call(at, function, {left, sum()});
    }
  }

  ExprId sum() {
    auto left = product();
    while (token().kind == TokenKind::plus || token().kind == TokenKind::minus) {
      const auto op = take();
      left = m_build.call(op.offset, op.kind == TokenKind::plus ? "_+_" : "_-_", {left, product()});
    }
    return left;
  }

  ExprId product() {
    auto left = unary();
    while (true) {
      const auto function = product_function(token().kind);
      if (function.empty()) return left;
      const auto at = take().offset;
      left = m_build.call(at, function, {left, unary()});
    }
  }

  ExprId unary() {
    const auto first = token();
    if (first.kind == TokenKind::minus && (next_is(TokenKind::integer) || next_is(TokenKind::floating)))
      return member();
    if (first.kind != TokenKind::minus && first.kind != TokenKind::exclamation) return member();
    bool odd = false;
    while (token().kind == first.kind) {
      // In "--1" the last minus belongs to the number.
      if (odd && first.kind == TokenKind::minus && (next_is(TokenKind::integer) || next_is(TokenKind::floating))) break;
      odd = !odd;
      take();
    }
    const auto operand = member();
    if (!odd) return operand;
    return m_build.call(first.offset, first.kind == TokenKind::minus ? "-_" : "!_", {operand});
  }

  ExprId member() {
    auto left = primary();
    while (!m_build.is_too_deep()) {
      const auto at = offset();
      if (accept(TokenKind::dot)) {
        left = selection(left, at);
      } else if (accept(TokenKind::left_bracket)) {
        const bool optional = accept(TokenKind::question);
        const auto index = expression();
        synchronize_to(TokenKind::right_bracket);
        left = m_build.call(at, optional ? "_[?_]" : "_[_]", {left, index});
      } else {
        return left;
      }
    }
    return left;
  }

  void synchronize_to(TokenKind closing) {
    synchronize();
    expect(closing);
  }

  std::optional<std::string> field_name() {
    const auto name = token();
    if (name.kind == TokenKind::identifier) return std::string(take().text);
    if (name.kind == TokenKind::quoted_identifier) {
      take();
      if (!m_options.quoted_identifiers) m_issues.add(name.offset, "unsupported syntax: '`'");
      return std::string(name.text.substr(1, name.text.size() - 2));
    }
    unexpected();
    return std::nullopt;
  }

  ExprId selection(ExprId operand, std::uint32_t at) {
    const bool optional = accept(TokenKind::question);
    const bool quoted = token().kind == TokenKind::quoted_identifier;
    auto name = field_name();
    if (!name) return m_build.failed(at);
    if (!optional && !quoted && token().kind == TokenKind::left_paren) {
      const auto open = take().offset;
      auto args = arguments();
      return m_build.call_or_macro(open, *name, operand, std::move(args));
    }
    Expr expr;
    expr.kind = ExprKind::select;
    expr.offset = at;
    expr.is_optional = optional;
    expr.name = std::move(*name);
    expr.args = {operand};
    return m_build.add(std::move(expr));
  }

  /// What follows an opening parenthesis, the closing one included.
  std::vector<ExprId> arguments() {
    std::vector<ExprId> args;
    if (accept(TokenKind::right_paren)) return args;
    do {
      args.push_back(expression());
      synchronize();
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_paren);
    return args;
  }

  ExprId primary() {
    switch (token().kind) {
      case TokenKind::dot:
      case TokenKind::identifier:
        return named();
      case TokenKind::left_paren: {
        take();
        const auto inner = expression();
        synchronize_to(TokenKind::right_paren);
        return inner;
      }
      case TokenKind::left_bracket:
        return list();
      case TokenKind::left_brace:
        return map();
      default:
        return literal();
    }
  }

  ExprId named() {
    const auto at = offset();
    std::string name = accept(TokenKind::dot) ? "." : "";
    if (token().kind != TokenKind::identifier) {
      unexpected();
      return m_build.failed(at);
    }
    const auto start = m_at;
    const auto word = take();
    if (const auto type = message_name(start)) return message(at, name + *type);
    if (is_reserved(word.text)) {
      m_issues.add(word.offset, fmt::format("reserved identifier: {}", word.text));
    }
    name += word.text;
    if (token().kind != TokenKind::left_paren) return m_build.ident(at, std::move(name));
    const auto open = take().offset;
    auto args = arguments();
    return m_build.call_or_macro(open, name, std::nullopt, std::move(args));
  }

  /// "a.b.C" when the tokens from `start` are a name followed by '{'; then they are taken.
  std::optional<std::string> message_name(std::size_t start) {
    auto at = start;
    std::string name(m_tokens[at++].text);
    while (m_tokens[at].kind == TokenKind::dot && m_tokens[at + 1].kind == TokenKind::identifier) {
      name += '.';
      name += m_tokens[at + 1].text;
      at += 2;
    }
    if (m_tokens[at].kind != TokenKind::left_brace) return std::nullopt;
    m_at = at + 1;
    return name;
  }

  ExprId message(std::uint32_t at, std::string name) {
    Expr expr;
    expr.kind = ExprKind::message;
    expr.offset = at;
    expr.name = std::move(name);
    while (token().kind != TokenKind::right_brace && token().kind != TokenKind::end) {
      expr.optional_args.push_back(accept(TokenKind::question));
      auto field = field_name();
      expect(TokenKind::colon);
      const auto value = expression();
      expr.fields.push_back(field.value_or(""));
      expr.args.push_back(value);
      synchronize();
      if (!accept(TokenKind::comma)) break;
    }
    expect(TokenKind::right_brace);
    return m_build.add(std::move(expr));
  }

  ExprId list() {
    Expr expr;
    expr.kind = ExprKind::list;
    expr.offset = take().offset;
    while (token().kind != TokenKind::right_bracket && token().kind != TokenKind::end) {
      expr.optional_args.push_back(accept(TokenKind::question));
      expr.args.push_back(expression());
      synchronize();
      if (!accept(TokenKind::comma)) break;
    }
    expect(TokenKind::right_bracket);
    return m_build.add(std::move(expr));
  }

  ExprId map() {
    Expr expr;
    expr.kind = ExprKind::map;
    expr.offset = take().offset;
    while (token().kind != TokenKind::right_brace && token().kind != TokenKind::end) {
      expr.optional_args.push_back(accept(TokenKind::question));
      expr.args.push_back(expression());
      expect(TokenKind::colon);
      expr.args.push_back(expression());
      synchronize();
      if (!accept(TokenKind::comma)) break;
    }
    expect(TokenKind::right_brace);
    return m_build.add(std::move(expr));
  }

  ExprId literal() {
    const auto at = offset();
    const bool negative = accept(TokenKind::minus);
    const auto word = token();
    switch (word.kind) {
      case TokenKind::integer:
        take();
        if (const auto value = parse_int_literal(word.text, negative)) return m_build.literal(at, *value);
        return bad_literal(at, "invalid int literal");
      case TokenKind::floating:
        take();
        if (const auto value = parse_double(word.text)) return m_build.literal(at, negative ? -*value : *value);
        return bad_literal(at, "invalid double literal");
      case TokenKind::unsigned_integer:
        take();
        if (const auto value = parse_uint_literal(word.text)) return m_build.literal(at, *value);
        return bad_literal(at, "invalid uint literal");
      case TokenKind::string:
      case TokenKind::bytes:
        return text_literal();
      case TokenKind::k_true:
        take();
        return m_build.literal(at, true);
      case TokenKind::k_false:
        take();
        return m_build.literal(at, false);
      case TokenKind::k_null:
        take();
        return m_build.literal(at, nullptr);
      default:
        unexpected();
        return m_build.failed(at);
    }
  }

  ExprId text_literal() {
    const auto word = take();
    const bool is_bytes = word.kind == TokenKind::bytes;
    auto value = unquote(word.text, is_bytes);
    if (!value) return bad_literal(word.offset, "unable to unescape string");
    if (is_bytes) return m_build.literal(word.offset, BytesLiteral{std::move(*value)});
    return m_build.literal(word.offset, std::move(*value));
  }

  ExprId bad_literal(std::uint32_t at, std::string message) {
    m_issues.add(at, std::move(message));
    return m_build.failed(at);
  }

  const SyntaxOptions& m_options;
  Issues& m_issues;
  std::vector<Token> m_tokens;
  ExprBuilder m_build;
  std::size_t m_at = 0;
  std::size_t m_nesting = 0;
  bool m_is_panicking = false;
};

}  // namespace

std::optional<Ast> parse(std::string_view source, const SyntaxOptions& options, Issues& issues) {
  const auto size = source.size() > 4 * k_max_code_points ? source.size() : code_points(source);
  if (size > k_max_code_points) {
    issues.add(0, fmt::format("expression code point size exceeds limit: size: {}, limit {}", size, k_max_code_points));
    return std::nullopt;
  }
  auto ast = Parser(source, options, issues).run();
  if (!issues.empty()) return std::nullopt;
  return ast;
}

}  // namespace mlk::inline v0::cel
