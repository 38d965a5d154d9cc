#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mlk::inline v0::cel {

/// RFC 4648 with padding; line breaks are skipped.
std::optional<std::string> decode_base64(std::string_view text);

/// A quoted text as Go's %q prints it.
std::string quote(std::string_view text);

/// As Go prints a float64 with 'g' and the fewest digits that tell it apart: "1.5", "1e+06", "NaN", "+Inf".
std::string format_shortest(double value);

}  // namespace mlk::inline v0::cel
