#include "scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace mlk::inline v0::document {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_null_word(std::string_view text) { return is_any_of(text, {"", "~", "null", "Null", "NULL"}); }

bool is_not_finite_word(std::string_view text) {
  return is_any_of(
      text, {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"});
}

std::optional<bool> core_bool(std::string_view text) {
  if (is_any_of(text, {"true", "True", "TRUE"})) return true;
  if (is_any_of(text, {"false", "False", "FALSE"})) return false;
  return {};
}

std::optional<bool> kubernetes_bool(std::string_view text) {
  if (is_any_of(text, {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (is_any_of(text, {"n", "N", "no", "No", "NO", "off", "Off", "OFF"})) return false;
  return core_bool(text);
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_float_syntax(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::size_t whole_end = skip_digits(text, at);
  const bool has_whole = whole_end > at;
  at = whole_end;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction_end = skip_digits(text, at + 1);
    if (!has_whole && fraction_end == at + 1) return false;
    at = fraction_end;
  } else if (!has_whole) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t exponent_end = skip_digits(text, at);
    if (exponent_end == at) return false;
    at = exponent_end;
  }
  return at == text.size();
}

/// Nothing where the number is beyond a double.
std::optional<double> parse_double(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc::result_out_of_range) {
    // Too small is zero for every reader; too large has no value.
    const auto exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos && exponent + 1 < text.size() && text[exponent + 1] == '-') return 0.0;
    return {};
  }
  if (status != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

struct Integer {
  bool is_integer = false;
  bool is_too_large = false;
  std::int64_t value = 0;
};

Integer parse_magnitude(std::string_view digits, int base, bool is_negative) {
  std::uint64_t magnitude = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (digits.empty() || end != digits.data() + digits.size()) return {};
  constexpr auto k_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (status == std::errc::result_out_of_range || magnitude > k_max + (is_negative ? 1 : 0)) return {true, true, 0};
  if (status != std::errc()) return {};
  return {true, false, static_cast<std::int64_t>(is_negative ? std::uint64_t{0} - magnitude : magnitude)};
}

/// As Go's strconv.ParseInt with base 0: 0x, 0o, 0b, and a leading 0 for octal.
Integer parse_kubernetes_integer(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() > 1 && text[0] == '0') {
    switch (text[1]) {
      case 'x':
      case 'X':
        return parse_magnitude(text.substr(2), 16, is_negative);
      case 'o':
      case 'O':
        return parse_magnitude(text.substr(2), 8, is_negative);
      case 'b':
      case 'B':
        return parse_magnitude(text.substr(2), 2, is_negative);
      default:
        return parse_magnitude(text.substr(1), 8, is_negative);
    }
  }
  return parse_magnitude(text, 10, is_negative);
}

Resolved number_from(const Integer& integer, std::string_view text) {
  if (!integer.is_too_large) return {Node(integer.value), NumberProblem::none};
  const auto approximate = parse_double(text);
  if (approximate) return {Node(*approximate), NumberProblem::too_large};
  return {Node(text), NumberProblem::too_large};
}

Resolved resolve_kubernetes(std::string_view text) {
  if (is_null_word(text)) return {Node(), NumberProblem::none};
  if (const auto value = kubernetes_bool(text)) return {Node(*value), NumberProblem::none};
  if (is_not_finite_word(text)) return {Node(text), NumberProblem::not_finite};
  const char first = text[0];
  if (first == '.') {
    if (is_float_syntax(text)) {
      if (const auto value = parse_double(text)) return {Node(*value), NumberProblem::none};
    }
  } else if (is_digit(first) || first == '-' || first == '+') {
    std::string plain(text);
    std::erase(plain, '_');
    if (const Integer integer = parse_kubernetes_integer(plain); integer.is_integer) return number_from(integer, plain);
    if (is_float_syntax(plain)) {
      if (const auto value = parse_double(plain)) return {Node(*value), NumberProblem::none};
    }
  }
  return {Node(text), NumberProblem::none};
}

/// A sign, then 0 and another digit: the core schema has a number there, people mean a file mode or a code.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

Resolved resolve_core(std::string_view text) {
  if (is_null_word(text)) return {Node(), NumberProblem::none};
  if (const auto value = core_bool(text)) return {Node(*value), NumberProblem::none};
  if (is_not_finite_word(text)) return {Node(text), NumberProblem::not_finite};
  if (text.starts_with("0x")) {
    if (const Integer i = parse_magnitude(text.substr(2), 16, false); i.is_integer) return number_from(i, text);
  } else if (text.starts_with("0o")) {
    if (const Integer i = parse_magnitude(text.substr(2), 8, false); i.is_integer) return number_from(i, text);
  } else if (is_float_syntax(text) && !has_leading_zero(text)) {
    const bool is_negative = text[0] == '-';
    const std::string_view digits = text.substr(is_negative || text[0] == '+' ? 1 : 0);
    if (const Integer i = parse_magnitude(digits, 10, is_negative); i.is_integer) return number_from(i, text);
    if (const auto value = parse_double(text)) return {Node(*value), NumberProblem::none};
  }
  return {Node(text), NumberProblem::none};
}

/// Numbers in base 60 ("12:30:45") and dates, as YAML 1.1 has them.
bool is_yaml11_time(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text[0])) return false;
  if (text.find_first_not_of("0123456789_:.") == std::string_view::npos) {
    return text.find(':') != std::string_view::npos || text.find('_') != std::string_view::npos;
  }
  const std::size_t year_end = skip_digits(text, 0);
  return year_end == 4 && text.size() > 6 && text[4] == '-' && is_digit(text[5]);
}

}  // namespace

Resolved resolve_plain(std::string_view text, Schema schema) {
  return schema == Schema::kubernetes ? resolve_kubernetes(text) : resolve_core(text);
}

bool is_ambiguous(std::string_view text) {
  if (is_any_of(text, {"<<", "="})) return true;
  std::string plain(text);
  std::erase(plain, '_');
  if (is_float_syntax(plain) || is_yaml11_time(text)) return true;
  for (const auto schema : {Schema::kubernetes, Schema::core}) {
    const Resolved resolved = resolve_plain(text, schema);
    if (!resolved.value.is_string() || resolved.problem != NumberProblem::none) return true;
  }
  // "0x_" and the like: a number for some readers, an error for others.
  const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  return text.size() > sign + 1 && text[sign] == '0' &&
         is_any_of(text.substr(sign + 1, 1), {"x", "o", "b", "X", "O", "B"}) &&
         text.find_first_not_of("0123456789abcdefABCDEF_", sign + 2) == std::string_view::npos;
}

std::string key_text(const Node& scalar) {
  if (scalar.kind() != Kind::floating) return scalar.scalar_text();
  const double value = *scalar.as_double();
  // As Go's strconv.FormatFloat(value, 'g', -1, 64).
  std::array<char, 400> buffer{};
  const double magnitude = std::abs(value);
  const bool is_fixed = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e6);
  const auto [end, status] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                           is_fixed ? std::chars_format::fixed : std::chars_format::scientific);
  return status == std::errc() ? std::string(buffer.data(), end) : scalar.scalar_text();
}

std::string format_double(double value) {
  std::array<char, 64> buffer{};
  const auto [end, status] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), status == std::errc() ? end : buffer.data());
  if (text.find('.') == std::string::npos) {
    const auto exponent = text.find('e');
    text.insert(exponent == std::string::npos ? text.size() : exponent, ".0");
  }
  return text;
}

}  // namespace mlk::inline v0::document
