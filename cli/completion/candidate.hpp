#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mlk::cli {

struct Candidate {
  std::string value;
  std::string description;  ///< may be empty

  bool operator==(const Candidate&) const = default;
};

/// What the shell offers besides the candidates.
enum class Fallback : std::uint8_t { nothing, files, directories };

struct Completion {
  std::vector<Candidate> candidates;
  Fallback fallback = Fallback::nothing;
};

}  // namespace mlk::cli
