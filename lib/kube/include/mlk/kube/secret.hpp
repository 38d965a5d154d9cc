#pragma once

#include <string>
#include <utility>

namespace mlk::kube {

/// A token, password or private key. It can't be printed or compared by accident: whoever needs it says reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : m_value(std::move(value)) {}

  const std::string& reveal() const noexcept { return m_value; }
  bool empty() const noexcept { return m_value.empty(); }

 private:
  std::string m_value;
};

}  // namespace mlk::kube
