#pragma once

#include <mlk/core/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::validation::schema {

/// The words of one line of a distilled source: bare words, quoted ones, and key=value where the value may be JSON.
class SourceLine {
 public:
  struct Attribute {
    std::string_view key;
    std::string_view value;  ///< as it stands; JSON where it begins with a quote, bracket or brace
  };

  explicit SourceLine(std::string_view text);

  /// Spaces in front: how deep the line stands.
  std::size_t depth() const noexcept { return m_depth; }
  bool at_end() const noexcept { return m_at >= m_text.size(); }
  std::string_view rest() const noexcept { return m_text.substr(m_at); }
  bool take(char mark) noexcept;
  /// Up to the next space; of a quoted word the quotes come along, a space in them doesn't end it.
  std::string_view word() noexcept;
  Attribute attribute() noexcept;

 private:
  std::size_t end_of_value(std::size_t from) const noexcept;
  void skip_space() noexcept;

  std::string_view m_text;
  std::size_t m_depth = 0;
  std::size_t m_at = 0;
};

/// A bare or quoted word as the text that it stands for; a list of them.
Result<std::string> read_word(std::string_view value);
Result<std::vector<std::string>> read_words(std::string_view value);
/// The items of a JSON list, each as JSON.
Result<std::vector<std::string>> read_json_items(std::string_view value);

}  // namespace mlk::inline v0::validation::schema
