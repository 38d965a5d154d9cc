#include "cli/verb.hpp"
#include "commands/context.hpp"

#include <mlk/core/text.hpp>
#include <mlk/validation/rules.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

using document::Node;

struct ExplainOptions {
  std::optional<std::string> code;
};

void add_explain(Flags& flags, ExplainOptions& opt) {
  flags.about(
      "Explains a finding's code: what it means, why it matters, how to mend it, with a manifest that it finds and one "
      "that it doesn't. Without a code it lists all of them.");
  flags.example("mlk explain shm-missing", "what the code of a finding means");
  flags.example("mlk explain", "every code");
  flags.argument(opt.code, "CODE", "code of a finding, such as gpu-fractional; all codes when left out");
}

Node rule_record(const validation::Rule& rule) {
  return Node::mapping({{"code", rule.id},
                        {"severity", to_string(rule.severity)},
                        {"group", rule.group},
                        {"summary", rule.summary},
                        {"why", rule.why},
                        {"fix", rule.fix},
                        {"source", rule.source},
                        {"bad", cli::or_null(rule.bad)},
                        {"good", cli::or_null(rule.good)}});
}

Report list_rules() {
  Report report;
  report.document = record("explain-list");
  report.table = Table{{{"CODE"}, {"SEVERITY"}, {"GROUP"}, {"FINDS", cli::Align::left, false, 1}}, {}, ""};
  Node rules = Node::sequence();
  for (const validation::Rule& rule : validation::rules()) {
    report.table->rows.push_back({rule.id, to_string(rule.severity), rule.group, rule.summary});
    report.names.emplace_back(rule.id);
    rules.push_back(rule_record(rule));
  }
  report.document.set("rules", std::move(rules));
  return report;
}

Result<Report> run_explain(Context&, const ExplainOptions& opt) {
  if (!opt.code) return list_rules();
  const validation::Rule* rule = validation::find_rule(*opt.code);
  if (rule == nullptr) {
    return Error(ErrorKind::not_found,
                 fmt::format("no rule has the code '{}'{}", *opt.code, did_you_mean(*opt.code, validation::rule_ids())))
        .fixed_by("run 'mlk explain' for the list of codes");
  }
  Report report;
  report.document = record("explain");
  Node fields = rule_record(*rule);
  for (document::Entry& entry : fields.entries_mutable()) report.document.set(entry.key, std::move(entry.value));
  report.prose = trim(validation::explain(*rule));
  report.names.emplace_back(rule->id);
  return report;
}

}  // namespace

MLK_VERB(explain, ExplainOptions, add_explain, run_explain);

}  // namespace mlk::commands
