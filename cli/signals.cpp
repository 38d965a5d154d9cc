#include "cli/signals.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace mlk::cli {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now {};
    // Linux hands blocked signals to sigwait even where they are ignored, so these are left out.
    if (::sigaction(number, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) sigaddset(&set, number);
  }
  return set;
}

}  // namespace

std::stop_token SignalStop::token() {
  if (m_state != nullptr) return m_state->source.get_token();
  m_state = std::make_shared<State>();
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::thread([state = m_state, set] {
    while (true) {
      int number = 0;
      if (::sigwait(&set, &number) != 0) return;
      if (state->signal.load() != 0) ::_exit(128 + number);
      state->signal = number;
      state->source.request_stop();
    }
  }).detach();
  return m_state->source.get_token();
}

int SignalStop::signal() const noexcept { return m_state == nullptr ? 0 : m_state->signal.load(); }

void prepare_process() noexcept {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) == -1) static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY));
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
}

}  // namespace mlk::cli
