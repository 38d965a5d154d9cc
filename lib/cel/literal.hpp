#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::inline v0::cel {

/// What a string or bytes token (quotes and prefix included) stands for; nothing when an escape is wrong.
std::optional<std::string> unquote(std::string_view token, bool is_bytes);

std::optional<std::int64_t> parse_int_literal(std::string_view digits, bool negative);
/// With the suffix u.
std::optional<std::uint64_t> parse_uint_literal(std::string_view token);
std::optional<double> parse_double(std::string_view text);

}  // namespace mlk::inline v0::cel
