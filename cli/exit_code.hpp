#pragma once

#include <mlk/core/error.hpp>

#include <string_view>

namespace mlk::cli {

/// The exit code of a kind of failure: the one table (docs/errors.md). `signal` is what interrupted, 0 if unknown.
int exit_code(ErrorKind kind, int signal) noexcept;

/// The name of a kind for programs: "not-found".
std::string_view kind_name(ErrorKind kind) noexcept;

}  // namespace mlk::cli
