#include "cli/everywhere.hpp"
#include "cli/exit_code.hpp"
#include "cli/reference/page.hpp"
#include "cli/reference/surroundings.hpp"
#include "program.hpp"
#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/core/text.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <utility>

using namespace mlk;
namespace reference = cli::reference;
using test::World;

namespace {

using Files = std::map<std::string, std::string>;

/// The reference in a format, as the program writes it.
Files written(const std::string& format) {
  const TemporaryFolder folder;
  World world;
  REQUIRE(world.run({"__reference", "--format", format, (folder / "pages").string()}) == 0);
  CHECK(world.out().empty());
  CHECK(world.err().empty());
  Files files;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "pages")) {
    files[entry.path().filename().string()] = read_file(entry.path()).value();
  }
  return files;
}

std::string page_of(const cli::Command& command) {
  std::string name = cli::full_name(command);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A hyphen that is typed stays one in a manual.
std::string in_man(const std::string& name) {
  std::string result;
  for (const char letter : name) result += letter == '-' ? "\\-" : std::string(1, letter);
  return result;
}

constexpr std::string_view k_nasty =
    R"(.dot \fBbold\n 'a' `b` "c" d|e <b>f</b> *g* _h_ [i](j) ~/k ^ --l $M $N & #o © … \)";

void add_nasty(cli::Flags& flags, std::string& value, bool& secret) {
  flags.about(k_nasty);
  flags.about("'begins with a quote");
  flags.about("1. looks like a list");
  flags.about("- so does this");
  flags.example("mlk train nasty --nasty '\\x' ```", ".what it does");
  flags.argument(value, "A|B", std::string("first line\n.second line"));
  flags.option(value, "-x,--nasty", "C|`D", k_nasty).choices({"a|b", "c`d"});
  flags.option(value, "--empty", "E", "");
  flags.option(secret, "--secret-switch", "not for everybody").hidden();
}

reference::Page nasty_page() {
  static constexpr cli::Command command{"train", "nasty", cli::Group::run, "Do .it\\", nullptr};
  std::string value;
  bool secret = false;
  cli::Flags flags;
  cli::Settings settings;
  add_nasty(flags, value, secret);
  cli::add_everywhere(flags, settings);
  return reference::verb_page(command, flags);
}

bool is_installed(const std::string& program) {
  return test::run_program({{"sh", "-c", "command -v " + program}, {}, {}, {}}).code == 0;
}

/// Without what a terminal needs for bold and slanted letters: a letter, a backspace and the letter once more.
std::string without_overstrikes(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter != '\b') {
      result += letter;
      continue;
    }
    while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0xC0U) == 0x80U) result.pop_back();
    if (!result.empty()) result.pop_back();
  }
  return result;
}

}  // namespace

TEST_CASE("reference: every noun and verb has a page in both formats", "[cli][reference]") {
  const Files markdown = written("markdown");
  const Files man = written("man");
  CHECK(man.size() == cli::all_commands().size() + 1);
  CHECK(man.contains("mlk.1"));
  REQUIRE(markdown.contains("index.md"));
  for (const cli::Command& command : cli::all_commands()) {
    const std::string page = page_of(command);
    INFO(page);
    CHECK(markdown.contains(page + ".md"));
    CHECK(man.contains(page + ".1"));
    CHECK(holds(markdown.at("index.md"), "[`" + cli::full_name(command) + "`](" + page + ".md)"));
  }
}

TEST_CASE("reference: every visible flag of a verb stands on its page and no hidden one does", "[cli][reference]") {
  const Files markdown = written("markdown");
  const Files man = written("man");
  for (const cli::Command& command : cli::all_commands()) {
    if (command.is_noun()) continue;
    cli::Flags flags;
    static_cast<void>(command.descriptor->prepare(flags));
    for (const cli::Flag& flag : flags.options()) {
      INFO(page_of(command) << " " << flag.title());
      const bool in_markdown = holds(markdown.at(page_of(command) + ".md"), "| `" + join(flag.names, ", "));
      const bool in_manual = holds(man.at(page_of(command) + ".1"), "\\fB" + in_man(flag.names.back()) + "\\fR");
      CHECK(in_markdown != flag.is_hidden);
      CHECK(in_manual != flag.is_hidden);
    }
  }
  CHECK_FALSE(holds(reference::to_markdown(nasty_page()), "secret-switch"));
  CHECK_FALSE(holds(reference::to_man(nasty_page(), "1"), "secret"));
}

