#include "commands/options/project.hpp"

namespace mlk::commands::options {

void add_project(cli::Flags& flags, Project& into) {
  flags.group("Project");
  flags.option(into.file, "--file", "FILE", "project file (default mlk.yaml)").completes(cli::Source::files);
  flags.option(into.environment, "-e,--environment", "NAME", "environment of the project file")
      .completes(cli::Source::environments);
  flags.option(into.sets, "--set", "PATH=VALUE", "put a value over the file's: jobs.finetune.nodes=4; repeatable");
  flags.option(into.set_files, "--set-file", "PATH=FILE", "put a file's text over a value; repeatable");
  flags.option(into.env_files, "--env-file", "FILE", "NAME=value lines for ${env:NAME}; repeatable")
      .completes(cli::Source::files);
  flags.group("");
}

}  // namespace mlk::commands::options
