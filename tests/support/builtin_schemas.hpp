#pragma once

#include <mlk/validation/schema.hpp>

#include <catch2/catch.hpp>

#include <filesystem>

namespace mlk::test {

/// The schemas that mlk comes with, as the build left them beside the tests.
inline const validation::schema::Catalogue& builtin_schemas() {
  static const validation::schema::Catalogue all = [] {
    const auto build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
    auto pack = validation::schema::Pack::open(build / "share" / "mlk" / "schemas.mlkpack");
    REQUIRE(pack);
    validation::schema::Catalogue made;
    made.add(*std::move(pack));
    return made;
  }();
  return all;
}

}  // namespace mlk::test
