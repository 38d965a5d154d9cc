#include <mlk/placement/inventory.hpp>
#include <mlk/placement/workload.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mlk::inline v0::placement {

using document::Node;

namespace {

bool counts_cpu(std::string_view resource) {
  return resource == "cpu" || resource == "requests.cpu" || resource == "limits.cpu";
}

bool counts_bytes(std::string_view resource) {
  return resource.ends_with("memory") || resource.ends_with("storage") || resource.starts_with("hugepages-");
}

Labels read_labels(const Node& map) {
  Labels labels;
  for (const document::Entry& entry : map.entries()) labels.emplace(entry.key, entry.value.scalar_text());
  return labels;
}

const document::Node* find_ready(const Node& conditions) {
  for (const Node& condition : conditions.items()) {
    if (condition["type"].string_or() == "Ready") return &condition;
  }
  return nullptr;
}

Result<Resources> resources_of(const Node& list, std::string_view whose) {
  auto resources = read_resources(list);
  if (!resources) return std::move(resources).error().within(fmt::format("reading the resources of {}", whose));
  return resources;
}

}  // namespace

std::int64_t amount(const Resources& resources, std::string_view name) noexcept {
  const auto found = resources.find(name);
  return found == resources.end() ? 0 : found->second;
}

std::string format_amount(std::string_view resource, std::int64_t amount) {
  if (counts_cpu(resource)) return format_millicores(Millicores(amount));
  return counts_bytes(resource) ? format_quantity_bytes(Bytes(amount)) : std::to_string(amount);
}

Result<Resources> read_resources(const Node& list) {
  Resources resources;
  for (const document::Entry& entry : list.entries()) {
    const std::string text = entry.value.scalar_text();
    auto value = counts_cpu(entry.key) ? parse_quantity_milli(text) : parse_quantity(text);
    if (!value) return std::move(value).error().within(entry.key);
    resources[entry.key] = *value;
  }
  return resources;
}

std::string to_string(const Taint& taint) {
  return taint.value.empty() ? fmt::format("{}:{}", taint.key, taint.effect)
                             : fmt::format("{}={}:{}", taint.key, taint.value, taint.effect);
}

std::int64_t ClusterNode::free(std::string_view resource) const noexcept {
  return std::max<std::int64_t>(0, amount(allocatable, resource) - amount(used, resource));
}

const ClusterNode* Inventory::find(std::string_view node) const noexcept {
  const auto found = std::lower_bound(nodes.begin(), nodes.end(), node,
                                      [](const ClusterNode& each, std::string_view name) { return each.name < name; });
  return found != nodes.end() && found->name == node ? &*found : nullptr;
}

void Inventory::add(const PodUsage& pod) {
  const ClusterNode* found = find(pod.node);
  if (found == nullptr) return;
  ClusterNode& node = nodes[static_cast<std::size_t>(found - nodes.data())];
  for (const auto& [resource, value] : pod.requests) node.used[resource] += value;
}

Result<ClusterNode> read_node(const Node& object) {
  ClusterNode node;
  node.name = object["metadata"]["name"].string_or();
  if (node.name.empty()) return Error(ErrorKind::failed, "a node has no metadata.name");
  node.labels = read_labels(object["metadata"]["labels"]);
  for (const Node& taint : object["spec"]["taints"].items()) {
    node.taints.push_back({taint["key"].string_or(), taint["value"].string_or(), taint["effect"].string_or()});
  }
  node.is_unschedulable = object["spec"]["unschedulable"].bool_or(false);
  if (const Node* ready = find_ready(object["status"]["conditions"])) {
    node.is_ready = (*ready)["status"].string_or() == "True";
  }
  const Node& status = object["status"];
  const Node& list = status["allocatable"].is_null() ? status["capacity"] : status["allocatable"];
  MLK_TRY(node.allocatable, resources_of(list, fmt::format("node '{}'", node.name)));
  return node;
}

