#include "workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace mlk::inline v0::validation {

namespace {

constexpr std::size_t k_worth_a_thread = 4;  // files: fewer are read sooner than a thread starts

}  // namespace

std::size_t most_workers() noexcept { return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 16); }

void for_each_index(std::size_t count, const std::function<void(std::size_t, std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto run = [&](std::size_t worker) {
    try {
      for (std::size_t index = next++; index < count; index = next++) work(index, worker);
    } catch (...) {
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t worker = 1; worker < std::min(most_workers(), count / k_worth_a_thread); ++worker) {
      others.emplace_back(run, worker);
    }
    run(0);
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace mlk::inline v0::validation
