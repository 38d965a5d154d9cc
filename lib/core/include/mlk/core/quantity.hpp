#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/result.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mlk::inline v0 {

/// An amount of one unit. Amounts of different units don't mix, and plain numbers become amounts only on purpose.
template <class Unit, class Rep = std::int64_t>
struct Amount {
  Rep count = 0;

  constexpr Amount() = default;
  constexpr explicit Amount(Rep value) : count(value) {}

  constexpr auto operator<=>(const Amount&) const =
      default;  // NOLINT(modernize-use-nullptr): of what the compiler writes for it
  constexpr Amount& operator+=(Amount other) {
    count += other.count;
    return *this;
  }
  constexpr Amount& operator-=(Amount other) {
    count -= other.count;
    return *this;
  }
  friend constexpr Amount operator+(Amount a, Amount b) { return Amount(a.count + b.count); }
  friend constexpr Amount operator-(Amount a, Amount b) { return Amount(a.count - b.count); }
  friend constexpr Amount operator*(Amount a, Rep times) { return Amount(a.count * times); }
};

using Bytes = Amount<struct BytesUnit>;
using Millicores = Amount<struct MillicoresUnit>;
using GpuCount = Amount<struct GpuUnit>;
using Percent = Amount<struct PercentUnit, double>;  ///< 0..100

/// A Kubernetes quantity ("500m", "2Gi", "1e3") in thousandths, rounded up as the API server does; out of range or
/// malformed is an error that quotes the text. Source: apimachinery, pkg/api/resource/quantity.go.
MLK_API Result<std::int64_t> parse_quantity_milli(std::string_view text);
/// The same in whole units, rounded up ("100m" is 1).
MLK_API Result<std::int64_t> parse_quantity(std::string_view text);
MLK_API Result<Bytes> parse_bytes(std::string_view text);
MLK_API Result<Millicores> parse_millicores(std::string_view text);
/// "25%" or "2.5 %"; outside 0..100 is an error.
MLK_API Result<Percent> parse_percent(std::string_view text);

/// For people: "90.9 MB" as "86.7 MiB", "512 B".
MLK_API std::string format_bytes(Bytes bytes);
/// As Kubernetes writes it: "500m", "2".
MLK_API std::string format_millicores(Millicores cores);
/// As Kubernetes writes it, in the largest binary unit that holds it exactly: "8Gi", "1536Mi", "1000".
MLK_API std::string format_quantity_bytes(Bytes bytes);
/// "25 %", "2.5 %".
MLK_API std::string format_percent(Percent percent);

}  // namespace mlk::inline v0
