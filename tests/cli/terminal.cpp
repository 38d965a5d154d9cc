#include "tests/cli/terminal.hpp"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <thread>

namespace mlk::test {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

Terminal::Terminal(const std::vector<std::string>& argv, const Variables& env, int columns, int lines) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(lines);
  m_pid = ::forkpty(&m_fd, nullptr, nullptr, &size);
  if (m_pid < 0) throw std::runtime_error("no terminal to be had");
  if (m_pid != 0) return;
  for (const auto& [name, value] : env) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  ::_exit(127);
}

Terminal::~Terminal() {
  ::close(m_fd);
  if (m_pid <= 0) return;
  ::kill(m_pid, SIGKILL);
  ::waitpid(m_pid, nullptr, 0);
}

void Terminal::type(std::string_view keys) {
  m_text.clear();
  while (!keys.empty()) {
    const ssize_t count = ::write(m_fd, keys.data(), keys.size());
    if (count <= 0) return;
    keys.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool Terminal::read_some(milliseconds at_most) {
  pollfd ready{m_fd, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(at_most.count())) <= 0) return false;
  std::array<char, 4096> chunk;
  const ssize_t count = ::read(m_fd, chunk.data(), chunk.size());
  if (count <= 0) return false;
  m_text.append(chunk.data(), static_cast<std::size_t>(count));
  return true;
}

bool Terminal::shows(std::string_view text, milliseconds at_most) {
  const auto until = Clock::now() + at_most;
  while (m_text.find(text) == std::string::npos) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    if (left <= milliseconds(0)) return false;
    if (!read_some(std::min(left, milliseconds(200))) && wait(milliseconds(0)) != -1) {
      return m_text.find(text) != std::string::npos;
    }
  }
  return true;
}

void Terminal::settle(milliseconds silence) {
  while (read_some(silence)) {
  }
}

int Terminal::wait(milliseconds at_most) {
  const auto until = Clock::now() + at_most;
  int status = 0;
  while (m_pid > 0 && ::waitpid(m_pid, &status, WNOHANG) == 0) {
    if (Clock::now() >= until) return -1;
    read_some(milliseconds(5));  // a full terminal would hold it up
  }
  while (read_some(milliseconds(0))) {
  }
  m_pid = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace mlk::test
