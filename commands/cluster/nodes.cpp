#include "cli/verb.hpp"
#include "commands/cluster/inventory.hpp"

#include <mlk/core/text.hpp>
#include <mlk/placement/inventory.hpp>

#include <fmt/format.h>

namespace mlk::commands {
namespace {

using document::Node;
using placement::ClusterNode;

void add_nodes(Flags& flags, cluster::InventoryOptions& opt) {
  flags.about(
      "Shows each node with its pool, GPU model, state, taints, and what of its GPUs, cores and memory is requested by "
      "the pods on it.");
  flags.example("mlk cluster nodes", "every node with what is used of it");
  flags.example("mlk cluster nodes -o wide", "with taints");
  cluster::add_inventory(flags, opt);
}

std::string model_of(const ClusterNode& node) {
  if (const placement::GpuModel* model = placement::gpu_model_of(node.labels)) return std::string(model->name);
  const auto product = node.labels.find("nvidia.com/gpu.product");
  return product == node.labels.end() ? std::string() : product->second;
}

std::string status_of(const ClusterNode& node) {
  if (!node.is_ready) return node.is_unschedulable ? "not ready, cordoned" : "not ready";
  return node.is_unschedulable ? "cordoned" : "ready";
}

struct Gpus {
  std::int64_t total = 0;
  std::int64_t used = 0;
};

Gpus gpus_of(const ClusterNode& node) {
  Gpus gpus;
  for (const auto& [resource, total] : node.allocatable) {
    if (!placement::is_gpu_resource(resource)) continue;
    gpus.total += total;
    gpus.used += placement::amount(node.used, resource);
  }
  return gpus;
}

Node resources_record(const placement::Resources& resources) {
  Node map = Node::mapping();
  for (const auto& [resource, amount] : resources) map.set(resource, placement::format_amount(resource, amount));
  return map;
}

Node node_record(const ClusterNode& node) {
  Node taints = Node::sequence();
  for (const placement::Taint& taint : node.taints) taints.push_back(to_string(taint));
  const Gpus gpus = gpus_of(node);
  return Node::mapping({{"name", node.name},
                        {"pool", cli::or_null(placement::pool_of(node))},
                        {"gpuModel", cli::or_null(model_of(node))},
                        {"isReady", node.is_ready},
                        {"isCordoned", node.is_unschedulable},
                        {"gpusTotal", gpus.total},
                        {"gpusUsed", gpus.used},
                        {"allocatable", resources_record(node.allocatable)},
                        {"used", resources_record(node.used)},
                        {"taints", std::move(taints)}});
}

std::vector<Cell> row_of(const ClusterNode& node) {
  const Gpus gpus = gpus_of(node);
  const auto share = [&](std::string_view resource) {
    return fmt::format("{}/{}", placement::format_amount(resource, placement::amount(node.used, resource)),
                       placement::format_amount(resource, placement::amount(node.allocatable, resource)));
  };
  std::vector<std::string> taints;
  for (const placement::Taint& taint : node.taints) taints.push_back(to_string(taint));
  const std::string pool = placement::pool_of(node);
  const std::string model = model_of(node);
  const bool is_usable = node.is_ready && !node.is_unschedulable;
  return {node.name,
          pool.empty() ? "-" : pool,
          model.empty() ? "-" : model,
          Cell(status_of(node), is_usable ? Style::plain : Style::warning),
          gpus.total == 0 ? std::string("-") : fmt::format("{}/{}", gpus.used, gpus.total),
          share("cpu"),
          share("memory"),
          join(taints, ", ")};
}

Result<Report> run_nodes(Context& ctx, const cluster::InventoryOptions& opt) {
  MLK_TRY(const placement::Inventory inventory, cluster::read(ctx, opt));
  Report report;
  report.document = record("cluster-nodes");
  report.table = Table{{{"NODE", cli::Align::left, false, 1},
                        {"POOL"},
                        {"MODEL"},
                        {"STATUS"},
                        {"GPUS", cli::Align::right},
                        {"CPU", cli::Align::right},
                        {"MEMORY", cli::Align::right},
                        {"TAINTS", cli::Align::left, true}},
                       {},
                       "the cluster has no nodes"};
  Node nodes = Node::sequence();
  for (const ClusterNode& node : inventory.nodes) {
    report.table->rows.push_back(row_of(node));
    report.names.push_back("node/" + node.name);
    nodes.push_back(node_record(node));
  }
  report.document.set("nodes", std::move(nodes)).set("isExact", inventory.sees_all_pods);
  cluster::add_unknown(ctx, inventory, report);
  return report;
}

}  // namespace

MLK_VERB(cluster_nodes, cluster::InventoryOptions, add_nodes, run_nodes);

}  // namespace mlk::commands
