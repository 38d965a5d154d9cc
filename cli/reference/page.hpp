#pragma once

#include "cli/describe.hpp"
#include "cli/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mlk::cli::reference {

/// Another page, by the name of its file without the ending: "mlk-train-submit".
struct Link {
  std::string text;
  std::string page;
};

struct Item {
  Entry entry;
  std::string page;  ///< where its name leads; empty: nowhere
};

/// A part of a page. What is empty isn't shown; the rest comes in the order in which it stands here.
struct Section {
  std::string title;
  bool is_part = false;               ///< of the section before it
  std::string text;                   ///< paragraphs with an empty line between them
  std::vector<std::string> synopsis;  ///< the command's name, then its words
  std::string column = {};            ///< what the items are: "flag"
  std::vector<Item> items = {};
  std::vector<Flags::Example> examples = {};
  std::vector<Link> links = {};

  bool is_empty() const noexcept {
    return text.empty() && synopsis.empty() && items.empty() && examples.empty() && links.empty();
  }
};

/// A page of the reference, in no format yet. All text is plain: each format escapes what means something to it.
struct Page {
  std::string file;  ///< name without an ending
  std::string title;
  std::string summary;
  std::vector<Section> sections;
};

/// What every command shares (flags, formats, exit codes, environment, files) stands once.
enum class Shared : std::uint8_t {
  apart,      ///< on pages of their own beside an index, for reading with links
  on_program  ///< on the program's own page, as manuals have it
};

constexpr std::string_view k_index = "index";
constexpr std::string_view k_flags_page = "flags";
constexpr std::string_view k_exit_codes_page = "exit-codes";
constexpr std::string_view k_environment_page = "environment";

/// The page of a verb; the flags are its own and those that every verb has.
Page verb_page(const Command& command, const Flags& flags);

/// Every page, the program's first.
std::vector<Page> all_pages(Shared shared, std::string_view version);

/// In GitHub's Markdown; links lead to "page.md" in the same folder.
std::string to_markdown(const Page& page);
/// As a manual page of section 1, in the man(7) macros that groff and mandoc know. Pages of what is shared are mlk(1).
std::string to_man(const Page& page, std::string_view version);

}  // namespace mlk::cli::reference
