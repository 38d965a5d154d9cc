#include "cli/verb.hpp"
#include "commands/catalogue.hpp"
#include "commands/context.hpp"
#include "commands/validate/input.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/validation/report.hpp>
#include <mlk/validation/rules.hpp>

#include <fmt/format.h>

#include <charconv>

namespace mlk::commands {
namespace {

using validation::Findings;

struct ValidateOptions {
  std::vector<std::string> targets;
  std::string fail_on = "error";
  std::vector<std::string> disabled;
  unsigned minor = 0;
  options::Project project;
};

Result<void> check_codes(const std::vector<std::string>& codes) {
  for (const std::string& code : codes) {
    if (validation::find_rule(code) != nullptr) continue;
    return Error(ErrorKind::usage, fmt::format("--disable: no rule has the code '{}'{}", code,
                                               did_you_mean(code, validation::rule_ids())))
        .fixed_by("run 'mlk explain' for the list of codes");
  }
  return {};
}

/// "1.34", "v1.34.2": the minor version.
Result<void> read_minor(std::string_view text, unsigned& into) {
  std::string_view rest = text.starts_with('v') ? text.substr(1) : text;
  const auto [end, problem] = rest.starts_with("1.") ? std::from_chars(rest.data() + 2, rest.data() + rest.size(), into)
                                                     : std::from_chars_result{rest.data(), std::errc::invalid_argument};
  if (problem == std::errc() && (end == rest.data() + rest.size() || *end == '.')) return {};
  return Error(ErrorKind::usage, "a version such as 1.34 was expected");
}

void add_validate(Flags& flags, ValidateOptions& opt) {
  flags.about(
      "Checks manifests without a cluster: YAML as Kubernetes reads it, the structure of every kind of 'mlk schema "
      "list', and rules for GPU, training and serving workloads. Each finding stands at its line; on what mlk.yaml "
      "generates, at the line of mlk.yaml that caused it.\n\n"
      "Exit code 3 when there is a finding of the level that --fail-on names, 1 when something couldn't be read.");
  flags.example("mlk validate", "what mlk.yaml would generate");
  flags.example("mlk validate deploy/ --fail-on warning", "every manifest below a folder, strictly");
  flags.example("helm template . | mlk validate - -o github", "standard input, as annotations of GitHub Actions");
  flags
      .arguments(
          opt.targets, "TARGET",
          "a file, a folder, '-' for standard input, or job/x or service/y of mlk.yaml; all of mlk.yaml when left "
          "out")
      .completes(cli::Source::sections);
  flags.option(opt.fail_on, "--fail-on", "LEVEL", "fail from this severity on (default error)")
      .choices({"error", "warning", "info", "none"});
  // Not as choices: the help would list all of them.
  flags.option(opt.disabled, "--disable", "CODE", "leave a rule out; repeatable ('mlk explain' lists the codes)");
  flags.option_of([&opt](std::string_view text) { return read_minor(text, opt.minor); }, "--kubernetes-version",
                  "VERSION", "the Kubernetes that the manifests are for, as 1.34 (default: the newest one known)");
  flags.check([&opt]() -> Result<void> { return check_codes(opt.disabled); });
  flags.output_formats({"text", "json", "github", "junit", "sarif"});
  options::add_project(flags, opt.project);
}

std::optional<Severity> level_of(std::string_view text) {
  if (text == "error") return Severity::error;
  if (text == "warning") return Severity::warning;
  if (text == "info") return Severity::info;
  return std::nullopt;
}

Findings find(validate::Input& input, const validation::Options& options) {
  // What mlk.yaml generates is applied by itself, so it is a bundle of its own beside the manifests.
  Findings findings = validation::validate_texts(input.manifests, options);
  Findings generated = validation::validate(input.generated, options);
  findings.objects += generated.objects;
  findings.unchecked += generated.unchecked;
  validation::add(findings, std::move(generated.diagnostics));
  validation::add(findings, std::move(input.diagnostics));
  return findings;
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

Error failure_of(const Findings& findings, bool is_text) {
  // The text ends with the counts already.
  if (is_text) return Error(ErrorKind::findings, {});
  return Error(ErrorKind::findings,
               fmt::format("validation found {} and {}", plural(findings.count(Severity::error), "error"),
                           plural(findings.count(Severity::warning), "warning")))
      .fixed_by("mend what is named; 'mlk explain CODE' says more about each");
}

Result<Report> run_validate(Context& ctx, const ValidateOptions& opt) {
  MLK_TRY(validate::Input input, validate::read_input(ctx, opt.targets, opt.project));
  validation::Options rules;
  rules.disabled = opt.disabled;
  MLK_TRY(const auto schemas, validation::schema::load_catalogue(environment_of(ctx)));
  rules.schemas = &schemas;
  rules.minor = opt.minor;
  const Findings findings = find(input, rules);
  const auto level = level_of(opt.fail_on);
  const std::string& format = ctx.output().format;
  Report report;
  report.document = validation::report_json(findings);
  if (format == "github") {
    report.verbatim = validation::report_github(findings);
  } else if (format == "junit") {
    std::vector<std::string> files;
    for (const validation::Source& source : input.sources()) files.push_back(source.file);
    report.verbatim = validation::report_junit(findings, files, level.value_or(Severity::error));
  } else if (format == "sarif") {
    report.verbatim = document::write_json(validation::report_sarif(findings, MLK_VERSION)) + "\n";
  } else if (format == "text") {
    report.verbatim = validation::report_text(findings, input.sources(), {.has_color = ctx.out_has_colour()});
  }
  if (level && findings.has(*level)) report.failure = failure_of(findings, format == "text");
  return report;
}

}  // namespace

MLK_VERB(validate, ValidateOptions, add_validate, run_validate);

}  // namespace mlk::commands
