#include "commands/cluster/inventory.hpp"

#include <mlk/kube/client.hpp>
#include <mlk/platform/inventory.hpp>

namespace mlk::commands::cluster {

void add_inventory(Flags& flags, InventoryOptions& into) {
  options::add_cluster(flags, into.cluster, options::Scope::one_namespace);
}

Result<placement::Inventory> read(Context& ctx, const InventoryOptions& opt) {
  MLK_TRY(kube::Client * client, ctx.cluster(opt.cluster));
  MLK_TRY(placement::Inventory inventory, platform::read_inventory(*client, client->config().namespace_name));
  if (!inventory.sees_nodes) {
    return Error(ErrorKind::auth, "the nodes of this cluster are hidden from you")
        .because("the API server refuses 'list nodes' in " + client->config().describe())
        .fixed_by("ask for a ClusterRole with get and list on nodes; 'mlk plan' works without, as far as quotas go");
  }
  return inventory;
}

void add_unknown(Context& ctx, const placement::Inventory& inventory, Report& report) {
  document::Node unknown = document::Node::sequence();
  for (const std::string& each : inventory.unknown) {
    unknown.push_back(each);
    // A quota says nothing about nodes.
    if (!each.starts_with("quotas")) ctx.warn(each + ": what is used is at least this, what is free at most");
  }
  report.document.set("unknown", std::move(unknown));
}

}  // namespace mlk::commands::cluster
