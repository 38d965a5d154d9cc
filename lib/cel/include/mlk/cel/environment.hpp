#pragma once

#include <mlk/cel/type.hpp>
#include <mlk/core/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

/// What expressions may name: variables with their types, and the functions of Kubernetes 1.36 (all of them always;
/// an authorizer is left out, so declare it as dyn and bind nothing to it where rules may name it).
class MLK_API Environment {
 public:
  struct Variable {
    std::string name;
    Type type;
  };

  /// Name and type of a variable; a name may have dots, as "variables.containers". Returns its slot, which counts from
  /// 0 in the order of declaration. Declaring a name again changes its type.
  std::size_t declare(std::string_view name, Type type);
  std::optional<std::size_t> find(std::string_view name) const noexcept;
  const std::vector<Variable>& variables() const noexcept { return m_variables; }

  /// cel.bind(), which Kubernetes knows in DRA's device selectors alone.
  Environment& allow_bind(bool allowed = true) {
    m_bind = allowed;
    return *this;
  }
  /// a.`b-c`, which Kubernetes doesn't know yet.
  Environment& allow_quoted_identifiers(bool allowed = true) {
    m_quoted_identifiers = allowed;
    return *this;
  }
  /// Lists and maps whose items differ in type; Kubernetes refuses them.
  Environment& allow_mixed_literals(bool allowed = true) {
    m_mixed_literals = allowed;
    return *this;
  }
  /// Names are looked up within this container first, as "a.b" for x: a.b.x, then a.x, then x.
  Environment& set_container(std::string container) {
    m_container = std::move(container);
    return *this;
  }

  bool allows_bind() const noexcept { return m_bind; }
  bool allows_quoted_identifiers() const noexcept { return m_quoted_identifiers; }
  bool allows_mixed_literals() const noexcept { return m_mixed_literals; }
  const std::string& container() const noexcept { return m_container; }

 private:
  std::vector<Variable> m_variables;
  std::string m_container;
  bool m_bind = false;
  bool m_quoted_identifiers = false;
  bool m_mixed_literals = false;
};

}  // namespace mlk::inline v0::cel