Result<std::optional<PodUsage>> read_pod_usage(const Node& object) {
  const std::string node = object["spec"]["nodeName"].string_or();
  const std::string phase = object["status"]["phase"].string_or();
  if (node.empty() || phase == "Succeeded" || phase == "Failed") return std::optional<PodUsage>();
  PodUsage usage;
  usage.node = node;
  usage.name = object["metadata"]["name"].string_or();
  usage.name_space = object["metadata"]["namespace"].string_or();
  auto request = read_pod_request(object["spec"]);
  if (!request) return std::move(request).error().within(fmt::format("pod '{}/{}'", usage.name_space, usage.name));
  usage.requests = std::move(request->requests);
  usage.requests["pods"] = 1;
  return std::optional<PodUsage>(std::move(usage));
}

Result<std::optional<Quota>> read_quota(const Node& object) {
  if (!object["spec"]["scopes"].empty() || !object["spec"]["scopeSelector"].empty()) return std::optional<Quota>();
  Quota quota;
  quota.name = object["metadata"]["name"].string_or();
  quota.name_space = object["metadata"]["namespace"].string_or();
  const std::string whose = fmt::format("quota '{}/{}'", quota.name_space, quota.name);
  MLK_TRY(quota.hard, resources_of(object["spec"]["hard"], whose));
  MLK_TRY(quota.used, resources_of(object["status"]["used"], whose));
  return std::optional<Quota>(std::move(quota));
}

Result<Inventory> read_inventory(const std::vector<Node>& objects) {
  Inventory inventory;
  for (const Node& object : objects) {
    if (object["kind"].string_or() != "Node") continue;
    MLK_TRY(ClusterNode node, read_node(object));
    inventory.nodes.push_back(std::move(node));
  }
  std::sort(inventory.nodes.begin(), inventory.nodes.end(),
            [](const ClusterNode& a, const ClusterNode& b) { return a.name < b.name; });
  for (const Node& object : objects) {
    const std::string kind = object["kind"].string_or();
    if (kind == "Pod") {
      MLK_TRY(const auto usage, read_pod_usage(object));
      if (usage) inventory.add(*usage);
    } else if (kind == "ResourceQuota") {
      MLK_TRY(auto quota, read_quota(object));
      if (quota) inventory.quotas.push_back(*std::move(quota));
    }
  }
  return inventory;
}

std::string pool_of(const ClusterNode& node) {
  constexpr std::string_view k_labels[] = {"cloud.google.com/gke-nodepool",
                                           "eks.amazonaws.com/nodegroup",
                                           "karpenter.sh/nodepool",
                                           "kubernetes.azure.com/agentpool",
                                           "agentpool",
                                           "node.kubernetes.io/pool",
                                           "pool"};
  for (const std::string_view key : k_labels) {
    if (const auto found = node.labels.find(key); found != node.labels.end()) return found->second;
  }
  return {};
}

std::vector<GpuPool> gpu_pools(const Inventory& inventory) {
  std::map<std::tuple<std::string, std::string, std::string>, GpuPool> pools;
  for (const ClusterNode& node : inventory.nodes) {
    std::string model;
    if (const GpuModel* known = gpu_model_of(node.labels)) {
      model = known->name;
    } else if (const auto product = node.labels.find("nvidia.com/gpu.product"); product != node.labels.end()) {
      model = product->second;
    }
    const std::string pool = pool_of(node);
    for (const auto& [resource, total] : node.allocatable) {
      if (!is_gpu_resource(resource) || total == 0) continue;
      GpuPool& entry = pools[{pool, model, resource}];
      entry.pool = pool;
      entry.model = model;
      entry.resource = resource;
      entry.nodes += 1;
      entry.total += total;
      entry.used += amount(node.used, resource);
      const std::int64_t free = node.free(resource);
      if (node.is_ready && !node.is_unschedulable) {
        entry.largest_free = std::max(entry.largest_free, free);
      } else {
        entry.unavailable += free;
      }
    }
  }
  std::vector<GpuPool> sorted;
  sorted.reserve(pools.size());
  for (auto& [key, pool] : pools) sorted.push_back(std::move(pool));
  return sorted;
}

}  // namespace mlk::inline v0::placement
