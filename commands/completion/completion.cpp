#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "completions/scripts.hpp"

namespace mlk::commands {
namespace {

struct CompletionOptions {
  std::string shell;
};

void add_completion(Flags& flags, CompletionOptions& opt) {
  flags.about(
      "Prints the script that makes Tab complete commands, flags, sections of mlk.yaml, contexts, namespaces, live "
      "jobs and services, tags and GPU models. Names from a cluster come from a private cache when the cluster is "
      "slow, so "
      "Tab never waits longer than a moment.");
  flags.example("source <(mlk completion bash)", "bash, this session");
  flags.example("mlk completion zsh > \"${fpath[1]}/_mlk\"", "zsh, for good");
  flags.example("mlk completion fish > ~/.config/fish/completions/mlk.fish", "fish, for good");
  flags.example("mlk completion powershell | Out-String | Invoke-Expression", "PowerShell, this session");
  flags.argument(opt.shell, "SHELL", "the shell to print the script for")
      .choices({"bash", "zsh", "fish", "powershell"});
}

Result<Report> run_completion(Context&, const CompletionOptions& opt) {
  const std::string script(completions::script(opt.shell));
  Report report;
  report.document = record("completion");
  report.document.set("shell", opt.shell).set("script", script);
  report.verbatim = script;
  report.names = {"completion/" + opt.shell};
  return report;
}

}  // namespace

MLK_VERB(completion, CompletionOptions, add_completion, run_completion);

}  // namespace mlk::commands
