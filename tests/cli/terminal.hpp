#pragma once

#include "program.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::test {

/// A program on a terminal of its own, as a person sits before it.
class Terminal {
 public:
  Terminal(const std::vector<std::string>& argv, const Variables& env, int columns = 100, int lines = 40);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(std::string_view keys);
  /// Reads until the text stands there, counted from the last time that something was typed; false when it doesn't
  /// come.
  bool shows(std::string_view text, std::chrono::milliseconds at_most = std::chrono::seconds(20));
  /// Reads until the program says nothing for so long.
  void settle(std::chrono::milliseconds silence);
  /// What came since the last time that something was typed.
  const std::string& text() const noexcept { return m_text; }
  pid_t pid() const noexcept { return m_pid; }
  /// Its exit code, 128 + signal; -1 when it doesn't end.
  int wait(std::chrono::milliseconds at_most = std::chrono::seconds(20));

 private:
  bool read_some(std::chrono::milliseconds at_most);

  int m_fd = -1;
  pid_t m_pid = -1;
  std::string m_text;
};

}  // namespace mlk::test
