#include <mlk/crypto/encoding.hpp>

#include <array>
#include <cstdint>

namespace mlk::crypto {
namespace {

constexpr std::string_view k_standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k_url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t k_none = 0xff;

constexpr std::array<std::uint8_t, 256> make_table(std::string_view alphabet) {
  std::array<std::uint8_t, 256> table{};
  table.fill(k_none);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto k_standard_table = make_table(k_standard);
constexpr auto k_url_table = make_table(k_url);

std::string encode(std::string_view bytes, std::string_view alphabet, bool is_padded) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= have) {
        out += alphabet[group >> (18 - 6 * k) & 63U];
      } else if (is_padded) {
        out += '=';
      }
    }
  }
  return out;
}

Error not_base64(std::string why) { return Error(ErrorKind::failed, "not base64").because(std::move(why)); }

/// `text` holds neither line breaks nor padding any more.
Result<std::string> decode(std::string_view text, const std::array<std::uint8_t, 256>& table) {
  if (text.size() % 4 == 1) return not_base64("its length can't be right");
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t value = table[static_cast<unsigned char>(text[i])];
    // The text may be a secret: the place is named, the character isn't.
    if (value == k_none) return not_base64("character " + std::to_string(i + 1) + " isn't one of its alphabet");
    group = group << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits & 0xffU);
    }
  }
  if ((group & ((1U << bits) - 1)) != 0) return not_base64("bits are left over at its end");
  return out;
}

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string hex_encode(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

Result<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return Error(ErrorKind::failed, "not hex").because("its length is odd");
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      return Error(ErrorKind::failed, "not hex")
          .because("character " + std::to_string(high < 0 ? i + 1 : i + 2) + " isn't 0-9 or a-f");
    }
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string base64_encode(std::string_view bytes) { return encode(bytes, k_standard, true); }

Result<std::string> base64_decode(std::string_view text) {
  std::string joined;
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    joined.reserve(text.size());
    for (const char c : text) {
      if (c != '\r' && c != '\n') joined += c;
    }
    text = joined;
  }
  if (text.size() % 4 != 0) return not_base64("its length isn't a multiple of four");
  for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.remove_suffix(1);
  return decode(text, k_standard_table);
}

std::string base64url_encode(std::string_view bytes) { return encode(bytes, k_url, false); }

Result<std::string> base64url_decode(std::string_view text) {
  if (!text.empty() && text.back() == '=' && text.size() % 4 != 0) return not_base64("its padding can't be right");
  for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.remove_suffix(1);
  return decode(text, k_url_table);
}

}  // namespace mlk::crypto
