#include <mlk/cel/environment.hpp>

#include <algorithm>

namespace mlk::inline v0::cel {

std::optional<std::size_t> Environment::find(std::string_view name) const noexcept {
  const auto found = std::find_if(m_variables.begin(), m_variables.end(),
                                  [&](const Variable& variable) { return variable.name == name; });
  if (found == m_variables.end()) return std::nullopt;
  return static_cast<std::size_t>(found - m_variables.begin());
}

std::size_t Environment::declare(std::string_view name, Type type) {
  if (const auto slot = find(name)) {
    m_variables[*slot].type = std::move(type);
    return *slot;
  }
  m_variables.push_back({std::string(name), std::move(type)});
  return m_variables.size() - 1;
}

}  // namespace mlk::inline v0::cel
