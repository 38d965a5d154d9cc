#include "cli/layout.hpp"

#include <mlk/core/text.hpp>

namespace mlk::cli {
namespace {

/// Length of the colour sequence that begins here, 0 when none does: ESC [ digits and semicolons, m.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) != "\x1b[") return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", at + 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 - at : 0;
}

/// Bytes of the character that begins here.
std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) ++length;
  return length;
}

}  // namespace

std::size_t visible_width(std::string_view text) {
  std::size_t width = 0;
  std::size_t from = 0;
  for (std::size_t at = text.find('\x1b'); at != std::string_view::npos; at = text.find('\x1b', at)) {
    width += display_width(text.substr(from, at - from));
    const std::size_t length = sequence_length(text, at);
    at += length == 0 ? 1 : length;
    from = at;
  }
  return width + display_width(text.substr(from));
}

std::string cut(std::string_view text, std::size_t width) {
  if (visible_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string result;
  bool is_coloured = false;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t length = sequence_length(text, at); length != 0) {
      result += text.substr(at, length);
      is_coloured = true;
      at += length;
      continue;
    }
    const std::size_t length = character_length(text, at);
    const std::string_view character = text.substr(at, length);
    const std::size_t columns = display_width(character);
    if (used + columns > width - 1) break;
    used += columns;
    result += character;
    at += length;
  }
  result += "…";
  if (is_coloured) result += "\x1b[0m";
  return result;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string& paragraph : split(text, '\n')) {
    std::string line;
    for (const std::string& word : split(paragraph, ' ')) {
      if (word.empty() && line.empty()) continue;
      if (!line.empty() && visible_width(line) + 1 + visible_width(word) > width) {
        lines.push_back(std::move(line));
        line.clear();
      }
      if (!line.empty()) line += ' ';
      line += word;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace mlk::cli
