#include "cli/flags.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>
#include <charconv>

namespace mlk::cli {
namespace {

Error usage(std::string what) { return {ErrorKind::usage, std::move(what)}; }

template <class Number>
Result<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc::result_out_of_range) return usage("the number is too large");
  if (problem != std::errc() || end != text.data() + text.size()) return usage("a number was expected");
  return number;
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

const Flag* Flags::next_argument(const Cursor& cursor) const noexcept {
  std::size_t before = cursor.loose.size();
  for (const Flag& argument : m_positionals) {
    if (before == 0 || argument.is_repeatable) return &argument;
    --before;
  }
  return nullptr;
}

}  // namespace mlk::cli
