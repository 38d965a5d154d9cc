#pragma once

#include "cli/registry.hpp"

#include <mlk/core/result.hpp>

#include <string>
#include <vector>

namespace mlk::cli {

/// What a command line asks for, before its flags are looked at.
struct Selection {
  const Command* command = nullptr;  ///< null: none was named
  std::vector<std::string> rest;     ///< the words without the command's own
  bool wants_help = false;           ///< `mlk help …`, -h or --help
  bool wants_version = false;        ///< `mlk --version`
};

/// Finds the command in the words; flags may stand before it, as in `mlk -n nlp train list`. Unknown commands are usage
/// errors with the nearest name. A noun alone is selected as such.
Result<Selection> select(const std::vector<std::string>& words);

}  // namespace mlk::cli
