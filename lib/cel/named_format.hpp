#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

/// One of the formats that format.named() knows.
struct NamedFormat {
  std::string_view name;
  std::vector<std::string> (*find_mistakes)(std::string_view text);
  std::uint64_t pattern_size;  ///< what checking it costs, as the length of a regular expression
};

/// Null pointer for a name that nobody knows.
const NamedFormat* find_named_format(std::string_view name);

}  // namespace mlk::inline v0::cel
