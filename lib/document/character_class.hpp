#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mlk::inline v0::document {

/// What a byte may be at the places where the fast reader has to decide.
enum CharacterClass : std::uint8_t {
  k_control = 1,     // only a line feed is taken
  k_high = 2,        // part of a character beyond ASCII
  k_no_start = 4,    // begins no plain scalar
  k_flow_start = 8,  // may begin a plain scalar in a flow collection
  k_number = 16,     // may stand in a number
  k_word = 32,       // begins words such as true, null, on
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    if ((c < 0x20 && c != '\n') || c == 0x7F) classes[c] |= k_control;
    if (c >= 0x80) classes[c] |= k_high;
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    if (is_letter || is_digit) classes[c] |= k_flow_start;
    if (is_digit) classes[c] |= k_number;
  }
  for (const char c : std::string_view(",[]{}#&*!|>'\"%@`")) classes[static_cast<unsigned char>(c)] |= k_no_start;
  for (const char c : std::string_view("/._$+(<=~^~")) classes[static_cast<unsigned char>(c)] |= k_flow_start;
  for (const char c : std::string_view("abcdefABCDEFxXoO_+-.")) classes[static_cast<unsigned char>(c)] |= k_number;
  for (const char c : std::string_view("yYnNtTfFoO")) classes[static_cast<unsigned char>(c)] |= k_word;
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> k_classes = make_classes();

inline bool is(char c, CharacterClass wanted) noexcept {
  return (k_classes[static_cast<unsigned char>(c)] & wanted) != 0;
}

}  // namespace mlk::inline v0::document
