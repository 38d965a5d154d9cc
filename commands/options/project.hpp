#pragma once

#include "cli/flags.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mlk::commands::options {

/// Which mlk.yaml, and what is put over it.
struct Project {
  std::optional<std::string> file;         ///< absent: ./mlk.yaml
  std::optional<std::string> environment;  ///< absent: default-environment, if any
  std::vector<std::string> sets;
  std::vector<std::string> set_files;
  std::vector<std::string> env_files;
};

/// --file -e --environment --set --set-file --env-file
void add_project(cli::Flags& flags, Project& into);

}  // namespace mlk::commands::options
