#include "utf8.hpp"

namespace mlk::inline v0::cel {

void append_utf8(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | (code_point >> 6U));
    out += static_cast<char>(0x80 | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | (code_point >> 12U));
    out += static_cast<char>(0x80 | ((code_point >> 6U) & 0x3FU));
    out += static_cast<char>(0x80 | (code_point & 0x3FU));
  } else {
    out += static_cast<char>(0xF0 | (code_point >> 18U));
    out += static_cast<char>(0x80 | ((code_point >> 12U) & 0x3FU));
    out += static_cast<char>(0x80 | ((code_point >> 6U) & 0x3FU));
    out += static_cast<char>(0x80 | (code_point & 0x3FU));
  }
}

namespace {

constexpr std::uint32_t k_replacement = 0xFFFD;

/// Length of the well-formed sequence at the front, 0 when there is none.
std::size_t sequence_length(std::string_view text, std::uint32_t& code_point) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 0;
  std::uint32_t least = 0;
  if (first < 0x80) {
    code_point = first;
    return 1;
  }
  if ((first & 0xE0U) == 0xC0) {
    length = 2;
    least = 0x80;
    code_point = first & 0x1FU;
  } else if ((first & 0xF0U) == 0xE0) {
    length = 3;
    least = 0x800;
    code_point = first & 0x0FU;
  } else if ((first & 0xF8U) == 0xF0) {
    length = 4;
    least = 0x10000;
    code_point = first & 0x07U;
  } else {
    return 0;
  }
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80) return 0;
    code_point = (code_point << 6U) | (byte & 0x3FU);
  }
  return code_point >= least && is_scalar_value(code_point) ? length : 0;
}

}  // namespace

std::uint32_t take_code_point(std::string_view& text) {
  std::uint32_t code_point = 0;
  const auto length = sequence_length(text, code_point);
  text.remove_prefix(length == 0 ? 1 : length);
  return length == 0 ? k_replacement : code_point;
}

bool is_valid_utf8(std::string_view text) {
  std::uint32_t code_point = 0;
  while (!text.empty()) {
    const auto length = sequence_length(text, code_point);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  bool plain = true;
  for (const char c : text) plain = plain && static_cast<unsigned char>(c) < 0x80;
  if (plain) return text.size();
  while (!text.empty()) {
    take_code_point(text);
    ++count;
  }
  return count;
}

std::size_t byte_offset(std::string_view text, std::size_t code_point) {
  auto rest = text;
  while (code_point > 0 && !rest.empty()) {
    take_code_point(rest);
    --code_point;
  }
  return text.size() - rest.size();
}

}  // namespace mlk::inline v0::cel
