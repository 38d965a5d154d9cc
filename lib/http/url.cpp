#include <mlk/http/url.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mlk::http {
namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "https") return 443;
  return scheme == "http" ? 80 : 1080;
}

bool is_known_scheme(std::string_view scheme) {
  return scheme == "http" || scheme == "https" || scheme == "socks5" || scheme == "socks5h";
}

/// What may be shown of a text that isn't a URL: no query, and nothing before an '@'.
std::string showable(std::string_view text) {
  text = text.substr(0, text.find_first_of("?#"));
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return std::string(text);
  const auto slashes = text.find("//");
  const std::string head(slashes != std::string_view::npos && slashes < at ? text.substr(0, slashes + 2) : "");
  return head + std::string(text.substr(at + 1));
}

Error bad_url(std::string_view text, std::string why) {
  return Error(ErrorKind::usage, fmt::format("'{}' is not a URL", showable(text))).because(std::move(why));
}

/// "scheme:" at the front of a reference; empty where there is none.
std::string_view scheme_of(std::string_view text) {
  if (text.empty() || !is_alpha(text.front())) return {};
  const auto end = std::find_if_not(
      text.begin(), text.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  if (end == text.end() || *end != ':') return {};
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

Result<void> parse_port(Url& url, std::string_view digits, std::string_view whole) {
  if (digits.empty()) return {};
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failed != std::errc() || end != digits.data() + digits.size() || value == 0 || value > 65535) {
    return bad_url(whole, fmt::format("'{}' is no port", digits));
  }
  url.port = static_cast<std::uint16_t>(value);
  url.has_port = true;
  return {};
}

Result<void> parse_authority(Url& url, std::string_view authority, std::string_view whole) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return bad_url(whole, "a ']' is missing after the address");
    url.host = lower(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') return bad_url(whole, "only a port may follow the address");
  } else {
    const auto colon = authority.find(':');
    url.host = lower(authority.substr(0, colon));
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (url.host.empty()) return bad_url(whole, "it names no host");
  if (!port.empty()) port.remove_prefix(1);
  return parse_port(url, port, whole);
}

std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto next = path.find('/', 1);
    const std::string_view segment = path.substr(0, next);
    const bool is_last = next == std::string_view::npos;
    path.remove_prefix(is_last ? path.size() : next);
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.erase(out.empty() ? 0 : std::min(out.rfind('/'), out.size()));
      if (is_last) out += '/';
    } else {
      out += segment;
    }
  }
  return out;
}

void set_target(Url& url, std::string_view target) {
  const auto question = target.find('?');
  url.path = target.substr(0, question);
  url.has_query = question != std::string_view::npos;
  url.query = url.has_query ? target.substr(question + 1) : std::string_view();
}

bool is_unreserved(char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return has_port ? fmt::format("{}:{}", name, port) : name;
}

std::string Url::origin() const { return scheme + "://" + authority(); }

std::string Url::redacted() const { return origin() + path; }

std::string Url::target() const { return (path.empty() ? "/" : path) + (has_query ? "?" + query : ""); }

std::string Url::to_string() const {
  return scheme + "://" + (user_info.empty() ? "" : user_info + "@") + authority() + path +
         (has_query ? "?" + query : "");
}

Result<Url> parse_url(std::string_view text) {
  const std::string_view scheme = scheme_of(text);
  Url url;
  url.scheme = lower(scheme);
  if (scheme.empty() || !text.substr(scheme.size()).starts_with("://")) {
    return bad_url(text, "it has to start with http:// or https://");
  }
  if (!is_known_scheme(url.scheme))
    return bad_url(text, fmt::format("'{}' is not a scheme that works here", url.scheme));
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_bad)) {
    return bad_url("…", "it holds a space or a control character");
  }
  std::string_view rest = text.substr(scheme.size() + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto end = rest.find_first_of("/?");
  url.port = default_port(url.scheme);
  MLK_CHECK(parse_authority(url, rest.substr(0, end), text));
  if (end != std::string_view::npos) set_target(url, rest.substr(end));
  return url;
}

Result<Url> resolve(const Url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  if (!scheme_of(reference).empty()) return parse_url(reference);
  if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string(reference));
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(reference.begin(), reference.end(), is_bad)) {
    return bad_url("…", "it holds a space or a control character");
  }
  Url url = base;
  if (reference.empty()) return url;
  if (reference.front() == '?') {
    url.has_query = true;
    url.query = reference.substr(1);
    return url;
  }
  std::string merged(reference);
  if (reference.front() != '/') merged = url.path.substr(0, url.path.rfind('/') + 1) + merged;
  if (!merged.starts_with('/')) merged.insert(0, 1, '/');
  set_target(url, merged);
  url.path = without_dot_segments(url.path);
  return url;
}

bool is_same_origin(const Url& a, const Url& b) { return a.scheme == b.scheme && a.host == b.host && a.port == b.port; }

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Error(ErrorKind::usage, "a percent sign isn't followed by two hex digits")
          .because(fmt::format("at character {}", i + 1));
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string encode_query(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + '=' + percent_encode(value);
  }
  return out;
}

void append_query(Url& url, const std::vector<std::pair<std::string, std::string>>& parameters) {
  if (parameters.empty()) return;
  if (!url.query.empty()) url.query += '&';
  url.query += encode_query(parameters);
  url.has_query = true;
}

bool is_loopback(std::string_view host) {
  const std::string name = lower(host);
  if (name == "localhost" || name.ends_with(".localhost") || name == "::1") return true;
  return name.starts_with("127.") &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.'; });
}

}  // namespace mlk::http
