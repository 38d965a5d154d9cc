// Reading command lines with CLI11, which no other file includes: it costs seconds of compile time a file.
#include "cli/flags.hpp"

#include <mlk/core/text.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>

namespace mlk::cli {
namespace {

Error usage(std::string what) { return {ErrorKind::usage, std::move(what)}; }

/// Longer than "-x": a word that names a flag.
bool looks_like_flag(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

bool takes_no_word(const Flag& flag) { return flag.is_switch() || flag.implied_value.has_value(); }

Result<void> assign(Flag& flag, std::string_view text) {
  if (!flag.allowed.empty() && std::find(flag.allowed.begin(), flag.allowed.end(), text) == flag.allowed.end()) {
    return usage(flag.title() + " '" + std::string(text) + "' isn't one of " + join(flag.allowed, ", ") +
                 did_you_mean(text, flag.allowed));
  }
  if (auto set = flag.set(text); !set) {
    Error error = std::move(set).error();
    error.kind = ErrorKind::usage;
    if (error.what.find(text) == std::string::npos || text.empty()) {
      error.what = flag.title() + " '" + std::string(text) + "': " + error.what;
    } else {
      error.what = flag.title() + ": " + error.what;
    }
    return error;
  }
  flag.is_given = true;
  flag.text = text;
  return {};
}

Error needs_value(const Flag& flag) { return usage("flag '" + flag.title() + "' needs a value: " + flag.value); }

Error unknown_flag(const Flags& flags, std::string_view word) {
  const std::string name(word.substr(0, word.find('=')));
  std::vector<std::string> known;
  for (const Flag& flag : flags.options()) {
    if (flag.is_hidden) continue;
    std::copy_if(flag.names.begin(), flag.names.end(), std::back_inserter(known),
                 [](const std::string& candidate) { return candidate.starts_with("--"); });
  }
  return usage("unknown flag '" + name + "'" + (name.starts_with("--") ? did_you_mean(name, known) : ""));
}

/// The flag that a word ends with and whose value comes next ("--name", "-n", "-fn"), or a null pointer.
const Flag* waiting(const Flags& flags, std::string_view word) {
  if (!looks_like_flag(word)) return nullptr;
  const Flag* flag = flags.find(word.starts_with("--") ? std::string(word) : std::string{'-', word.back()});
  return flag == nullptr || takes_no_word(*flag) ? nullptr : flag;
}

/// CLI11 takes "--name=" for a flag whose value is the next word, and "-n=x" for the value "=x". Both become two words,
/// which mean what kubectl's users expect.
std::vector<std::string> separated(const Flags& flags, const std::vector<std::string>& words) {
  std::vector<std::string> apart;
  apart.reserve(words.size());
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (*word == "--") {
      apart.insert(apart.end(), word, words.end());
      break;
    }
    const std::size_t equals = word->find('=');
    const bool is_misread = equals != std::string::npos && (equals == 2 || equals + 1 == word->size());
    if (!is_misread || waiting(flags, std::string_view(*word).substr(0, equals)) == nullptr) {
      apart.push_back(*word);
      continue;
    }
    apart.push_back(word->substr(0, equals));
    apart.push_back(word->substr(equals + 1));
  }
  return apart;
}

/// One line as CLI11 reads it: what each flag was given, and the rest in order.
class Line {
 public:
  Line(const Flags& flags, std::vector<std::string> words) : m_given(flags.options().size()) {
    m_app.set_help_flag();
    m_app.allow_extras();
    std::size_t at = 0;
    for (const Flag& flag : flags.options()) declare(flag, m_given[at++]);
    cut_waiting(flags, words);
    std::reverse(words.begin(), words.end());  // it takes them from the back
    m_app.parse(std::move(words));
    m_rest = m_app.remaining();
  }

  /// The flag at the end of the line that lacks its value, or a null pointer; the rest of the line was read.
  const Flag* waiting() const { return m_waiting; }

  const std::vector<std::string>& given(std::size_t flag) const { return m_given[flag]; }
  /// Arguments, the "--" in front of literal ones, and before that flags that nobody declared.
  const std::vector<std::string>& rest() const { return m_rest; }

