#pragma once

#include <cstddef>
#include <functional>

namespace mlk::inline v0::validation {

/// Calls `work` with 0 … count-1, on as many threads as the machine has cores and the work is worth; each call gets the
/// number of its worker too, below `most_workers()`. Returns when all is done; what a call throws comes out here.
void for_each_index(std::size_t count, const std::function<void(std::size_t index, std::size_t worker)>& work);
std::size_t most_workers() noexcept;

}  // namespace mlk::inline v0::validation
