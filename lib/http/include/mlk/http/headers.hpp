#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::http {

/// Header fields in their order; names compare without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : m_fields(fields) {}

  void add(std::string name, std::string value) { m_fields.emplace_back(std::move(name), std::move(value)); }
  /// Replaces every field of that name.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  /// The first field of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  /// Content-Type without its parameters, in lower case; empty when there is none.
  std::string content_type() const;
  /// Content-Length, when it is there and a number.
  std::optional<std::uint64_t> content_length() const;

  bool empty() const noexcept { return m_fields.empty(); }
  void clear() noexcept { m_fields.clear(); }
  auto begin() const noexcept { return m_fields.begin(); }
  auto end() const noexcept { return m_fields.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> m_fields;
};

/// One parameter of a Link header with rel="next": its target, if there is one.
std::optional<std::string> next_link(const Headers& headers);

}  // namespace mlk::http
