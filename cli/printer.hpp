#pragma once

#include "cli/report.hpp"
#include "cli/settings.hpp"
#include "cli/stream.hpp"

namespace mlk::cli {

/// How a report is put on the streams.
struct PrintOptions {
  OutputChoice output;
  bool with_colour = false;     ///< on standard output
  bool is_quiet = false;        ///< an empty table isn't commented on
  bool is_last_record = false;  ///< the command streamed: JSON is {"type": "result", …} on one line
};

/// Prints a report in the form that -o asks for. Errors: a jsonpath that can't be evaluated (usage), a form that this
/// report doesn't have (usage), a sink that fails.
Result<void> print(const Report& report, const PrintOptions& options, Stream& out, Stream& err);

/// A table as text. `width` is that of the terminal, 0 for none: then nothing is shortened and exact forms are used.
std::string format_table(const Table& table, bool is_wide, std::size_t width, bool with_colour);

}  // namespace mlk::cli
