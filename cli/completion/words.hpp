#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mlk::cli {

/// The words of a half-typed command line as a shell would split them (quotes and backslashes taken off, an open quote
/// closed by the end). The last one is the word under the cursor, empty after a space. Nothing is expanded.
std::vector<std::string> split_line(std::string_view line);

}  // namespace mlk::cli
