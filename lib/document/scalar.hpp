#pragma once

#include <mlk/document/node.hpp>
#include <mlk/document/reader.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace mlk::inline v0::document {

/// What is odd about a scalar that looks like a number.
enum class NumberProblem : std::uint8_t { none, not_finite, too_large };

struct Resolved {
  Node value;
  NumberProblem problem = NumberProblem::none;
};

/// The value of an unquoted scalar.
Resolved resolve_plain(std::string_view text, Schema schema);

/// Whether some reader of YAML 1.1 or 1.2 would take the unquoted text for anything but a string.
bool is_ambiguous(std::string_view text);

/// A key that isn't a string, as the text that sigs.k8s.io/yaml makes of it: 0x10 is "16", on is "true".
std::string key_text(const Node& scalar);

/// The shortest text that reads back as the same double, always with a point or an exponent: "1000.0", "1.0e+21".
std::string format_double(double value);

}  // namespace mlk::inline v0::document
