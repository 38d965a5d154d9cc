#include <mlk/core/quantity.hpp>
#include <mlk/platform/inventory.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::platform {

namespace {

using placement::Inventory;

placement::Resources read_resources(const kube::ResourceList& list) {
  placement::Resources resources;
  for (const auto& [name, quantity] : list) {
    const auto value = name == "cpu" ? parse_quantity_milli(quantity) : parse_quantity(quantity);
    if (value) resources[name] = *value;
  }
  return resources;
}

placement::ClusterNode to_placement(kube::Node&& node) {
  placement::ClusterNode out;
  out.is_ready = node.is_ready();
  out.name = std::move(node.meta.name);
  for (auto& [key, value] : node.meta.labels) out.labels.emplace(std::move(key), std::move(value));
  for (auto& taint : node.taints) {
    out.taints.push_back({std::move(taint.key), std::move(taint.value), std::move(taint.effect)});
  }
  out.is_unschedulable = node.unschedulable;
  out.allocatable = read_resources(node.allocatable.empty() ? node.capacity : node.allocatable);
  return out;
}

placement::PodUsage usage_of(const kube::Pod& pod) {
  placement::PodUsage usage{pod.node_name, pod.meta.namespace_name, pod.meta.name, {}};
  for (const std::string& resource : pod.requested_names()) {
    const std::int64_t milli = pod.requested_milli(resource);
    usage.requests[resource] = resource == "cpu" ? milli : (milli + 999) / 1000;
  }
  usage.requests["pods"] = 1;
  return usage;
}

Result<void> read_nodes(kube::Client& client, Inventory& inventory) {
  const auto listed = client.list_nodes({}, [&](kube::Node&& node) {
    inventory.nodes.push_back(to_placement(std::move(node)));
    return true;
  });
  std::sort(inventory.nodes.begin(), inventory.nodes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  if (listed) return {};
  if (!kube::is_forbidden(listed.error())) return listed.error();
  inventory.sees_nodes = false;
  inventory.unknown.emplace_back("nodes are hidden from you");
  return {};
}

Result<void> read_pods(kube::Client& client, std::string_view namespace_name, Inventory& inventory) {
  kube::ListOptions options;
  // Finished pods hold nothing, and a cluster keeps thousands of them.
  options.field_selector = "status.phase!=Succeeded,status.phase!=Failed";
  const auto count = [&](kube::Pod&& pod) {
    if (!pod.node_name.empty() && !pod.is_finished()) inventory.add(usage_of(pod));
    return true;
  };
  auto listed = client.list_pods({}, options, count);
  if (listed) return {};
  if (!kube::is_forbidden(listed.error())) return std::move(listed).error();
  inventory.sees_all_pods = false;
  inventory.unknown.push_back(fmt::format("pods outside '{}' are hidden from you", namespace_name));
  listed = client.list_pods(namespace_name, options, count);
  if (!listed && !kube::is_forbidden(listed.error())) return std::move(listed).error();
  if (!listed) inventory.unknown.back() = "pods are hidden from you";
  return {};
}

Result<void> read_quotas(kube::Client& client, std::string_view namespace_name, Inventory& inventory) {
  std::optional<Error> malformed;
  const auto listed = client.list(kube::types::resource_quotas, namespace_name, {}, [&](document::Node&& object) {
    auto quota = placement::read_quota(object);
    if (!quota) {
      malformed = std::move(quota).error();
    } else if (*quota) {
      inventory.quotas.push_back(**std::move(quota));
    }
    return !malformed;
  });
  if (malformed) return *std::move(malformed);
  if (listed) return {};
  if (!kube::is_forbidden(listed.error())) return listed.error();
  inventory.unknown.push_back(fmt::format("quotas of '{}' are hidden from you", namespace_name));
  return {};
}

}  // namespace

Result<Inventory> read_inventory(kube::Client& client, std::string_view namespace_name) {
  Inventory inventory;
  MLK_CHECK(read_nodes(client, inventory));
  // Without nodes there is nothing to count the pods on.
  if (inventory.sees_nodes) {
    MLK_CHECK(read_pods(client, namespace_name, inventory));
  } else {
    inventory.sees_all_pods = false;
  }
  MLK_CHECK(read_quotas(client, namespace_name, inventory));
  return inventory;
}

}  // namespace mlk::platform
