#pragma once

#include <mlk/core/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0 {

/// The candidate that the user most likely meant (edit distance of at most a third of its length), if any.
MLK_API std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates);

/// " (did you mean 'x'?)", or empty.
MLK_API std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

MLK_API std::string join(const std::vector<std::string>& parts, std::string_view separator);
MLK_API std::vector<std::string> split(std::string_view text, char separator);
MLK_API std::string_view trim(std::string_view text) noexcept;

/// Columns that a terminal uses for a UTF-8 text; control characters count nothing, wide ones two.
MLK_API std::size_t display_width(std::string_view text) noexcept;

/// Control characters and escape sequences replaced, for text that comes from elsewhere and goes to a terminal.
MLK_API std::string printable(std::string_view text);

}  // namespace mlk::inline v0
