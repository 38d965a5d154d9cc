#pragma once

#include <mlk/core/api.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0 {

/// Where something stands in a text. Lines and columns count from 1, columns in characters; 0 means unknown.
/// The end is exclusive. The file is what the user named: a path, "-" for standard input, or a flag as "--set a.b".
struct Place {
  std::shared_ptr<const std::string> file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_column = 0;

  bool is_known() const noexcept { return file != nullptr && line != 0; }
};

/// "file:line:column", or as much of it as is known; empty when nothing is.
MLK_API std::string to_string(const Place& place);

enum class Severity : std::uint8_t { error, warning, info };

MLK_API std::string_view to_string(Severity severity) noexcept;

/// One finding about a text or an object: what a compiler prints a line for.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;  ///< stable id, such as "gpu-limit-missing"
  Place place;
  std::string path;     ///< path inside the document, such as "spec.containers[0].name"
  std::string object;   ///< "Job/finetune", or empty
  std::string message;  ///< what is wrong, in one sentence without a final stop
  std::string why;
  std::string fix;
  struct Related {
    Place place;
    std::string message;
  };
  std::vector<Related> related;
};

/// "file:line:column: severity code message": the one-line form that scripts rely on.
MLK_API std::string to_string(const Diagnostic& diagnostic);

/// Whether any of them is an error.
MLK_API bool has_error(const std::vector<Diagnostic>& diagnostics) noexcept;

}  // namespace mlk::inline v0
