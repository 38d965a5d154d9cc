#include "cli/reference/page.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::cli::reference {
namespace {

/// Whatever means something to Markdown, HTML or a table, with a backslash before it. A "$" pair would be a formula.
std::string escape(std::string_view text) {
  constexpr std::string_view k_special = "\\`*_<>[]&~|$#";
  std::string result;
  for (const char letter : text) {
    if (k_special.find(letter) != std::string_view::npos) result += '\\';
    result += letter;
  }
  return result;
}

/// So many backticks that none of those in the text ends what they open.
std::string fence_for(std::string_view text, std::size_t at_least) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char letter : text) {
    run = letter == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(std::max(at_least, longest + 1), '`');
}

std::string on_one_line(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

/// Code in a cell of a table: there a bar ends the cell even inside code, unless it is escaped.
std::string code(std::string_view text) {
  const std::string fence = fence_for(text, 1);
  const bool touches = text.starts_with('`') || text.ends_with('`');
  std::string result = fence + (touches ? " " : "");
  for (const char letter : on_one_line(text)) {
    if (letter == '|') result += '\\';
    result += letter;
  }
  return result + (touches ? " " : "") + fence;
}

std::string block(std::string_view language, const std::string& text) {
  const std::string fence = fence_for(text, 3);
  return fence + std::string(language) + "\n" + text + fence + "\n\n";
}

/// A paragraph that would begin as a list does begins with an escaped mark.
std::string paragraphs(std::string_view text) {
  std::string result;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t digits = line.find_first_not_of("0123456789");
    const bool is_numbered = digits != 0 && digits != std::string::npos && (line[digits] == '.' || line[digits] == ')');
    std::string escaped = escape(line);
    if (is_numbered) escaped.insert(digits, "\\");
    if (line.starts_with('-') || line.starts_with('+') || line.starts_with('=')) escaped.insert(0, "\\");
    result += escaped + "\n";
  }
  return result + "\n";
}

std::string table(const Section& section) {
  std::string text = "| " + section.column + " | |\n|---|---|\n";
  for (const Item& item : section.items) {
    std::string name = code(term(item.entry));
    if (!item.page.empty()) name = fmt::format("[{}]({}.md)", name, item.page);
    text += fmt::format("| {} | {} |\n", name, escape(on_one_line(item.entry.text)));
  }
  return text + "\n";
}

std::string examples(const std::vector<Flags::Example>& examples) {
  std::string text;
  for (const Flags::Example& example : examples) {
    text += (text.empty() ? "# " : "\n# ") + on_one_line(example.what) + "\n" + example.command + "\n";
  }
  return block("sh", text);
}

std::string links(const std::vector<Link>& links) {
  std::vector<std::string> shown;
  shown.reserve(links.size());
  for (const Link& link : links) shown.push_back("[" + escape(link.text) + "](" + link.page + ".md)");
  return join(shown, ", ") + "\n\n";
}

}  // namespace

std::string to_markdown(const Page& page) {
  std::string text = "# " + escape(page.title) + "\n\n";
  if (!page.summary.empty()) text += paragraphs(page.summary);
  for (const Section& section : page.sections) {
    text += (section.is_part ? "### " : "## ") + escape(section.title) + "\n\n";
    if (!section.text.empty()) text += paragraphs(section.text);
    if (!section.synopsis.empty()) text += block("text", join(section.synopsis, " ") + "\n");
    if (!section.items.empty()) text += table(section);
    if (!section.examples.empty()) text += examples(section.examples);
    if (!section.links.empty()) text += links(section.links);
  }
  text.pop_back();
  return text;
}

}  // namespace mlk::cli::reference
