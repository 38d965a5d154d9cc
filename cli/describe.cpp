#include "cli/describe.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>

namespace mlk::cli {
namespace {

Entry entry_of(const Flag& flag) {
  Entry entry{flag.names, flag.value, flag.implied_value.has_value(), flag.help};
  if (flag.names.empty()) {
    entry.names = {flag.value};
    entry.value.clear();
  }
  if (!flag.allowed.empty()) {
    std::string choices = " (" + join(flag.allowed, ", ") + ")";
    // One pair of brackets: "(error, warning; default error)".
    if (const std::size_t at = entry.text.rfind(" (default "); at != std::string::npos && entry.text.ends_with(')')) {
      choices.back() = ';';
      entry.text.erase(at + 1, 1);
      entry.text.insert(at, choices);
    } else {
      entry.text += choices;
    }
  }
  if (flag.is_required) entry.text += " (required)";
  return entry;
}

std::string usage_word(const Flag& argument) {
  std::string word = argument.value;
  if (argument.is_repeatable) word += "...";
  if (argument.at_least == 0) word.insert(0, 1, '[').push_back(']');
  return word;
}

std::vector<EntryGroup> flag_groups(const Flags& flags) {
  std::vector<EntryGroup> groups{{"Flags", {}}};
  for (const Flag& flag : flags.options()) {
    if (flag.is_hidden) continue;
    const std::string& title = flag.group.empty() ? groups.front().title : flag.group;
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const EntryGroup& known) { return known.title == title; });
    if (group == groups.end()) group = groups.insert(groups.end(), {title, {}});
    group->entries.push_back(entry_of(flag));
  }
  if (groups.front().entries.empty()) groups.erase(groups.begin());
  return groups;
}

}  // namespace

std::string term(const Entry& entry) {
  std::string names = join(entry.names, ", ");
  if (entry.value.empty()) return names;
  return entry.has_optional_value ? names + "[=" + entry.value + "]" : names + " " + entry.value;
}

Description describe_program() {
  Description program{
      "mlk", "machine learning on Kubernetes, from a folder to a running job or service", {"COMMAND", "[flags]"}};
  for (const Group group : {Group::project, Group::models, Group::run, Group::cluster, Group::program}) {
    CommandGroup commands{std::string(title(group)), {}};
    for (const Command& command : all_commands()) {
      if (command.group == group && command.verb.empty()) commands.commands.push_back(&command);
    }
    program.commands.push_back(std::move(commands));
  }
  program.examples = {{"mlk init", "write a short mlk.yaml for the folder you are in"},
                      {"mlk plan", "where it would run, and what stands in the way"},
                      {"mlk train submit --follow", "run a job and stay until it ends"}};
  return program;
}

Description describe_noun(const Command& noun) {
  Description description{full_name(noun), std::string(noun.summary), {"COMMAND", "[flags]"}};
  CommandGroup verbs{"Commands", {}};
  for (const Command& command : all_commands()) {
    if (command.noun != noun.noun || command.verb.empty()) continue;
    verbs.commands.push_back(&command);
    Flags flags;
    static_cast<void>(command.descriptor->prepare(flags));
    if (!flags.examples().empty()) description.examples.push_back(flags.examples().front());
  }
  description.commands = {std::move(verbs)};
  return description;
}

Description describe_verb(const Command& command, const Flags& flags) {
  Description verb{full_name(command), std::string(command.summary)};
  for (const Flag& argument : flags.positionals()) {
    verb.usage.push_back(usage_word(argument));
    verb.arguments.push_back(entry_of(argument));
  }
  verb.usage.emplace_back("[flags]");
  verb.about = flags.about_text();
  verb.flags = flag_groups(flags);
  verb.examples = flags.examples();
  return verb;
}

}  // namespace mlk::cli
