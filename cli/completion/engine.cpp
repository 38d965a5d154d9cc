#include "cli/completion/engine.hpp"

#include "cli/completion/live.hpp"
#include "cli/completion/words.hpp"
#include "cli/everywhere.hpp"
#include "cli/select.hpp"
#include "commands/context.hpp"

#include <algorithm>

namespace mlk::cli {
namespace {

/// The flags that may stand before a command's name.
struct Leading {
  Flags flags;
  Settings settings;
  commands::options::Cluster cluster;
  commands::options::Project project;

  Leading() {
    commands::options::add_project(flags, project);
    commands::options::add_cluster(flags, cluster, commands::options::Scope::any_namespace);
    add_everywhere(flags, settings);
  }
};

std::string text_of(const Flags& flags, std::string_view name) {
  const Flag* flag = flags.find(name);
  return flag == nullptr ? std::string() : flag->text;
}

Target target_of(const Flags& flags) {
  Target target;
  target.kubeconfig = text_of(flags, "--kubeconfig");
  target.context = text_of(flags, "--context");
  target.namespace_name = text_of(flags, "--namespace");
  target.as = text_of(flags, "--as");
  if (std::string group = text_of(flags, "--as-group"); !group.empty()) target.as_groups.push_back(std::move(group));
  target.file = text_of(flags, "--file");
  target.environment = text_of(flags, "--environment");
  return target;
}

Completion values_of(const Flag& flag, const Flags& flags, std::string_view current, commands::Context& context) {
  Completion completion;
  for (const auto* list : {&flag.allowed, &flag.suggestions}) {
    for (const std::string& value : *list) completion.candidates.push_back({value, ""});
  }
  if (flag.source == Source::files) completion.fallback = Fallback::files;
  if (flag.source == Source::directories) completion.fallback = Fallback::directories;
  for (Candidate& candidate : live_candidates(flag.source, target_of(flags), current, context)) {
    completion.candidates.push_back(std::move(candidate));
  }
  return completion;
}

/// "--tag=v" completes the value, and candidates keep the "--tag=" in front.
Completion value_after_equals(const Flags& flags, std::string_view current, commands::Context& context) {
  const std::size_t equals = current.find('=');
  const Flag* flag = flags.find(current.substr(0, equals));
  if (flag == nullptr || flag->is_switch()) return {};
  Completion completion = values_of(*flag, flags, current.substr(equals + 1), context);
  for (Candidate& candidate : completion.candidates) candidate.value.insert(0, current.substr(0, equals + 1));
  return completion;
}

Completion flag_names(const Flags& flags, std::string_view current) {
  Completion completion;
  for (const Flag& flag : flags.options()) {
    if (flag.is_hidden || (flag.is_given && !flag.is_repeatable)) continue;
    for (const std::string& name : flag.names) {
      if (name.starts_with("--") || current == "-") completion.candidates.push_back({name, flag.help});
    }
  }
  return completion;
}

Completion commands_of(std::string_view noun) {
  Completion completion;
  for (const Command& command : all_commands()) {
    if (noun.empty() && command.verb.empty()) {
      completion.candidates.push_back({std::string(command.noun), std::string(command.summary)});
    } else if (!noun.empty() && command.noun == noun && !command.verb.empty()) {
      completion.candidates.push_back({std::string(command.verb), std::string(command.summary)});
    }
  }
  if (noun.empty()) completion.candidates.push_back({"help", "Show the help of a command"});
  return completion;
}

Completion complete_with(Flags& flags, const std::vector<std::string>& before, std::string_view current,
                         const Command* command, commands::Context& context) {
  const Flags::Cursor cursor = flags.parse_leniently(before);
  if (cursor.awaiting != nullptr) return values_of(*cursor.awaiting, flags, current, context);
  if (!cursor.is_literal && current.starts_with("--") && current.find('=') != std::string_view::npos) {
    return value_after_equals(flags, current, context);
  }
  if (!cursor.is_literal && current.starts_with('-')) return flag_names(flags, current);
  if (command == nullptr || command->is_noun()) return commands_of(command == nullptr ? "" : command->noun);
  const Flag* argument = flags.next_argument(cursor);
  if (argument == nullptr) return {};
  Completion completion = values_of(*argument, flags, current, context);
  std::erase_if(completion.candidates, [&](const Candidate& candidate) {
    return std::find(cursor.loose.begin(), cursor.loose.end(), candidate.value) != cursor.loose.end();
  });
  return completion;
}

}  // namespace

Completion complete(const std::vector<std::string>& words, commands::Context& context) {
  if (words.empty()) return commands_of("");
  const std::string& current = words.back();
  const std::vector<std::string> before(words.begin(), words.end() - 1);
  const auto selection = select(before);
  if (!selection) return {};
  Completion completion;
  const Command* command = selection->command;
  if (command == nullptr || command->is_noun()) {
    Leading leading;
    completion = complete_with(leading.flags, selection->rest, current, command, context);
  } else if (!selection->wants_help) {
    Flags flags;
    Settings settings;
    const std::unique_ptr<Prepared> prepared = command->descriptor->prepare(flags);
    add_everywhere(flags, settings);
    completion = complete_with(flags, selection->rest, current, command, context);
  }
  std::erase_if(completion.candidates,
                [&](const Candidate& candidate) { return !std::string_view(candidate.value).starts_with(current); });
  return completion;
}

void print_completion(const std::vector<std::string>& words, commands::Context& context) {
  std::vector<std::string> typed;
  if (words.size() == 2 && words[0] == "--line") {
    typed = split_line(words[1]);
    typed.erase(typed.begin());
  } else {
    typed.assign(words.begin() + (words.empty() || words[0] != "--" ? 0 : 1), words.end());
  }
  const Completion completion = complete(typed, context);
  Stream& out = context.out();
  for (const Candidate& candidate : completion.candidates) {
    out.write(candidate.value);
    if (!candidate.description.empty()) out.write("\t" + candidate.description);
    out.write("\n");
  }
  out.write(completion.fallback == Fallback::files         ? ":files\n"
            : completion.fallback == Fallback::directories ? ":directories\n"
                                                           : ":nothing\n");
  static_cast<void>(out.flush());
}

}  // namespace mlk::cli
