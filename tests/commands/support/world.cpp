#include "tests/commands/support/world.hpp"

#include <mlk/core/text.hpp>

#include <cerrno>

namespace mlk::test {

Result<void> MemoryStream::flush() {
  if (m_is_full) return Error(ErrorKind::failed, "can't write to standard output: No space left on device");
  return {};
}

Result<std::string> MemoryInput::read_all(std::size_t limit) {
  if (m_text.size() > limit) return Error(ErrorKind::failed, "standard input is too large");
  return std::exchange(m_text, {});
}

std::optional<std::string> MemoryInput::read_line() {
  if (m_text.empty()) return std::nullopt;
  const std::size_t end = m_text.find('\n');
  std::string line = m_text.substr(0, end);
  m_text.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

World::World()
    : m_environment{m_out,
                    m_err,
                    m_in,
                    m_clock,
                    m_stop,
                    [this](const std::string& name) -> std::optional<std::string> {
                      const auto found = m_variables.find(name);
                      return found == m_variables.end() ? std::nullopt : std::optional(found->second);
                    },
                    std::filesystem::current_path(),
                    {},
                    wiring} {
  wiring.loop = [](commands::Context&) -> Result<std::unique_ptr<http::Loop>> {
    return Error(ErrorKind::failed, "the test gives no http loop");
  };
  wiring.cluster = [](commands::Context&, http::Loop&, const commands::options::Cluster&,
                      const project::Project*) -> Result<std::unique_ptr<kube::Client>> {
    return Error(ErrorKind::failed, "the test gives no cluster");
  };
}

int World::run(std::string_view line) {
  std::vector<std::string> words = split(line, ' ');
  std::erase(words, "");
  return run(words);
}

int World::run(const std::vector<std::string>& words) {
  m_out.clear();
  m_err.clear();
  return cli::run(words, m_environment);
}

World& World::terminal(std::size_t width) {
  m_out.become_terminal(width);
  m_err.become_terminal(width);
  m_in.become_terminal();
  return with_env("TERM", "xterm-256color");
}

World& World::with_env(const std::string& name, std::string value) {
  m_variables[name] = std::move(value);
  return *this;
}

World& World::in_directory(std::filesystem::path directory) {
  m_environment.cwd = std::move(directory);
  return *this;
}

}  // namespace mlk::test
