#pragma once

#include "cli/describe.hpp"

#include <string>

namespace mlk::cli {

struct HelpStyle {
  std::size_t width = 0;  ///< of the terminal; 0 for none
  bool with_colour = false;
};

/// What `mlk help` shows of the program, a noun or a verb.
std::string help(const Description& description, HelpStyle style);

}  // namespace mlk::cli
