#pragma once

#include "cli/environment.hpp"

namespace mlk::cli {

/// The real clients: the only place where they are made.
Wiring real_wiring();

}  // namespace mlk::cli
