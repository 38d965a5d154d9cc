#pragma once

#include <cerrno>
#include <csignal>
#include <ctime>

namespace mlk::inline v0 {

/// While it lives, writing to a pipe or socket that the other side closed gives EPIPE in this thread instead of
/// SIGPIPE, whatever the process does with that signal; one that was pending before stays so.
class PipeSignalHeld {
 public:
  PipeSignalHeld() {
    sigemptyset(&m_only);
    sigaddset(&m_only, SIGPIPE);
    m_was_pending = is_pending();
    pthread_sigmask(SIG_BLOCK, &m_only, &m_before);
  }
  ~PipeSignalHeld() {
    if (!m_was_pending && is_pending()) {
      const timespec at_once{};
      while (sigtimedwait(&m_only, nullptr, &at_once) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
  }
  PipeSignalHeld(const PipeSignalHeld&) = delete;
  PipeSignalHeld& operator=(const PipeSignalHeld&) = delete;

 private:
  static bool is_pending() {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
  }

  sigset_t m_only{};
  sigset_t m_before{};
  bool m_was_pending = false;
};

}  // namespace mlk::inline v0
