#pragma once

#include <mlk/process/process.hpp>

#include <sys/types.h>
#include <unistd.h>

#include <utility>

namespace mlk::process {

/// An open descriptor, closed when it goes.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : m_fd(fd) {}
  Descriptor(Descriptor&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      m_fd = std::exchange(other.m_fd, -1);
    }
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const noexcept { return m_fd; }
  bool is_open() const noexcept { return m_fd >= 0; }
  void reset() noexcept {
    if (m_fd >= 0) ::close(std::exchange(m_fd, -1));
  }

 private:
  int m_fd = -1;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

/// Both ends close on exec and lie above the three standard descriptors, even where one of those is closed.
Result<Pipe> make_pipe();

/// "NAME=value" texts as exec wants them; points into `texts`.
std::vector<char*> pointers_to(const std::vector<std::string>& texts);

/// The program's file by argv[0] and the PATH that it will see.
Result<std::filesystem::path> program_of(const std::vector<std::string>& argv, const std::optional<Environment>& env,
                                         const std::filesystem::path& directory);

/// A running child and our ends of its pipes. One that is still there when the object goes is killed and waited for.
class Child {
 public:
  static Result<Child> start(const Command& command);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// Whether it ended; it stays unreaped, so that its number and its group's stay its own.
  bool has_ended() const;
  void signal(int number) const;
  /// Waits for the end and fills in how it came.
  void reap(Outcome& outcome);

  Descriptor input;
  Descriptor out;
  Descriptor err;
  Descriptor ended;  ///< readable when the child ended; not open where the kernel has no such thing

 private:
  Child(pid_t pid, bool has_group) : m_pid(pid), m_has_group(has_group) {}
  pid_t m_pid = -1;
  bool m_has_group = false;
};

}  // namespace mlk::process
