#pragma once

#include "cli/completion/candidate.hpp"
#include "cli/environment.hpp"

#include <string>
#include <vector>

namespace mlk::cli {

/// What may follow in a half-typed command line. `words` are those after the program's name; the last one is the word
/// under the cursor and may be empty. Candidates begin with it and stand for the whole word.
Completion complete(const std::vector<std::string>& words, commands::Context& context);

/// `mlk __complete -- WORD...` or `mlk __complete --line 'mlk train su'`: prints a candidate a line, "value<TAB>
/// description", and at last what the shell may add: ":nothing", ":files" or ":directories".
void print_completion(const std::vector<std::string>& words, commands::Context& context);

}  // namespace mlk::cli
