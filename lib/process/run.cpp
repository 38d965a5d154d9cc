#include "child.hpp"

#include <mlk/core/pipe_signal.hpp>

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace mlk::process {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds k_grace{500};
/// How often to look where the kernel can't tell us of a child's end.
constexpr Milliseconds k_look_again{10};

enum class Why { ended, timed_out, stopped, too_much };

/// Feeds a child, takes its output, and sees to its end.
class Conversation {
 public:
  Conversation(const Command& command, Child& child) : m_command(command), m_child(child) {}

  Why hold(const std::stop_token& stop);
  Outcome end(Why why);

 private:
  bool take(Descriptor& from, bool is_err);
  void feed();
  void wait(int wake, std::optional<steady_clock::time_point> deadline);

  const Command& m_command;
  Child& m_child;
  std::size_t m_fed = 0;
  bool m_is_too_much = false;
  Outcome m_outcome;
};

/// Reads all there is; false when there may be more later.
bool Conversation::take(Descriptor& from, bool is_err) {
  std::array<char, 16384> buffer;
  while (from.is_open()) {
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) {
      from.reset();
      break;
    }
    std::string& text = is_err ? m_outcome.err : m_outcome.out;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (is_err) {
      if (text.size() > m_command.err_tail) text.erase(0, text.size() - m_command.err_tail);
    } else if (text.size() > m_command.out_limit) {
      m_is_too_much = true;
      return true;
    }
  }
  return true;
}

void Conversation::feed() {
  while (m_child.input.is_open()) {
    const ssize_t put = ::write(m_child.input.get(), m_command.input.data() + m_fed, m_command.input.size() - m_fed);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) return;
    if (put >= 0) m_fed += static_cast<std::size_t>(put);
    // A child that doesn't want to read it all may do so: its exit code tells whether it is content.
    if (put < 0 || m_fed == m_command.input.size()) m_child.input.reset();
  }
}

void Conversation::wait(int wake, std::optional<steady_clock::time_point> deadline) {
  std::array<pollfd, 5> watched{{{wake, POLLIN, 0},
                                 {m_child.ended.get(), POLLIN, 0},
                                 {m_child.input.get(), POLLOUT, 0},
                                 {m_child.out.get(), POLLIN, 0},
                                 {m_child.err.get(), POLLIN, 0}}};
  int timeout = -1;
  if (deadline) {
    const auto left = std::chrono::ceil<Milliseconds>(*deadline - steady_clock::now()).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }
  if (!m_child.ended.is_open()) {
    const int look_again = static_cast<int>(k_look_again.count());
    timeout = timeout < 0 ? look_again : std::min(timeout, look_again);
  }
  ::poll(watched.data(), watched.size(), timeout);
}

Why Conversation::hold(const std::stop_token& stop) {
  const Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::stop_callback on_stop(stop, [&wake] { static_cast<void>(::eventfd_write(wake.get(), 1)); });
  std::optional<steady_clock::time_point> deadline;
  if (m_command.timeout) deadline = steady_clock::now() + *m_command.timeout;
  while (true) {
    // Looked at before the pipes are emptied: what the child wrote before its end is in them by then.
    const bool has_ended = m_child.has_ended();
    feed();
    take(m_child.out, false);
    take(m_child.err, true);
    if (m_is_too_much) return Why::too_much;
    if (has_ended) return Why::ended;
    if (stop.stop_requested()) return Why::stopped;
    if (deadline && steady_clock::now() >= *deadline) return Why::timed_out;
    wait(wake.get(), deadline);
  }
}

Outcome Conversation::end(Why why) {
  if (why != Why::ended) {
    m_child.input.reset();
    m_child.out.reset();
    m_child.err.reset();
    m_child.signal(SIGTERM);
    const auto deadline = steady_clock::now() + k_grace;
    while (!m_child.has_ended() && steady_clock::now() < deadline) wait(-1, deadline);
    // The whole group, before its leader's number is free for somebody else.
    m_child.signal(SIGKILL);
  }
  m_child.reap(m_outcome);
  return std::move(m_outcome);
}

}  // namespace

std::string describe_end(const Outcome& outcome) {
  if (outcome.signal == 0) return "exited with code " + std::to_string(outcome.exit_code);
  const char* const name = ::sigdescr_np(outcome.signal);
  std::string text = "was ended by signal " + std::to_string(outcome.signal);
  if (name != nullptr) text += " (" + std::string(name) + ")";
  return text;
}

Result<Outcome> run(const Command& command, const std::stop_token& stop) {
  const std::string name = command.argv.empty() ? "" : command.argv.front();
  if (stop.stop_requested()) return interrupted("stopped before '" + name + "' was run");
  // A child may close its input before it has read everything.
  const PipeSignalHeld held;
  MLK_TRY(Child child, Child::start(command));
  Conversation conversation(command, child);
  const Why why = conversation.hold(stop);
  Outcome outcome = conversation.end(why);
  switch (why) {
    case Why::ended:
      break;
    case Why::stopped:
      return interrupted("stopped while '" + name + "' was running");
    case Why::timed_out:
      return Error(ErrorKind::timed_out, "'" + name + "' didn't finish within " + format_duration(*command.timeout))
          .because("it was ended; it may wait for input or for the network")
          .fixed_by("run it by hand to see what it waits for");
    case Why::too_much:
      return Error(ErrorKind::failed, "'" + name + "' wrote too much on its standard output")
          .because("more than " + std::to_string(command.out_limit) + " bytes");
  }
  return outcome;
}

}  // namespace mlk::process
