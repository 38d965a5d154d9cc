#include "child.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

extern char** environ;

namespace mlk::process {
namespace {

/// In the grandchild, between fork and exec: only async-signal-safe calls. Does not return.
[[noreturn]] void become(const char* program, char* const* argv, char* const* env, int report, int last_signal) {
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (int number = 1; number <= last_signal; ++number) ::sigaction(number, &by_default, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (null != fd) ::dup2(null, fd);
  }
  // Everything above closes on exec, `report` among it: that is how the caller learns that the program runs.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (::chdir("/") == 0) ::execve(program, argv, env);
  const int failed = errno;
  static_cast<void>(!::write(report, &failed, sizeof failed));
  ::_exit(127);
}

}  // namespace

Result<void> spawn_detached(const std::vector<std::string>& argv, const std::optional<Environment>& env) {
  MLK_TRY(const auto program, program_of(argv, env, {}));
  MLK_TRY(Pipe report, make_pipe());
  const auto arguments = pointers_to(argv);
  const auto environment = env ? pointers_to(*env) : std::vector<char*>();
  char* const* const envp = environment.empty() ? environ : environment.data();
  const int last_signal = SIGRTMAX;

  const pid_t first = ::fork();
  if (first < 0) return system_error("can't start '" + program.string() + "'", errno);
  if (first == 0) {
    // The session's leader goes at once, so the program can never get a terminal and is nobody's zombie.
    ::setsid();
    const pid_t second = ::fork();
    if (second == 0) become(program.c_str(), arguments.data(), envp, report.write_end.get(), last_signal);
    const int failed = errno;
    if (second < 0) static_cast<void>(!::write(report.write_end.get(), &failed, sizeof failed));
    ::_exit(0);
  }
  report.write_end.reset();
  while (::waitpid(first, nullptr, 0) < 0 && errno == EINTR) {
  }
  int failed = 0;
  ssize_t got = -1;
  do {
    got = ::read(report.read_end.get(), &failed, sizeof failed);
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof failed)) return system_error("can't start '" + program.string() + "'", failed);
  return {};
}

}  // namespace mlk::process
