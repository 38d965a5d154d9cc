#include "source_text.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/tree.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

namespace mlk::inline v0::document {

namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | (c >> 6U));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | (c >> 12U));
    out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | (c >> 18U));
    out += static_cast<char>(0x80U | ((c >> 12U) & 0x3FU));
    out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

/// Reads JSON with the place of every key and value. Errors are given once, at the first character that is wrong.
class StreamReader {
 public:
  StreamReader(const Chunk& chunk, FileName file, Documents& out)
      : m_text(chunk.text), m_file(std::move(file)), m_out(out), m_position(chunk.text, chunk.first_line) {}

  bool read() {
    std::vector<Diagnostic> found;
    std::swap(found, m_out.diagnostics);
    bool is_json = true;
    for (skip_space(); m_at < m_text.size(); skip_space()) {
      Node root;
      if (!read_value(root, 1)) {
        is_json = m_objects > 0 || m_is_too_deep;
        break;
      }
      ++m_objects;
      m_out.nodes.push_back(std::move(root));
    }
    if (!is_json) m_out.diagnostics.clear();
    m_out.diagnostics.insert(m_out.diagnostics.begin(), std::make_move_iterator(found.begin()),
                             std::make_move_iterator(found.end()));
    return is_json;
  }

 private:
  void skip_space() {
    while (m_at < m_text.size() && is_space(m_text[m_at])) ++m_at;
  }
  char peek() const noexcept { return m_at < m_text.size() ? m_text[m_at] : '\0'; }

  Place begin_place() {
    m_position.move_to(m_at);
    return {m_file, m_position.line(), m_position.column(), m_position.line(), m_position.column()};
  }
  void end_place(Place& place) {
    m_position.move_to(m_at);
    place.end_line = m_position.line();
    place.end_column = m_position.column();
  }

  bool fail(std::string_view wanted) {
    Diagnostic problem;
    problem.code = "yaml-syntax";
    problem.place = begin_place();
    problem.path = format_path(m_path);
    problem.message = m_at >= m_text.size() ? fmt::format("the text ends where {} should stand", wanted)
                                            : fmt::format("{} should stand here", wanted);
    m_out.diagnostics.push_back(std::move(problem));
    return false;
  }

  bool read_value(Node& out, std::size_t depth) {
    if (depth > k_max_depth) {
      m_is_too_deep = true;
      fail("no further level");
      m_out.diagnostics.back().code = "yaml-depth";
      m_out.diagnostics.back().message = fmt::format("nested deeper than {} levels", k_max_depth);
      m_out.diagnostics.back().path.clear();
      return false;
    }
    Place place = begin_place();
    bool is_good = false;
    switch (peek()) {
      case '{':
        is_good = read_object(out, depth);
        break;
      case '[':
        is_good = read_array(out, depth);
        break;
      case '"': {
        std::string text;
        is_good = read_string(text);
        out = Node(std::move(text));
        break;
      }
      default:
        is_good = read_word(out) || read_number(out, place);
        if (!is_good) return fail("a value");
    }
    if (!is_good) return false;
    end_place(place);
    out.set_place(std::move(place));
    return true;
  }

  bool read_word(Node& out) {
    const auto rest = m_text.substr(m_at);
    if (rest.starts_with("true")) {
      out = Node(true);
      m_at += 4;
    } else if (rest.starts_with("false")) {
      out = Node(false);
      m_at += 5;
    } else if (rest.starts_with("null")) {
      out = Node();
      m_at += 4;
    } else {
      return false;
    }
    return true;
  }

  bool read_number(Node& out, const Place& place) {
    const auto is_number_character = [](char c) {
      return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    };
    std::size_t end = m_at;
    while (end < m_text.size() && is_number_character(m_text[end])) ++end;
    const auto text = m_text.substr(m_at, end - m_at);
    const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
    const bool has_leading_zero = digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
    if (digits.empty() || digits[0] < '0' || digits[0] > '9' || has_leading_zero || digits.back() == '.') return false;
    std::int64_t integer = 0;
    const auto* last = text.data() + text.size();
    const auto whole = std::from_chars(text.data(), last, integer);
    if (whole.ec == std::errc() && whole.ptr == last) {
      out = Node(integer);
    } else {
      double value = 0;
      const auto real = std::from_chars(text.data(), last, value);
      if (real.ec != std::errc() || real.ptr != last) return false;
      out = Node(value);
      if (whole.ptr == last) {
        Diagnostic problem;
        problem.severity = Severity::warning;
        problem.code = "yaml-number";
        problem.place = place;
        problem.path = format_path(m_path);
        problem.message = fmt::format("'{}' doesn't fit 64 bits", text);
        problem.fix = "put it in quotes if text is meant";
        m_out.diagnostics.push_back(std::move(problem));
      }
    }
    m_at = end;
    return true;
  }

