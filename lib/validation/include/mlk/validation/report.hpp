#pragma once

#include <mlk/core/api.hpp>
#include <mlk/document/node.hpp>
#include <mlk/validation/validate.hpp>

#include <string>
#include <vector>

namespace mlk::inline v0::validation {

struct TextStyle {
  bool has_color = false;
  bool has_source = true;  ///< print the line and underline the place
  bool has_summary = true;
};

/// "file:line:column: severity code message", the line underlined, why and fix, then a summary line.
MLK_API std::string report_text(const Findings& findings, const std::vector<Source>& sources,
                                const TextStyle& style = {});
/// {schema: mlk.dev/validate/v1, summary: {...}, findings: [...]}
MLK_API document::Node report_json(const Findings& findings);
/// GitHub Actions workflow commands, one a line.
MLK_API std::string report_github(const Findings& findings);
/// JUnit XML: one test suite a file, one failed case a finding at least as severe as `least`; a file without one
/// passes.
MLK_API std::string report_junit(const Findings& findings, const std::vector<std::string>& files, Severity least);
/// SARIF 2.1.0 with the rules that were found.
MLK_API document::Node report_sarif(const Findings& findings, std::string_view tool_version);

}  // namespace mlk::inline v0::validation
