#include "quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>

namespace mlk::inline v0::cel {
namespace {

constexpr Int128 k_nano = 1'000'000'000;
constexpr Int128 k_most = static_cast<Int128>(std::numeric_limits<std::int64_t>::max()) * k_nano;
constexpr std::string_view k_digits = "0123456789";
constexpr std::size_t k_exact_digits = 18;
constexpr int k_nano_scale = -9;

struct Suffix {
  bool is_binary = false;
  std::int32_t exponent = 0;
};

std::optional<Suffix> parse_suffix(std::string_view text) {
  struct Named {
    std::string_view text;
    Suffix suffix;
  };
  static constexpr std::array<Named, 16> names = {{{"", {false, 0}},
                                                   {"n", {false, -9}},
                                                   {"u", {false, -6}},
                                                   {"m", {false, -3}},
                                                   {"k", {false, 3}},
                                                   {"M", {false, 6}},
                                                   {"G", {false, 9}},
                                                   {"T", {false, 12}},
                                                   {"P", {false, 15}},
                                                   {"E", {false, 18}},
                                                   {"Ki", {true, 10}},
                                                   {"Mi", {true, 20}},
                                                   {"Gi", {true, 30}},
                                                   {"Ti", {true, 40}},
                                                   {"Pi", {true, 50}},
                                                   {"Ei", {true, 60}}}};
  const auto found = std::find_if(names.begin(), names.end(), [&](const Named& named) { return named.text == text; });
  if (found != names.end()) return found->suffix;
  if (text.size() < 2 || (text.front() != 'e' && text.front() != 'E')) return std::nullopt;
  text.remove_prefix(1);
  if (text.front() == '+') text.remove_prefix(1);
  std::int32_t exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) exponent = text.front() == '-' ? -1'000'000 : 1'000'000;
  return Suffix{false, exponent};
}

/// digits × 10^scale × 2^binary in nanos, rounded up, at most what Kubernetes allows.
Int128 to_nanos(std::string_view digits, std::int64_t scale, std::int32_t binary) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return 0;
  std::int64_t shift = scale - k_nano_scale;  // power of ten still to apply
  bool dropped = false;
  // More than 30 digits before the point are beyond the limit; those after it only decide about rounding.
  while (digits.size() > 30) {
    dropped = dropped || digits.back() != '0';
    digits.remove_suffix(1);
    ++shift;
  }
  Int128 value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  for (std::int32_t i = 0; i < binary; ++i) {
    // While dividing is still to come, keep within 128 bits by dividing first.
    while (value > (std::numeric_limits<Int128>::max() >> 1) && shift < 0) {
      dropped = dropped || value % 10 != 0;
      value /= 10;
      ++shift;
    }
    if (value > (std::numeric_limits<Int128>::max() >> 1)) return k_most;
    value *= 2;
  }
  for (; shift > 0; --shift) {
    if (value > k_most) return k_most;
    value *= 10;
  }
  for (; shift < 0 && value > 0; ++shift) {
    dropped = dropped || value % 10 != 0;
    value /= 10;
  }
  return std::min(value + (dropped ? 1 : 0), k_most);
}

}  // namespace

std::optional<Quantity> parse_quantity_text(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const auto take_digits = [&text] {
    const auto digits = text.substr(0, std::min(text.find_first_not_of(k_digits), text.size()));
    text.remove_prefix(digits.size());
    return digits;
  };
  const auto whole = take_digits();
  std::string_view fraction;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    fraction = take_digits();
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const auto suffix = parse_suffix(text);
  if (!suffix) return std::nullopt;

  std::string digits(whole);
  digits += fraction;
  const auto fraction_digits = static_cast<std::int32_t>(std::min<std::size_t>(fraction.size(), 1'000'000));
  const auto significant = whole.substr(std::min(whole.find_first_not_of('0'), whole.size()));
  const auto length = std::max<std::size_t>(significant.size(), 1) + fraction.size();
  Quantity quantity;
  const auto decimal = suffix->is_binary ? 0 : suffix->exponent;
  quantity.nanos =
      to_nanos(digits, static_cast<std::int64_t>(decimal) - fraction_digits, suffix->is_binary ? suffix->exponent : 0);
  if (negative) quantity.nanos = -quantity.nanos;
  if (suffix->is_binary) {
    quantity.is_small = fraction.empty() && 14 >= length + static_cast<std::size_t>(suffix->exponent) * 3 / 10;
  } else {
    quantity.scale = decimal - fraction_digits;
    quantity.is_small = length <= k_exact_digits && quantity.scale >= k_nano_scale && quantity.scale <= 18;
  }
  return quantity;
}

Quantity quantity_of(std::int64_t value) { return {static_cast<Int128>(value) * k_nano, true, 0}; }

Quantity add(const Quantity& a, const Quantity& b) {
  if (a.nanos == 0) return b;
  if (b.nanos == 0) return a;
  Quantity sum{a.nanos + b.nanos, a.is_small && b.is_small, std::min(a.scale, b.scale)};
  if (sum.nanos > k_most || sum.nanos < -k_most) sum.is_small = false;
  return sum;
}

Quantity negate(Quantity quantity) {
  quantity.nanos = -quantity.nanos;
  return quantity;
}

int compare(const Quantity& a, const Quantity& b) { return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0; }

std::optional<std::int64_t> as_integer(const Quantity& quantity) {
  if (!quantity.is_small || quantity.scale < 0) return std::nullopt;
  if (quantity.nanos > k_most || quantity.nanos < -k_most) return std::nullopt;
  return static_cast<std::int64_t>(quantity.nanos / k_nano);
}

double as_float(const Quantity& quantity) {
  return static_cast<double>(static_cast<long double>(quantity.nanos) / static_cast<long double>(k_nano));
}

}  // namespace mlk::inline v0::cel
