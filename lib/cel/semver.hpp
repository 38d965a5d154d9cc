#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::inline v0::cel {

/// A semantic version 2.0.0; `prerelease` points into the text that it was read from.
struct Semver {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string_view prerelease;
};

std::optional<Semver> parse_semver(std::string_view text);
/// "v1.2" as "1.2.0", "01.02.03" as "1.2.3"; nothing for a short version with a suffix.
std::optional<std::string> normalize_semver(std::string_view text);
int compare(const Semver& a, const Semver& b);

}  // namespace mlk::inline v0::cel
