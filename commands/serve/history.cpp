#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/serve/target.hpp"

#include <mlk/serving/revisions.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

using document::Node;

void add_history(Flags& flags, serve::TargetOptions& opt) {
  flags.about("Lists the revisions of a service that the cluster keeps, how each one's rollout ended, and why.");
  flags.example("mlk serve history sentiment", "newest first");
  flags.example("mlk serve history sentiment -o name", "the revisions' names alone, for a script");
  serve::add_target(flags, opt);
}

std::string short_digest(const std::string& digest) {
  constexpr std::size_t k_shown = 7 + 12;  // "sha256:" and twelve digits
  return digest.size() > k_shown ? digest.substr(0, k_shown) : digest;
}

Node time_or_null(const std::optional<SystemTime>& time) { return time ? Node(format_rfc3339(*time)) : Node(); }

Result<Report> run_history(Context& ctx, const serve::TargetOptions& opt) {
  MLK_TRY(const serve::Target target, serve::find_target(ctx, opt));
  MLK_TRY(const serving::View view, serving::look(*target.client, ctx.clock(), target.namespace_name, target.service));
  MLK_TRY(const auto revisions, serving::list_revisions(*target.client, target.namespace_name, target.service));
  Report report;
  report.document = record("serve-history");
  report.document.set("service", target.service).set("namespace", target.namespace_name);
  Table table;
  table.columns = {{"REVISION", cli::Align::right},
                   {"OUTCOME"},
                   {"SERVES"},
                   {"MODEL"},
                   {"AGE"},
                   {"IMAGE", cli::Align::left, true},
                   {"REASON", cli::Align::left, false, 1}};
  Node items = Node::sequence();
  const SystemTime now = ctx.clock().system();
  for (auto revision = revisions.rbegin(); revision != revisions.rend(); ++revision) {
    const bool serves = revision->ref == view.journal->stable;
    const Style style = revision->outcome == serving::Outcome::done        ? Style::good
                        : revision->outcome == serving::Outcome::under_way ? Style::plain
                                                                           : Style::warning;
    const std::string age =
        revision->created ? format_age(std::chrono::duration_cast<Milliseconds>(now - *revision->created)) : "";
    table.rows.push_back({Cell(fmt::format("{}", revision->ref.number)),
                          Cell(std::string(to_string(revision->outcome)), style), Cell(serves ? "yes" : ""),
                          Cell(short_digest(revision->model_digest), revision->model_digest),
                          Cell(age, revision->created ? format_rfc3339(*revision->created) : ""), Cell(revision->image),
                          Cell(revision->reason)});
    items.push_back(Node::mapping({{"revision", revision->ref.number},
                                   {"hash", revision->ref.hash},
                                   {"outcome", to_string(revision->outcome)},
                                   {"serves", serves},
                                   {"model", cli::or_null(revision->model)},
                                   {"modelDigest", cli::or_null(revision->model_digest)},
                                   {"image", cli::or_null(revision->image)},
                                   {"reason", cli::or_null(revision->reason)},
                                   {"created", time_or_null(revision->created)},
                                   {"ended", time_or_null(revision->ended)}}));
    report.names.push_back(fmt::format("controllerrevision/{}", revision->name));
  }
  report.document.set("revisions", std::move(items));
  report.table = std::move(table);
  return report;
}

}  // namespace

MLK_VERB(serve_history, serve::TargetOptions, add_history, run_history);

}  // namespace mlk::commands
