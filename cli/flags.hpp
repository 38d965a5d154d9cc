#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::cli {

/// What Tab offers for a value.
enum class Source : std::uint8_t {
  nothing,
  files,
  directories,
  contexts,
  namespaces,
  environments,  ///< of mlk.yaml
  sections,      ///< job/x, service/y, model/z of mlk.yaml
  job_sections,  ///< names of jobs in mlk.yaml
  service_sections,
  model_sections,
  live_jobs,  ///< names in the cluster
  live_services,
  schema_systems,  ///< systems whose schemas are known
  image_tags,
  gpu_models,
};

/// One declared flag or argument; built by Flags, refined by chaining.
class Flag {
 public:
  using Set = std::function<Result<void>(std::string_view)>;

  Flag& completes(Source source);
  /// Only these values; anything else is a usage error that names them. Tab offers them.
  Flag& choices(std::vector<std::string> values);
  Flag& required();
  /// The value may be left out ("--dry-run" for "--dry-run=client"); then one has to be given with "=".
  Flag& implied(std::string meaning);
  Flag& hidden();

  std::vector<std::string> names;  ///< "-f", "--follow"; for an argument, none
  std::string value;               ///< "NAME"; empty for a switch
  std::string help;
  std::string group;
  std::vector<std::string> allowed;
  std::vector<std::string> suggestions;  ///< what Tab offers where other values are right too
  std::optional<std::string> implied_value;
  Source source = Source::nothing;
  bool is_required = false;
  bool is_repeatable = false;
  bool is_hidden = false;
  bool is_given = false;
  std::string text;          ///< what was given last, as it was typed
  std::size_t at_least = 0;  ///< of an argument
  Set set;

  bool is_switch() const noexcept { return value.empty(); }
  /// The longest name, for messages: "--follow", or "NAME".
  const std::string& title() const noexcept;
};

/// How a verb declares what it takes. Values land in the variables given here, which have to outlive the parsing.
/// Names are "-f,--follow"; a value's placeholder is upper case.
class Flags {
 public:
  /// The paragraphs under the one-liner in the verb's help.
  Flags& about(std::string_view text);
  Flags& example(std::string_view command, std::string_view what);
  /// Flags declared after this are listed under the title; under none, they are the verb's own. Who shares a group of
  /// flags among verbs ends with group("").
  Flags& group(std::string_view title);

  Flag& option(bool& into, std::string_view names, std::string_view help);
  Flag& option(std::string& into, std::string_view names, std::string_view value, std::string_view help);
  Flag& option(std::optional<std::string>& into, std::string_view names, std::string_view value, std::string_view help);
  /// Repeatable; each use adds one.
  Flag& option(std::vector<std::string>& into, std::string_view names, std::string_view value, std::string_view help);
  Flag& option(int& into, std::string_view names, std::string_view value, std::string_view help);
  Flag& option(std::int64_t& into, std::string_view names, std::string_view value, std::string_view help);
  Flag& option(std::optional<std::int64_t>& into, std::string_view names, std::string_view value,
               std::string_view help);
  Flag& option(double& into, std::string_view names, std::string_view value, std::string_view help);
  Flag& option(Milliseconds& into, std::string_view names, std::string_view value, std::string_view help);
  Flag& option(std::optional<Milliseconds>& into, std::string_view names, std::string_view value,
               std::string_view help);
  /// Anything else: `set` reads the text, its error says what was expected.
  Flag& option_of(Flag::Set set, std::string_view names, std::string_view value, std::string_view help);
  /// Counts its uses: -v, -vv.
  Flag& count(int& into, std::string_view names, std::string_view help);

  /// Arguments without a dash, in the order of declaration: one that must be there, one that may, or all that remain.
  Flag& argument(std::string& into, std::string_view name, std::string_view help);
  Flag& argument(std::optional<std::string>& into, std::string_view name, std::string_view help);
  Flag& arguments(std::vector<std::string>& into, std::string_view name, std::string_view help,
                  std::size_t at_least = 0);

  /// Replaces the usual -o formats by the verb's own; the first one is the default. Read it back by
  /// Context::output(). A format that isn't json or yaml needs Report::verbatim.
  Flags& output_formats(std::vector<std::string> formats);
  const std::vector<std::string>& own_output_formats() const noexcept { return m_output_formats; }

  /// Checked after parsing: what flags mean together. Usage errors belong here and not in run.
  Flags& check(std::function<Result<void>()> rule);

  /// Reads the words. Every failure is a usage error that quotes what was typed.
  Result<void> parse(const std::vector<std::string>& words);

  /// Where a half-typed line stands after its finished words.
  struct Cursor {
    const Flag* awaiting = nullptr;  ///< the flag whose value comes next
    bool is_literal = false;         ///< after "--": no flags any more
    std::vector<std::string> loose;  ///< the arguments so far
  };
  /// As parse, but takes what it can and complains of nothing.
  Cursor parse_leniently(const std::vector<std::string>& words);
  /// The argument that comes next, or a null pointer when there are enough.
  const Flag* next_argument(const Cursor& cursor) const noexcept;

  const std::string& about_text() const noexcept { return m_about; }
  struct Example {
    std::string command, what;
  };
  const std::vector<Example>& examples() const noexcept { return m_examples; }
  const std::deque<Flag>& options() const noexcept { return m_options; }
  const std::deque<Flag>& positionals() const noexcept { return m_positionals; }
  const Flag* find(std::string_view name) const noexcept;

 private:
  Flag& add(std::string_view names, std::string_view value, std::string_view help, Flag::Set set);
  Flag& add_argument(std::string_view name, std::string_view help, std::size_t at_least, Flag::Set set);
  Result<void> place(const std::vector<std::string>& loose);

  std::string m_about;
  std::vector<Example> m_examples;
  std::string m_group;
  std::deque<Flag> m_options;  // a deque: references handed out stay valid
  std::deque<Flag> m_positionals;
  std::vector<std::string> m_output_formats;
  std::vector<std::function<Result<void>()>> m_rules;
};

}  // namespace mlk::cli
