#pragma once

#include "commands/context.hpp"

#include <mlk/placement/inventory.hpp>

namespace mlk::commands::cluster {

struct InventoryOptions {
  options::Cluster cluster;
};

/// The flags that say which cluster is looked at.
void add_inventory(Flags& flags, InventoryOptions& into);
/// What the caller may see of it; where even the nodes are hidden, the failure that says which right is missing.
Result<placement::Inventory> read(Context& ctx, const InventoryOptions& opt);
/// What couldn't be seen: in the document, and as a warning for people.
void add_unknown(Context& ctx, const placement::Inventory& inventory, Report& report);

}  // namespace mlk::commands::cluster
