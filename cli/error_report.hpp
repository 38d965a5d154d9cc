#pragma once

#include "cli/settings.hpp"
#include "cli/stream.hpp"

#include <mlk/core/error.hpp>
#include <mlk/document/node.hpp>

namespace mlk::cli {

/// Puts a failure on standard error: its diagnostics one a line, then "error: what", "  why: …", "  fix: …". With
/// -o json it is one record on one line instead, the last one there.
void report_error(const Error& error, int exit_code, bool as_json, bool with_colour, Stream& err);

/// {"schema": "mlk.dev/error/v1", "kind": …, "exitCode": …, "error": …, "why": …, "fix": …, "diagnostics": […]}
document::Node error_record(const Error& error, int exit_code);

/// A diagnostic for programs; its keys are the same wherever one appears.
document::Node diagnostic_record(const Diagnostic& diagnostic);

}  // namespace mlk::cli
