#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

inline bool is_scalar_value(std::uint32_t code_point) {
  return code_point < 0xD800 || (code_point > 0xDFFF && code_point <= 0x10FFFF);
}
void append_utf8(std::string& out, std::uint32_t code_point);

/// The code point that `text` begins with, which is removed from it; a byte that begins none is U+FFFD, as Go reads it.
std::uint32_t take_code_point(std::string_view& text);
bool is_valid_utf8(std::string_view text);
/// Number of code points.
std::size_t code_points(std::string_view text);
/// Byte offset of a code point; text.size() when it has no so many.
std::size_t byte_offset(std::string_view text, std::size_t code_point);

}  // namespace mlk::inline v0::cel
