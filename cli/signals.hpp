#pragma once

#include "cli/environment.hpp"

#include <atomic>
#include <memory>

namespace mlk::cli {

/// SIGINT, SIGTERM and SIGHUP as a stop token. With the first token() the signals are blocked in this thread (and all
/// that it starts later) and one thread begins to wait for them: the first signal requests the stop, a second one ends
/// the process at once with 128 + its number. Before that they end the process as they always do. A signal that was
/// ignored when the program began (nohup, a background job) stays ignored.
class SignalStop final : public StopSource {
 public:
  std::stop_token token() override;
  int signal() const noexcept override;

 private:
  struct State {
    std::stop_source source;
    std::atomic<int> signal{0};
  };
  std::shared_ptr<State> m_state;
};

/// What the process needs before anything else: descriptors 0 to 2 open (a file opened later would land there), and
/// writes to a pipe without a reader that fail instead of killing.
void prepare_process() noexcept;

}  // namespace mlk::cli
