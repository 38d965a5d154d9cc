#pragma once

#include "commands/context.hpp"

#include <mlk/validation/schema.hpp>

namespace mlk::commands {

/// Where packs are looked for follows this run's environment, not the process's.
inline validation::schema::Environment environment_of(const Context& ctx) {
  return [&ctx](const std::string& name) { return ctx.env(name); };
}

}  // namespace mlk::commands
