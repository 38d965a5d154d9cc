#include "cli/registry.hpp"

#include <string>

namespace mlk::commands::verbs {

#define MLK_TOP(name, group, summary) extern const cli::Verb name;
#define MLK_NOUN(name, group, summary)
#define MLK_NOUN_VERB(noun, verb, summary) extern const cli::Verb noun##_##verb;
#include "cli/verbs.def"
#undef MLK_TOP
#undef MLK_NOUN
#undef MLK_NOUN_VERB

}  // namespace mlk::commands::verbs

namespace mlk::cli {
namespace {

// Addresses and literals only: nothing is built at start-up, however many commands there are.
constexpr Command k_commands[] = {
#define MLK_TOP(name, group, summary) {#name, "", Group::group, summary, &commands::verbs::name},
#define MLK_NOUN(name, group, summary) {#name, "", Group::group, summary, nullptr},
#define MLK_NOUN_VERB(noun, verb, summary) {#noun, #verb, Group::program, summary, &commands::verbs::noun##_##verb},
#include "cli/verbs.def"
#undef MLK_TOP
#undef MLK_NOUN
#undef MLK_NOUN_VERB
};

}  // namespace

std::string_view title(Group group) noexcept {
  switch (group) {
    case Group::project:
      return "Project";
    case Group::models:
      return "Models";
    case Group::run:
      return "Jobs and services";
    case Group::cluster:
      return "Cluster";
    case Group::program:
      return "This program";
  }
  return {};
}

std::span<const Command> all_commands() noexcept { return k_commands; }

const Command* find_command(std::string_view name) noexcept {
  for (const Command& command : k_commands) {
    if (command.noun == name && command.verb.empty()) return &command;
  }
  return nullptr;
}

const Command* find_verb(std::string_view noun, std::string_view verb) noexcept {
  for (const Command& command : k_commands) {
    if (!command.verb.empty() && command.noun == noun && command.verb == verb) return &command;
  }
  return nullptr;
}

std::string full_name(const Command& command) {
  std::string name = "mlk " + std::string(command.noun);
  if (!command.verb.empty()) name += " " + std::string(command.verb);
  return name;
}

}  // namespace mlk::cli
