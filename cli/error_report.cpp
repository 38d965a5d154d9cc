#include "cli/error_report.hpp"

#include "cli/exit_code.hpp"
#include "cli/report.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/writer.hpp>

namespace mlk::cli {
namespace {

/// Lines after the first stand below the text of the first.
std::string indented(std::string_view text, std::string_view indent) {
  std::string result;
  for (const std::string& line : split(text, '\n')) {
    if (!result.empty()) {
      result += '\n';
      result += indent;
    }
    result += printable(line);
  }
  return result;
}

void put_diagnostic(const Diagnostic& diagnostic, bool with_colour, Stream& err) {
  const Style style = diagnostic.severity == Severity::error     ? Style::bad
                      : diagnostic.severity == Severity::warning ? Style::warning
                                                                 : Style::dim;
  err.write(paint(indented(to_string(diagnostic), "    "), style, with_colour) + "\n");
  for (const auto& related : diagnostic.related) {
    err.write("    " + to_string(related.place) + ": " + printable(related.message) + "\n");
  }
  if (!diagnostic.why.empty()) err.write("    why: " + indented(diagnostic.why, "         ") + "\n");
  if (!diagnostic.fix.empty()) err.write("    fix: " + indented(diagnostic.fix, "         ") + "\n");
}

document::Node place_record(const Place& place) {
  if (place.file == nullptr) return {};
  auto number = [](std::uint32_t value) { return value == 0 ? document::Node() : document::Node(std::int64_t{value}); };
  return document::Node::mapping({{"file", *place.file},
                                  {"line", number(place.line)},
                                  {"column", number(place.column)},
                                  {"endLine", number(place.end_line)},
                                  {"endColumn", number(place.end_column)}});
}

}  // namespace

document::Node diagnostic_record(const Diagnostic& diagnostic) {
  document::Node related = document::Node::sequence();
  for (const auto& other : diagnostic.related) {
    related.push_back(document::Node::mapping({{"place", place_record(other.place)}, {"message", other.message}}));
  }
  return document::Node::mapping({{"severity", to_string(diagnostic.severity)},
                                  {"code", diagnostic.code},
                                  {"place", place_record(diagnostic.place)},
                                  {"path", or_null(diagnostic.path)},
                                  {"object", or_null(diagnostic.object)},
                                  {"message", diagnostic.message},
                                  {"why", or_null(diagnostic.why)},
                                  {"fix", or_null(diagnostic.fix)},
                                  {"related", std::move(related)}});
}

document::Node error_record(const Error& error, int exit_code) {
  document::Node diagnostics = document::Node::sequence();
  for (const Diagnostic& diagnostic : error.diagnostics) diagnostics.push_back(diagnostic_record(diagnostic));
  document::Node root = record("error");
  root.set("kind", kind_name(error.kind)).set("exitCode", exit_code).set("error", error.what);
  root.set("why", or_null(error.why)).set("fix", or_null(error.fix)).set("diagnostics", std::move(diagnostics));
  return root;
}

void report_error(const Error& error, int exit_code, bool as_json, bool with_colour, Stream& err) {
  if (as_json) {
    err.write(document::write_json(error_record(error, exit_code), 0) + "\n");
    static_cast<void>(err.flush());
    return;
  }
  for (const Diagnostic& diagnostic : error.diagnostics) put_diagnostic(diagnostic, with_colour, err);
  if (!error.what.empty()) {
    err.write(paint("error:", Style::bad, with_colour) + " " + indented(error.what, "       ") + "\n");
  }
  if (!error.why.empty()) err.write("  why: " + indented(error.why, "       ") + "\n");
  if (!error.fix.empty()) err.write("  fix: " + indented(error.fix, "       ") + "\n");
  static_cast<void>(err.flush());
}

}  // namespace mlk::cli
