#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::process {

/// "NAME=value" each.
using Environment = std::vector<std::string>;

/// This process's environment with the given names set; the given ones win.
Environment environment_with(const std::vector<std::pair<std::string, std::string>>& extra);

/// The program that a name means: a name with a '/' is taken as it stands (relative to `directory`, where one is
/// given), any other is looked up in the folders of `path` (by default $PATH; entries that aren't absolute are skipped,
/// so that no file of the current folder is run by accident). not_found says where it was looked for; a file without
/// the right to run it is told apart from a missing one.
Result<std::filesystem::path> find_program(std::string_view name, std::optional<std::string_view> path = {},
                                           const std::filesystem::path& directory = {});

enum class Output : unsigned char { capture, inherit, discard };

/// What to run. Nothing goes through a shell: argv reaches the program as it is.
struct Command {
  std::vector<std::string> argv;    ///< argv[0] is found by find_program, in the PATH of `env` where it has one
  std::optional<Environment> env;   ///< all of the child's environment; absent: this process's
  std::filesystem::path directory;  ///< empty: this process's
  std::string input;                ///< what the child reads on its standard input, then end of file
  bool inherit_input = false;       ///< the terminal instead; the child then stays in our process group
  Output out = Output::capture;
  std::size_t out_limit = std::size_t{1} << 20;  ///< more captured output than this is an error, the child is ended
  Output err = Output::capture;                  ///< captured: the last err_tail bytes
  std::size_t err_tail = std::size_t{8} << 10;
  std::optional<Milliseconds> timeout;
};

struct Outcome {
  int exit_code = 0;  ///< 128 + signal when a signal ended it
  int signal = 0;     ///< 0 when it ended by itself
  std::string out;
  std::string err;  ///< the end of what it wrote on standard error

  bool is_success() const noexcept { return exit_code == 0 && signal == 0; }
};

/// "exited with code 3", "was ended by signal 9 (Killed)".
std::string describe_end(const Outcome& outcome);

/// Runs a child to its end. Its signal mask is empty and its signals are at their defaults, whatever ours are; it
/// inherits no descriptor but the three. A non-zero exit is an Outcome, not an error. Errors: not_found (no such
/// program), timed_out, interrupted (on `stop`), failed. On time-out, stop and too much output the child's whole
/// process group gets SIGTERM, then SIGKILL half a second later, and is waited for. Errors never hold its input, its
/// environment or its output.
Result<Outcome> run(const Command& command, const std::stop_token& stop = {});

/// Starts a program that outlives us: a session of its own, /dev/null on all three streams, no descriptor of ours, the
/// root folder as its own. Returns once the program runs, or with the reason why it can't.
Result<void> spawn_detached(const std::vector<std::string>& argv, const std::optional<Environment>& env = {});

}  // namespace mlk::process
