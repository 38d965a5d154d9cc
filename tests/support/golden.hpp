#pragma once

#include <mlk/core/file.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace mlk::test {

/// Compares with tests/golden/<name>. With MLK_ACCEPT_GOLDEN=1 it is rewritten, which never counts as a pass.
inline void check_golden(const std::string& name, std::string_view text) {
  const std::filesystem::path file = std::filesystem::path(MLK_SOURCE_DIR) / "tests" / "golden" / name;
  const char* accept = std::getenv("MLK_ACCEPT_GOLDEN");
  if (accept != nullptr && std::string_view(accept) == "1") {
    REQUIRE(write_file(file, text));
    FAIL("rewrote tests/golden/" << name << ": look at what changed, and run again without MLK_ACCEPT_GOLDEN");
  }
  const auto expected = read_file(file);
  REQUIRE(expected);
  CHECK(std::string(text) == *expected);
}

}  // namespace mlk::test
