#pragma once

#include <mlk/project/load.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

namespace mlk::project {

using Lines = std::vector<std::string>;

/// A text that begins at line 3, behind what every file begins with.
std::string with_head(std::string_view text);

/// No environment variables.
inline LoadOptions quiet_options() {
  LoadOptions options;
  options.env = [](const std::string&) -> std::optional<std::string> { return {}; };
  return options;
}

/// The one-line form of every mistake.
inline Lines mistakes(std::string_view text, const LoadOptions& options = quiet_options()) {
  const auto result = load_text(text, options);
  Lines lines;
  if (result) return lines;
  for (const auto& d : result.error().diagnostics) lines.push_back(to_string(d));
  if (lines.empty()) lines.push_back(result.error().what);
  return lines;
}

inline Project loaded(std::string_view text, const LoadOptions& options = quiet_options()) {
  auto result = load_text(text, options);
  if (!result) {
    for (const auto& line : mistakes(text, options)) UNSCOPED_INFO(line);
    FAIL(result.error().what);
  }
  return std::move(*result);
}

}  // namespace mlk::project
