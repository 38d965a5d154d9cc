#include "fence.hpp"

#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <charconv>

namespace mlk::serving {

namespace {

using document::Node;

constexpr std::string_view k_epoch = "mlk.dev/driver-epoch";

std::int64_t epoch_of(const Node& object) {
  const std::string text = object["metadata"]["annotations"][k_epoch].string_or();
  std::int64_t epoch = 0;
  std::from_chars(text.data(), text.data() + text.size(), epoch);
  return epoch;
}

std::string name_of(const Node& object) { return object["metadata"]["name"].string_or(); }

}  // namespace

Result<void> Fence::check(const Node* read) {
  MLK_CHECK(m_lease.keep());
  if (!m_lease.is_held()) {
    return Error(ErrorKind::conflict, "this driver couldn't renew its Lease in time")
        .because("it was cut off from the cluster for longer than the Lease lasts; another may drive now")
        .fixed_by("run the same command again: it takes over, or says who drives");
  }
  if (read != nullptr && epoch_of(*read) > m_lease.epoch()) {
    return Error(ErrorKind::conflict, "another driver has taken this rollout over")
        .because(fmt::format("'{}' bears the mark of a later driver", name_of(*read)))
        .fixed_by("run 'mlk serve status' to see how it goes on");
  }
  return {};
}

Result<void> Fence::raise(const Observed& seen) {
  namespace types = kube::types;
  const auto mark = [this](const kube::ResourceType& type, const std::optional<Node>& read) -> Result<void> {
    if (!read) return {};
    auto done = patch(type, *read, Node::mapping());
    // Changed or gone since it was read: whatever an earlier driver knew of it is outdated as well.
    if (!done && !kube::is_conflict(done.error()) && !kube::is_not_found(done.error())) return done;
    return {};
  };
  for (const auto& [name, deployment] : seen.deployments) MLK_CHECK(mark(types::deployments, deployment));
  MLK_CHECK(mark(types::services, seen.service));
  MLK_CHECK(mark(types::services, seen.canary_service));
  MLK_CHECK(mark(types::http_routes, seen.route));
  MLK_CHECK(mark(types::horizontal_pod_autoscalers, seen.autoscaler));
  MLK_CHECK(mark(types::pod_disruption_budgets, seen.disruption_budget));
  return mark(types::network_policies, seen.network_policy);
}

Result<void> Fence::patch(const kube::ResourceType& type, const Node& read, Node change) {
  MLK_CHECK(check(&read));
  change.at("metadata").at("annotations").set(k_epoch, fmt::format("{}", m_lease.epoch()));
  kube::PatchOptions options;
  options.resource_version = read["metadata"]["resourceVersion"].string_or();
  MLK_CHECK(m_client.merge_patch(type, m_namespace, name_of(read), change, options));
  return {};
}

Result<void> Fence::apply(const kube::ResourceType& type, const std::optional<Node>& read, Node object) {
  if (!read) return create(type, object);
  MLK_CHECK(check(&*read));
  object.at("metadata").set("resourceVersion", (*read)["metadata"]["resourceVersion"]);
  auto applied = m_client.apply(type, m_namespace, object);
  if (!applied && kube::is_apply_conflict(applied.error()) &&
      kube::conflicts_only_with(applied.error(), workload::k_field_manager)) {
    // Our own numbers of replicas, set while the rollout went on.
    kube::ApplyOptions options;
    options.force = true;
    applied = m_client.apply(type, m_namespace, object, options);
  }
  if (!applied) return std::move(applied).error();
  return {};
}

Result<void> Fence::create(const kube::ResourceType& type, const Node& object) {
  MLK_CHECK(check(nullptr));
  auto created = m_client.create(type, m_namespace, object);
  if (!created && kube::is_already_exists(created.error())) return {};
  if (!created) return std::move(created).error();
  // What a later apply leaves out shall go: that takes the ownership that apply gives, not that of a plain creation.
  const Node own = Node::sequence(
      {Node::mapping({{"op", "replace"}, {"path", "/metadata/managedFields/0/operation"}, {"value", "Apply"}})});
  kube::PatchOptions options;
  options.resource_version = (*created)["metadata"]["resourceVersion"].string_or();
  auto owned = m_client.json_patch(type, m_namespace, name_of(object), own, options);
  // A controller may have written its status in between; then the fields merely have two owners of the same name.
  if (!owned && !kube::is_conflict(owned.error()) && !kube::is_not_found(owned.error()))
    return std::move(owned).error();
  return {};
}

Result<void> Fence::remove(const kube::ResourceType& type, const Node& read) {
  MLK_CHECK(check(&read));
  kube::DeleteOptions options;
  options.uid = read["metadata"]["uid"].string_or();
  options.resource_version = read["metadata"]["resourceVersion"].string_or();
  auto removed = m_client.remove(type, m_namespace, name_of(read), options);
  if (!removed && !kube::is_not_found(removed.error())) return removed;
  return {};
}

}  // namespace mlk::serving
