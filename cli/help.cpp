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

/// Long names line up whether or not there is a short one.
std::string flag_term(const Entry& flag) { return (flag.names.front().starts_with("--") ? "    " : "") + term(flag); }

std::string command_sections(const Description& description, HelpStyle style) {
  std::string text;
  for (const CommandGroup& group : description.commands) {
    std::vector<Item> items;
    for (const Command* command : group.commands) {
      items.push_back(
          {std::string(command->verb.empty() ? command->noun : command->verb), std::string(command->summary)});
    }
    text += section(group.title, items, style);
  }
  return text;
}

std::string flag_sections(const Description& description, HelpStyle style) {
  std::vector<Item> arguments;
  for (const Entry& argument : description.arguments) arguments.push_back({term(argument), argument.text});
  std::string text = section("Arguments", arguments, style);
  for (const EntryGroup& group : description.flags) {
    std::vector<Item> items;
    for (const Entry& flag : group.entries) items.push_back({flag_term(flag), flag.text});
    text += section(group.title, items, style);
  }
  return text;
}

/// "  # run a job and stay until it ends" and, below it, the line that does.
std::string examples(const Description& description, HelpStyle style) {
  if (description.examples.empty()) return {};
  std::string text = "\n" + paint("Examples", Style::bold, style.with_colour) + "\n";
  for (const Flags::Example& example : description.examples) {
    text += "  " + paint("# " + example.what, Style::dim, style.with_colour) + "\n  " + example.command + "\n";
  }
  return text;
}

}  // namespace

std::string help(const Description& description, HelpStyle style) {
  std::string text =
      paragraphs(paint(description.name, Style::bold, style.with_colour) + ": " + description.summary, style);
  text += "\n" + paint("Usage", Style::bold, style.with_colour) + "\n  " + description.name + " " +
          join(description.usage, " ") + "\n";
  if (!description.about.empty()) text += "\n" + paragraphs(description.about, style);
  text += command_sections(description, style) + flag_sections(description, style) + examples(description, style);
  if (!description.commands.empty()) {
    const std::string words = "mlk help" + description.name.substr(std::string_view("mlk").size());
    text += "\n'" + words + " COMMAND' has the flags and examples of each.\n";
  }
  return text;
}

}  // namespace mlk::cli
