#pragma once

#include "cli/verb.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace mlk::cli {

/// Under which heading a command stands in `mlk help`.
enum class Group : std::uint8_t { project, models, run, cluster, program };
std::string_view title(Group group) noexcept;

/// A line of cli/verbs.def. A noun has no verb of its own: its descriptor is null and its verb empty.
struct Command {
  std::string_view noun;  ///< "train"; for a top-level verb, its name
  std::string_view verb;  ///< "submit"; empty for nouns and top-level verbs
  Group group;
  std::string_view summary;
  const Verb* descriptor;

  bool is_noun() const noexcept { return descriptor == nullptr; }
};

/// All commands, in the order of help.
std::span<const Command> all_commands() noexcept;
/// The noun or top-level verb of that name, or a null pointer.
const Command* find_command(std::string_view name) noexcept;
/// The verb of a noun, or a null pointer.
const Command* find_verb(std::string_view noun, std::string_view verb) noexcept;
/// "mlk train submit"
std::string full_name(const Command& command);

}  // namespace mlk::cli
