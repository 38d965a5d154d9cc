#include "workers.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace mlk::packaging {

Result<void> do_in_parallel(std::size_t count, unsigned workers,
                            const std::function<Result<Job>(const std::stop_token&)>& open,
                            const std::stop_token& stop) {
  std::stop_source inner;
  const std::stop_callback forward(stop, [&] { inner.request_stop(); });
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> first;
  const auto fail = [&](Error error) {
    const std::scoped_lock lock(mutex);
    if (!first) first = std::move(error);
    inner.request_stop();
  };
  const auto work = [&] {
    auto job = open(inner.get_token());
    if (!job) return fail(std::move(job).error());
    for (auto at = next++; at < count && !inner.stop_requested(); at = next++) {
      if (auto done = (*job)(at); !done) return fail(std::move(done).error());
    }
  };
  {
    std::vector<std::jthread> threads;
    const auto helpers = std::min<std::size_t>(std::max(workers, 1U), count);
    for (std::size_t i = 1; i < helpers; ++i) threads.emplace_back(work);
    work();
  }
  if (first) return *std::move(first);
  if (stop.stop_requested()) return interrupted("moving the image");
  return {};
}

}  // namespace mlk::packaging
