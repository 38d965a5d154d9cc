#pragma once

#include "cli/flags.hpp"
#include "cli/registry.hpp"

#include <string>

namespace mlk::cli {

struct HelpStyle {
  std::size_t width = 0;  ///< of the terminal; 0 for none
  bool with_colour = false;
};

/// `mlk help`: all nouns and top-level verbs, by group.
std::string help_of_program(HelpStyle style);
/// `mlk help train`: its verbs.
std::string help_of_noun(const Command& noun, HelpStyle style);
/// `mlk help train submit`: usage, arguments, flags by group, examples.
std::string help_of_verb(const Command& command, const Flags& flags, HelpStyle style);

}  // namespace mlk::cli