  bool read_hex(std::uint32_t& out) {
    const auto digits = m_text.substr(std::min(m_at, m_text.size()), 4);
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
    if (status != std::errc() || digits.size() != 4 || end != digits.data() + 4) return fail("four hexadecimal digits");
    m_at += 4;
    return true;
  }

  bool read_escape(std::string& out) {
    constexpr std::string_view k_escapes = "\"\\/bfnrt";
    constexpr std::string_view k_meanings = "\"\\/\b\f\n\r\t";
    const char c = peek();
    if (const auto which = k_escapes.find(c); c != '\0' && which != std::string_view::npos) {
      out += k_meanings[which];
      ++m_at;
      return true;
    }
    if (c != 'u') return fail("an escape that JSON knows");
    ++m_at;
    std::uint32_t code = 0;
    if (!read_hex(code)) return false;
    if (code >= 0xD800 && code < 0xDC00 && m_text.substr(m_at).starts_with("\\u")) {
      const std::size_t before = m_at;
      m_at += 2;
      std::uint32_t low = 0;
      if (!read_hex(low)) return false;
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
      } else {
        m_at = before;
      }
    }
    // Half of a pair is no character; Go's reader replaces it too.
    append_utf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFDU : code);
    return true;
  }

  bool read_string(std::string& out) {
    if (peek() != '"') return fail("a key in double quotes");
    ++m_at;
    while (true) {
      std::size_t end = m_at;
      while (end < m_text.size() && m_text[end] != '"' && m_text[end] != '\\' &&
             static_cast<unsigned char>(m_text[end]) >= 0x20) {
        ++end;
      }
      out += m_text.substr(m_at, end - m_at);
      m_at = end;
      if (peek() == '"') break;
      if (peek() != '\\') return fail("the closing quote");
      ++m_at;
      if (!read_escape(out)) return false;
    }
    ++m_at;
    return true;
  }

  bool read_array(Node& out, std::size_t depth) {
    std::vector<Node> items;
    ++m_at;
    skip_space();
    while (peek() != ']') {
      if (!items.empty()) {
        if (peek() != ',') return fail("',' or ']'");
        ++m_at;
        skip_space();
      }
      m_path.emplace_back(items.size());
      Node item;
      if (!read_value(item, depth + 1)) return false;
      m_path.pop_back();
      items.push_back(std::move(item));
      skip_space();
    }
    ++m_at;
    out = Node::sequence(std::move(items));
    return true;
  }

  bool read_object(Node& out, std::size_t depth) {
    out = Node::mapping();
    KeyIndex index;
    ++m_at;
    skip_space();
    while (peek() != '}') {
      if (!out.empty()) {
        if (peek() != ',') return fail("',' or '}'");
        ++m_at;
        skip_space();
      }
      Entry entry;
      entry.key_place = begin_place();
      if (!read_string(entry.key)) return false;
      end_place(entry.key_place);
      skip_space();
      if (peek() != ':') return fail("':'");
      ++m_at;
      skip_space();
      m_path.emplace_back(entry.key);
      if (!read_value(entry.value, depth + 1)) return false;
      add(out.entries_mutable(), index, std::move(entry));
      m_path.pop_back();
      skip_space();
    }
    ++m_at;
    return true;
  }

  void add(std::vector<Entry>& entries, KeyIndex& index, Entry entry) {
    const std::size_t at = index.find(entries, entry.key);
    if (at == entries.size()) {
      entries.push_back(std::move(entry));
      return;
    }
    Diagnostic problem;
    problem.code = "duplicate-key";
    problem.place = entry.key_place;
    problem.path = format_path(m_path);
    problem.message = fmt::format("the key '{}' is there twice", printable(entry.key));
    problem.why = "only the last one counts";
    problem.fix = "remove one of the two";
    problem.related.push_back({entries[at].key_place, "the first one"});
    m_out.diagnostics.push_back(std::move(problem));
    entries[at] = std::move(entry);
  }

  std::string_view m_text;
  FileName m_file;
  Documents& m_out;
  Position m_position;
  std::size_t m_at = 0;
  std::size_t m_objects = 0;
  bool m_is_too_deep = false;
  Path m_path;
};

}  // namespace

bool read_json_stream(const Chunk& chunk, const FileName& file, Documents& out) {
  return StreamReader(chunk, file, out).read();
}

}  // namespace mlk::inline v0::document
