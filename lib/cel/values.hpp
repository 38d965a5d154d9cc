#pragma once

#include "cell.hpp"
#include "run.hpp"

#include <mlk/cel/value.hpp>

#include <string>

namespace mlk::inline v0::cel {

/// A copy that points nowhere. Stops the run instead of growing beyond its memory.
Value to_value(Run& run, const Cell& cell);
/// Opaque values can't come back: they are failures.
Cell to_cell(Run& run, const Value& value);
/// For messages.
std::string display(Run& run, const Cell& cell);

}  // namespace mlk::inline v0::cel
