#include "jsonpath.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <charconv>

namespace mlk::inline v0::document {

namespace {

constexpr std::size_t k_max_ranges = 32;

class TemplateParser {
 public:
  explicit TemplateParser(std::string_view text) : m_text(text) {}

  /// Pieces up to the end, or up to `{end}` inside a range.
  Result<std::vector<JsonPathPiece>> parse_pieces(std::size_t open_ranges) {
    std::vector<JsonPathPiece> pieces;
    if (open_ranges > k_max_ranges) return fail(m_at, "too many ranges inside each other");
    const std::size_t begin = m_at;
    while (m_at < m_text.size()) {
      if (m_text[m_at] != '{') {
        const auto end = std::min(m_text.find('{', m_at), m_text.size());
        JsonPathPiece piece;
        piece.text = m_text.substr(m_at, end - m_at);
        pieces.push_back(std::move(piece));
        m_at = end;
        continue;
      }
      ++m_at;
      skip_space();
      if (take_word("end")) {
        MLK_CHECK(close());
        if (open_ranges == 0) return fail(m_at - 1, "'end' without 'range'");
        return pieces;
      }
      JsonPathPiece piece;
      if (take_word("range")) {
        skip_space();
        piece.type = JsonPathPiece::Type::range;
        MLK_TRY(piece.path, parse_path());
        MLK_CHECK(close());
        MLK_TRY(piece.body, parse_pieces(open_ranges + 1));
      } else if (peek() == '"' || peek() == '\'') {
        MLK_TRY(piece.text, parse_quoted());
        MLK_CHECK(close());
      } else {
        piece.type = JsonPathPiece::Type::path;
        MLK_TRY(piece.path, parse_path());
        MLK_CHECK(close());
      }
      pieces.push_back(std::move(piece));
    }
    if (open_ranges > 0) return fail(begin - 1, "'range' without '{end}'");
    return pieces;
  }

  Result<JsonPathExpression> parse_whole_path() {
    MLK_TRY(auto path, parse_path());
    if (m_at < m_text.size()) return fail(m_at, "unexpected text after the path");
    return path;
  }

 private:
  Error fail(std::size_t at, std::string_view reason) const {
    return Error(ErrorKind::usage, fmt::format("jsonpath '{}': {} at column {}", m_text, reason, at + 1))
        .fixed_by("write for example '{.items[*].metadata.name}'");
  }

  char peek() const noexcept { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n') ++m_at;
  }
  bool take(std::string_view token) {
    if (!m_text.substr(m_at).starts_with(token)) return false;
    m_at += token.size();
    return true;
  }
  bool take_word(std::string_view word) {
    const auto rest = m_text.substr(m_at);
    if (!rest.starts_with(word)) return false;
    const char after = rest.size() > word.size() ? rest[word.size()] : '\0';
    if (after != '}' && after != ' ') return false;
    m_at += word.size();
    return true;
  }
  Result<void> close() {
    skip_space();
    if (!take("}")) return fail(m_at, "'}' is missing");
    return {};
  }

  static bool is_terminator(char c) {
    return std::string_view(" \t\n.,[]$@{}()=!<>\"'").find(c) != std::string_view::npos || c == '\0';
  }

  Result<std::string> parse_quoted() {
    const std::size_t begin = m_at;
    const char quote = m_text[m_at++];
    std::string out;
    while (peek() != quote) {
      if (m_at >= m_text.size()) return fail(begin, "the quote isn't closed");
      char c = m_text[m_at++];
      if (c == '\\' && m_at < m_text.size()) {
        c = m_text[m_at++];
        constexpr std::string_view k_escapes = "ntr";
        constexpr std::string_view k_meanings = "\n\t\r";
        if (const auto which = k_escapes.find(c); which != std::string_view::npos) c = k_meanings[which];
      }
      out += c;
    }
    ++m_at;
    return out;
  }

  std::string parse_name() {
    std::string name;
    while (m_at < m_text.size()) {
      if (m_text[m_at] == '\\' && m_at + 1 < m_text.size()) {
        ++m_at;
      } else if (is_terminator(m_text[m_at])) {
        break;
      }
      name += m_text[m_at++];
    }
    return name;
  }

  Result<JsonPathExpression> parse_path() {
    JsonPathExpression path;
    const std::size_t begin = m_at;
    bool may_name_follow = true;
    if (take("$")) {
      path.from_root = true;
      may_name_follow = false;
    } else if (take("@")) {
      may_name_follow = false;
    }
    while (m_at < m_text.size()) {
      JsonPathStep step;
      if (take("..")) {
        step.type = JsonPathStep::Type::recursive;
        path.steps.push_back(std::move(step));
        may_name_follow = true;
        continue;
      }
      if (peek() == '[') {
        MLK_TRY(step, parse_bracket());
      } else if (peek() == '.' || (may_name_follow && !is_terminator(peek()))) {
        take(".");
        if (peek() == '[') continue;
        if (take("*")) {
          step.type = JsonPathStep::Type::wildcard;
        } else {
          step.name = parse_name();
          if (step.name.empty()) {
            if (path.steps.empty() && m_at == begin + 1) return path;  // "{.}": the node itself
            return fail(m_at, "a name is missing after '.'");
          }
        }
      } else {
        break;
      }
      may_name_follow = false;
      path.steps.push_back(std::move(step));
    }
    if (m_at == begin) return fail(begin, "a path is missing");
    return path;
  }

