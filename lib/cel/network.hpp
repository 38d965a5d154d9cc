#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::inline v0::cel {

struct Ip {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes{};  ///< the first four for version 4

  friend bool operator==(const Ip&, const Ip&) = default;
};

struct Cidr {
  Ip ip;
  std::uint8_t bits = 0;

  friend bool operator==(const Cidr&, const Cidr&) = default;
};

/// Without zones and without IPv4 mapped into IPv6, which Kubernetes refuses; `why` says what is wrong.
std::optional<Ip> parse_ip(std::string_view text, std::string& why);
std::optional<Cidr> parse_cidr(std::string_view text, std::string& why);
/// The canonical form (RFC 5952).
std::string to_string(const Ip& ip);
std::string to_string(const Cidr& cidr);
Cidr masked(Cidr cidr);
bool contains(const Cidr& cidr, const Ip& ip);

bool is_unspecified(const Ip& ip);
bool is_loopback(const Ip& ip);
bool is_link_local_multicast(const Ip& ip);
bool is_link_local_unicast(const Ip& ip);
bool is_global_unicast(const Ip& ip);

}  // namespace mlk::inline v0::cel
