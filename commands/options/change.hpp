#pragma once

#include "cli/flags.hpp"

#include <mlk/core/time.hpp>

#include <cstdint>
#include <optional>

namespace mlk::commands::options {

enum class DryRun : std::uint8_t { none, client, server };

/// --dry-run[=client|server]; the bare flag means client.
void add_dry_run(cli::Flags& flags, DryRun& into);

/// Whether a destructive verb may go ahead without asking; see Context::confirm.
struct Confirm {
  bool yes = false;
};

/// --yes
void add_confirm(cli::Flags& flags, Confirm& into);

/// How long a verb stays with what it began.
struct Wait {
  bool no_wait = false;
  std::optional<Milliseconds> timeout;  ///< absent: the verb's own
};

/// --no-wait --timeout
void add_wait(cli::Flags& flags, Wait& into);
/// --timeout alone.
void add_timeout(cli::Flags& flags, std::optional<Milliseconds>& into);

}  // namespace mlk::commands::options
