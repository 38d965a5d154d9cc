#include <mlk/core/text.hpp>
#include <mlk/http/headers.hpp>

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace mlk::http {
namespace {

bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// Whether a Link's parameters (everything after its '>') say that it is the next page.
bool is_next(std::string_view parameters) {
  for (const std::string& parameter : split(parameters, ';')) {
    const auto equals = parameter.find('=');
    if (equals == std::string::npos || !is_same_name(trim(parameter.substr(0, equals)), "rel")) continue;
    std::string_view value = trim(std::string_view(parameter).substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    for (const std::string& relation : split(value, ' ')) {
      if (is_same_name(relation, "next")) return true;
    }
  }
  return false;
}

}  // namespace

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  m_fields.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(m_fields, [&](const auto& field) { return is_same_name(field.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : m_fields) {
    if (is_same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : m_fields) {
    if (is_same_name(key, name)) values.emplace_back(value);
  }
  return values;
}

std::string Headers::content_type() const {
  const std::string_view value = get("Content-Type").value_or("");
  std::string type(trim(value.substr(0, value.find(';'))));
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return type;
}

std::optional<std::uint64_t> Headers::content_length() const {
  const auto text = get("Content-Length");
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failed != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

std::optional<std::string> next_link(const Headers& headers) {
  for (std::string_view field : headers.all("Link")) {
    while (true) {
      const auto open = field.find('<');
      const auto close = field.find('>', open);
      if (open == std::string_view::npos || close == std::string_view::npos) break;
      const std::string_view target = field.substr(open + 1, close - open - 1);
      field.remove_prefix(close + 1);
      if (is_next(field.substr(0, field.find(',')))) {
        return std::string(target);
      }
    }
  }
  return std::nullopt;
}

}  // namespace mlk::http
