#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mlk::inline v0::cel {

__extension__ using Int128 = __int128;

/// A Kubernetes quantity. Source: apimachinery, pkg/api/resource.
struct Quantity {
  Int128 nanos = 0;
  /// Held as an integer times a power of ten, as Kubernetes does while it fits: only then is it an integer to CEL.
  bool is_small = false;
  std::int32_t scale = 0;
};

std::optional<Quantity> parse_quantity_text(std::string_view text);
Quantity quantity_of(std::int64_t value);
Quantity add(const Quantity& a, const Quantity& b);
Quantity negate(Quantity quantity);
int compare(const Quantity& a, const Quantity& b);
std::optional<std::int64_t> as_integer(const Quantity& quantity);
double as_float(const Quantity& quantity);

}  // namespace mlk::inline v0::cel
