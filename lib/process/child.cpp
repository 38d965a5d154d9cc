#include "child.hpp"

#include <mlk/core/handle.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

extern char** environ;

namespace mlk::process {
namespace {

constexpr int k_first_free = STDERR_FILENO + 1;

Result<Descriptor> above_standard(int fd) {
  Descriptor given(fd);
  if (fd >= k_first_free) return given;
  Descriptor moved(::fcntl(fd, F_DUPFD_CLOEXEC, k_first_free));
  if (!moved.is_open()) return system_error("can't make a pipe", errno);
  return moved;
}

/// What posix_spawn is told, freed at the end.
struct SpawnPlan {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void reset_signals(bool own_group) {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                             (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
  }
  void use(const Descriptor& from, int as) { posix_spawn_file_actions_adddup2(&actions, from.get(), as); }
  void use_null(int as, int flags) { posix_spawn_file_actions_addopen(&actions, as, "/dev/null", flags, 0); }
};

/// Our end of an output pipe; the child's end is planned and kept open in `theirs` until it runs.
Result<Descriptor> plan_output(SpawnPlan& plan, Output output, int as, Descriptor& theirs) {
  if (output == Output::inherit) return Descriptor();
  if (output == Output::discard) {
    plan.use_null(as, O_WRONLY);
    return Descriptor();
  }
  MLK_TRY(Pipe pipe, make_pipe());
  theirs = std::move(pipe.write_end);
  plan.use(theirs, as);
  ::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK);
  return std::move(pipe.read_end);
}

Result<Descriptor> plan_input(SpawnPlan& plan, const Command& command, Descriptor& theirs) {
  if (command.inherit_input) return Descriptor();
  if (command.input.empty()) {
    plan.use_null(STDIN_FILENO, O_RDONLY);
    return Descriptor();
  }
  MLK_TRY(Pipe pipe, make_pipe());
  theirs = std::move(pipe.read_end);
  plan.use(theirs, STDIN_FILENO);
  ::fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK);
  return std::move(pipe.write_end);
}

}  // namespace

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("can't make a pipe", errno);
  auto read_end = above_standard(ends[0]);
  auto write_end = above_standard(ends[1]);
  if (!read_end) return std::move(read_end).error();
  if (!write_end) return std::move(write_end).error();
  return Pipe{*std::move(read_end), *std::move(write_end)};
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  // exec's signature predates const; it changes nothing.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Result<std::filesystem::path> program_of(const std::vector<std::string>& argv, const std::optional<Environment>& env,
                                         const std::filesystem::path& directory) {
  constexpr std::string_view key = "PATH=";
  std::optional<std::string_view> path;
  if (env) {
    for (const std::string& entry : *env) {
      if (entry.starts_with(key)) path = std::string_view(entry).substr(key.size());
    }
  }
  MLK_TRY(auto program,
          find_program(argv.empty() ? std::string_view() : std::string_view(argv.front()), path, directory));
  std::error_code failed;
  auto absolute = std::filesystem::absolute(program, failed);
  return failed ? program : absolute;
}

Result<Child> Child::start(const Command& command) {
  MLK_TRY(const auto program, program_of(command.argv, command.env, command.directory));
  SpawnPlan plan;
  Descriptor theirs[3];
  MLK_TRY(Descriptor input, plan_input(plan, command, theirs[0]));
  MLK_TRY(Descriptor out, plan_output(plan, command.out, STDOUT_FILENO, theirs[1]));
  MLK_TRY(Descriptor err, plan_output(plan, command.err, STDERR_FILENO, theirs[2]));
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, k_first_free);
  if (!command.directory.empty()) posix_spawn_file_actions_addchdir_np(&plan.actions, command.directory.c_str());
  // A background process group may not read the terminal, so a child that asks the user stays in ours.
  plan.reset_signals(!command.inherit_input);

  const auto argv = pointers_to(command.argv);
  const auto env = command.env ? pointers_to(*command.env) : std::vector<char*>();
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes, argv.data(),
                                   env.empty() ? environ : env.data());
  if (failed != 0) {
    std::string what = "can't run '" + program.string() + "'";
    if (!command.directory.empty()) what += " in '" + command.directory.string() + "'";
    return system_error(std::move(what), failed);
  }
  Child child(pid, !command.inherit_input);
  child.input = std::move(input);
  child.out = std::move(out);
  child.err = std::move(err);
  child.ended = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return child;
}

Child::Child(Child&& other) noexcept
    : input(std::move(other.input)),
      out(std::move(other.out)),
      err(std::move(other.err)),
      ended(std::move(other.ended)),
      m_pid(std::exchange(other.m_pid, -1)),
      m_has_group(other.m_has_group) {}

Child::~Child() {
  if (m_pid < 0) return;
  signal(SIGKILL);
  Outcome unused;
  reap(unused);
}

bool Child::has_ended() const {
  siginfo_t info{};
  const int failed = ::waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return failed != 0 ? errno != EINTR : info.si_pid == m_pid;
}

void Child::signal(int number) const { ::kill(m_has_group ? -m_pid : m_pid, number); }

void Child::reap(Outcome& outcome) {
  int status = 0;
  pid_t reaped = -1;
  do {
    reaped = ::waitpid(m_pid, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  m_pid = -1;
  if (reaped < 0) return;
  if (WIFSIGNALED(status)) {
    outcome.signal = WTERMSIG(status);
    outcome.exit_code = 128 + outcome.signal;
  } else {
    outcome.exit_code = WEXITSTATUS(status);
  }
}

}  // namespace mlk::process
