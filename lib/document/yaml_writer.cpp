#include "scalar.hpp"
#include "utf8.hpp"

#include <mlk/document/writer.hpp>

#include <fmt/format.h>

namespace mlk::inline v0::document {

namespace {

/// Longer keys need the "? key" form: readers look for the colon no further than 1024 characters.
constexpr std::size_t k_longest_plain_key = 120;

/// Characters that every reader takes as they stand, inside one line.
bool is_plain_character(std::uint32_t c) {
  if (c < 0x20 || c == 0x7F) return false;
  if (c >= 0x80 && c < 0xA0) return false;                      // controls, and NEL, a line break of YAML 1.1
  if (c == 0x2028 || c == 0x2029 || c == 0xFEFF) return false;  // line breaks of YAML 1.1; the byte order mark
  return c < 0xFFFE || c > 0xFFFF;
}

bool is_all_plain(std::string_view text, bool with_line_breaks) {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      if (!is_plain_character(c) && !(with_line_breaks && (c == '\n' || c == '\t'))) return false;
      ++at;
      continue;
    }
    const CodePoint point = decode_utf8(text, at);
    if (!point.is_valid || !is_plain_character(point.value)) return false;
    at += point.length;
  }
  return true;
}

bool is_plain_start(std::string_view text) {
  constexpr std::string_view k_indicators = "?:,[]{}#&*!|>'\"%@` ";
  if (k_indicators.find(text[0]) != std::string_view::npos) return false;
  if (text[0] != '-') return true;
  if (text.size() == 1 || text.starts_with("---")) return false;
  const char second = text[1];
  return second == '-' || second == '/' || second == '_' || (second >= '0' && second <= '9') ||
         (second >= 'a' && second <= 'z') || (second >= 'A' && second <= 'Z');
}

bool is_plain_safe(std::string_view text) {
  if (text.empty() || text.back() == ' ' || text.back() == ':' || text.starts_with("...") || !is_plain_start(text) ||
      text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) {
    return false;
  }
  return is_all_plain(text, false) && !is_ambiguous(text);
}

/// Text of several lines that a literal block gives back exactly.
bool is_literal_safe(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text[0] == '\n' || text[0] == ' ' || text[0] == '\t') return false;
  return is_all_plain(text, true);
}

void append_escaped(std::string& out, std::uint32_t c) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      break;
  }
  if (c <= 0xFF) {
    out += fmt::format("\\x{:02X}", c);
  } else {
    out += fmt::format("\\u{:04X}", c);
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text, at);
    if (!point.is_valid) {
      out += k_replacement_character;
    } else if (!is_plain_character(point.value) || point.value == '"' || point.value == '\\') {
      append_escaped(out, point.value);
    } else {
      out += text.substr(at, point.length);
    }
    at += point.length;
  }
  out += '"';
}

void append_string(std::string& out, std::string_view text) {
  if (is_plain_safe(text)) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

class YamlWriter {
 public:
  explicit YamlWriter(std::string& out) : m_out(out) {}

  void write_root(const Node& node) {
    if (node.is_mapping() && !node.empty()) {
      write_entries(node, 0);
    } else if (node.is_sequence() && !node.empty()) {
      write_items(node, 0);
    } else {
      write_inline(node, 0);
    }
  }

 private:
  void indent(std::size_t depth) { m_out.append(depth, ' '); }

  /// A scalar or an empty collection, and the line break.
  void write_inline(const Node& node, std::size_t depth) {
    switch (node.kind()) {
      case Kind::null:
        m_out += "null";
        break;
      case Kind::floating:
        m_out += format_double(*node.as_double());
        break;
      case Kind::sequence:
        m_out += "[]";
        break;
      case Kind::mapping:
        m_out += "{}";
        break;
      case Kind::string:
        if (is_literal_safe(*node.as_string())) {
          write_literal(*node.as_string(), depth);
          return;
        }
        append_string(m_out, *node.as_string());
        break;
      case Kind::boolean:
      case Kind::integer:
        m_out += node.scalar_text();
        break;
    }
    m_out += '\n';
  }

  void write_literal(std::string_view text, std::size_t depth) {
    m_out += '|';
    if (!text.ends_with('\n')) {
      m_out += '-';
    } else if (text.ends_with("\n\n")) {
      m_out += '+';
    }
    m_out += '\n';
    while (!text.empty()) {
      const auto end = text.find('\n');
      const auto line = text.substr(0, end);
      if (!line.empty()) {
        indent(depth + 2);
        m_out += line;
      }
      m_out += '\n';
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
  }

  void write_entries(const Node& mapping, std::size_t depth, bool is_first_indented = false) {
    for (const auto& entry : mapping.entries()) {
      if (!is_first_indented) indent(depth);
      is_first_indented = false;
      if (entry.key.size() > k_longest_plain_key) {
        m_out += "? ";
        append_string(m_out, entry.key);
        m_out += '\n';
        indent(depth);
      } else {
        append_string(m_out, entry.key);
      }
      m_out += ':';
      write_below(entry.value, depth);
    }
  }

  /// What stands after "key:": lists stay at the key's own column, as kubectl writes them.
  void write_below(const Node& value, std::size_t depth) {
    if (value.is_mapping() && !value.empty()) {
      m_out += '\n';
      write_entries(value, depth + 2);
    } else if (value.is_sequence() && !value.empty()) {
      m_out += '\n';
      write_items(value, depth);
    } else {
      m_out += ' ';
      write_inline(value, depth);
    }
  }

  void write_items(const Node& sequence, std::size_t depth, bool is_first_indented = false) {
    for (const auto& item : sequence.items()) {
      if (!is_first_indented) indent(depth);
      is_first_indented = false;
      m_out += "- ";
      if (item.is_mapping() && !item.empty()) {
        write_entries(item, depth + 2, true);
      } else if (item.is_sequence() && !item.empty()) {
        write_items(item, depth + 2, true);
      } else {
        write_inline(item, depth);
      }
    }
  }

  std::string& m_out;
};

}  // namespace

std::string write_yaml(const Node& node) {
  std::string out;
  YamlWriter(out).write_root(node);
  return out;
}

std::string write_yaml_stream(const std::vector<Node>& nodes) {
  std::string out;
  for (const auto& node : nodes) {
    out += "---\n";
    YamlWriter(out).write_root(node);
  }
  return out;
}

}  // namespace mlk::inline v0::document
