#include "cli/completion/words.hpp"

namespace mlk::cli {

std::vector<std::string> split_line(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool is_in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char letter = line[at];
    if (quote == 0 && (letter == ' ' || letter == '\t' || letter == '\n')) {
      if (is_in_word) words.push_back(std::move(word));
      word.clear();
      is_in_word = false;
      continue;
    }
    is_in_word = true;
    if (quote != 0 && letter == quote) {
      quote = 0;
    } else if (quote == 0 && (letter == '\'' || letter == '"')) {
      quote = letter;
    } else if (letter == '\\' && quote != '\'' && at + 1 < line.size()) {
      word += line[++at];
    } else {
      word += letter;
    }
  }
  words.push_back(std::move(word));
  return words;
}

}  // namespace mlk::cli
