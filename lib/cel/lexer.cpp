#include "lexer.hpp"

#include <fmt/format.h>

#include <optional>

namespace mlk::inline v0::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Lexer {
 public:
  Lexer(std::string_view source, Issues& issues) : m_source(source), m_issues(issues) {}

  std::vector<Token> run() {
    while (skip_space()) {
      const auto start = m_at;
      if (const auto kind = next()) {
        m_tokens.push_back({*kind, static_cast<std::uint32_t>(start), m_source.substr(start, m_at - start)});
      }
    }
    m_tokens.push_back({TokenKind::end, static_cast<std::uint32_t>(m_source.size()), {}});
    return std::move(m_tokens);
  }

 private:
  char peek(std::size_t ahead = 0) const { return m_at + ahead < m_source.size() ? m_source[m_at + ahead] : '\0'; }

  /// Whether anything is left after white space and comments.
  bool skip_space() {
    while (m_at < m_source.size()) {
      const char c = m_source[m_at];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f') {
        ++m_at;
      } else if (c == '/' && peek(1) == '/') {
        while (m_at < m_source.size() && m_source[m_at] != '\n') ++m_at;
      } else {
        return true;
      }
    }
    return false;
  }

  std::optional<TokenKind> next() {
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (is_letter(c)) return word();
    if (c == '"' || c == '\'') return text(TokenKind::string, false);
    if (c == '`') return quoted_identifier();
    return punctuation();
  }

  std::optional<TokenKind> word() {
    // r'', b'', br'' and rb'' in any case; the grammar knows b before r alone.
    std::size_t prefix = 0;
    bool bytes = false;
    bool raw = false;
    if (peek() == 'b' || peek() == 'B') {
      bytes = true;
      prefix = 1;
    }
    if (peek(prefix) == 'r' || peek(prefix) == 'R') {
      raw = true;
      ++prefix;
    }
    if (prefix > 0 && (peek(prefix) == '"' || peek(prefix) == '\'')) {
      m_at += prefix;
      return text(bytes ? TokenKind::bytes : TokenKind::string, raw);
    }
    const auto start = m_at;
    while (is_letter(peek()) || is_digit(peek())) ++m_at;
    const auto name = m_source.substr(start, m_at - start);
    if (name == "true") return TokenKind::k_true;
    if (name == "false") return TokenKind::k_false;
    if (name == "null") return TokenKind::k_null;
    if (name == "in") return TokenKind::k_in;
    return TokenKind::identifier;
  }

  std::optional<TokenKind> number() {
    if (peek() == '0' && peek(1) == 'x' && is_hex(peek(2))) {
      m_at += 2;
      while (is_hex(peek())) ++m_at;
      return unsigned_suffix();
    }
    while (is_digit(peek())) ++m_at;
    bool floating = false;
    if (peek() == '.' && is_digit(peek(1))) {
      floating = true;
      ++m_at;
      while (is_digit(peek())) ++m_at;
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        floating = true;
        m_at += 1 + sign;
        while (is_digit(peek())) ++m_at;
      }
    }
    return floating ? TokenKind::floating : unsigned_suffix();
  }

  TokenKind unsigned_suffix() {
    if (peek() != 'u' && peek() != 'U') return TokenKind::integer;
    ++m_at;
    return TokenKind::unsigned_integer;
  }

  std::optional<TokenKind> text(TokenKind kind, bool raw) {
    const auto start = m_at;
    const char quote = peek();
    const bool triple = peek(1) == quote && peek(2) == quote;
    m_at += triple ? 3 : 1;
    while (m_at < m_source.size()) {
      const char c = m_source[m_at];
      if (c == '\\' && !raw) {
        m_at += 2;
        continue;
      }
      if (!triple && (c == '\n' || c == '\r')) break;
      if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
        m_at += triple ? 3 : 1;
        return kind;
      }
      ++m_at;
    }
    m_at = std::min(m_at, m_source.size());
    m_issues.add(static_cast<std::uint32_t>(start), "Syntax error: the string has no closing quote");
    return std::nullopt;
  }

  std::optional<TokenKind> quoted_identifier() {
    const auto start = m_at++;
    while (is_letter(peek()) || is_digit(peek()) || peek() == '.' || peek() == '-' || peek() == '/' || peek() == ' ') {
      ++m_at;
    }
    if (peek() == '`' && m_at > start + 1) {
      ++m_at;
      return TokenKind::quoted_identifier;
    }
    m_issues.add(static_cast<std::uint32_t>(start), "Syntax error: token recognition error at: '`'");
    return std::nullopt;
  }

  std::optional<TokenKind> punctuation() {
    const char c = peek();
    const bool equals = peek(1) == '=';
    const auto take = [this](std::size_t length, TokenKind kind) {
      m_at += length;
      return kind;
    };
    switch (c) {
      case '=':
        if (equals) return take(2, TokenKind::equal);
        break;
      case '!':
        return equals ? take(2, TokenKind::not_equal) : take(1, TokenKind::exclamation);
      case '<':
        return equals ? take(2, TokenKind::less_equal) : take(1, TokenKind::less);
      case '>':
        return equals ? take(2, TokenKind::greater_equal) : take(1, TokenKind::greater);
      case '&':
        if (peek(1) == '&') return take(2, TokenKind::logical_and);
        break;
      case '|':
        if (peek(1) == '|') return take(2, TokenKind::logical_or);
        break;
      case '[':
        return take(1, TokenKind::left_bracket);
      case ']':
        return take(1, TokenKind::right_bracket);
      case '{':
        return take(1, TokenKind::left_brace);
      case '}':
        return take(1, TokenKind::right_brace);
      case '(':
        return take(1, TokenKind::left_paren);
      case ')':
        return take(1, TokenKind::right_paren);
      case '.':
        return take(1, TokenKind::dot);
      case ',':
        return take(1, TokenKind::comma);
      case '-':
        return take(1, TokenKind::minus);
      case '?':
        return take(1, TokenKind::question);
      case ':':
        return take(1, TokenKind::colon);
      case '+':
        return take(1, TokenKind::plus);
      case '*':
        return take(1, TokenKind::star);
      case '/':
        return take(1, TokenKind::slash);
      case '%':
        return take(1, TokenKind::percent);
      default:
        break;
    }
    return not_a_token();
  }

  std::optional<TokenKind> not_a_token() {
    const auto start = m_at++;
    while (m_at < m_source.size() && (static_cast<unsigned char>(m_source[m_at]) & 0xC0U) == 0x80U) ++m_at;
    m_issues.add(static_cast<std::uint32_t>(start),
                 fmt::format("Syntax error: token recognition error at: '{}'", m_source.substr(start, m_at - start)));
    return std::nullopt;
  }

  std::string_view m_source;
  Issues& m_issues;
  std::size_t m_at = 0;
  std::vector<Token> m_tokens;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source, Issues& issues) { return Lexer(source, issues).run(); }

}  // namespace mlk::inline v0::cel
