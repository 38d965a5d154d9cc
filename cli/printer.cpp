#include "cli/printer.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/tree.hpp>
#include <mlk/document/writer.hpp>

namespace mlk::cli {
namespace {

Result<void> put_names(const Report& report, Stream& out) {
  for (const std::string& name : report.names) out.write(name + "\n");
  if (report.names.empty() && (!report.table || !report.table->rows.empty())) {
    return Error(ErrorKind::usage, "'-o name' has nothing to print: this result names no object")
        .fixed_by("use -o json, or leave -o out");
  }
  return {};
}

void put_human(const Report& report, const PrintOptions& options, Stream& out, Stream& err) {
  if (!report.prose.empty()) out.write(report.prose + "\n");
  if (!report.table) return;
  if (report.table->rows.empty()) {
    if (!options.is_quiet && !report.table->when_empty.empty()) err.write(report.table->when_empty + "\n");
    return;
  }
  out.write(format_table(*report.table, options.output.format == "wide", out.width(), options.with_colour));
}

Result<void> put_jsonpath(const Report& report, const PrintOptions& options, Stream& out) {
  auto text = document::eval_jsonpath(report.document, options.output.jsonpath);
  if (!text) {
    Error error = std::move(text).error();
    error.kind = ErrorKind::usage;
    return error;
  }
  out.write(*text);
  if (out.is_terminal() && !text->ends_with('\n')) out.write("\n");
  return {};
}

}  // namespace

Result<void> print(const Report& report, const PrintOptions& options, Stream& out, Stream& err) {
  const std::string& format = options.output.format;
  const bool is_human = format == "table" || format == "wide";
  if (report.verbatim && (options.output.is_own || is_human)) {
    out.write(*report.verbatim);
  } else if (format == "json" && options.is_last_record) {
    document::Node root = report.document;
    root.set("type", "result");
    out.write(document::write_json(root, 0) + "\n");
  } else if (format == "json") {
    out.write(document::write_json(report.document) + "\n");
  } else if (format == "yaml") {
    out.write(document::write_yaml(report.document));
  } else if (format == "name") {
    MLK_CHECK(put_names(report, out));
  } else if (format == "jsonpath") {
    MLK_CHECK(put_jsonpath(report, options, out));
  } else {
    put_human(report, options, out, err);
  }
  return out.flush();
}

}  // namespace mlk::cli
