#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mlk::test {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// How a program ended, with all that it wrote.
struct Ended {
  int code = 0;  ///< 128 + signal where a signal ended it
  std::string out;
  std::string err;
};

/// A child process of a test: ended, and waited for, at the latest when this goes. Its output goes to files, so it
/// never waits for a reader.
class Program {
 public:
  struct Start {
    std::vector<std::string> argv;
    Variables env;                    ///< over this process's own
    std::filesystem::path directory;  ///< empty: this process's
    std::string input;
  };

  explicit Program(const Start& start);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const noexcept { return m_pid; }
  void signal(int number) const;
  bool is_running();
  /// Its end; nothing when it hasn't come in time.
  std::optional<Ended> wait(std::chrono::milliseconds at_most = std::chrono::minutes(2));
  /// What it has written so far.
  std::string out() const;
  std::string err() const;

 private:
  std::filesystem::path m_folder;
  pid_t m_pid = -1;
  std::optional<int> m_code;
};

/// Runs it to its end; two minutes at most, then it is ended with code -1.
Ended run_program(const Program::Start& start);

}  // namespace mlk::test
