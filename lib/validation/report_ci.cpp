#include <mlk/core/text.hpp>
#include <mlk/validation/report.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::validation {

namespace {

/// Escapes for GitHub's workflow commands; a property also has its separators escaped.
std::string github_escape(std::string_view text, bool is_property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (is_property && c == ':') {
      out += "%3A";
    } else if (is_property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view github_command(Severity severity) noexcept {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "notice";
  }
  return "error";
}

std::string xml_escape(std::string_view text) {
  std::string out;
  // Control characters have no place in XML 1.0, escaped or not.
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view file_of(const Diagnostic& found) {
  return found.place.file ? std::string_view(*found.place.file) : std::string_view();
}

std::string junit_case(const Diagnostic& found, Severity least) {
  std::string name = found.code;
  if (!found.object.empty()) name += " " + found.object;
  if (found.place.is_known()) name += fmt::format(" line {}", found.place.line);
  std::string body = to_string(found) + "\n";
  if (!found.path.empty()) body += fmt::format("path: {}\n", found.path);
  if (!found.why.empty()) body += fmt::format("why: {}\n", found.why);
  if (!found.fix.empty()) body += fmt::format("fix: {}\n", found.fix);
  std::string lines;
  for (const std::string& line : split(trim(body), '\n')) lines += xml_escape(line) + "\n";
  const std::string head = fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"0\"", xml_escape(name),
                                       xml_escape(file_of(found)));
  if (found.severity > least)
    return fmt::format("{}>\n      <system-out>{}</system-out>\n    </testcase>\n", head, lines);
  return fmt::format("{}>\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>\n", head,
                     xml_escape(found.message), to_string(found.severity), lines);
}

}  // namespace

std::string report_github(const Findings& findings) {
  std::string text;
  for (const Diagnostic& found : findings.diagnostics) {
    std::string properties;
    const auto add_property = [&](std::string_view key, std::string_view value) {
      properties += fmt::format("{}{}={}", properties.empty() ? " " : ",", key, github_escape(value, true));
    };
    if (found.place.file) add_property("file", *found.place.file);
    if (found.place.line != 0) add_property("line", std::to_string(found.place.line));
    if (found.place.column != 0) add_property("col", std::to_string(found.place.column));
    if (found.place.end_line != 0) add_property("endLine", std::to_string(found.place.end_line));
    add_property("title", found.code);
    std::string message = found.message;
    if (!found.object.empty()) message += fmt::format(" ({})", found.object);
    if (!found.fix.empty()) message += "\nfix: " + found.fix;
    text += fmt::format("::{}{}::{}\n", github_command(found.severity), properties, github_escape(message, false));
  }
  return text;
}

std::string report_junit(const Findings& findings, const std::vector<std::string>& files, Severity least) {
  std::vector<std::string> suites = files;
  for (const Diagnostic& found : findings.diagnostics) {
    if (std::find(suites.begin(), suites.end(), file_of(found)) == suites.end()) suites.emplace_back(file_of(found));
  }
  std::string body;
  std::size_t all_tests = 0;
  std::size_t all_failures = 0;
  for (const std::string& suite : suites) {
    std::string cases;
    std::size_t tests = 0;
    std::size_t failures = 0;
    for (const Diagnostic& found : findings.diagnostics) {
      if (file_of(found) != suite) continue;
      cases += junit_case(found, least);
      ++tests;
      if (found.severity <= least) ++failures;
    }
    if (tests == 0) {
      cases = fmt::format("    <testcase name=\"no findings\" classname=\"{}\" time=\"0\"/>\n", xml_escape(suite));
      tests = 1;
    }
    body += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"0\">\n{}  </testsuite>\n",
        xml_escape(suite), tests, failures, cases);
    all_tests += tests;
    all_failures += failures;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mlk validate\" tests=\"{}\" failures=\"{}\" "
      "errors=\"0\" time=\"0\">\n{}</testsuites>\n",
      all_tests, all_failures, body);
}

}  // namespace mlk::inline v0::validation
