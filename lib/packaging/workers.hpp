#pragma once

#include <mlk/core/result.hpp>

#include <cstddef>
#include <functional>
#include <stop_token>

namespace mlk::packaging {

/// Does jobs 0..count-1 on several threads, in that order of starting. `open` makes what one thread needs for all its
/// jobs and returns the function that does one. The first failure stops the others and is returned; so is a stop.
using Job = std::function<Result<void>(std::size_t)>;
Result<void> do_in_parallel(std::size_t count, unsigned workers,
                            const std::function<Result<Job>(const std::stop_token&)>& open,
                            const std::stop_token& stop);

}  // namespace mlk::packaging
