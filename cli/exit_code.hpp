#pragma once

#include <mlk/core/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::cli {

/// The exit code of a kind of failure: the one table (docs/errors.md). `signal` is what interrupted, 0 if unknown.
int exit_code(ErrorKind kind, int signal) noexcept;

/// The name of a kind for programs: "not-found".
std::string_view kind_name(ErrorKind kind) noexcept;

/// A line of the table as people read it.
struct ExitCode {
  std::string code;       ///< "3"; of the signals "130, 143, 129"
  std::string_view kind;  ///< empty for 0
  std::string_view meaning;
};

/// The whole table, by code, the signals last.
std::vector<ExitCode> exit_codes();

}  // namespace mlk::cli