  Result<JsonPathStep> parse_bracket() {
    JsonPathStep step;
    const std::size_t begin = m_at++;
    skip_space();
    if (take("*")) {
      step.type = JsonPathStep::Type::wildcard;
    } else if (take("?(")) {
      step.type = JsonPathStep::Type::filter;
      MLK_TRY(auto filter, parse_filter());
      step.filter = std::make_shared<const JsonPathFilter>(std::move(filter));
    } else if (peek() == '\'' || peek() == '"') {
      step.type = JsonPathStep::Type::keys;
      do {
        skip_space();
        if (peek() != '\'' && peek() != '"') return fail(m_at, "a quoted key is missing");
        MLK_TRY(auto key, parse_quoted());
        step.keys.push_back(std::move(key));
        skip_space();
      } while (take(","));
    } else {
      step.type = JsonPathStep::Type::slices;
      do {
        MLK_TRY(const auto slice, parse_slice());
        step.slices.push_back(slice);
      } while (take(","));
    }
    skip_space();
    if (!take("]")) return fail(begin, "'[' isn't closed by ']'");
    return step;
  }

  std::optional<std::int64_t> parse_integer() {
    skip_space();
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(m_text.data() + m_at, m_text.data() + m_text.size(), value);
    if (status != std::errc()) return {};
    m_at = static_cast<std::size_t>(end - m_text.data());
    return value;
  }

  Result<JsonPathSlice> parse_slice() {
    JsonPathSlice slice;
    const std::size_t begin = m_at;
    slice.begin = parse_integer();
    skip_space();
    if (!take(":")) {
      if (!slice.begin) return fail(begin, "an index, a quoted key, '*' or a filter is wanted");
      slice.is_index = true;
      return slice;
    }
    slice.end = parse_integer();
    if (take(":")) slice.step = parse_integer().value_or(1);
    if (slice.step < 1) return fail(begin, "the step of a slice must be at least 1");
    return slice;
  }

  Result<JsonPathExpression> parse_operand() {
    skip_space();
    if (peek() == '\'' || peek() == '"') {
      JsonPathExpression literal;
      MLK_TRY(auto text, parse_quoted());
      literal.literal = Node(std::move(text));
      return literal;
    }
    if (peek() == '@' || peek() == '$' || peek() == '.') return parse_path();
    const std::size_t begin = m_at;
    while (m_at < m_text.size() && std::string_view(" )=!<>]}").find(m_text[m_at]) == std::string_view::npos) ++m_at;
    const auto word = m_text.substr(begin, m_at - begin);
    JsonPathExpression literal;
    double number = 0;
    const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (word == "true" || word == "false") {
      literal.literal = Node(word == "true");
    } else if (status == std::errc() && end == word.data() + word.size() && !word.empty()) {
      literal.literal = Node(number);
    } else {
      return fail(begin, "a path that begins with '@', a number or a quoted text is wanted");
    }
    return literal;
  }

  Result<JsonPathFilter> parse_filter() {
    JsonPathFilter filter;
    MLK_TRY(filter.left, parse_operand());
    skip_space();
    if (take("==")) {
      filter.comparison = Comparison::equal;
    } else if (take("!=")) {
      filter.comparison = Comparison::not_equal;
    } else if (take("<=")) {
      filter.comparison = Comparison::less_or_equal;
    } else if (take(">=")) {
      filter.comparison = Comparison::greater_or_equal;
    } else if (take("<")) {
      filter.comparison = Comparison::less;
    } else if (take(">")) {
      filter.comparison = Comparison::greater;
    }
    if (filter.comparison != Comparison::exists) {
      MLK_TRY(filter.right, parse_operand());
    }
    skip_space();
    if (!take(")")) return fail(m_at, "')' is missing after the filter");
    return filter;
  }

  std::string_view m_text;
  std::size_t m_at = 0;
};

}  // namespace

Result<std::vector<JsonPathPiece>> parse_jsonpath(std::string_view text) {
  // As kubectl: a bare path needs no braces.
  if (text.find('{') == std::string_view::npos && !trim(text).empty()) {
    JsonPathPiece piece;
    piece.type = JsonPathPiece::Type::path;
    MLK_TRY(piece.path, TemplateParser(trim(text)).parse_whole_path());
    return std::vector<JsonPathPiece>{std::move(piece)};
  }
  return TemplateParser(text).parse_pieces(0);
}

}  // namespace mlk::inline v0::document
