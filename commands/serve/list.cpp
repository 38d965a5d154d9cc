#include "cli/verb.hpp"
#include "commands/context.hpp"

#include <mlk/serving/view.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

using document::Node;

void add_list(Flags& flags, options::Cluster& opt) {
  flags.about("Lists the services that mlk has rolled out, with what serves and what is under way.");
  flags.example("mlk serve list", "the services of this namespace");
  flags.example("mlk serve list -A -o json", "those of all namespaces, for a script");
  options::add_cluster(flags, opt, options::Scope::any_namespace);
}

Result<Report> run_list(Context& ctx, const options::Cluster& opt) {
  MLK_TRY(kube::Client * client, ctx.cluster(opt));
  const std::string space = opt.all_namespaces ? "" : client->config().namespace_name;
  MLK_TRY(const auto services, serving::list_services(*client, space));
  Report report;
  report.document = record("serve-list");
  Table table;
  table.columns = {{"NAME"}, {"STATE"}, {"REVISION", cli::Align::right}, {"READY", cli::Align::right}};
  if (opt.all_namespaces) table.columns.insert(table.columns.begin(), Column{"NAMESPACE"});
  table.when_empty = opt.all_namespaces ? "no services" : fmt::format("no services in namespace '{}'", space);
  Node items = Node::sequence();
  for (const auto& service : services) {
    const std::string state(service.journal ? serving::to_string(service.journal->phase) : "unknown");
    const std::string revision =
        service.journal && service.journal->stable.is_there() ? fmt::format("{}", service.journal->stable.number) : "";
    std::vector<Cell> row = {Cell(service.name), Cell(state), Cell(revision),
                             Cell(fmt::format("{}/{}", service.ready, service.wanted))};
    if (opt.all_namespaces) row.insert(row.begin(), Cell(service.namespace_name));
    table.rows.push_back(std::move(row));
    items.push_back(Node::mapping({{"name", service.name},
                                   {"namespace", service.namespace_name},
                                   {"phase", service.journal ? Node(state) : Node()},
                                   {"stableRevision", revision.empty() ? Node() : Node(service.journal->stable.number)},
                                   {"readyReplicas", service.ready},
                                   {"wantedReplicas", service.wanted}}));
    report.names.push_back("service/" + service.name);
  }
  report.document.set("services", std::move(items));
  report.table = std::move(table);
  return report;
}

}  // namespace

MLK_VERB(serve_list, options::Cluster, add_list, run_list);

}  // namespace mlk::commands
