#include "literal.hpp"

#include "utf8.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace mlk::inline v0::cel {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// One escape, `rest` after the backslash; advances it.
class Unescaper {
 public:
  Unescaper(std::string_view rest, bool is_bytes) : m_rest(rest), m_is_bytes(is_bytes) {}

  std::optional<std::string> run() {
    while (!m_rest.empty()) {
      const char c = take();
      if (c != '\\') {
        m_out += c;
      } else if (m_rest.empty() || !escape(take())) {
        return std::nullopt;
      }
    }
    return std::move(m_out);
  }

 private:
  char take() {
    const char c = m_rest.front();
    m_rest.remove_prefix(1);
    return c;
  }

  bool escape(char c) {
    static constexpr std::string_view names = "abfnrtv\\'\"`?";
    static constexpr std::string_view values = "\a\b\f\n\r\t\v\\'\"`?";
    if (const auto at = names.find(c); at != std::string_view::npos) {
      m_out += values[at];
      return true;
    }
    switch (c) {
      case 'x':
      case 'X':
        return number(2, 16);
      case 'u':
        return !m_is_bytes && number(4, 16);
      case 'U':
        return !m_is_bytes && number(8, 16);
      case '0':
      case '1':
      case '2':
      case '3':
        return number(2, 8, static_cast<std::uint32_t>(c - '0'));
      default:
        return false;
    }
  }

  bool number(std::size_t digits, std::uint32_t base, std::uint32_t value = 0) {
    if (m_rest.size() < digits) return false;
    for (std::size_t i = 0; i < digits; ++i) {
      const int digit = hex_value(take());
      if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) return false;
      value = value * base + static_cast<std::uint32_t>(digit);
    }
    if (m_is_bytes) {
      m_out += static_cast<char>(value);
      return true;
    }
    if (!is_scalar_value(value)) return false;
    append_utf8(m_out, value);
    return true;
  }

  std::string_view m_rest;
  bool m_is_bytes;
  std::string m_out;
};

std::string with_plain_newlines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> unquote(std::string_view token, bool is_bytes) {
  if (is_bytes) token.remove_prefix(1);
  bool raw = false;
  if (!token.empty() && (token.front() == 'r' || token.front() == 'R')) {
    raw = true;
    token.remove_prefix(1);
  }
  const auto triple = token.substr(0, 3);
  const std::size_t quotes = token.size() >= 6 && (triple == "'''" || triple == R"(""")") ? 3 : 1;
  if (token.size() < 2 * quotes) return std::nullopt;
  const auto text = with_plain_newlines(token.substr(quotes, token.size() - 2 * quotes));
  if (raw) return text;
  return Unescaper(text, is_bytes).run();
}

std::optional<std::int64_t> parse_int_literal(std::string_view digits, bool negative) {
  int base = 10;
  if (digits.substr(0, 2) == "0x") {
    base = 16;
    digits.remove_prefix(2);
  }
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (magnitude > most + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

std::optional<std::uint64_t> parse_uint_literal(std::string_view token) {
  token.remove_suffix(1);
  int base = 10;
  if (token.substr(0, 2) == "0x") {
    base = 16;
    token.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value, base);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  double value = 0;
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc()) return value;
  // Too small is zero, or what is left of it; too large is nothing.
  value = std::strtod(std::string(text).c_str(), nullptr);
  return std::isinf(value) ? std::nullopt : std::optional(value);
}

}  // namespace mlk::inline v0::cel
