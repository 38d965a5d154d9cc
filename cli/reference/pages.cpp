#include "cli/everywhere.hpp"
#include "cli/exit_code.hpp"
#include "cli/reference/page.hpp"
#include "cli/reference/surroundings.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>

namespace mlk::cli::reference {
namespace {

/// "mlk train submit" stands on "mlk-train-submit".
std::string file_of(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string file_of(const Command& command) { return file_of(full_name(command)); }

Link link_to(const Command& command) { return {full_name(command), file_of(command)}; }

/// A heading that leads to nothing says nothing; one whose parts follow does.
void drop_empty_sections(std::vector<Section>& sections) {
  for (std::size_t at = sections.size(); at-- > 0;) {
    const bool has_parts = at + 1 < sections.size() && sections[at + 1].is_part && !sections[at].is_part;
    if (sections[at].is_empty() && !has_parts) sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

Section synopsis(const Description& description) {
  std::vector<std::string> words{description.name};
  words.insert(words.end(), description.usage.begin(), description.usage.end());
  return {"Synopsis", false, "", std::move(words)};
}

std::vector<Item> items_of(const std::vector<Entry>& entries) {
  std::vector<Item> items;
  items.reserve(entries.size());
  for (const Entry& entry : entries) items.push_back({entry, ""});
  return items;
}

Section list(std::string title, std::string column, const std::vector<Entry>& entries, std::string text = {}) {
  Section section{std::move(title), false, std::move(text), {}};
  section.column = std::move(column);
  section.items = items_of(entries);
  return section;
}

Section examples(const Description& description) {
  Section section{"Examples", false, "", {}};
  section.examples = description.examples;
  return section;
}

/// The flags that every verb has, as one without formats of its own shows them.
std::vector<Entry> flags_everywhere() {
  Flags flags;
  Settings settings;
  add_everywhere(flags, settings);
  return describe_verb(*find_command("version"), flags).flags.front().entries;
}

Section formats() {
  return list("Output formats", "format", all_formats(), "What -o takes. Help says which of these a command knows.");
}

Section exit_codes() {
  std::vector<Entry> entries;
  for (const ExitCode& code : cli::exit_codes()) {
    std::string text(code.meaning);
    if (!code.kind.empty()) text += " (in JSON: " + std::string(code.kind) + ")";
    entries.push_back({{code.code}, "", false, std::move(text)});
  }
  return list("Exit codes", "code", entries, "The same for every command; codes are added, never changed.");
}

Section variables() { return list("Environment", "variable", all_variables()); }

Section files() { return list("Files", "file", all_files()); }

/// Commands by group; on the program's page each noun is followed by its verbs.
void add_commands(const Description& description, std::vector<Section>& sections) {
  const bool is_program = description.commands.size() > 1;
  if (is_program) sections.push_back({"Commands", false, "", {}});
  for (const CommandGroup& group : description.commands) {
    Section section{group.title, is_program, "", {}};
    section.column = "command";
    const auto add = [&section](const Command& command) {
      section.items.push_back({{{full_name(command)}, "", false, std::string(command.summary)}, file_of(command)});
    };
    for (const Command* command : group.commands) {
      add(*command);
      if (!is_program || !command->is_noun()) continue;
      const Description noun = describe_noun(*command);
      for (const Command* verb : noun.commands.front().commands) add(*verb);
    }
    sections.push_back(std::move(section));
  }
}

Page program_page(Shared shared, std::string_view version) {
  const Description program = describe_program();
  Page page{"mlk", "mlk", program.summary, {}};
  page.sections = {synopsis(program),
                   {"Description",
                    false,
                    "mlk takes a model from a folder to a running service on a Kubernetes cluster, and a training "
                    "script to a finished run. What is wanted stands in one file, mlk.yaml; nothing of mlk stays in "
                    "the cluster.\n\n'mlk help COMMAND' shows in the terminal what the page of a command says.",
                    {}}};
  add_commands(program, page.sections);
  if (shared == Shared::apart) {
    page.file = k_index;
    page.title = "mlk " + std::string(version);
    page.sections.push_back(examples(program));
    Section more{"For every command", false, "", {}};
    more.links = {{"flags and output formats", std::string(k_flags_page)},
                  {"exit codes", std::string(k_exit_codes_page)},
                  {"environment and files", std::string(k_environment_page)}};
    page.sections.push_back(std::move(more));
    return page;
  }
  page.sections.push_back(list("Flags", "flag", flags_everywhere(), "Every command has these:"));
  for (Section (*shown)() : {formats, exit_codes, variables, files}) page.sections.push_back(shown());
  page.sections.push_back(examples(program));
  return page;
}

Page noun_page(const Command& noun) {
  const Description description = describe_noun(noun);
  Page page{file_of(noun), description.name, description.summary, {synopsis(description)}};
  add_commands(description, page.sections);
  page.sections.push_back(examples(description));
  Section see_also{"See also", false, "", {}};
  see_also.links = {{"mlk", std::string(k_index)}};
  page.sections.push_back(std::move(see_also));
  return page;
}

/// The verb's flags by group; of those that every verb has only -o, whose formats are the verb's own.
void add_flags(const Description& verb, std::vector<Section>& sections) {
  bool is_first = true;
  for (const EntryGroup& group : verb.flags) {
    Section section{group.title, !is_first, "", {}};
    if (is_first && group.title != "Flags") sections.push_back({"Flags", false, "", {}});
    section.is_part = group.title != "Flags";
    is_first = false;
    section.column = "flag";
    section.items = items_of(group.entries);
    if (group.title == k_everywhere) {
      std::erase_if(section.items, [](const Item& item) { return item.entry.names.back() != "--output"; });
      section.links = {{"The flags of every command", std::string(k_flags_page)}};
    }
    sections.push_back(std::move(section));
  }
}

Section see_also(const Command& command) {
  Section section{"See also", false, "", {}};
  section.links.push_back({"mlk", std::string(k_index)});
  if (command.verb.empty()) return section;
  const Command* noun = find_command(command.noun);
  if (noun == nullptr) return section;
  section.links.push_back(link_to(*noun));
  for (const Command& other : all_commands()) {
    if (other.noun == command.noun && !other.verb.empty() && other.verb != command.verb) {
      section.links.push_back(link_to(other));
    }
  }
  return section;
}

}  // namespace

Page verb_page(const Command& command, const Flags& flags) {
  const Description verb = describe_verb(command, flags);
  Page page{file_of(command), verb.name, verb.summary, {synopsis(verb)}};
  page.sections.push_back({"Description", false, verb.about.empty() ? verb.summary : verb.about, {}});
  page.sections.push_back(list("Arguments", "argument", verb.arguments));
  add_flags(verb, page.sections);
  Section codes{"Exit codes", false, "0 when done, 1 when it failed, 2 for wrong flags or arguments.", {}};
  codes.links = {{"All exit codes", std::string(k_exit_codes_page)}};
  page.sections.push_back(std::move(codes));
  page.sections.push_back(list("Environment", "variable", variables_of(command, flags)));
  page.sections.back().links = {{"All variables", std::string(k_environment_page)}};
  page.sections.push_back(list("Files", "file", files_of(command, flags)));
  page.sections.back().links = {{"All files", std::string(k_environment_page)}};
  page.sections.push_back(examples(verb));
  page.sections.push_back(see_also(command));
  drop_empty_sections(page.sections);
  return page;
}

std::vector<Page> all_pages(Shared shared, std::string_view version) {
  std::vector<Page> pages{program_page(shared, version)};
  if (shared == Shared::apart) {
    pages.push_back({std::string(k_flags_page),
                     "Flags of every command",
                     "",
                     {list("Flags", "flag", flags_everywhere()), formats()}});
    pages.push_back({std::string(k_exit_codes_page), "Exit codes", "", {exit_codes()}});
    pages.push_back({std::string(k_environment_page), "Environment and files", "", {variables(), files()}});
  }
  for (const Command& command : all_commands()) {
    if (command.is_noun()) {
      pages.push_back(noun_page(command));
      continue;
    }
    Flags flags;
    Settings settings;
    static_cast<void>(command.descriptor->prepare(flags));
    add_everywhere(flags, settings);
    pages.push_back(verb_page(command, flags));
  }
  return pages;
}

}  // namespace mlk::cli::reference
