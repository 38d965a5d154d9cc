#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mlk::inline v0::document {

inline constexpr std::string_view k_replacement_character = "\xEF\xBF\xBD";

/// One character of UTF-8; where it is broken, one byte that is not valid.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 1;
  bool is_valid = false;
};

CodePoint decode_utf8(std::string_view text, std::size_t at) noexcept;

}  // namespace mlk::inline v0::document
