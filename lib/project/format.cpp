#include "format.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::project {

namespace {

/// What is appended to a job's or service's name: "-" and ten characters of a hash, or a run's suffix and an index.
/// Labels, Services and the host names of Indexed Jobs end at 63.
constexpr std::size_t k_longest_section = 52;
constexpr std::size_t k_longest_label = 63;
constexpr std::size_t k_longest_subdomain = 253;

constexpr std::string_view k_label_pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
constexpr std::string_view k_subdomain_pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

bool is_label(std::string_view text) {
  const auto is_edge = [](char c) { return is_lower(c) || is_digit(c); };
  return !text.empty() && is_edge(text.front()) && is_edge(text.back()) &&
         all(text, [&](char c) { return is_edge(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  const auto parts = split(text, '.');
  return text.size() <= k_longest_subdomain &&
         std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return is_label(part); });
}

/// Letters, digits, '-', '_' and '.', beginning and ending with a letter or digit.
bool is_qualified(std::string_view text) {
  const auto is_edge = [](char c) { return is_lower(c) || is_upper(c) || is_digit(c); };
  return !text.empty() && text.size() <= k_longest_label && is_edge(text.front()) && is_edge(text.back()) &&
         all(text, [&](char c) { return is_edge(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label_key(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return is_qualified(text);
  return is_subdomain(text.substr(0, slash)) && is_qualified(text.substr(slash + 1));
}

std::optional<std::string> check(bool is_good, std::string_view what) {
  if (is_good) return {};
  return fmt::format("is no {}", what);
}

std::optional<std::string> check_label(std::string_view text, std::size_t longest, bool begins_with_letter,
                                       std::string_view reason) {
  constexpr std::string_view k_rule = "lower case letters, digits and '-', with a letter or digit at both ends";
  if (!is_label(text)) return fmt::format("is no name that Kubernetes takes: {}", k_rule);
  if (begins_with_letter && !is_lower(text.front())) return "is no name for a Service: it begins with a letter";
  if (text.size() > longest)
    return fmt::format("is too long: {} characters, {} at most{}", text.size(), longest, reason);
  return {};
}

bool is_below(std::string_view path) {
  if (path.empty() || path.front() == '/') return false;
  const auto parts = split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") == parts.end();
}

bool is_image(std::string_view text) {
  return !text.empty() && all(text, [](char c) { return c > ' ' && c < 0x7F; }) && text.front() != '/' &&
         text.back() != '/' && text.back() != ':';
}

}  // namespace

std::optional<std::string> mismatch(Format format, std::string_view text) {
  switch (format) {
    case Format::any:
      return {};
    case Format::not_empty:
      if (text.empty()) return "is empty";
      return {};
    case Format::job_name:
      return check_label(text, k_longest_section, true, ", because mlk appends a suffix to it");
    case Format::section_name:
    case Format::label:
      return check_label(text, k_longest_label, false, "");
    case Format::subdomain:
      return check(is_subdomain(text), "name that Kubernetes takes: lower case letters, digits, '-' and '.'");
    case Format::host:
      return check(is_subdomain(text.starts_with("*.") ? text.substr(2) : text), "host name");
    case Format::env_name:
      return check(
          !text.empty() && !is_digit(text.front()) &&
              all(text,
                  [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }),
          "name of an environment variable: letters, digits, '_', '-' and '.', no digit first");
    case Format::absolute_path:
      return check(text.starts_with('/') && text.find(':') == std::string_view::npos,
                   "absolute path: it begins with '/' and holds no ':'");
    case Format::relative_path:
      return check(is_below(text), "path inside the volume: no '/' at its beginning and no '..'");
    case Format::label_key:
      return check(is_label_key(text), "label key: [prefix/]name, 63 characters of letters, digits, '-', '_' and '.'");
    case Format::label_value:
      return check(text.empty() || is_qualified(text),
                   "label value: 63 characters of letters, digits, '-', '_' and '.'");
    case Format::image:
      return check(is_image(text), "image reference: registry/repository:tag");
    case Format::measure:
      return check(is_label(text), "measure: lower case words with '-' between them, as error-rate or ttft-p95");
  }
  return {};
}

std::string_view pattern_of(Format format) noexcept {
  switch (format) {
    case Format::any:
    case Format::label_value:
    case Format::label_key:
      return {};
    case Format::not_empty:
    case Format::image:
      return "^\\S";
    case Format::job_name:
      return "^[a-z]([-a-z0-9]*[a-z0-9])?$";
    case Format::section_name:
    case Format::label:
    case Format::measure:
      return k_label_pattern;
    case Format::subdomain:
      return k_subdomain_pattern;
    case Format::host:
      return "^(\\*\\.)?[a-z0-9]";
    case Format::env_name:
      return "^[-._a-zA-Z][-._a-zA-Z0-9]*$";
    case Format::absolute_path:
      return "^/";
    case Format::relative_path:
      return "^[^/]";
  }
  return {};
}

}  // namespace mlk::project
