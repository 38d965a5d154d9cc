#pragma once

#include "bundle.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::inline v0::validation {

/// What a container's manifest says about the ports it listens on.
struct PortFacts {
  std::vector<std::pair<std::string, std::int64_t>> declared;  ///< containerPorts with their names
  std::optional<std::int64_t> main;                            ///< of --port N or --port=N in command or args
  std::optional<Spot> main_spot;
  std::vector<std::int64_t> told;  ///< of every --…port argument, main included

  /// Whether something may listen there: a port it is told, or declares while it is told none.
  bool listens(std::int64_t port) const noexcept;
  std::optional<std::int64_t> named(std::string_view name) const noexcept;
  std::vector<std::int64_t> open() const;
};

PortFacts port_facts(const Container& container);

/// "8000, 8001"
std::string list(const std::vector<std::int64_t>& ports);

}  // namespace mlk::inline v0::validation
