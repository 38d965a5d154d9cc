#include <mlk/core/text.hpp>
#include <mlk/validation/report.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace mlk::inline v0::validation {

namespace {

constexpr std::size_t k_longest_line = 160;

/// A text's lines, found once for all findings in it.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      m_lines.push_back(line);
      at = end + 1;
    }
  }
  /// Nothing when the text has no such line.
  std::optional<std::string_view> at(std::uint32_t number) const {
    if (number == 0 || number > m_lines.size()) return std::nullopt;
    return m_lines[number - 1];
  }

 private:
  std::vector<std::string_view> m_lines;
};

/// Bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
    --count;
  }
  return at;
}

std::string_view colour_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "\x1b[1;31m";
    case Severity::warning:
      return "\x1b[1;33m";
    case Severity::info:
      return "\x1b[1;36m";
  }
  return "";
}

std::string painted(std::string_view text, std::string_view colour, const TextStyle& style) {
  return style.has_color ? fmt::format("{}{}\x1b[0m", colour, text) : std::string(text);
}

std::string headline(const Diagnostic& found, const TextStyle& style) {
  std::string line = to_string(found.place);
  if (line.empty()) line = found.object;
  if (!line.empty()) line += ": ";
  line += painted(to_string(found.severity), colour_of(found.severity), style);
  return fmt::format("{} {} {}\n", line, found.code, printable(found.message));
}

/// The line, and marks under the place. Where a secret stands on it, what follows the place isn't shown.
std::string excerpt(const Diagnostic& found, std::string_view line, bool holds_secret, const TextStyle& style) {
  const std::size_t first = found.place.column == 0 ? 0 : found.place.column - 1;
  const std::size_t start = bytes_of(line, first);
  std::string shown = holds_secret ? std::string(line.substr(0, start)) + "•••" : std::string(line);
  const bool is_cut = shown.size() > k_longest_line;
  if (is_cut) shown = shown.substr(0, bytes_of(shown, k_longest_line)) + "…";
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  const std::string number = std::to_string(found.place.line);
  std::string text = fmt::format("  {} | {}\n", number, printable(shown));
  if (found.place.column == 0 || first >= k_longest_line) return text;
  std::size_t length = 1;
  if (found.place.end_line == found.place.line && found.place.end_column > found.place.column) {
    const std::size_t end = bytes_of(line, found.place.end_column - 1);
    length = std::max<std::size_t>(1, display_width(line.substr(start, end - start)));
  }
  if (holds_secret) length = 3;
  length = std::min(length, k_longest_line);
  text += fmt::format("  {} | {}{}\n", std::string(number.size(), ' '),
                      std::string(display_width(printable(shown.substr(0, start))), ' '),
                      painted(std::string(length, '^'), colour_of(found.severity), style));
  return text;
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string summary(const Findings& findings) {
  const std::size_t errors = findings.count(Severity::error);
  const std::size_t warnings = findings.count(Severity::warning);
  std::string text = fmt::format("{}: {}, {}", plural(findings.objects, "object"), plural(errors, "error"),
                                 plural(warnings, "warning"));
  if (findings.unchecked > 0) {
    text += fmt::format("; {} of unknown kinds {} not checked", findings.unchecked,
                        findings.unchecked == 1 ? "was" : "were");
  }
  return text + "\n";
}

}  // namespace

std::string report_text(const Findings& findings, const std::vector<Source>& sources, const TextStyle& style) {
  std::map<std::string_view, Lines> lines;
  for (const Source& source : sources) lines.emplace(source.file, Lines(source.text));
  std::set<std::pair<std::string_view, std::uint32_t>> secret_lines;
  for (const Diagnostic& found : findings.diagnostics) {
    if (found.code == "token-literal" && found.place.is_known()) {
      secret_lines.emplace(*found.place.file, found.place.line);
    }
  }
  std::string text;
  for (const Diagnostic& found : findings.diagnostics) {
    text += headline(found, style);
    // A line that is no text has nothing to show.
    if (style.has_source && found.place.is_known() && found.code != "yaml-encoding") {
      const auto source = lines.find(*found.place.file);
      const auto line = source == lines.end() ? std::nullopt : source->second.at(found.place.line);
      if (line) {
        text += excerpt(found, *line, secret_lines.contains({*found.place.file, found.place.line}), style);
      }
    }
    for (const Diagnostic::Related& related : found.related) {
      if (related.place.is_known()) text += fmt::format("  see: {}: {}\n", to_string(related.place), related.message);
    }
    if (!found.why.empty()) text += fmt::format("  why: {}\n", printable(found.why));
    if (!found.fix.empty()) text += fmt::format("  fix: {}\n", printable(found.fix));
  }
  if (style.has_summary) text += summary(findings);
  return text;
}

}  // namespace mlk::inline v0::validation
