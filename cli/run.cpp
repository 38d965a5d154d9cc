#include "cli/run.hpp"

#include "cli/completion/engine.hpp"
#include "cli/completion/live.hpp"
#include "cli/error_report.hpp"
#include "cli/everywhere.hpp"
#include "cli/exit_code.hpp"
#include "cli/help.hpp"
#include "cli/printer.hpp"
#include "cli/reference/write.hpp"
#include "cli/select.hpp"
#include "commands/context.hpp"

#include <exception>

namespace mlk::cli {
namespace {

/// A run of the chosen command: its flags, the settings that every command has, and what came of it.
class Run {
 public:
  explicit Run(Environment& environment) : m_environment(environment), m_context(environment, m_settings) {}

  int go(const std::vector<std::string>& words) {
    if (!words.empty() && words.front().starts_with("__")) return run_hidden(words);
    set_from_words(words, m_settings);
    auto selection = select(words);
    if (!selection) return fail(selection.error());
    if (selection->wants_version) selection->command = find_command("version");
    const Command* command = selection->command;
    if (command == nullptr) return help_or_flag(*selection);
    if (command->is_noun())
      return selection->wants_help ? show(help(describe_noun(*command), style())) : needs_verb(*command);
    return run_verb(*command, *selection);
  }

  int fail(const Error& error) {
    m_context.settle();
    static_cast<void>(m_environment.out.flush());
    const int code = exit_code(error.kind, m_environment.stop.signal());
    report_error(error, code, m_settings.output.is_json(), m_context.err_has_colour(), m_environment.err);
    return code;
  }

 private:
  /// What the completion scripts call, and what they leave running behind them: a shell in the middle of a line shows
  /// no errors. And what a build of mlk calls for its manuals.
  int run_hidden(const std::vector<std::string>& words) {
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (words.front() == "__reference") {
      const auto written = reference::write(rest, m_environment.cwd);
      return written ? 0 : fail(written.error());
    }
    if (words.front() == "__complete") {
      print_completion(rest, m_context);
    } else if (words.front() == "__refresh") {
      refresh(rest, m_context);
    }
    return 0;
  }

  HelpStyle style() const { return {m_environment.out.width(), m_context.out_has_colour()}; }

  int show(const std::string& text) {
    m_environment.out.write(text);
    const auto flushed = m_environment.out.flush();
    return flushed ? 0 : fail(flushed.error());
  }

  int help_or_flag(const Selection& selection) {
    if (selection.wants_help || selection.rest.empty()) return show(help(describe_program(), style()));
    return fail(Error(ErrorKind::usage, "no command, only '" + selection.rest.front() + "'")
                    .fixed_by("run 'mlk help' for all commands"));
  }

  int needs_verb(const Command& noun) {
    std::string verbs;
    for (const Command& command : all_commands()) {
      if (command.noun != noun.noun || command.verb.empty()) continue;
      verbs += (verbs.empty() ? "" : ", ") + std::string(command.verb);
    }
    return fail(Error(ErrorKind::usage, "'" + full_name(noun) + "' needs one of " + verbs)
                    .fixed_by("run 'mlk help " + std::string(noun.noun) + "'"));
  }

  int run_verb(const Command& command, const Selection& selection) {
    Flags flags;
    const std::unique_ptr<Prepared> prepared = command.descriptor->prepare(flags);
    m_settings = {};
    add_everywhere(flags, m_settings);
    if (selection.wants_help) {
      set_from_words(selection.rest, m_settings);
      return show(help(describe_verb(command, flags), style()));
    }
    if (!selection.wants_version) {
      if (auto parsed = flags.parse(selection.rest); !parsed) {
        set_from_words(selection.rest, m_settings);
        Error error = std::move(parsed).error();
        if (error.fix.empty()) error.fix = "run '" + full_name(command) + " --help'";
        return fail(error);
      }
    }
    auto report = prepared->run(m_context);
    if (!report) return fail(report.error());
    return finish(*report);
  }

  int finish(const Report& report) {
    m_context.settle();
    const PrintOptions options{m_settings.output, m_context.out_has_colour(), m_settings.is_quiet,
                               m_context.is_streaming()};
    if (auto printed = print(report, options, m_environment.out, m_environment.err); !printed) {
      return fail(printed.error());
    }
    if (!report.failure) return 0;
    const int code = exit_code(report.failure->kind, m_environment.stop.signal());
    const Error& failure = *report.failure;
    if (!failure.what.empty() || !failure.diagnostics.empty()) {
      report_error(failure, code, m_settings.output.is_json(), m_context.err_has_colour(), m_environment.err);
    }
    return code;
  }

  Environment& m_environment;
  Settings m_settings;
  commands::Context m_context;
};

}  // namespace

int run(const std::vector<std::string>& words, Environment& environment) {
  Run run(environment);
  try {
    return run.go(words);
  } catch (const std::bad_alloc&) {
    return run.fail(Error(ErrorKind::failed, "out of memory"));
  } catch (const std::exception& thrown) {
    return run.fail(Error(ErrorKind::failed, std::string("a mistake in mlk itself: ") + thrown.what())
                        .fixed_by("report it with what 'mlk version' prints and the command that you ran"));
  }
}

}  // namespace mlk::cli
