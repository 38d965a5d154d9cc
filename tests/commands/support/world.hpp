#pragma once

#include "cli/environment.hpp"
#include "cli/run.hpp"
#include "manual_clock.hpp"

#include <mlk/http/loop.hpp>
#include <mlk/kube/client.hpp>

#include <map>
#include <string>
#include <vector>

namespace mlk::test {

/// A stream into memory that can say that it is a terminal.
class MemoryStream final : public cli::Stream {
 public:
  void write(std::string_view text) override { m_text += text; }
  Result<void> flush() override;
  bool is_closed() const noexcept override { return m_is_closed; }
  bool is_terminal() const noexcept override { return m_width != 0; }
  std::size_t width() const noexcept override { return m_width; }
  std::size_t height() const noexcept override { return m_width == 0 ? 0 : m_height; }

  const std::string& text() const noexcept { return m_text; }
  void clear() { m_text.clear(); }
  void become_terminal(std::size_t width, std::size_t height = 24) {
    m_width = width;
    m_height = height;
  }
  void close() { m_is_closed = true; }
  /// From now on every flush fails: the disk is full.
  void fill_up() { m_is_full = true; }

 private:
  std::string m_text;
  std::size_t m_width = 0;
  std::size_t m_height = 0;
  bool m_is_closed = false;
  bool m_is_full = false;
};

class MemoryInput final : public cli::Input {
 public:
  bool is_terminal() const noexcept override { return m_is_terminal; }
  Result<std::string> read_all(std::size_t limit) override;
  std::optional<std::string> read_line() override;

  void give(std::string_view text) { m_text += text; }
  void become_terminal() { m_is_terminal = true; }

 private:
  std::string m_text;
  bool m_is_terminal = false;
};

/// Stops when the test says so.
class ManualStop final : public cli::StopSource {
 public:
  std::stop_token token() override { return m_source.get_token(); }
  int signal() const noexcept override { return m_signal; }
  void raise(int number) {
    m_signal = number;
    m_source.request_stop();
  }

 private:
  std::stop_source m_source;
  int m_signal = 0;
};

/// Everything that one run of mlk sees, in memory: no terminal, an empty environment, a clock that is moved by hand,
/// and clients that fail unless the test gives its own in `wiring`.
class World {
 public:
  World();

  /// Runs mlk with these words (split at spaces; use the other form for words with spaces). Returns the exit code.
  int run(std::string_view line);
  int run(const std::vector<std::string>& words);

  /// Makes standard output and error terminals of that width, and standard input one too.
  World& terminal(std::size_t width = 80);
  World& with_env(const std::string& name, std::string value);
  World& in_directory(std::filesystem::path directory);

  const std::string& out() const noexcept { return m_out.text(); }
  const std::string& err() const noexcept { return m_err.text(); }
  MemoryStream& out_stream() noexcept { return m_out; }
  MemoryStream& err_stream() noexcept { return m_err; }
  MemoryInput& in() noexcept { return m_in; }
  ManualClock& clock() noexcept { return m_clock; }
  ManualStop& stop() noexcept { return m_stop; }

  /// The world as run() gets it: for tests of what lies below a whole run.
  cli::Environment& environment() noexcept { return m_environment; }

  cli::Wiring wiring;

 private:
  MemoryStream m_out;
  MemoryStream m_err;
  MemoryInput m_in;
  ManualClock m_clock;
  ManualStop m_stop;
  std::map<std::string, std::string> m_variables;
  cli::Environment m_environment;
};

}  // namespace mlk::test
