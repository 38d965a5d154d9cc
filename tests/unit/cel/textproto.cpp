#include "textproto.hpp"

#include <cstdint>
#include <stdexcept>

namespace textproto {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '+' || c == '/';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : m_text(text) {}

  Field message(char closing) {
    Field out;
    out.is_message = true;
    while (true) {
      skip();
      if (at_end() || peek() == closing) break;
      field(out);
      skip();
      if (!at_end() && (peek() == ',' || peek() == ';')) ++m_at;
    }
    if (closing != '\0') take(closing);
    return out;
  }

 private:
  bool at_end() const { return m_at >= m_text.size(); }
  char peek() const { return at_end() ? '\0' : m_text[m_at]; }

  [[noreturn]] void fail(const std::string& what) const {
    std::size_t line = 1;
    for (std::size_t i = 0; i < m_at && i < m_text.size(); ++i) line += m_text[i] == '\n' ? 1 : 0;
    throw std::runtime_error("line " + std::to_string(line) + ": " + what);
  }

  void take(char c) {
    skip();
    if (peek() != c) fail(std::string("expected ") + c);
    ++m_at;
  }

  void skip() {
    while (!at_end()) {
      if (is_space(peek())) {
        ++m_at;
      } else if (peek() == '#') {
        while (!at_end() && peek() != '\n') ++m_at;
      } else {
        return;
      }
    }
  }

  std::string word() {
    std::string out;
    while (is_word(peek())) out += m_text[m_at++];
    if (out.empty()) fail("expected a word");
    return out;
  }

  void field(Field& parent) {
    std::string name;
    if (peek() == '[') {
      ++m_at;
      name = "[" + word() + "]";
      take(']');
    } else {
      name = word();
    }
    skip();
    if (peek() == ':') ++m_at;
    skip();
    if (peek() == '[') {
      ++m_at;
      for (skip(); peek() != ']'; skip()) {
        value(parent, name);
        skip();
        if (peek() == ',') ++m_at;
      }
      take(']');
      return;
    }
    value(parent, name);
  }

  void value(Field& parent, const std::string& name) {
    Field out;
    if (peek() == '{' || peek() == '<') {
      const char closing = peek() == '{' ? '}' : '>';
      ++m_at;
      out = message(closing);
    } else if (peek() == '"' || peek() == '\'') {
      while (peek() == '"' || peek() == '\'') {
        quoted(out.text);
        skip();
      }
    } else {
      out.text = word();
    }
    out.name = name;
    parent.fields.push_back(std::move(out));
  }

  void quoted(std::string& out) {
    const char quote = m_text[m_at++];
    while (peek() != quote) {
      if (at_end()) fail("a string without end");
      if (peek() != '\\') {
        out += m_text[m_at++];
        continue;
      }
      ++m_at;
      escape(out);
    }
    ++m_at;
  }

  static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
  }

  std::uint32_t number(int base, int most) {
    std::uint32_t value = 0;
    for (int i = 0; i < most && digit(peek()) < base; ++i) {
      value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit(m_text[m_at++]));
    }
    return value;
  }

  static void append(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
              static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
  }

  void escape(std::string& out) {
    static constexpr std::string_view names = "abfnrtv\\'\"?";
    static constexpr std::string_view values = "\a\b\f\n\r\t\v\\'\"?";
    const char c = peek();
    if (const auto at = names.find(c); at != std::string_view::npos) {
      ++m_at;
      out += values[at];
    } else if (c == 'x' || c == 'X') {
      ++m_at;
      out += static_cast<char>(number(16, 2));
    } else if (c == 'u' || c == 'U') {
      ++m_at;
      append(out, number(16, c == 'u' ? 4 : 8));
    } else if (c >= '0' && c <= '7') {
      out += static_cast<char>(number(8, 3));
    } else {
      fail("an escape that nobody knows");
    }
  }

  std::string_view m_text;
  std::size_t m_at = 0;
};

}  // namespace

const Field* Field::find(std::string_view wanted) const {
  for (const auto& field : fields) {
    if (field.name == wanted) return &field;
  }
  return nullptr;
}

std::vector<const Field*> Field::all(std::string_view wanted) const {
  std::vector<const Field*> out;
  for (const auto& field : fields) {
    if (field.name == wanted) out.push_back(&field);
  }
  return out;
}

std::string Field::text_of(std::string_view wanted) const {
  const auto* field = find(wanted);
  return field == nullptr ? std::string() : field->text;
}

Field parse(std::string_view text) { return Reader(text).message('\0'); }

}  // namespace textproto
