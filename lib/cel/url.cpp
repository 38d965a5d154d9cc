#include "url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mlk::inline v0::cel {
namespace {

constexpr std::string_view k_digits = "0123456789";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
bool is_unreserved(char c) { return is_letter(c) || is_digit(c) || is_one_of(c, "-_.~"); }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// %XX decoded; nothing when one is broken.
std::optional<std::string> unescape(std::string_view text, bool plus_is_space = false) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

bool is_optional_port(std::string_view text) {
  return text.empty() || (text.front() == ':' && text.find_first_not_of(k_digits, 1) == std::string_view::npos);
}

bool is_host_text(std::string_view host) {
  for (std::size_t i = 0; i < host.size(); ++i) {
    if (host[i] == '%') {
      // Only bytes beyond ASCII may be escaped in a host.
      if (i + 2 >= host.size() || hex_value(host[i + 1]) < 8 || hex_value(host[i + 2]) < 0) return false;
      i += 2;
    } else if (is_ascii(host[i]) && !is_unreserved(host[i]) && !is_one_of(host[i], "!$&'()*+,;=:[]<>\"")) {
      return false;
    }
  }
  return true;
}

bool is_host(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const auto end = host.rfind(']');
    return end != std::string_view::npos && is_optional_port(host.substr(end + 1)) && is_host_text(host);
  }
  const auto colon = host.rfind(':');
  return (colon == std::string_view::npos || is_optional_port(host.substr(colon))) && is_host_text(host);
}

bool is_userinfo(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_unreserved(c) || is_one_of(c, ":!$&'()*+,;=%@"); }) &&
         unescape(text);
}

/// Length of the scheme; 0 when there is none, nothing when the text begins with a colon.
std::optional<std::size_t> scheme_length(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_letter(text[i])) continue;
    if (is_digit(text[i]) || is_one_of(text[i], "+-.")) {
      if (i == 0) return 0;
      continue;
    }
    if (text[i] != ':') return 0;
    return i == 0 ? std::nullopt : std::optional(i);
  }
  return 0;
}

std::optional<Url> parse(std::string_view text, bool via_request, std::string& why) {
  const auto fail = [&](std::string_view reason) {
    why = reason;
    return std::nullopt;
  };
  Url url;
  url.text = text;
  if (text.empty() && via_request) return fail("empty url");
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    return fail("invalid control character in URL");
  }
  if (text == "*") {
    url.path = text;
    return url;
  }
  const auto scheme = scheme_length(text);
  if (!scheme) return fail("missing protocol scheme");
  auto rest = text;
  if (*scheme > 0) {
    url.scheme = text.substr(0, *scheme);
    rest.remove_prefix(*scheme + 1);
  }
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (rest.empty() || rest.front() != '/') {
    if (!url.scheme.empty()) return url;  // opaque, such as mailto:a@b
    if (via_request) return fail("invalid URI for request");
    const auto segment = rest.substr(0, rest.find('/'));
    if (segment.find(':') != std::string_view::npos) return fail("first path segment in URL cannot contain colon");
  }
  const bool has_authority = !url.scheme.empty() || (!via_request && rest.substr(0, 3) != "///");
  if (has_authority && rest.substr(0, 2) == "//") {
    rest.remove_prefix(2);
    auto authority = rest.substr(0, rest.find('/'));
    rest.remove_prefix(authority.size());
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
      if (!is_userinfo(authority.substr(0, at))) return fail("net/url: invalid userinfo");
      authority.remove_prefix(at + 1);
    }
    if (!is_host(authority)) return fail("invalid character or port in host name");
    url.host = authority;
  }
  if (!unescape(rest)) return fail("invalid URL escape");
  url.path = rest;
  return url;
}

std::pair<std::string, std::string> split_host(const Url& url) {
  auto host = url_host(url);
  std::string port;
  const auto colon = host.rfind(':');
  if (colon != std::string::npos && is_optional_port(std::string_view(host).substr(colon))) {
    port = host.substr(colon + 1);
    host.resize(colon);
  }
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {std::move(host), std::move(port)};
}

}  // namespace

std::optional<Url> parse_url(std::string_view text, std::string& why) {
  if (!parse(text, true, why)) {
    why = fmt::format("URL parse error during conversion from string: parse \"{}\": {}", text, why);
    return std::nullopt;
  }
  const auto hash = text.find('#');
  auto url = parse(text.substr(0, hash), false, why);
  if (url && hash != std::string_view::npos && !unescape(text.substr(hash + 1))) url.reset();
  if (url) url->text = text;
  return url;
}

std::string url_scheme(const Url& url) {
  std::string scheme(url.scheme);
  for (auto& c : scheme) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return scheme;
}

std::string url_host(const Url& url) { return unescape(url.host).value_or(std::string(url.host)); }
std::string url_hostname(const Url& url) { return split_host(url).first; }
std::string url_port(const Url& url) { return split_host(url).second; }

std::string url_escaped_path(const Url& url) {
  const bool is_encoded = std::all_of(url.path.begin(), url.path.end(),
                                      [](char c) { return is_unreserved(c) || is_one_of(c, "!$&'()*+,;=:@[]%/"); });
  if (is_encoded) return std::string(url.path);
  std::string out;
  for (const char c : unescape(url.path).value_or("")) {
    if (is_unreserved(c) || is_one_of(c, "$&+,/:;=@")) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::map<std::string, std::vector<std::string>> url_query(const Url& url) {
  std::map<std::string, std::vector<std::string>> out;
  auto rest = url.query;
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    const auto equals = pair.find('=');
    auto key = unescape(pair.substr(0, equals), true);
    auto value = unescape(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!key || !value) continue;
    out[*key].push_back(std::move(*value));
  }
  return out;
}

}  // namespace mlk::inline v0::cel
