#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/train/placement.hpp"
#include "commands/train/render.hpp"
#include "commands/train/target.hpp"

#include <mlk/core/text.hpp>
#include <mlk/training/explain.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::commands {
namespace {

using document::Node;
using training::Check;
using training::Standing;

struct ExplainOptions {
  train::TargetOptions target;
};

void add_explain(Flags& flags, ExplainOptions& opt) {
  flags.about(
      "Says why a run waits or failed: what it needs one after the other, and which of these is in the way. For pods "
      "that find no node the whole cluster is looked at, as 'mlk plan' does. What your rights hide is said to be "
      "unknown.");
  flags.example("mlk train explain finetune-x7k2", "why isn't it running?");
  flags.example("mlk train explain finetune-x7k2 -o json", "each step with what is in its way, for a script");
  train::add_target(flags, opt.target);
}

std::string ending_of(const Check& check, bool has_colour) {
  switch (check.standing) {
    case Standing::ok:
      return cli::paint("ok", Style::good, has_colour);
    case Standing::in_the_way:
      return cli::paint("← in the way", Style::bad, has_colour);
    case Standing::unknown:
      break;
  }
  return cli::paint("? unknown", Style::warning, has_colour);
}

std::string to_prose(const training::Explanation& explanation, bool has_colour) {
  constexpr std::size_t longest_aligned = 60;
  std::size_t width = 0;
  const auto text_of = [](const Check& check) { return check.subject + ": " + check.text; };
  for (const Check& check : explanation.checks) {
    if (const std::size_t own = display_width(text_of(check)); own <= longest_aligned) width = std::max(width, own);
  }
  std::string prose = cli::paint(explanation.headline, Style::bold, has_colour);
  int number = 0;
  for (const Check& check : explanation.checks) {
    const std::string text = text_of(check);
    const std::size_t own = display_width(text);
    prose += fmt::format("\n  {}. {}{}  {}", ++number, text, std::string(own < width ? width - own : 0, ' '),
                         ending_of(check, has_colour));
    for (const std::string& detail : check.details) prose += "\n       " + detail;
  }
  return prose;
}

Node checks_of(const training::Explanation& explanation) {
  Node checks = Node::sequence();
  for (const Check& check : explanation.checks) {
    Node details = Node::sequence();
    for (const std::string& detail : check.details) details.push_back(detail);
    std::string standing(to_string(check.standing));
    std::replace(standing.begin(), standing.end(), ' ', '-');
    checks.push_back(Node::mapping(
        {{"subject", check.subject}, {"standing", standing}, {"text", check.text}, {"details", std::move(details)}}));
  }
  return checks;
}

/// Asks placement about the pods that find no node.
Result<void> add_answer(const train::Target& target, training::Evidence& evidence) {
  const training::Run run = training::derive_run(evidence.job, evidence.pods);
  const std::int64_t pending = run.count(training::RankState::pending);
  if (pending == 0 || training::is_end(run.state)) return {};
  MLK_TRY(const Node job, target.client->get(kube::types::jobs, target.namespace_name, run.name));
  MLK_TRY(auto judged, train::judge_pending(*target.client, job, target.namespace_name, run.section, pending));
  evidence.answer = std::move(judged.answer);
  evidence.alternatives = std::move(judged.alternatives);
  return {};
}

Result<Report> run_explain(Context& ctx, const ExplainOptions& opt) {
  MLK_TRY(const train::Target target, train::find_target(ctx, opt.target));
  MLK_TRY(training::Evidence evidence, training::read_evidence(*target.client, target.job));
  MLK_CHECK(add_answer(target, evidence));
  const training::Explanation explanation = training::explain(evidence, ctx.clock().system());

  Report report;
  report.document = record("train-explain");
  report.document.set("headline", explanation.headline).set("checks", checks_of(explanation));
  report.document.set("plan", evidence.answer ? placement::to_document(*evidence.answer) : Node());
  report.document.set("run", train::run_record(explanation.run));
  report.names = {"job/" + explanation.run.name};
  report.prose = to_prose(explanation, ctx.out_has_colour());
  return report;
}

}  // namespace

MLK_VERB(train_explain, ExplainOptions, add_explain, run_explain);

}  // namespace mlk::commands
