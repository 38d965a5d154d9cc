#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/wiring.hpp"

#include <unistd.h>

#include <cstdlib>

int main(int argc, char** argv) {
  using namespace mlk;
  cli::prepare_process();
  cli::FdStream out(STDOUT_FILENO, "standard output");
  cli::FdStream err(STDERR_FILENO, "standard error");
  cli::FdInput in(STDIN_FILENO);
  RealClock clock;
  cli::SignalStop stop;
  const cli::Wiring wiring = cli::real_wiring();
  std::error_code ignored;
  cli::Environment environment{out,
                               err,
                               in,
                               clock,
                               stop,
                               [](const std::string& name) -> std::optional<std::string> {
                                 const char* value = std::getenv(name.c_str());
                                 return value == nullptr ? std::nullopt : std::optional<std::string>(value);
                               },
                               std::filesystem::current_path(ignored),
                               std::filesystem::read_symlink("/proc/self/exe", ignored),
                               wiring};
  return cli::run({argv + (argc > 0 ? 1 : 0), argv + argc}, environment);
}
