#pragma once

#include "cli/describe.hpp"

#include <string_view>
#include <vector>

namespace mlk::cli::reference {

/// Environment variables that mlk looks at: all of them, or those that matter to one verb with these flags.
std::vector<Entry> all_variables();
std::vector<Entry> variables_of(const Command& command, const Flags& flags);

/// Files that mlk reads and writes by themselves, the same way.
std::vector<Entry> all_files();
std::vector<Entry> files_of(const Command& command, const Flags& flags);

/// What a format of -o gives; empty when it isn't known.
std::string_view meaning_of_format(std::string_view format) noexcept;
/// All of them, those that most verbs have first.
std::vector<Entry> all_formats();

}  // namespace mlk::cli::reference
