#include "cli/reference/page.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace mlk::cli::reference {
namespace {

/// The code point of the character that begins here, and its bytes; a byte that begins none stands for itself.
std::pair<std::uint32_t, std::size_t> code_point(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
  if (length == 1 || at + length > text.size()) return {lead, 1};
  std::uint32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t next = at + 1; next < at + length; ++next) {
    value = (value << 6U) | (static_cast<unsigned char>(text[next]) & 0x3FU);
  }
  return {value, length};
}

/// Typed as it is read: without these, roff makes hyphens, typographic quotes and accents of them, or commands.
std::string_view escaped(char letter) {
  switch (letter) {
    case '\\':
      return "\\(rs";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    case '"':
      return "\\(dq";
    default:
      return {};
  }
}

/// Text that may stand anywhere: on a line of its own, or as the quoted argument of a macro.
std::string escape(std::string_view text) {
  std::string result;
  // A line that begins with a dot is a command.
  if (text.starts_with('.')) result += "\\&";
  for (std::size_t at = 0; at < text.size();) {
    const auto [value, length] = code_point(text, at);
    if (value >= 0x80) {
      result += fmt::format("\\[u{:04X}]", value);
    } else if (const std::string_view special = escaped(text[at]); !special.empty()) {
      result += special;
    } else {
      result += value < 0x20 || value == 0x7F ? ' ' : text[at];
    }
    at += length;
  }
  return result;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", escape(text)); }

std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", escape(text)); }

std::string paragraphs(std::string_view text) {
  std::string result;
  bool is_first = true;
  for (const std::string& line : split(text, '\n')) {
    if (line.empty()) continue;
    if (!is_first) result += ".PP\n";
    result += escape(line) + "\n";
    is_first = false;
  }
  return result;
}

/// "[SECTION...]": the name slanted, what is around it as it is.
std::string usage_word(std::string_view word) {
  constexpr std::string_view k_around = "[].";
  const std::size_t begin = word.find_first_not_of(k_around);
  if (begin == std::string_view::npos) return escape(word);
  const std::size_t end = word.find_last_not_of(k_around) + 1;
  return escape(word.substr(0, begin)) + italic(word.substr(begin, end - begin)) + escape(word.substr(end));
}

std::string synopsis(const std::vector<std::string>& words) {
  std::string line = bold(words.front());
  for (auto word = words.begin() + 1; word != words.end(); ++word) line += " " + usage_word(*word);
  return line + "\n";
}

/// "-f, --follow" with the names bold; the value slanted.
std::string tag(const Entry& entry) {
  std::vector<std::string> names;
  for (const std::string& name : entry.names) names.push_back(bold(name));
  std::string text = join(names, ", ");
  if (entry.value.empty()) return text;
  return text + (entry.has_optional_value ? "[=" + italic(entry.value) + "]" : " " + italic(entry.value));
}

std::string items(const std::vector<Item>& items) {
  std::string text;
  for (const Item& item : items) {
    text += fmt::format(".TP\n{}\n", tag(item.entry));
    // An empty line would be shown as one.
    if (!item.entry.text.empty()) text += escape(item.entry.text) + "\n";
  }
  return text;
}

std::string examples(const std::vector<Flags::Example>& examples) {
  std::string text;
  for (const Flags::Example& example : examples) {
    text += fmt::format(".TP\n{}\n{}\n", escape(example.what), bold(example.command));
  }
  return text;
}

/// What has a page of its own elsewhere stands in mlk(1) here.
std::string manual_of(std::string_view page) {
  constexpr std::array shared{k_index, k_flags_page, k_exit_codes_page, k_environment_page};
  return std::string(std::find(shared.begin(), shared.end(), page) != shared.end() ? std::string_view("mlk") : page);
}

std::string links(const std::vector<Link>& links) {
  std::vector<std::string> shown;
  for (const Link& link : links) {
    const std::string manual = manual_of(link.page);
    std::string spaced = manual;
    std::replace(spaced.begin(), spaced.end(), '-', ' ');
    const std::string lead = link.text == spaced ? "" : escape(link.text) + ": ";
    shown.push_back(fmt::format("{}{}(1)", lead, bold(manual)));
  }
  return join(shown, ",\n") + "\n";
}

/// Manuals have names of their own for some parts.
std::string heading(const Section& section) {
  if (section.is_part) return fmt::format(".SS \"{}\"\n", escape(section.title));
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> k_usual{
      {{"Flags", "OPTIONS"}, {"Exit codes", "EXIT STATUS"}}};
  for (const auto& [title, usual] : k_usual) {
    if (section.title == title) return fmt::format(".SH \"{}\"\n", usual);
  }
  std::string title = section.title;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char letter) { return std::toupper(letter); });
  return fmt::format(".SH \"{}\"\n", escape(title));
}

}  // namespace

std::string to_man(const Page& page, std::string_view version) {
  std::string name = page.file;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) { return std::toupper(letter); });
  // No date: the same program writes the same pages whenever it does.
  std::string text =
      fmt::format(".TH \"{}\" 1 \"\" \"mlk {}\" \"mlk manual\"\n.nh\n.ad l\n", escape(name), escape(version));
  text += fmt::format(".SH NAME\n{} \\- {}\n", escape(page.file), escape(page.summary));
  for (const Section& section : page.sections) {
    text += heading(section);
    if (!section.text.empty()) text += paragraphs(section.text);
    if (!section.synopsis.empty()) text += synopsis(section.synopsis);
    text += items(section.items) + examples(section.examples);
    if (section.links.empty()) continue;
    if (!section.items.empty() || !section.text.empty()) text += ".PP\n";
    text += links(section.links);
  }
  return text;
}

}  // namespace mlk::cli::reference
