#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mlk::cli {

/// What a piece of text means; colour follows from it where there is colour.
enum class Style : std::uint8_t { plain, bold, dim, good, warning, bad, accent };

/// The text, between escape sequences when `with_colour`.
std::string paint(std::string_view text, Style style, bool with_colour);

}  // namespace mlk::cli
