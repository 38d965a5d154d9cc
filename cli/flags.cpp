#include "cli/flags.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>
#include <charconv>

namespace mlk::cli {
namespace {

Error usage(std::string what) { return {ErrorKind::usage, std::move(what)}; }

/// Longer than "-x": a word that names a flag.
bool looks_like_flag(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

template <class Number>
Result<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc::result_out_of_range) return usage("the number is too large");
  if (problem != std::errc() || end != text.data() + text.size()) return usage("a number was expected");
  return number;
}

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

Error needs_value(const Flag& flag, std::string_view typed) {
  return usage("flag '" + std::string(typed) + "' needs a value: " + flag.value);
}

}  // namespace

Flag& Flag::completes(Source from) {
  source = from;
  return *this;
}

Flag& Flag::choices(std::vector<std::string> values) {
  allowed = std::move(values);
  return *this;
}

Flag& Flag::required() {
  is_required = true;
  return *this;
}

Flag& Flag::implied(std::string meaning) {
  implied_value = std::move(meaning);
  return *this;
}

Flag& Flag::hidden() {
  is_hidden = true;
  return *this;
}

const std::string& Flag::title() const noexcept { return names.empty() ? value : names.back(); }

Flags& Flags::about(std::string_view text) {
  if (!m_about.empty()) m_about += "\n\n";
  m_about += text;
  return *this;
}

Flags& Flags::example(std::string_view command, std::string_view what) {
  m_examples.push_back({std::string(command), std::string(what)});
  return *this;
}

Flags& Flags::group(std::string_view title) {
  m_group = title;
  return *this;
}

Flag& Flags::add(std::string_view names, std::string_view value, std::string_view help, Flag::Set set) {
  Flag& flag = m_options.emplace_back();
  flag.names = split(names, ',');
  flag.value = value;
  flag.help = help;
  flag.group = m_group;
  flag.set = std::move(set);
  return flag;
}

Flag& Flags::add_argument(std::string_view name, std::string_view help, std::size_t at_least, Flag::Set set) {
  Flag& flag = m_positionals.emplace_back();
  flag.value = name;
  flag.help = help;
  flag.at_least = at_least;
  flag.is_required = at_least > 0;
  flag.set = std::move(set);
  return flag;
}

Flag& Flags::option(bool& into, std::string_view names, std::string_view help) {
  return add(names, "", help, [&into](std::string_view text) -> Result<void> {
    if (text != "true" && text != "false") return usage("true or false was expected");
    into = text == "true";
    return {};
  });
}

Flag& Flags::option(std::string& into, std::string_view names, std::string_view value, std::string_view help) {
  return add(names, value, help, [&into](std::string_view text) -> Result<void> {
    into = text;
    return {};
  });
}

Flag& Flags::option(std::optional<std::string>& into, std::string_view names, std::string_view value,
                    std::string_view help) {
  return add(names, value, help, [&into](std::string_view text) -> Result<void> {
    into = std::string(text);
    return {};
  });
}

Flag& Flags::option(std::vector<std::string>& into, std::string_view names, std::string_view value,
                    std::string_view help) {
  Flag& flag = add(names, value, help, [&into](std::string_view text) -> Result<void> {
    into.emplace_back(text);
    return {};
  });
  flag.is_repeatable = true;
  return flag;
}

Flag& Flags::option(int& into, std::string_view names, std::string_view value, std::string_view help) {
  return add(names, value, help, [&into](std::string_view text) -> Result<void> {
    MLK_TRY(into, parse_number<int>(text));
    return {};
  });
}

Flag& Flags::option(std::int64_t& into, std::string_view names, std::string_view value, std::string_view help) {
  return add(names, value, help, [&into](std::string_view text) -> Result<void> {
    MLK_TRY(into, parse_number<std::int64_t>(text));
    return {};
  });
}

Flag& Flags::option(std::optional<std::int64_t>& into, std::string_view names, std::string_view value,
                    std::string_view help) {
  return add(names, value, help, [&into](std::string_view text) -> Result<void> {
    MLK_TRY(into, parse_number<std::int64_t>(text));
    return {};
  });
}

Flag& Flags::option(double& into, std::string_view names, std::string_view value, std::string_view help) {
  return add(names, value, help, [&into](std::string_view text) -> Result<void> {
    MLK_TRY(into, parse_number<double>(text));
    return {};
  });
}

Flag& Flags::option(Milliseconds& into, std::string_view names, std::string_view value, std::string_view help) {
  return add(names, value, help, [&into](std::string_view text) -> Result<void> {
    MLK_TRY(into, parse_duration(text));
    return {};
  });
}

Flag& Flags::option(std::optional<Milliseconds>& into, std::string_view names, std::string_view value,
                    std::string_view help) {
  return add(names, value, help, [&into](std::string_view text) -> Result<void> {
    MLK_TRY(into, parse_duration(text));
    return {};
  });
}

Flag& Flags::option_of(Flag::Set set, std::string_view names, std::string_view value, std::string_view help) {
  return add(names, value, help, std::move(set));
}

Flag& Flags::count(int& into, std::string_view names, std::string_view help) {
  Flag& flag = add(names, "", help, [&into](std::string_view text) -> Result<void> {
    into = text == "false" ? 0 : into + 1;
    return {};
  });
  flag.is_repeatable = true;
  return flag;
}

Flag& Flags::argument(std::string& into, std::string_view name, std::string_view help) {
  return add_argument(name, help, 1, [&into](std::string_view text) -> Result<void> {
    into = text;
    return {};
  });
}

