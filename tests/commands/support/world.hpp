#pragma once

#include "cli/environment.hpp"
#include "cli/run.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace mlk::testing {

/// A stream into memory that can say that it is a terminal.
class MemoryStream final : public cli::Stream {
 public:
  void write(std::string_view text) override { m_text += text; }
  Result<void> flush() override { return {}; }
  bool is_closed() const noexcept override { return m_is_closed; }
  bool is_terminal() const noexcept override { return m_width != 0; }
  std::size_t width() const noexcept override { return m_width; }
  std::size_t height() const noexcept override { return m_width == 0 ? 0 : 24; }

  const std::string& text() const noexcept { return m_text; }
  void clear() { m_text.clear(); }
  void become_terminal(std::size_t width) { m_width = width; }
  void close() { m_is_closed = true; }

 private:
  std::string m_text;
  std::size_t m_width = 0;
  bool m_is_closed = false;
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

/// A clock that the test moves; sleeping moves it too.
class HandClock final : public Clock {
 public:
  SteadyTime steady() const override { return SteadyTime{} + m_passed; }
  SystemTime system() const override;
  bool sleep_for(Milliseconds duration, const std::stop_token& stop) override;
  void advance(Milliseconds duration) { m_passed += duration; }

 private:
  Milliseconds m_passed{0};
};

class HandStop final : public cli::StopSource {
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

/// Everything that one run of mlk sees, in memory: no terminal, an empty environment, 2026-11-21T06:30:00Z, and clients
/// that fail with the name of what was asked of them unless the test gives its own in `wiring`.
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
  MemoryInput& in() noexcept { return m_in; }
  HandClock& clock() noexcept { return m_clock; }
  HandStop& stop() noexcept { return m_stop; }
  MemoryStream& out_stream() noexcept { return m_out; }
  MemoryStream& err_stream() noexcept { return m_err; }

  cli::Wiring wiring;

 private:
  MemoryStream m_out;
  MemoryStream m_err;
  MemoryInput m_in;
  HandClock m_clock;
  HandStop m_stop;
  std::map<std::string, std::string> m_variables;
  std::filesystem::path m_directory;
};

}  // namespace mlk::testing
