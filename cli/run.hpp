#pragma once

#include "cli/environment.hpp"

#include <string>
#include <vector>

namespace mlk::cli {

/// One run of the program: parse → select → run → print → exit code. `words` are the arguments without the program's
/// name. Nothing escapes: every failure is told on environment.err and in the code (docs/errors.md).
int run(const std::vector<std::string>& words, Environment& environment);

}  // namespace mlk::cli
