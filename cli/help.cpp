#include "cli/help.hpp"

#include "cli/layout.hpp"
#include "cli/style.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>

namespace mlk::cli {
namespace {

constexpr std::size_t k_widest = 100;  // longer lines are hard to read
constexpr std::size_t k_indent = 2;
constexpr std::size_t k_widest_term = 30;

std::size_t text_width(HelpStyle style) { return style.width == 0 ? k_widest : std::min(style.width, k_widest); }

struct Item {
  std::string term;
  std::string text;
};

/// A heading with terms on the left and wrapped texts on the right.
std::string section(std::string_view heading, const std::vector<Item>& items, HelpStyle style) {
  if (items.empty()) return {};
  std::size_t left = 0;
  for (const Item& item : items) {
    const std::size_t width = display_width(item.term);
    if (width <= k_widest_term) left = std::max(left, width);
  }
  const std::size_t column = k_indent + left + 2;
  const std::size_t room = std::max<std::size_t>(text_width(style), column + 20) - column;
  std::string text = "\n" + paint(heading, Style::bold, style.with_colour) + "\n";
  for (const Item& item : items) {
    text += std::string(k_indent, ' ') + item.term;
    bool is_first = true;
    for (const std::string& line : wrap(item.text, room)) {
      const std::size_t used = k_indent + display_width(item.term);
      if (!is_first || used + 2 > column) {
        text += "\n" + std::string(column, ' ');
      } else {
        text.append(column - used, ' ');
      }
      text += line;
      is_first = false;
    }
    text += "\n";
  }
  return text;
}

std::string paragraphs(std::string_view text, HelpStyle style) {
  std::string result;
  for (const std::string& line : wrap(text, text_width(style))) result += line + "\n";
  return result;
}

std::string flag_term(const Flag& flag) {
  // Long names line up whether or not there is a short one.
  std::string term = flag.names.front().starts_with("--") ? "    " : "";
  term += join(flag.names, ", ");
  if (flag.is_switch()) return term;
  return term + (flag.implied_value ? "[=" + flag.value + "]" : " " + flag.value);
}

std::string flag_text(const Flag& flag) {
  std::string text = flag.help;
  if (!flag.allowed.empty()) text += " (" + join(flag.allowed, ", ") + ")";
  if (flag.is_required) text += " (required)";
  return text;
}

std::string usage_line(const Command& command, const Flags& flags) {
  std::string line = full_name(command);
  for (const Flag& argument : flags.positionals()) {
    std::string word = argument.value;
    if (argument.is_repeatable) word += "...";
    if (argument.at_least == 0) word.insert(0, 1, '[').push_back(']');
    line += ' ';
    line += word;
  }
  return line + " [flags]";
}

/// "  mlk train submit --follow" and, below it, what that does.
std::string examples(const Flags& flags, HelpStyle style) {
  if (flags.examples().empty()) return {};
  std::string text = "\n" + paint("Examples", Style::bold, style.with_colour) + "\n";
  for (const Flags::Example& example : flags.examples()) {
    text += "  " + paint("# " + example.what, Style::dim, style.with_colour) + "\n  " + example.command + "\n";
  }
  return text;
}

std::string headline(std::string_view name, std::string_view summary, HelpStyle style) {
  return paragraphs(paint(name, Style::bold, style.with_colour) + ": " + std::string(summary), style);
}

}  // namespace

std::string help_of_program(HelpStyle style) {
  std::string text =
      headline("mlk", "machine learning on Kubernetes, from a folder to a running job or service", style);
  text += "\n" + paint("Usage", Style::bold, style.with_colour) + "\n  mlk COMMAND [flags]\n";
  for (const Group group : {Group::project, Group::models, Group::run, Group::cluster, Group::program}) {
    std::vector<Item> items;
    for (const Command& command : all_commands()) {
      if (command.group != group || !command.verb.empty()) continue;
      items.push_back({std::string(command.noun), std::string(command.summary)});
    }
    text += section(title(group), items, style);
  }
  text += "\n" + paint("Examples", Style::bold, style.with_colour) + "\n";
  text += "  mlk init                      # write a short mlk.yaml for the folder you are in\n";
  text += "  mlk plan                      # where it would run, and what stands in the way\n";
  text += "  mlk train submit --follow     # run a job and stay until it ends\n";
  return text + "\n'mlk help COMMAND' has the flags and examples of each.\n";
}

std::string help_of_noun(const Command& noun, HelpStyle style) {
  std::string text = headline(full_name(noun), noun.summary, style);
  text += "\n" + paint("Usage", Style::bold, style.with_colour) + "\n  " + full_name(noun) + " COMMAND [flags]\n";
  std::vector<Item> items;
  std::string shown;
  for (const Command& command : all_commands()) {
    if (command.noun != noun.noun || command.verb.empty()) continue;
    items.push_back({std::string(command.verb), std::string(command.summary)});
    Flags flags;
    static_cast<void>(command.descriptor->prepare(flags));
    if (flags.examples().empty()) continue;
    const Flags::Example& example = flags.examples().front();
    shown += "  " + paint("# " + example.what, Style::dim, style.with_colour) + "\n  " + example.command + "\n";
  }
  text += section("Commands", items, style);
  if (!shown.empty()) text += "\n" + paint("Examples", Style::bold, style.with_colour) + "\n" + shown;
  return text + "\n'mlk help " + std::string(noun.noun) + " COMMAND' has the flags of each.\n";
}

std::string help_of_verb(const Command& command, const Flags& flags, HelpStyle style) {
  std::string text = headline(full_name(command), command.summary, style);
  text += "\n" + paint("Usage", Style::bold, style.with_colour) + "\n  " + usage_line(command, flags) + "\n";
  if (!flags.about_text().empty()) text += "\n" + paragraphs(flags.about_text(), style);
  std::vector<Item> arguments;
  for (const Flag& argument : flags.positionals()) arguments.push_back({argument.value, flag_text(argument)});
  text += section("Arguments", arguments, style);
  std::vector<std::string> groups;
  for (const Flag& flag : flags.options()) {
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end()) groups.push_back(flag.group);
  }
  for (const std::string& group : groups) {
    std::vector<Item> items;
    for (const Flag& flag : flags.options()) {
      if (flag.group == group && !flag.is_hidden) items.push_back({flag_term(flag), flag_text(flag)});
    }
    text += section(group.empty() ? "Flags" : group, items, style);
  }
  return text + examples(flags, style);
}

}  // namespace mlk::cli
