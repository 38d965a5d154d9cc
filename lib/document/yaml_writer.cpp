#include "scalar.hpp"
#include "utf8.hpp"

#include <mlk/document/writer.hpp>

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

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

/// Text of several lines that a literal block gives back exactly. yaml-cpp writes no chomping or indentation indicator,
/// so the text has to end in one line break, and its first line must not begin with white space.
bool is_literal_safe(std::string_view text) {
  if (!text.ends_with('\n') || text.ends_with("\n\n")) return false;
  if (text[0] == '\n' || text[0] == ' ' || text[0] == '\t') return false;
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

/// A scalar as it is to stand in the file, quotes included.
struct Formatted {
  std::string text;
};

std::ostream& operator<<(std::ostream& out, const Formatted& scalar) { return out << scalar.text; }

/// One document through yaml-cpp, which lays it out. How a string is quoted is decided here: yaml-cpp leaves "yes",
/// "0644" and "1e3" bare, which Kubernetes reads as other types, doesn't escape the line breaks of YAML 1.1, and
/// replaces characters that Unicode keeps for private ends.
class YamlWriter {
 public:
  void write(const Node& node) {
    switch (node.kind()) {
      case Kind::null:
        write_scalar("null");
        break;
      case Kind::floating:
        write_scalar(format_double(*node.as_double()));
        break;
      case Kind::boolean:
      case Kind::integer:
        write_scalar(std::string(node.scalar_text()));
        break;
      case Kind::string:
        write_text(*node.as_string());
        break;
      case Kind::sequence:
        open(node, YAML::BeginSeq);
        for (const Node& item : node.items()) write(item);
        m_out << YAML::EndSeq;
        break;
      case Kind::mapping:
        open(node, YAML::BeginMap);
        for (const auto& entry : node.entries()) write_entry(entry);
        m_out << YAML::EndMap;
        break;
    }
  }

  void take(std::string& out) const {
    out.append(m_out.c_str(), m_out.size());
    out += '\n';
  }

 private:
  /// An empty collection stands behind its key, not below it.
  void open(const Node& collection, YAML::EMITTER_MANIP begin) {
    if (collection.empty()) m_out << YAML::Flow;
    m_out << begin;
  }

  void write_entry(const Entry& entry) {
    if (entry.key.size() > k_longest_plain_key) m_out << YAML::LongKey;
    m_out << YAML::Key;
    write_line(entry.key);
    m_out << YAML::Value;
    write(entry.value);
  }

  void write_text(std::string_view text) {
    if (!is_literal_safe(text)) return write_line(text);
    text.remove_suffix(1);  // the emitter ends the last line itself
    m_out << YAML::Literal << std::string(text);
  }

  void write_line(std::string_view text) {
    if (is_plain_safe(text)) return write_scalar(std::string(text));
    std::string quoted;
    append_quoted(quoted, text);
    write_scalar(std::move(quoted));
  }

  void write_scalar(std::string text) { m_out.WriteIntegralType(Formatted{std::move(text)}); }

  YAML::Emitter m_out;
};

void append_document(std::string& out, const Node& node) {
  YamlWriter writer;
  writer.write(node);
  writer.take(out);
}

}  // namespace

std::string write_yaml(const Node& node) {
  std::string out;
  append_document(out, node);
  return out;
}

std::string write_yaml_stream(const std::vector<Node>& nodes) {
  std::string out;
  for (const auto& node : nodes) {
    out += "---\n";
    append_document(out, node);
  }
  return out;
}

}  // namespace mlk::inline v0::document
