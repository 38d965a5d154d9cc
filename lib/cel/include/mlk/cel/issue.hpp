#pragma once

#include <mlk/core/api.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

/// A mistake in an expression. `offset` counts bytes from 0; lines and columns count from 1, columns in characters.
struct Issue {
  std::uint32_t offset = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
};

/// "ERROR: 1:6: undeclared reference to 'x'", then the line and a caret below the column, as cel-go prints it.
MLK_API std::string to_string(const Issue& issue, std::string_view expression);

}  // namespace mlk::inline v0::cel
