#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::cli {

/// Columns that a text takes, its colour sequences not counted.
std::size_t visible_width(std::string_view text);

/// The text, or its front with "…" at the end, so that it takes at most so many columns. Colour sequences are kept and
/// ended.
std::string cut(std::string_view text, std::size_t width);

/// Broken at spaces into lines of at most so many columns; words that are longer stay whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace mlk::cli
