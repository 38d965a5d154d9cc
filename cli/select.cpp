#include "cli/select.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>
#include <array>

namespace mlk::cli {
namespace {

/// Flags with a value that many verbs have: their values must not be taken for a command's name.
constexpr std::array k_with_value = {"-o",           "--output",          "--color",    "-n",         "--namespace",
                                     "--kubeconfig", "--context",         "--as",       "--as-group", "-l",
                                     "--selector",   "--request-timeout", "--file",     "-e",         "--environment",
                                     "--set",        "--set-file",        "--env-file", "--timeout"};

bool takes_next(std::string_view word) {
  return std::find(k_with_value.begin(), k_with_value.end(), word) != k_with_value.end();
}

/// "mlk train submit", when somebody typed the verb without its noun.
std::string noun_of(std::string_view word) {
  for (const Command& command : all_commands()) {
    if (command.verb == word) return full_name(command);
  }
  return {};
}

Error unknown_command(const std::string& word) {
  std::vector<std::string> known;
  for (const Command& command : all_commands()) {
    if (command.verb.empty()) known.emplace_back(command.noun);
  }
  Error error(ErrorKind::usage, "unknown command '" + word + "'" + did_you_mean(word, known));
  const std::string full = noun_of(word);
  error.fix = full.empty() ? "run 'mlk help' for all commands" : "run '" + full + "'";
  return error;
}

Error unknown_verb(std::string_view noun, const std::string& word) {
  std::vector<std::string> known;
  for (const Command& command : all_commands()) {
    if (command.noun == noun && !command.verb.empty()) known.emplace_back(command.verb);
  }
  return Error(ErrorKind::usage,
               "unknown command 'mlk " + std::string(noun) + " " + word + "'" + did_you_mean(word, known))
      .because("'mlk " + std::string(noun) + "' has " + join(known, ", "))
      .fixed_by("run 'mlk help " + std::string(noun) + "'");
}

/// The next word that names something, taken out of the words; empty when there is none.
std::string take_name(std::vector<std::string>& words) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    std::string word = words[at];
    if (word == "--") return {};
    if (word.size() > 1 && word.front() == '-') {
      if (takes_next(word)) ++at;
      continue;
    }
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
    return word;
  }
  return {};
}

bool has_word(const std::vector<std::string>& words, std::initializer_list<std::string_view> wanted) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::find_first_of(words.begin(), end, wanted.begin(), wanted.end()) != end;
}

}  // namespace

Result<Selection> select(const std::vector<std::string>& words) {
  Selection selection;
  selection.rest = words;
  std::string name = take_name(selection.rest);
  selection.wants_help = has_word(words, {"-h", "--help"});
  if (name == "help") {
    selection.wants_help = true;
    name = take_name(selection.rest);
  }
  if (name.empty()) {
    selection.wants_version = has_word(words, {"--version"});
    return selection;
  }
  selection.command = find_command(name);
  if (selection.command == nullptr) return unknown_command(name);
  if (!selection.command->is_noun()) return selection;
  const std::string verb = take_name(selection.rest);
  if (verb.empty()) return selection;
  const Command* found = find_verb(name, verb);
  if (found == nullptr) return unknown_verb(name, verb);
  selection.command = found;
  return selection;
}

}  // namespace mlk::cli
