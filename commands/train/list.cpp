#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/train/render.hpp"

#include <mlk/kube/client.hpp>
#include <mlk/project/project.hpp>
#include <mlk/training/runs.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::commands {
namespace {

using document::Node;
using training::ListedRun;

struct ListOptions {
  std::string selector;
  options::Cluster cluster;
  options::Project project;
};

void add_list(Flags& flags, ListOptions& opt) {
  flags.about("Lists the runs that mlk has submitted, newest first.");
  flags.example("mlk train list -A", "the runs in all namespaces");
  flags.example("mlk train list -l mlk.dev/section=finetune", "the runs of one job of mlk.yaml");
  options::add_selector(flags, opt.selector);
  options::add_cluster(flags, opt.cluster, options::Scope::any_namespace);
  options::add_project(flags, opt.project);
}

std::string exact(const std::optional<SystemTime>& time) { return time ? format_rfc3339(*time) : std::string(); }

Cell age_cell(const ListedRun& run, SystemTime now) {
  if (!run.created) return {};
  return {format_age(std::chrono::duration_cast<Milliseconds>(now - *run.created)), exact(run.created)};
}

Cell duration_cell(const ListedRun& run, SystemTime now) {
  if (!run.started) return {};
  const auto took = std::chrono::duration_cast<Milliseconds>(run.ended.value_or(now) - *run.started);
  return {format_age(std::max(took, Milliseconds{0}))};
}

Table table_of(const std::vector<ListedRun>& runs, bool has_namespace, SystemTime now) {
  using cli::Align;
  Table table;
  if (has_namespace) table.columns.push_back({"NAMESPACE", Align::left, false, 2});
  for (const cli::Column& column : std::initializer_list<cli::Column>{{"NAME"},
                                                                      {"JOB", Align::left, false, 1},
                                                                      {"STATE"},
                                                                      {"NODES", Align::right},
                                                                      {"AGE", Align::right},
                                                                      {"DURATION", Align::right},
                                                                      {"REASON", Align::left, true}}) {
    table.columns.push_back(column);
  }
  table.rows.reserve(runs.size());
  for (const ListedRun& run : runs) {
    std::vector<Cell> row;
    row.reserve(table.columns.size());
    if (has_namespace) row.emplace_back(run.namespace_name);
    row.emplace_back(run.name);
    row.emplace_back(run.section);
    row.emplace_back(std::string(to_string(run.state)), train::style_of(run.state));
    row.emplace_back(std::to_string(run.nodes));
    row.push_back(age_cell(run, now));
    row.push_back(duration_cell(run, now));
    row.emplace_back(run.reason);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Node time_node(const std::optional<SystemTime>& time) { return time ? Node(format_rfc3339(*time)) : Node(); }

Node items_of(const std::vector<ListedRun>& runs) {
  Node items = Node::sequence();
  for (const ListedRun& run : runs) {
    items.push_back(Node::mapping({{"name", run.name},
                                   {"namespace", run.namespace_name},
                                   {"section", cli::or_null(run.section)},
                                   {"state", to_string(run.state)},
                                   {"reason", cli::or_null(run.reason)},
                                   {"nodes", run.nodes},
                                   {"ready", run.ready},
                                   {"createdAt", time_node(run.created)},
                                   {"startedAt", time_node(run.started)},
                                   {"endedAt", time_node(run.ended)}}));
  }
  return items;
}

Result<Report> run_list(Context& ctx, const ListOptions& opt) {
  MLK_TRY(const auto project, ctx.find_project(opt.project));
  MLK_TRY(kube::Client* const client, ctx.cluster(opt.cluster, project ? &*project : nullptr));
  const bool is_everywhere = opt.cluster.all_namespaces;
  const std::string namespace_name = is_everywhere ? "" : client->config().namespace_name;
  std::vector<ListedRun> runs;
  MLK_CHECK(training::list_runs(*client, namespace_name, opt.selector,
                                [&](ListedRun&& run) { runs.push_back(std::move(run)); }));
  std::stable_sort(runs.begin(), runs.end(),
                   [](const ListedRun& a, const ListedRun& b) { return a.created > b.created; });

  Report report;
  report.document = record("train-list");
  const std::string& format = ctx.output().format;
  const bool is_for_people = format == "table" || format == "wide";
  // Of thousands of runs, what isn't printed isn't made.
  if (is_for_people) {
    report.table = table_of(runs, is_everywhere, ctx.clock().system());
    const std::string where = is_everywhere ? "in any namespace" : fmt::format("in namespace '{}'", namespace_name);
    report.table->when_empty = "no jobs " + where;
  } else if (format == "name") {
    for (const ListedRun& run : runs) report.names.push_back("job/" + run.name);
  } else {
    report.document.set("items", items_of(runs));
  }
  return report;
}

}  // namespace

MLK_VERB(train_list, ListOptions, add_list, run_list);

}  // namespace mlk::commands