TEST_CASE("reference: flags of every command stand once, and a verb's page leads there", "[cli][reference]") {
  const Files markdown = written("markdown");
  const Files man = written("man");
  CHECK(holds(markdown.at("flags.md"), "| `--no-input` |"));
  CHECK(holds(man.at("mlk.1"), "\\fB\\-\\-no\\-input\\fR"));
  CHECK_FALSE(holds(markdown.at("mlk-train-list.md"), "--no-input"));
  CHECK(holds(markdown.at("mlk-train-list.md"), "](flags.md)"));
  CHECK(holds(markdown.at("mlk-validate.md"), "text, json, github, junit, sarif"));
}

TEST_CASE("reference: a manual has the parts that manuals have", "[cli][reference]") {
  for (const auto& [file, text] : written("man")) {
    INFO(file);
    const bool is_noun = std::any_of(cli::all_commands().begin(), cli::all_commands().end(), [&](const auto& command) {
      return command.is_noun() && page_of(command) + ".1" == file;
    });
    std::size_t at = 0;
    for (const char* heading : {"NAME\n", "\"SYNOPSIS\"\n", "\"DESCRIPTION\"\n", "\"OPTIONS\"\n", "\"EXIT STATUS\"\n",
                                "\"ENVIRONMENT\"\n", "\"FILES\"\n", "\"EXAMPLES\"\n", "\"SEE ALSO\"\n"}) {
      const bool is_optional = is_noun || (file == "mlk.1" && heading == std::string("\"SEE ALSO\"\n"));
      const std::size_t found = text.find(std::string(".SH ") + heading, at);
      INFO(heading);
      if (is_optional && found == std::string::npos) continue;
      CHECK(found != std::string::npos);
      at = found;
    }
  }
}

TEST_CASE("reference: links lead to pages that exist", "[cli][reference]") {
  const Files pages = written("markdown");
  std::size_t links = 0;
  for (const auto& [file, text] : pages) {
    for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
      if (text[at - 1] == '\\') continue;
      const std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
      INFO(file << " " << target);
      CHECK(pages.contains(target));
      ++links;
    }
  }
  CHECK(links > pages.size());
  const Files manuals = written("man");
  for (const auto& [file, text] : manuals) {
    for (std::size_t at = text.find("\\fR(1)"); at != std::string::npos; at = text.find("\\fR(1)", at + 1)) {
      const std::size_t begin = text.rfind("\\fB", at) + 3;
      std::string target = text.substr(begin, at - begin);
      std::erase(target, '\\');
      INFO(file << " " << target);
      CHECK(manuals.contains(target + ".1"));
    }
  }
}

TEST_CASE("reference: Markdown shows what means something to Markdown as it was written", "[cli][reference]") {
  const std::string text = reference::to_markdown(nasty_page());
  const std::string nasty =
      R"(.dot \\fBbold\\n 'a' \`b\` "c" d\|e \<b\>f\</b\> \*g\* \_h\_ \[i\](j) \~/k ^ --l \$M \$N \& \#o © … \\)";
  CHECK(holds(text, "## Description\n\n" + nasty + "\n\n'begins"));
  CHECK(holds(text, "| ``-x, --nasty C\\|`D`` | " + nasty + " (a\\|b, c\\`d) |\n"));
  CHECK(holds(text, "| `A\\|B` | first line .second line (required) |\n"));
  CHECK(holds(text, "\n1\\. looks like a list\n"));
  CHECK(holds(text, "\n\\- so does this\n"));
  CHECK(holds(text, "````sh\n# .what it does\nmlk train nasty --nasty '\\x' ```\n````\n"));
  CHECK(holds(text, "Do .it\\\\\n"));
}

TEST_CASE("reference: a row of a table has as many cells as its head", "[cli][reference]") {
  for (const auto& [file, text] : written("markdown")) {
    for (const std::string& line : split(text, '\n')) {
      if (!line.starts_with("| ")) continue;
      std::size_t bars = 0;
      for (std::size_t at = 0; at < line.size(); ++at)
        bars += line[at] == '|' && (at == 0 || line[at - 1] != '\\') ? 1 : 0;
      INFO(file << " " << line);
      CHECK(bars == 3);
    }
  }
}

TEST_CASE("reference: in a manual no text is a command, an escape or an accent", "[cli][reference]") {
  const std::string text = reference::to_man(nasty_page(), "1");
  CHECK(holds(text, "\n\\&.dot \\(rsfBbold\\(rsn \\(aqa\\(aq \\(gab\\(ga \\(dqc\\(dq d|e"));
  CHECK(holds(text, "\\(ti/k \\(ha \\-\\-l $M $N & #o \\[u00A9] \\[u2026] \\(rs\n"));
  CHECK(holds(text, "\n\\(aqbegins with a quote\n"));
  CHECK(holds(text, "\n\\&.what it does\n"));
  CHECK(holds(text, "\nfirst line .second line (required)\n"));
  CHECK(holds(text, "mlk\\-train\\-nasty \\- Do .it\\(rs\n"));
  CHECK_FALSE(holds(text, "\n\n"));
}

