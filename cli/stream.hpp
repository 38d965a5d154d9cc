#pragma once

#include <mlk/core/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::cli {

/// Where text goes: standard output, standard error, or a test's memory. Writes are buffered and never fail on the
/// spot: what went wrong is told by flush().
class Stream {
 public:
  virtual ~Stream() = default;
  virtual void write(std::string_view text) = 0;
  /// Hands the buffer over. A full disk or another broken sink is an error; a reader that has gone away is none: then
  /// is_closed() turns true and everything after is dropped.
  virtual Result<void> flush() = 0;
  virtual bool is_closed() const noexcept = 0;
  virtual bool is_terminal() const noexcept = 0;
  /// Columns of the terminal; 0 when there is none.
  virtual std::size_t width() const noexcept = 0;
  /// Lines of the terminal; 0 when there is none.
  virtual std::size_t height() const noexcept = 0;
};

/// A stream to a file descriptor that somebody else owns.
class FdStream final : public Stream {
 public:
  explicit FdStream(int fd, std::string name);
  ~FdStream() override;
  FdStream(const FdStream&) = delete;
  FdStream& operator=(const FdStream&) = delete;

  void write(std::string_view text) override;
  Result<void> flush() override;
  bool is_closed() const noexcept override { return m_is_closed; }
  bool is_terminal() const noexcept override { return m_is_terminal; }
  std::size_t width() const noexcept override;
  std::size_t height() const noexcept override;

 private:
  int m_fd;
  std::string m_name;
  std::string m_buffer;
  int m_errno = 0;
  bool m_is_closed = false;
  bool m_is_terminal = false;
};

/// Where input comes from.
class Input {
 public:
  virtual ~Input() = default;
  virtual bool is_terminal() const noexcept = 0;
  /// Everything up to the end; more than `limit` bytes is an error.
  virtual Result<std::string> read_all(std::size_t limit) = 0;
  /// One line without its end, or nothing at the end of input.
  virtual std::optional<std::string> read_line() = 0;
};

class FdInput final : public Input {
 public:
  explicit FdInput(int fd);
  bool is_terminal() const noexcept override { return m_is_terminal; }
  Result<std::string> read_all(std::size_t limit) override;
  std::optional<std::string> read_line() override;

 private:
  int m_fd;
  bool m_is_terminal;
};

}  // namespace mlk::cli
