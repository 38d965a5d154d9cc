#include "names.hpp"

#include <algorithm>

namespace mlk::inline v0::validation {

namespace {

bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower_or_digit(char c) noexcept { return is_lower(c) || is_digit(c); }
bool is_alnum(char c) noexcept { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

bool is_dns_label(std::string_view text) noexcept {
  if (text.empty() || text.size() > 63) return false;
  if (!is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) noexcept {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    // Parts of a subdomain have no limit of their own.
    if (part.empty() || !is_lower_or_digit(part.front()) || !is_lower_or_digit(part.back())) return false;
    if (!std::all_of(part.begin(), part.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; })) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

/// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool is_qualified(std::string_view text) noexcept {
  if (text.empty() || text.size() > 63 || !is_alnum(text.front()) || !is_alnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label_key(std::string_view text) noexcept {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return is_qualified(text);
  return is_dns_subdomain(text.substr(0, slash)) && is_qualified(text.substr(slash + 1));
}

bool is_config_key(std::string_view text) noexcept {
  if (text.empty() || text.size() > 253 || text == "." || text.starts_with("..")) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_env_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 127 && c != '='; });
}

bool is_port_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > 15 || text.front() == '-' || text.back() == '-') return false;
  if (text.find("--") != std::string_view::npos || std::none_of(text.begin(), text.end(), is_lower)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_container_resource(std::string_view text) noexcept {
  if (text.find('/') != std::string_view::npos) return is_label_key(text);
  return text == "cpu" || text == "memory" || text == "ephemeral-storage" || text.starts_with("hugepages-");
}

}  // namespace

bool conforms(std::string_view text, Format format) noexcept {
  switch (format) {
    case Format::none:
      return true;
    case Format::dns_label:
      return is_dns_label(text);
    case Format::dns_subdomain:
      return is_dns_subdomain(text);
    case Format::dns_1035:
      return is_dns_label(text) && is_lower(text.front());
    case Format::label_key:
      return is_label_key(text);
    case Format::label_value:
      return text.empty() || is_qualified(text);
    case Format::config_key:
      return is_config_key(text);
    case Format::env_name:
      return is_env_name(text);
    case Format::port_name:
      return is_port_name(text);
    case Format::absolute_path:
      return text.starts_with('/');
    case Format::percentage:
      return text.size() > 1 && text.back() == '%' &&
             std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
    case Format::container_resource:
      return is_container_resource(text);
  }
  return true;
}

std::string_view describe(Format format) noexcept {
  switch (format) {
    case Format::none:
      return "any text";
    case Format::dns_label:
      return "lower-case letters, digits and '-', at most 63, beginning and ending with a letter or digit";
    case Format::dns_subdomain:
      return "lower-case letters, digits, '-' and '.', at most 253, each part beginning and ending with a letter or "
             "digit";
    case Format::dns_1035:
      return "lower-case letters, digits and '-', at most 63, beginning with a letter";
    case Format::label_key:
      return "[domain/]name, the name of letters, digits, '-', '_' and '.', at most 63";
    case Format::label_value:
      return "letters, digits, '-', '_' and '.', at most 63, beginning and ending with a letter or digit";
    case Format::config_key:
      return "letters, digits, '-', '_' and '.', at most 253";
    case Format::env_name:
      return "printable characters without '='";
    case Format::port_name:
      return "lower-case letters, digits and single '-', at most 15, with at least one letter";
    case Format::absolute_path:
      return "an absolute path";
    case Format::percentage:
      return "a number, or a percentage such as 25%";
    case Format::container_resource:
      return "cpu, memory, ephemeral-storage, hugepages-…, or a device's name with its domain";
  }
  return "any text";
}

std::string_view code_for(Format format) noexcept {
  switch (format) {
    case Format::label_key:
    case Format::label_value:
      return "label-invalid";
    case Format::absolute_path:
    case Format::percentage:
      return "value-invalid";
    default:
      return "name-invalid";
  }
}

}  // namespace mlk::inline v0::validation
