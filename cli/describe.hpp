#pragma once

#include "cli/flags.hpp"
#include "cli/registry.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mlk::cli {

/// Something with a name and what is to be said of it: a flag, an argument.
struct Entry {
  std::vector<std::string> names;  ///< "-f", "--follow"; for an argument, "JOB"
  std::string value;               ///< of a flag: "NAME"; empty for a switch
  bool has_optional_value = false;
  std::string text;
};

/// "-f, --follow", "--file FILE", "--dry-run[=WHERE]"
std::string term(const Entry& entry);

struct EntryGroup {
  std::string title;
  std::vector<Entry> entries;
};

struct CommandGroup {
  std::string title;
  std::vector<const Command*> commands;
};

/// All that is told of the program, a noun or a verb: what help and the reference show, each in its form.
struct Description {
  std::string name;  ///< "mlk train submit"
  std::string summary;
  std::vector<std::string> usage;  ///< the words behind the name: "[JOB]", "[flags]"
  std::string about;               ///< paragraphs with an empty line between them
  std::vector<CommandGroup> commands;
  std::vector<Entry> arguments;
  std::vector<EntryGroup> flags;  ///< the verb's own come first; hidden ones are left out
  std::vector<Flags::Example> examples;
};

/// The title of the flags that every verb has.
constexpr std::string_view k_everywhere = "Everywhere";

/// mlk itself: all nouns and top-level verbs, by group.
Description describe_program();
/// A noun: its verbs, with the first example of each.
Description describe_noun(const Command& noun);
/// A verb with the flags that it declares.
Description describe_verb(const Command& command, const Flags& flags);

}  // namespace mlk::cli
