#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/diagnostic.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mlk::inline v0 {

/// What sort of failure it is. The command line maps each to one exit code (docs/errors.md).
enum class ErrorKind : std::uint8_t {
  failed,           ///< anything else (1)
  usage,            ///< wrong flags or arguments (2)
  findings,         ///< findings or differences (3)
  never_fits,       ///< can never be placed (4)
  timed_out,        ///< (5)
  workload_failed,  ///< the job or service itself failed (6)
  rolled_back,      ///< a rollout was undone (7)
  paused,           ///< a rollout waits for somebody (8)
  auth,             ///< no or refused credentials, missing rights (9)
  not_found,        ///< (10)
  conflict,         ///< another driver or field manager (11)
  unavailable,      ///< try again (12)
  interrupted,      ///< a stop was requested (128 + signal)
};

/// An expected failure: what happened, why, and what would fix it (a command that exists, where there is one).
/// Never holds a secret.
struct MLK_API Error {
  ErrorKind kind = ErrorKind::failed;
  std::string what;
  std::string why;
  std::string fix;
  std::vector<Diagnostic> diagnostics;  ///< every mistake found, where the failure is a list of them
  std::string code;  ///< stable id for a caller that decides by it, such as "kube-already-exists"; mostly empty

  Error() = default;
  Error(ErrorKind k, std::string w) : kind(k), what(std::move(w)) {}

  Error&& because(std::string reason) && {
    why = std::move(reason);
    return std::move(*this);
  }
  Error&& fixed_by(std::string remedy) && {
    fix = std::move(remedy);
    return std::move(*this);
  }
  Error&& with(std::vector<Diagnostic> found) && {
    diagnostics = std::move(found);
    return std::move(*this);
  }
  Error&& coded(std::string id) && {
    code = std::move(id);
    return std::move(*this);
  }
  /// Puts what was being done in front: "reading 'a.yaml': no such file". Added once by each layer that knows more.
  Error&& within(std::string_view doing) &&;
};

/// A failure of a system call: "what: strerror(errno_value)"; ENOENT becomes not_found.
MLK_API Error system_error(std::string what, int errno_value);

/// The failure that a requested stop turns into.
MLK_API Error interrupted(std::string what);

}  // namespace mlk::inline v0
