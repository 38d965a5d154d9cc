#pragma once

#include "cli/style.hpp"

#include <mlk/core/error.hpp>
#include <mlk/document/node.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::cli {

enum class Align : std::uint8_t { left, right };

struct Column {
  std::string header;  ///< upper case: "NAME"
  Align align = Align::left;
  bool is_wide = false;  ///< shown with -o wide only
  /// On a terminal that is too narrow the columns with the highest number are shortened first; 0 never is.
  int priority = 0;
};

struct Cell {
  std::string text;   ///< as people read it: "4m12s"
  std::string exact;  ///< what a pipe gets in its place, where it differs: an RFC 3339 time
  Style style = Style::plain;

  Cell() = default;
  Cell(std::string t) : text(std::move(t)) {}
  Cell(std::string_view t) : text(t) {}
  Cell(const char* t) : text(t) {}
  Cell(std::string t, Style s) : text(std::move(t)), style(s) {}
  Cell(std::string t, std::string piped, Style s = Style::plain)
      : text(std::move(t)), exact(std::move(piped)), style(s) {}
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::string when_empty;  ///< said on standard error where there is no row: "no jobs in namespace 'nlp'"
};

/// What a command found or did: one document for programs, and a table or text for people. The printer picks by -o.
struct Report {
  /// The root record: made by record(); absent values are null, units stand in the key ("sizeBytes").
  document::Node document;
  std::optional<Table> table;
  /// Printed before the table in the human form; ends without a line break.
  std::string prose;
  /// -o name: "job/finetune-x7k2", one a line.
  std::vector<std::string> names;
  /// Printed byte for byte in the verb's own formats (a script, manifests, SARIF), in place of all of the above.
  std::optional<std::string> verbatim;
  /// A result that is a failure too (findings, a workload that failed): sets the exit code, and is printed on standard
  /// error after the result where it says anything.
  std::optional<Error> failure;

  Report&& failing(Error error) && {
    failure = std::move(error);
    return std::move(*this);
  }
};

/// A root record: {"schema": "mlk.dev/<name>/v<version>"}; name as "train-list".
document::Node record(std::string_view name, int version = 1);

/// A value for a document, where null stands for absent.
template <class T>
document::Node or_null(const std::optional<T>& value) {
  return value ? document::Node(*value) : document::Node();
}
inline document::Node or_null(std::string_view value) {
  return value.empty() ? document::Node() : document::Node(value);
}

}  // namespace mlk::cli
