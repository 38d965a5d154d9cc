#include "cli/style.hpp"

namespace mlk::cli {
namespace {

std::string_view code(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::warning:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[31m";
    case Style::accent:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

std::string paint(std::string_view text, Style style, bool with_colour) {
  if (!with_colour || style == Style::plain || text.empty()) return std::string(text);
  std::string painted(code(style));
  painted += text;
  painted += "\x1b[0m";
  return painted;
}

}  // namespace mlk::cli
