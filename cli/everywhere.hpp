#pragma once

#include "cli/flags.hpp"
#include "cli/settings.hpp"

#include <string>
#include <vector>

namespace mlk::cli {

/// Adds what every verb has: -o -q -v --color --no-input -h.
void add_everywhere(Flags& flags, Settings& settings);

/// How a failure is to be told when the words couldn't be parsed: takes -o json and --color from them where they are.
void set_from_words(const std::vector<std::string>& words, Settings& settings);

}  // namespace mlk::cli
