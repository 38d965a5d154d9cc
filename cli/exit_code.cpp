#include "cli/exit_code.hpp"

#include <array>
#include <csignal>
#include <cstddef>

namespace mlk::cli {
namespace {

struct Row {
  ErrorKind kind;
  int code;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array<Row, 12> k_rows{{
    {ErrorKind::failed, 1, "failed", "failed; also input that couldn't be read, and results that couldn't be written"},
    {ErrorKind::usage, 2, "usage", "wrong flags or arguments, or a file named by them that makes no sense"},
    {ErrorKind::findings, 3, "findings", "findings, or differences"},
    {ErrorKind::never_fits, 4, "never-fits", "can never be placed on this cluster"},
    {ErrorKind::timed_out, 5, "timed-out", "timed out"},
    {ErrorKind::workload_failed, 6, "workload-failed", "the job or service itself failed"},
    {ErrorKind::rolled_back, 7, "rolled-back", "a rollout was undone"},
    {ErrorKind::paused, 8, "paused", "a rollout waits for somebody"},
    {ErrorKind::auth, 9, "auth", "no or refused credentials, or missing rights"},
    {ErrorKind::not_found, 10, "not-found", "not found"},
    {ErrorKind::conflict, 11, "conflict", "conflict: another driver, or another field manager"},
    {ErrorKind::unavailable, 12, "unavailable", "unavailable: trying again may help"},
}};

constexpr int k_signal_base = 128;

}  // namespace

int exit_code(ErrorKind kind, int signal) noexcept {
  for (const Row& row : k_rows) {
    if (row.kind == kind) return row.code;
  }
  return k_signal_base + (signal == 0 ? SIGINT : signal);
}

std::string_view kind_name(ErrorKind kind) noexcept {
  for (const Row& row : k_rows) {
    if (row.kind == kind) return row.name;
  }
  return "interrupted";
}

std::vector<ExitCode> exit_codes() {
  std::vector<ExitCode> codes{{"0", "", "done"}};
  for (const Row& row : k_rows) codes.push_back({std::to_string(row.code), row.name, row.meaning});
  std::string by_signal;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!by_signal.empty()) by_signal += ", ";
    by_signal += std::to_string(k_signal_base + signal);
  }
  codes.push_back({std::move(by_signal), kind_name(ErrorKind::interrupted), "ended by SIGINT, SIGTERM, SIGHUP"});
  return codes;
}

}  // namespace mlk::cli