TEST_CASE("reference: groff and mandoc read the manuals without a complaint and show their text", "[cli][reference]") {
  const bool has_groff = is_installed("groff");
  const bool has_mandoc = is_installed("mandoc");
  if (!has_groff && !has_mandoc) {
    WARN("skipped: neither groff nor mandoc is here to read a manual");
    return;
  }
  const TemporaryFolder folder;
  World world;
  REQUIRE(world.run({"__reference", "--format", "man", folder.path().string()}) == 0);
  const std::string nasty = folder.write("nasty.1", reference::to_man(nasty_page(), "1")).string();
  const std::string all = folder.path().string() + "/*.1";
  std::vector<std::string> readers;
  if (has_groff) {
    const auto ended =
        test::run_program({{"bash", "-c", "for f in " + all + "; do groff -man -Tutf8 -ww -z $f; done"}, {}, {}, {}});
    CHECK(ended.code == 0);
    CHECK(ended.out + ended.err == "");
    readers.push_back("groff -man -Tutf8 -rLL=400n -P-c " + nasty);
  }
  if (has_mandoc) {
    // Without a date the same program writes the same bytes on any day.
    const auto ended = test::run_program(
        {{"bash", "-c", "mandoc -T lint -W warning " + all + " | grep -v 'missing date' || true"}, {}, {}, {}});
    CHECK(ended.out + ended.err == "");
    readers.push_back("mandoc -T utf8 -O width=400 " + nasty);
  }
  for (const std::string& reader : readers) {
    INFO(reader);
    const auto shown = test::run_program({{"sh", "-c", reader}, {}, {}, {}});
    const std::string text = without_overstrikes(shown.out);
    CHECK(holds(text, std::string(k_nasty) + "\n"));
    CHECK(holds(text, std::string(k_nasty) + " (a|b, c`d)\n"));
    CHECK(holds(text, "-x, --nasty C|`D\n"));
    CHECK(holds(text, "mlk train nasty --nasty '\\x' ```\n"));
  }
}

TEST_CASE("reference: the same program writes the same bytes", "[cli][reference]") {
  CHECK(written("man") == written("man"));
  CHECK(written("markdown") == written("markdown"));
}

TEST_CASE("reference: every format of -o that a verb has is explained", "[cli][reference]") {
  for (const cli::Command& command : cli::all_commands()) {
    if (command.is_noun()) continue;
    cli::Flags flags;
    cli::Settings settings;
    static_cast<void>(command.descriptor->prepare(flags));
    cli::add_everywhere(flags, settings);
    for (const std::string& format : std::as_const(flags).find("--output")->suggestions) {
      INFO(page_of(command) << " " << format);
      CHECK_FALSE(reference::meaning_of_format(format).empty());
    }
  }
}

TEST_CASE("reference: the exit codes are those of docs/errors.md", "[cli][reference]") {
  const std::string documented = read_file(std::string(MLK_SOURCE_DIR) + "/docs/errors.md").value();
  for (const cli::ExitCode& code : cli::exit_codes()) {
    std::string line = "| " + code.code + " | " + std::string(code.meaning) + " |";
    if (!code.kind.empty()) line += " `" + std::string(code.kind) + "`";
    INFO(line);
    CHECK(holds(documented, line + " |\n"));
  }
}

TEST_CASE("reference: neither help nor completion knows the word that writes it", "[cli][reference]") {
  World world;
  CHECK(world.run("help") == 0);
  CHECK_FALSE(holds(world.out(), "__reference"));
  CHECK(world.run({"__complete", "--", "__"}) == 0);
  CHECK(world.out() == ":nothing\n");
}

TEST_CASE("reference: a wrong format or a folder that can't be made is said", "[cli][reference]") {
  const TemporaryFolder folder;
  World world;
  CHECK(world.run({"__reference", "--format", "html", folder.path().string()}) == 2);
  CHECK(world.err() == "error: --format 'html' isn't one of markdown, man\n");
  CHECK(world.run({"__reference", folder.path().string()}) == 2);
  const std::string in_the_way = folder.write("file", "").string();
  CHECK(world.run({"__reference", "--format", "man", in_the_way + "/pages"}) == 1);
  CHECK(holds(world.err(), in_the_way));
}
