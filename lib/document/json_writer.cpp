#include "scalar.hpp"
#include "utf8.hpp"

#include <mlk/document/writer.hpp>

#include <fmt/format.h>

#include <cmath>

namespace mlk::inline v0::document {

namespace {

class JsonWriter {
 public:
  JsonWriter(std::string& out, int indent) : m_out(out), m_indent(indent > 0 ? static_cast<std::size_t>(indent) : 0) {}

  void write(const Node& node, std::size_t depth) {
    switch (node.kind()) {
      case Kind::null:
        m_out += "null";
        break;
      case Kind::boolean:
      case Kind::integer:
        m_out += node.scalar_text();
        break;
      case Kind::floating:
        write_double(*node.as_double());
        break;
      case Kind::string:
        write_string(*node.as_string());
        break;
      case Kind::sequence:
        write_items(node, depth);
        break;
      case Kind::mapping:
        write_entries(node, depth);
        break;
    }
  }

 private:
  void break_line(std::size_t depth) {
    if (m_indent == 0) return;
    m_out += '\n';
    m_out.append(depth * m_indent, ' ');
  }

  void write_items(const Node& node, std::size_t depth) {
    m_out += '[';
    bool is_first = true;
    for (const auto& item : node.items()) {
      if (!is_first) m_out += ',';
      is_first = false;
      break_line(depth + 1);
      write(item, depth + 1);
    }
    if (!is_first) break_line(depth);
    m_out += ']';
  }

  void write_entries(const Node& node, std::size_t depth) {
    m_out += '{';
    bool is_first = true;
    for (const auto& entry : node.entries()) {
      if (!is_first) m_out += ',';
      is_first = false;
      break_line(depth + 1);
      write_string(entry.key);
      m_out += m_indent == 0 ? ":" : ": ";
      write(entry.value, depth + 1);
    }
    if (!is_first) break_line(depth);
    m_out += '}';
  }

  /// Whole numbers stand without a point, or Go's reader refuses them for an integer field.
  void write_double(double value) {
    constexpr double k_exact_integers = 9007199254740992.0;  // 2^53
    if (!std::isfinite(value)) {
      m_out += "null";
    } else if (std::abs(value) <= k_exact_integers && std::trunc(value) == value) {
      m_out += fmt::format_int(static_cast<std::int64_t>(value)).str();
    } else {
      m_out += format_double(value);
    }
  }

  void write_string(std::string_view text) {
    m_out += '"';
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto c = static_cast<unsigned char>(text[at]);
      if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
        ++at;
        continue;
      }
      const CodePoint point = decode_utf8(text, at);
      if (point.is_valid && point.length > 1) {
        at += point.length;
        continue;
      }
      m_out += text.substr(begin, at - begin);
      write_escape(point);
      begin = ++at;
    }
    m_out += text.substr(begin);
    m_out += '"';
  }

  void write_escape(const CodePoint& point) {
    if (!point.is_valid) {
      m_out += k_replacement_character;
      return;
    }
    switch (point.value) {
      case '"':
        m_out += "\\\"";
        break;
      case '\\':
        m_out += "\\\\";
        break;
      case '\n':
        m_out += "\\n";
        break;
      case '\r':
        m_out += "\\r";
        break;
      case '\t':
        m_out += "\\t";
        break;
      default:
        m_out += fmt::format("\\u{:04x}", point.value);
    }
  }

  std::string& m_out;
  std::size_t m_indent;
};

}  // namespace

std::string write_json(const Node& node, int indent) {
  std::string out;
  JsonWriter(out, indent).write(node, 0);
  return out;
}

}  // namespace mlk::inline v0::document
