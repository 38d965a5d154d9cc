#include "cli/verb.hpp"
#include "commands/cluster/inventory.hpp"

#include <mlk/placement/inventory.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

using document::Node;
using placement::GpuPool;

void add_gpus(Flags& flags, cluster::InventoryOptions& opt) {
  flags.about(
      "Shows how many GPUs the cluster has, how many are free, and how many of those lie on one node, by node pool and "
      "model. FREE counts schedulable, ready nodes alone; what stands idle on others is under UNAVAILABLE.");
  flags.example("mlk cluster gpus", "free and used GPUs by pool and model");
  flags.example("mlk cluster gpus -o json", "the same for a script");
  cluster::add_inventory(flags, opt);
}

Node pool_record(const GpuPool& pool, bool is_exact) {
  const std::int64_t free = pool.total - pool.used - pool.unavailable;
  return Node::mapping({{"pool", cli::or_null(pool.pool)},
                        {"model", cli::or_null(pool.model)},
                        {"resource", pool.resource},
                        {"nodes", pool.nodes},
                        {"total", pool.total},
                        {"used", pool.used},
                        {"free", std::max<std::int64_t>(0, free)},
                        {"largestFree", pool.largest_free},
                        {"unavailable", pool.unavailable},
                        {"isExact", is_exact}});
}

Result<Report> run_gpus(Context& ctx, const cluster::InventoryOptions& opt) {
  MLK_TRY(const placement::Inventory inventory, cluster::read(ctx, opt));
  Report report;
  report.document = record("cluster-gpus");
  report.table = Table{{{"POOL"},
                        {"MODEL"},
                        {"RESOURCE", cli::Align::left, true},
                        {"NODES", cli::Align::right},
                        {"TOTAL", cli::Align::right},
                        {"USED", cli::Align::right},
                        {"FREE", cli::Align::right},
                        {"LARGEST FREE", cli::Align::right},
                        {"UNAVAILABLE", cli::Align::right}},
                       {},
                       "no node has GPUs"};
  Node pools = Node::sequence();
  // Where pods are hidden, what is used is at least this, and what is free at most.
  const bool is_exact = inventory.sees_all_pods;
  const auto at_least = [&](std::int64_t count) {
    return is_exact ? fmt::format("{}", count) : fmt::format("≥{}", count);
  };
  const auto at_most = [&](std::int64_t count) {
    return is_exact ? fmt::format("{}", count) : fmt::format("≤{}", count);
  };
  for (const GpuPool& pool : placement::gpu_pools(inventory)) {
    const std::int64_t free = std::max<std::int64_t>(0, pool.total - pool.used - pool.unavailable);
    report.table->rows.push_back({pool.pool.empty() ? "-" : pool.pool, pool.model.empty() ? "-" : pool.model,
                                  pool.resource, fmt::format("{}", pool.nodes), fmt::format("{}", pool.total),
                                  at_least(pool.used), Cell(at_most(free), free > 0 ? Style::good : Style::dim),
                                  at_most(pool.largest_free), fmt::format("{}", pool.unavailable)});
    pools.push_back(pool_record(pool, is_exact));
  }
  report.document.set("pools", std::move(pools));
  cluster::add_unknown(ctx, inventory, report);
  return report;
}

}  // namespace

MLK_VERB(cluster_gpus, cluster::InventoryOptions, add_gpus, run_gpus);

}  // namespace mlk::commands
