#include "program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace mlk::test {

namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> environment(const Variables& over) {
  std::vector<std::string> all;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string line = *at;
    const std::string name = line.substr(0, line.find('='));
    bool is_set = false;
    for (const auto& [key, value] : over) is_set = is_set || key == name;
    if (!is_set) all.push_back(line);
  }
  for (const auto& [key, value] : over) all.push_back(key + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

Program::Program(const Start& start) {
  std::string name = (std::filesystem::temp_directory_path() / "mlk-program-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  m_folder = name;
  std::ofstream(m_folder / "in", std::ios::binary) << start.input;
  const std::string in = m_folder / "in";
  const std::string out = m_folder / "out";
  const std::string err = m_folder / "err";
  auto argv = start.argv;
  auto env = environment(start.env);
  auto argv_pointers = pointers(argv);
  auto env_pointers = pointers(env);
  m_pid = ::fork();
  if (m_pid == 0) {
    ::setpgid(0, 0);
    if (!start.directory.empty() && ::chdir(start.directory.c_str()) != 0) ::_exit(126);
    ::dup2(::open(in.c_str(), O_RDONLY), 0);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), 1);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
    for (int fd = 3; fd < 256; ++fd) ::close(fd);
    ::execvpe(argv_pointers[0], argv_pointers.data(), env_pointers.data());
    ::_exit(127);
  }
  if (m_pid < 0) throw std::runtime_error("fork failed");
}

Program::~Program() {
  if (!m_code) {
    ::kill(m_pid, SIGCONT);
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(m_folder, ignored);
}

void Program::signal(int number) const {
  if (!m_code) ::kill(m_pid, number);
}

bool Program::is_running() {
  if (m_code) return false;
  int status = 0;
  if (::waitpid(m_pid, &status, WNOHANG) != m_pid) return true;
  m_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

std::optional<Ended> Program::wait(std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (is_running()) {
    if (std::chrono::steady_clock::now() > until) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return Ended{*m_code, out(), err()};
}

std::string Program::out() const { return read_all(m_folder / "out"); }

std::string Program::err() const { return read_all(m_folder / "err"); }

Ended run_program(const Program::Start& start) {
  Program program(start);
  if (auto ended = program.wait()) return *ended;
  return {-1, program.out(), program.err() + "\n(ended by the test: it took more than two minutes)"};
}

}  // namespace mlk::test
