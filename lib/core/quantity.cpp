#include <mlk/core/quantity.hpp>
#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace mlk::inline v0 {

namespace {

__extension__ using Wide = __int128;

constexpr Wide k_limit = std::numeric_limits<std::int64_t>::max();

/// What a suffix multiplies with, as a fraction, so that "1n" and "1Ei" are both exact.
struct Scale {
  Wide numerator = 1;
  Wide denominator = 1;
};

Wide power(Wide base, int exponent) {
  Wide result = 1;
  for (int i = 0; i < exponent; ++i) result *= base;
  return result;
}

std::optional<Scale> parse_suffix(std::string_view suffix) {
  if (suffix.empty()) return Scale{};
  constexpr std::array<std::string_view, 6> k_binary = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  for (std::size_t i = 0; i < k_binary.size(); ++i) {
    if (suffix == k_binary[i]) return Scale{power(1024, static_cast<int>(i) + 1), 1};
  }
  constexpr std::array<std::string_view, 6> k_decimal = {"k", "M", "G", "T", "P", "E"};
  for (std::size_t i = 0; i < k_decimal.size(); ++i) {
    if (suffix == k_decimal[i]) return Scale{power(1000, static_cast<int>(i) + 1), 1};
  }
  if (suffix == "m") return Scale{1, 1000};
  if (suffix == "u") return Scale{1, 1'000'000};
  if (suffix == "n") return Scale{1, 1'000'000'000};
  if (suffix.size() > 1 && (suffix[0] == 'e' || suffix[0] == 'E')) {
    std::string_view digits = suffix.substr(1);
    if (digits.size() > 1 && digits[0] == '+') digits.remove_prefix(1);
    int exponent = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (status != std::errc() || end != digits.data() + digits.size() || exponent > 18 || exponent < -18) return {};
    return exponent >= 0 ? Scale{power(10, exponent), 1} : Scale{1, power(10, -exponent)};
  }
  return {};
}

Error malformed(std::string_view text) {
  return Error(ErrorKind::failed, fmt::format("'{}' is no quantity", text))
      .because("a quantity is a number with an optional unit: m, k, M, G, T, Ki, Mi, Gi, Ti, or an exponent as 1e3")
      .fixed_by("write for example 500m, 4, 16Gi");
}

/// The number times `times`, rounded away from zero, as the API server rounds what it can't hold.
Result<std::int64_t> parse_scaled(std::string_view text, Wide times) {
  std::string_view rest = text;
  const bool is_negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  Wide digits = 0;
  Wide fraction = 1;
  bool seen_digit = false;
  bool seen_point = false;
  std::size_t used = 0;
  for (; used < rest.size(); ++used) {
    const char c = rest[used];
    if (c == '.' && !seen_point) {
      seen_point = true;
    } else if (c >= '0' && c <= '9') {
      seen_digit = true;
      // Beyond what 64 bits can hold in any unit the answer is "too large", and beyond nano it is noise.
      if (digits > k_limit || (seen_point && fraction > 1'000'000'000'000)) {
        if (!seen_point) return Error(ErrorKind::failed, fmt::format("quantity '{}' is too large", text));
        continue;
      }
      digits = digits * 10 + (c - '0');
      if (seen_point) fraction *= 10;
    } else {
      break;
    }
  }
  const auto scale = parse_suffix(rest.substr(used));
  if (!seen_digit || !scale) return malformed(text);
  const Wide divisor = fraction * scale->denominator;
  if (digits != 0 && scale->numerator > (Wide{1} << 100) / (digits * times)) {
    return Error(ErrorKind::failed, fmt::format("quantity '{}' is too large", text));
  }
  const Wide product = digits * scale->numerator * times;
  const Wide result = (product + divisor - 1) / divisor;
  if (result > k_limit) return Error(ErrorKind::failed, fmt::format("quantity '{}' is too large", text));
  return static_cast<std::int64_t>(is_negative ? -result : result);
}

}  // namespace

Result<std::int64_t> parse_quantity_milli(std::string_view text) { return parse_scaled(text, 1000); }

Result<std::int64_t> parse_quantity(std::string_view text) { return parse_scaled(text, 1); }

Result<Bytes> parse_bytes(std::string_view text) {
  MLK_TRY(const std::int64_t count, parse_quantity(text));
  return Bytes(count);
}

Result<Millicores> parse_millicores(std::string_view text) {
  MLK_TRY(const std::int64_t count, parse_quantity_milli(text));
  return Millicores(count);
}

Result<Percent> parse_percent(std::string_view text) {
  std::string_view number = trim(text);
  double value = 0;
  bool is_good = !number.empty() && number.back() == '%';
  if (is_good) {
    number = trim(number.substr(0, number.size() - 1));
    const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), value);
    is_good = status == std::errc() && end == number.data() + number.size() && value >= 0 && value <= 100;
  }
  if (!is_good) {
    return Error(ErrorKind::failed, fmt::format("'{}' is no percentage", text))
        .because("a percentage is a number from 0 to 100 followed by %")
        .fixed_by("write for example 25%");
  }
  return Percent(value);
}

std::string format_bytes(Bytes bytes) {
  constexpr std::array<std::string_view, 7> k_units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes.count);
  std::size_t unit = 0;
  while (std::abs(value) >= 1023.95 && unit + 1 < k_units.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes.count);
  return fmt::format("{:.{}f} {}", value, std::abs(value) < 99.95 ? 1 : 0, k_units[unit]);
}

std::string format_millicores(Millicores cores) {
  return cores.count % 1000 == 0 ? fmt::format("{}", cores.count / 1000) : fmt::format("{}m", cores.count);
}

std::string format_quantity_bytes(Bytes bytes) {
  constexpr std::array<std::string_view, 7> k_units = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::int64_t value = bytes.count;
  std::size_t unit = 0;
  while (value != 0 && value % 1024 == 0 && unit + 1 < k_units.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", value, k_units[unit]);
}

std::string format_percent(Percent percent) {
  const double rounded = std::round(percent.count * 10) / 10;
  return fmt::format("{:.{}f} %", rounded, rounded == std::floor(rounded) ? 0 : 1);
}

}  // namespace mlk::inline v0
