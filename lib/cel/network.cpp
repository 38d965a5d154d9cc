#include "network.hpp"

#include "encoding.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace mlk::inline v0::cel {
namespace {

constexpr std::size_t k_longest_address = 45;

std::optional<Ip> parse_address(std::string_view text) {
  std::array<char, k_longest_address + 1> copy{};
  if (text.size() > k_longest_address || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(copy.data(), text.data(), text.size());
  Ip ip;
  ip.is_v6 = text.find(':') != std::string_view::npos;
  if (inet_pton(ip.is_v6 ? AF_INET6 : AF_INET, copy.data(), ip.bytes.data()) != 1) return std::nullopt;
  return ip;
}

bool is_mapped(const Ip& ip) {
  return ip.is_v6 && ip.bytes[10] == 0xFF && ip.bytes[11] == 0xFF &&
         std::all_of(ip.bytes.begin(), ip.bytes.begin() + 10, [](std::uint8_t byte) { return byte == 0; });
}

unsigned length(const Ip& ip) { return ip.is_v6 ? 16 : 4; }

std::uint16_t group(const Ip& ip, std::size_t index) {
  return static_cast<std::uint16_t>(ip.bytes[2 * index] << 8U | ip.bytes[2 * index + 1]);
}

bool all_zero(const Ip& ip, std::size_t count) {
  return std::all_of(ip.bytes.begin(), ip.bytes.begin() + static_cast<std::ptrdiff_t>(count),
                     [](std::uint8_t byte) { return byte == 0; });
}

bool is_multicast(const Ip& ip) { return ip.is_v6 ? ip.bytes[0] == 0xFF : (ip.bytes[0] & 0xF0U) == 0xE0; }

}  // namespace

std::optional<Ip> parse_ip(std::string_view text, std::string& why) {
  const auto ip = parse_address(text);
  if (!ip) {
    why = fmt::format("IP Address {} parse error during conversion from string: unable to parse IP", quote(text));
  } else if (is_mapped(*ip)) {
    why = fmt::format("IPv4-mapped IPv6 address {} is not allowed", quote(text));
    return std::nullopt;
  }
  return ip;
}

std::optional<Cidr> parse_cidr(std::string_view text, std::string& why) {
  const auto slash = text.rfind('/');
  const auto digits = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  const auto ip = parse_address(text.substr(0, slash));
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const bool plain = !digits.empty() && error == std::errc() && end == digits.data() + digits.size() &&
                     (digits.size() == 1 || digits.front() != '0');
  if (!ip || !plain || bits > length(*ip) * 8) {
    why = fmt::format("network address parse error during conversion from string: invalid prefix {}", quote(text));
    return std::nullopt;
  }
  if (is_mapped(*ip)) {
    why = fmt::format("IPv4-mapped IPv6 address {} is not allowed", quote(text));
    return std::nullopt;
  }
  return Cidr{*ip, static_cast<std::uint8_t>(bits)};
}

std::string to_string(const Ip& ip) {
  if (!ip.is_v6) return fmt::format("{}.{}.{}.{}", ip.bytes[0], ip.bytes[1], ip.bytes[2], ip.bytes[3]);
  // The first of the longest runs of zeros, if it is longer than one.
  std::size_t best = 8;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && group(ip, end) == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
    i = end + 1;
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += fmt::format("{:x}", group(ip, i));
  }
  return out;
}

std::string to_string(const Cidr& cidr) { return fmt::format("{}/{}", to_string(cidr.ip), cidr.bits); }

Cidr masked(Cidr cidr) {
  for (unsigned bit = cidr.bits; bit < length(cidr.ip) * 8; ++bit) {
    cidr.ip.bytes[bit / 8] = static_cast<std::uint8_t>(cidr.ip.bytes[bit / 8] & ~(0x80U >> (bit % 8)));
  }
  return cidr;
}

bool contains(const Cidr& cidr, const Ip& ip) {
  return cidr.ip.is_v6 == ip.is_v6 && masked({ip, cidr.bits}).ip == masked(cidr).ip;
}

bool is_unspecified(const Ip& ip) { return all_zero(ip, length(ip)); }

bool is_loopback(const Ip& ip) { return ip.is_v6 ? all_zero(ip, 15) && ip.bytes[15] == 1 : ip.bytes[0] == 127; }

bool is_link_local_multicast(const Ip& ip) {
  if (ip.is_v6) return ip.bytes[0] == 0xFF && (ip.bytes[1] & 0x0FU) == 2;
  return ip.bytes[0] == 224 && ip.bytes[1] == 0 && ip.bytes[2] == 0;
}

bool is_link_local_unicast(const Ip& ip) {
  if (ip.is_v6) return ip.bytes[0] == 0xFE && (ip.bytes[1] & 0xC0U) == 0x80;
  return ip.bytes[0] == 169 && ip.bytes[1] == 254;
}

bool is_global_unicast(const Ip& ip) {
  const bool is_broadcast =
      !ip.is_v6 && std::all_of(ip.bytes.begin(), ip.bytes.begin() + 4, [](std::uint8_t byte) { return byte == 255; });
  return !is_broadcast && !is_unspecified(ip) && !is_loopback(ip) && !is_multicast(ip) && !is_link_local_unicast(ip);
}

}  // namespace mlk::inline v0::cel
