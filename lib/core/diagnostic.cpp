#include <mlk/core/diagnostic.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0 {

std::string to_string(const Place& place) {
  if (!place.file) return {};
  if (place.line == 0) return *place.file;
  if (place.column == 0) return fmt::format("{}:{}", *place.file, place.line);
  return fmt::format("{}:{}:{}", *place.file, place.line, place.column);
}

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "info";
  }
  return "error";
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string line = to_string(diagnostic.place);
  if (!line.empty()) line += ": ";
  line += to_string(diagnostic.severity);
  if (!diagnostic.code.empty()) line += fmt::format(" {}", diagnostic.code);
  return line + fmt::format(" {}", diagnostic.message);
}

bool has_error(const std::vector<Diagnostic>& diagnostics) noexcept {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

}  // namespace mlk::inline v0
