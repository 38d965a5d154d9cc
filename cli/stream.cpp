#include "cli/stream.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace mlk::cli {
namespace {

constexpr std::size_t k_buffer = std::size_t{64} << 10;

winsize terminal_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

/// What to believe of a terminal that doesn't know its own size.
constexpr std::size_t k_usual_width = 80;
constexpr std::size_t k_usual_height = 24;

}  // namespace

FdStream::FdStream(int fd, std::string name) : m_fd(fd), m_name(std::move(name)), m_is_terminal(::isatty(fd) == 1) {}

FdStream::~FdStream() { static_cast<void>(flush()); }

void FdStream::write(std::string_view text) {
  if (m_is_closed || m_errno != 0) return;
  m_buffer += text;
  if (m_buffer.size() >= k_buffer) static_cast<void>(flush());
}

Result<void> FdStream::flush() {
  std::size_t written = 0;
  while (written < m_buffer.size() && !m_is_closed && m_errno == 0) {
    const ssize_t count = ::write(m_fd, m_buffer.data() + written, m_buffer.size() - written);
    if (count >= 0) {
      written += static_cast<std::size_t>(count);
    } else if (errno == EPIPE) {
      m_is_closed = true;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Somebody left the descriptor non-blocking; the reader is slow, not gone.
      ::usleep(1000);
    } else if (errno != EINTR) {
      m_errno = errno;
    }
  }
  m_buffer.clear();
  if (m_errno != 0) {
    Error error = system_error("can't write to " + m_name, m_errno);
    error.kind = ErrorKind::failed;
    error.fix.clear();  // what helps with files doesn't help here
    return error;
  }
  return {};
}

std::size_t FdStream::width() const noexcept {
  if (!m_is_terminal) return 0;
  const winsize size = terminal_size(m_fd);
  return size.ws_col == 0 ? k_usual_width : size.ws_col;
}

std::size_t FdStream::height() const noexcept {
  if (!m_is_terminal) return 0;
  const winsize size = terminal_size(m_fd);
  return size.ws_row == 0 ? k_usual_height : size.ws_row;
}

FdInput::FdInput(int fd) : m_fd(fd), m_is_terminal(::isatty(fd) == 1) {}

Result<std::string> FdInput::read_all(std::size_t limit) {
  std::string text;
  std::array<char, 65536> chunk;
  while (true) {
    const ssize_t count = ::read(m_fd, chunk.data(), chunk.size());
    if (count == 0) return text;
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_error("can't read standard input", errno);
    }
    text.append(chunk.data(), static_cast<std::size_t>(count));
    if (text.size() > limit) {
      return Error(ErrorKind::failed, "standard input is larger than " + std::to_string(limit) + " bytes");
    }
  }
}

std::optional<std::string> FdInput::read_line() {
  std::string line;
  while (true) {
    char letter = 0;
    const ssize_t count = ::read(m_fd, &letter, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (letter == '\n') return line;
    line += letter;
  }
}

}  // namespace mlk::cli