 private:
  void cut_waiting(const Flags& flags, std::vector<std::string>& words) {
    if (std::find(words.begin(), words.end(), "--") != words.end()) return;
    while (!words.empty()) {
      std::string& last = words.back();
      const Flag* flag = cli::waiting(flags, last);
      if (flag == nullptr) return;
      if (m_waiting == nullptr) m_waiting = flag;
      if (last.starts_with("--") || last.size() == 2) {
        words.pop_back();
      } else {
        last.pop_back();
      }
    }
  }

  void declare(const Flag& flag, std::vector<std::string>& into) {
    if (takes_no_word(flag)) {
      std::vector<std::string> meanings = flag.names;
      if (flag.implied_value) {
        for (std::string& name : meanings) name += "{" + *flag.implied_value + "}";
      }
      m_app.add_flag(join(meanings, ","), into);
      return;
    }
    const auto take = [&into](const CLI::results_t& values) {
      into = values;
      return true;
    };
    m_app.add_option(join(flag.names, ","), take)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  CLI::App m_app;
  const Flag* m_waiting = nullptr;
  std::vector<std::vector<std::string>> m_given;
  std::vector<std::string> m_rest;
};

/// Splits what is left into arguments; the first flag among it that nobody declared, if there is one.
struct Loose {
  std::vector<std::string> arguments;
  bool is_literal = false;
  std::optional<std::string> stranger;
};

Loose sort_out(const std::vector<std::string>& rest) {
  Loose loose;
  for (const std::string& word : rest) {
    if (!loose.is_literal && word == "--") {
      loose.is_literal = true;
    } else if (!loose.is_literal && looks_like_flag(word)) {
      if (!loose.stranger) loose.stranger = word;
    } else {
      loose.arguments.push_back(word);
    }
  }
  return loose;
}

}  // namespace

Result<void> Flags::place(const std::vector<std::string>& loose) {
  std::size_t at = 0;
  for (Flag& argument : m_positionals) {
    const std::size_t room = argument.is_repeatable ? loose.size() - at : std::min<std::size_t>(1, loose.size() - at);
    if (room < argument.at_least) {
      return usage(argument.value + " is missing").because(argument.value + " is " + argument.help);
    }
    for (std::size_t i = 0; i < room; ++i) MLK_CHECK(assign(argument, loose[at++]));
  }
  if (at < loose.size()) {
    return usage("unexpected argument '" + loose[at] + "'")
        .because(m_positionals.empty() ? "this command takes no arguments"
                                       : "it takes no more than " + std::to_string(m_positionals.size()));
  }
  return {};
}

Result<void> Flags::parse(const std::vector<std::string>& words) {
  const std::vector<std::string> apart = separated(*this, words);
  const Line line(*this, apart);
  const Loose loose = sort_out(line.rest());
  if (loose.stranger) return unknown_flag(*this, *loose.stranger);
  std::size_t at = 0;
  for (Flag& flag : m_options) {
    for (const std::string& value : line.given(at++)) {
      // A flag's name is hardly ever meant as a value: saying what is missing helps more than taking it.
      const bool is_flag = !takes_no_word(flag) && find(value) != nullptr;
      if (is_flag && std::find(apart.begin(), apart.end(), value) != apart.end()) return needs_value(flag);
      MLK_CHECK(assign(flag, value));
    }
  }
  if (line.waiting() != nullptr) return needs_value(*line.waiting());
  MLK_CHECK(place(loose.arguments));
  for (const Flag& flag : m_options) {
    if (flag.is_required && !flag.is_given) return usage("flag '" + flag.title() + "' is missing").because(flag.help);
  }
  for (const auto& rule : m_rules) MLK_CHECK(rule());
  return {};
}

Flags::Cursor Flags::parse_leniently(const std::vector<std::string>& words) {
  const Line line(*this, separated(*this, words));
  std::size_t at = 0;
  for (Flag& flag : m_options) {
    for (const std::string& value : line.given(at++)) static_cast<void>(assign(flag, value));
  }
  Loose loose = sort_out(line.rest());
  return {line.waiting(), loose.is_literal, std::move(loose.arguments)};
}

}  // namespace mlk::cli
