#pragma once

#include <mlk/core/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::http {

/// An http or https URL (or a proxy's: socks5, socks5h) in its parts, each still percent-encoded as it was written.
struct Url {
  std::string scheme;     ///< lower case
  std::string user_info;  ///< secret; never part of redacted() or origin()
  std::string host;       ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;
  bool has_port = false;  ///< the port was written; else it is the scheme's
  std::string path;       ///< "" or "/…"
  std::string query;      ///< without the '?'
  bool has_query = false;

  /// Everything, user info included: for a client, not for people.
  std::string to_string() const;
  /// "https://host[:port]": what credentials are bound to.
  std::string origin() const;
  /// "host" or "host:port" as it was written: for people.
  std::string authority() const;
  /// Scheme, host, port and path, for messages: no user info, no query.
  std::string redacted() const;
  /// Path and query, "/" at the least.
  std::string target() const;
};

/// Errors (usage) quote the text without user info and query.
Result<Url> parse_url(std::string_view text);

/// What a reference (absolute, "//host", "/path", "path", "?query") means at `base`, by RFC 3986 §5.3. Fragments are
/// dropped.
Result<Url> resolve(const Url& base, std::string_view reference);

bool is_same_origin(const Url& a, const Url& b);

/// One path segment or query value, with everything but RFC 3986's unreserved characters percent-encoded.
std::string percent_encode(std::string_view text);
/// Malformed escapes are an error.
Result<std::string> percent_decode(std::string_view text);

/// "a=1&b=2", encoded, in the given order; empty for none.
std::string encode_query(const std::vector<std::pair<std::string, std::string>>& parameters);
/// Adds parameters to a URL that may have a query already.
void append_query(Url& url, const std::vector<std::pair<std::string, std::string>>& parameters);

/// Whether a host name or address means this machine: localhost, 127.0.0.0/8, ::1.
bool is_loopback(std::string_view host);

}  // namespace mlk::http