Flag& Flags::argument(std::optional<std::string>& into, std::string_view name, std::string_view help) {
  return add_argument(name, help, 0, [&into](std::string_view text) -> Result<void> {
    into = std::string(text);
    return {};
  });
}

Flag& Flags::arguments(std::vector<std::string>& into, std::string_view name, std::string_view help,
                       std::size_t at_least) {
  Flag& flag = add_argument(name, help, at_least, [&into](std::string_view text) -> Result<void> {
    into.emplace_back(text);
    return {};
  });
  flag.is_repeatable = true;
  return flag;
}

Flags& Flags::output_formats(std::vector<std::string> formats) {
  m_output_formats = std::move(formats);
  return *this;
}

Flags& Flags::check(std::function<Result<void>()> rule) {
  m_rules.push_back(std::move(rule));
  return *this;
}

const Flag* Flags::find(std::string_view name) const noexcept {
  for (const Flag& flag : m_options) {
    if (std::find(flag.names.begin(), flag.names.end(), name) != flag.names.end()) return &flag;
  }
  return nullptr;
}

Flag* Flags::find(std::string_view name) noexcept {
  return const_cast<Flag*>(static_cast<const Flags&>(*this).find(name));
}

Error Flags::unknown(const std::string& name) const {
  std::vector<std::string> known;
  for (const Flag& flag : m_options) {
    if (flag.is_hidden) continue;
    std::copy_if(flag.names.begin(), flag.names.end(), std::back_inserter(known),
                 [](const std::string& candidate) { return candidate.starts_with("--"); });
  }
  return usage("unknown flag '" + name + "'" + (name.starts_with("--") ? did_you_mean(name, known) : ""));
}

Result<std::size_t> Flags::parse_long(const std::vector<std::string>& words, std::size_t at) {
  const std::string& word = words[at];
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  Flag* flag = find(name);
  if (flag == nullptr) return unknown(name);
  if (equals != std::string::npos) {
    MLK_CHECK(assign(*flag, std::string_view(word).substr(equals + 1)));
    return at + 1;
  }
  if (flag->is_switch() || flag->implied_value) {
    MLK_CHECK(assign(*flag, flag->is_switch() ? "true" : *flag->implied_value));
    return at + 1;
  }
  // A flag's name is hardly ever meant as a value: saying what is missing helps more than taking it.
  if (at + 1 == words.size() || find(words[at + 1]) != nullptr) return needs_value(*flag, name);
  MLK_CHECK(assign(*flag, words[at + 1]));
  return at + 2;
}

Result<std::size_t> Flags::parse_short(const std::vector<std::string>& words, std::size_t at) {
  const std::string& word = words[at];
  for (std::size_t i = 1; i < word.size(); ++i) {
    const std::string name = std::string("-") + word[i];
    Flag* flag = find(name);
    if (flag == nullptr) return unknown(i == 1 && word.size() > 2 ? word : name);
    const std::string_view rest = std::string_view(word).substr(i + 1);
    if (flag->is_switch() || (rest.empty() && flag->implied_value)) {
      MLK_CHECK(assign(*flag, flag->is_switch() ? "true" : *flag->implied_value));
      continue;
    }
    if (!rest.empty()) {
      MLK_CHECK(assign(*flag, rest.front() == '=' ? rest.substr(1) : rest));
      return at + 1;
    }
    if (at + 1 == words.size() || find(words[at + 1]) != nullptr) return needs_value(*flag, name);
    MLK_CHECK(assign(*flag, words[at + 1]));
    return at + 2;
  }
  return at + 1;
}

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
  std::vector<std::string> loose;
  bool is_literal = false;
  for (std::size_t at = 0; at < words.size();) {
    const std::string& word = words[at];
    if (is_literal || !looks_like_flag(word)) {
      loose.push_back(word);
      ++at;
    } else if (word == "--") {
      is_literal = true;
      ++at;
    } else if (word.starts_with("--")) {
      MLK_TRY(at, parse_long(words, at));
    } else {
      MLK_TRY(at, parse_short(words, at));
    }
  }
  MLK_CHECK(place(loose));
  for (const Flag& flag : m_options) {
    if (flag.is_required && !flag.is_given) return usage("flag '" + flag.title() + "' is missing").because(flag.help);
  }
  for (const auto& rule : m_rules) MLK_CHECK(rule());
  return {};
}

Flags::Cursor Flags::parse_leniently(const std::vector<std::string>& words) {
  Cursor cursor;
  for (std::size_t at = 0; at < words.size();) {
    const std::string& word = words[at];
    if (cursor.is_literal || !looks_like_flag(word)) {
      cursor.loose.push_back(word);
      ++at;
      continue;
    }
    if (word == "--") {
      cursor.is_literal = true;
      ++at;
      continue;
    }
    const bool is_last = at + 1 == words.size();
    const auto next = word.starts_with("--") ? parse_long(words, at) : parse_short(words, at);
    if (next) {
      at = *next;
      continue;
    }
    const Flag* flag = find(word.starts_with("--") ? word : "-" + word.substr(word.size() - 1));
    if (is_last && flag != nullptr && !flag->is_switch()) cursor.awaiting = flag;
    ++at;
  }
  return cursor;
}

const Flag* Flags::next_argument(const Cursor& cursor) const noexcept {
  std::size_t before = cursor.loose.size();
  for (const Flag& argument : m_positionals) {
    if (before == 0 || argument.is_repeatable) return &argument;
    --before;
  }
  return nullptr;
}

}  // namespace mlk::cli
