#pragma once

#include <mlk/core/result.hpp>

#include <cstddef>
#include <string>

namespace mlk::crypto {

/// Bytes from the system's random source, fit for keys.
Result<std::string> random_bytes(std::size_t count);

}  // namespace mlk::crypto
