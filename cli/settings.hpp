#pragma once

#include <cstdint>
#include <string>

namespace mlk::cli {

enum class ColourMode : std::uint8_t { automatic, always, never };

/// What -o asked for.
struct OutputChoice {
  std::string format = "table";  ///< table, wide, json, yaml, name, jsonpath; or one of the verb's own
  std::string jsonpath;          ///< the expression of jsonpath=…
  bool is_own = false;           ///< the verb has formats of its own
  bool is_given = false;         ///< -o was there; otherwise this is the verb's usual form

  /// Whether a program reads along: then failures and events are records too.
  bool is_json() const noexcept { return is_given && format == "json"; }
};

/// The flags that every verb has.
struct Settings {
  OutputChoice output;
  bool is_quiet = false;
  int verbosity = 0;  ///< number of -v
  ColourMode colour = ColourMode::automatic;
  bool no_input = false;
};

}  // namespace mlk::cli
