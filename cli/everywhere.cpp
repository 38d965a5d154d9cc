#include "cli/everywhere.hpp"

#include "cli/describe.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>

namespace mlk::cli {
namespace {

const std::vector<std::string>& usual_formats() {
  static const std::vector<std::string> formats{"table", "wide", "json", "yaml", "name", "jsonpath"};
  return formats;
}

Result<void> set_output(std::string_view text, const std::vector<std::string>& formats, OutputChoice& into) {
  const std::size_t equals = text.find('=');
  const std::string format(text.substr(0, equals));
  const std::string known = "known are " + join(formats, ", ");
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
    return Error(ErrorKind::usage, "unknown output format '" + std::string(text) + "'" + did_you_mean(format, formats))
        .because(known);
  }
  const bool has_expression = equals != std::string_view::npos;
  if (has_expression != (format == "jsonpath")) {
    return Error(ErrorKind::usage, "output format '" + std::string(text) + "' can't be read")
        .because(has_expression ? "only jsonpath takes an expression" : "jsonpath needs an expression")
        .fixed_by(has_expression ? "write -o " + format : "write -o jsonpath='{.path}'");
  }
  into.is_given = true;
  into.format = format;
  into.jsonpath = has_expression ? text.substr(equals + 1) : "";
  return {};
}

Result<void> set_colour(std::string_view text, ColourMode& into) {
  into = text == "always" ? ColourMode::always : text == "never" ? ColourMode::never : ColourMode::automatic;
  return {};
}

}  // namespace

void add_everywhere(Flags& flags, Settings& settings) {
  flags.group(k_everywhere);
  const bool has_own = !flags.own_output_formats().empty();
  const std::vector<std::string> formats = has_own ? flags.own_output_formats() : usual_formats();
  if (has_own) settings.output = {formats.front(), "", true, false};
  std::string shown = join(formats, ", ");
  shown += has_own ? " (default " + formats.front() + ")" : "=EXPRESSION";
  Flag& output = flags.option_of(
      [&settings, formats](std::string_view text) { return set_output(text, formats, settings.output); }, "-o,--output",
      "FORMAT", "form of the result: " + shown);
  output.suggestions = formats;
  flags.option(settings.is_quiet, "-q,--quiet", "only the result, warnings and errors");
  flags.count(settings.verbosity, "-v,--verbose", "say more; -vv shows each request");
  flags
      .option_of([&settings](std::string_view text) { return set_colour(text, settings.colour); }, "--color", "WHEN",
                 "colour in the output; auto also looks at NO_COLOR and TERM")
      .choices({"auto", "always", "never"});
  flags.option(settings.no_input, "--no-input", "never ask anything");
  // Looked for before flags are parsed; declared so that it is known, and shown.
  flags.option_of([](std::string_view) { return Result<void>(); }, "-h,--help", "", "show this help");
}

void set_from_words(const std::vector<std::string>& words, Settings& settings) {
  Flags flags;
  add_everywhere(flags, settings);
  for (std::size_t at = 0; at < words.size() && words[at] != "--"; ++at) {
    const std::string name = words[at].substr(0, words[at].find('='));
    const bool is_output = words[at].starts_with("-o") || name == "--output";
    if (!is_output && name != "--color") continue;
    std::vector<std::string> pair{words[at]};
    if (at + 1 < words.size()) pair.push_back(words[at + 1]);
    static_cast<void>(flags.parse_leniently(pair));
  }
}

}  // namespace mlk::cli
