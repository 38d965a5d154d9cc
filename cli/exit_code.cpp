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
};

constexpr std::array<Row, 12> k_rows{{
    {ErrorKind::failed, 1, "failed"},
    {ErrorKind::usage, 2, "usage"},
    {ErrorKind::findings, 3, "findings"},
    {ErrorKind::never_fits, 4, "never-fits"},
    {ErrorKind::timed_out, 5, "timed-out"},
    {ErrorKind::workload_failed, 6, "workload-failed"},
    {ErrorKind::rolled_back, 7, "rolled-back"},
    {ErrorKind::paused, 8, "paused"},
    {ErrorKind::auth, 9, "auth"},
    {ErrorKind::not_found, 10, "not-found"},
    {ErrorKind::conflict, 11, "conflict"},
    {ErrorKind::unavailable, 12, "unavailable"},
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

}  // namespace mlk::cli
