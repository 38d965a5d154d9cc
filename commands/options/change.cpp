#include "commands/options/change.hpp"

namespace mlk::commands::options {

void add_dry_run(cli::Flags& flags, DryRun& into) {
  flags
      .option_of(
          [&into](std::string_view text) -> Result<void> {
            into = text == "server" ? DryRun::server : text == "client" ? DryRun::client : DryRun::none;
            return {};
          },
          "--dry-run", "WHERE", "show what would change and change nothing: checked here, or by the server")
      .choices({"client", "server", "none"})
      .implied("client");
}

void add_confirm(cli::Flags& flags, Confirm& into) {
  flags.option(into.yes, "--yes", "don't ask; needed where there is no terminal");
}

void add_wait(cli::Flags& flags, Wait& into) {
  flags.option(into.no_wait, "--no-wait", "return as soon as the cluster has accepted the change");
  add_timeout(flags, into.timeout);
}

void add_timeout(cli::Flags& flags, std::optional<Milliseconds>& into) {
  flags.option(into, "--timeout", "DURATION", "give up after this long (exit code 5): 90s, 10m, 1h30m");
}

}  // namespace mlk::commands::options
