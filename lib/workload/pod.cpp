#include "pod.hpp"

#include "images.hpp"

#include <mlk/core/quantity.hpp>
#include <mlk/core/text.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mlk::workload {
namespace {

using document::Entry;
using document::Node;
using project::PodSettings;

constexpr Bytes k_gibibyte{std::int64_t{1} << 30};

Place gpu_place(const PodSettings& pod) { return pod.gpus ? pod.gpus->place : Place{}; }

Node map_node(const project::TextMap& map) {
  Node node = Node::mapping();
  for (const auto& [key, text] : map) node.set(key, value_node(text));
  return or_null(std::move(node));
}

Node env_values(const PodSettings& pod) {
  Node env = Node::sequence();
  for (const auto& [name, value] : pod.env) {
    env.push_back(located(Node::mapping({{"name", name}, {"value", value_node(value)}}), value.place));
  }
  for (const auto& [name, secret] : pod.secrets) {
    Node reference = Node::mapping({{"name", secret->secret}, {"key", secret->key}});
    Node variable =
        Node::mapping({{"name", name}, {"valueFrom", Node::mapping({{"secretKeyRef", std::move(reference)}})}});
    env.push_back(located(std::move(variable), secret.place));
  }
  keep_last_of_each_name(env);
  return or_null(std::move(env));
}

Node resource_values(const PodSettings& pod, const std::optional<placement::GpuAsk>& gpus) {
  Node requests = Node::mapping();
  Node limits = Node::mapping();
  const project::Resources& asked = pod.resources;
  const auto cores = [](const project::Maybe<Millicores>& value) {
    return value ? located(format_millicores(value->value), value->place) : Node();
  };
  const auto bytes = [](const project::Maybe<Bytes>& value) {
    return value ? located(format_quantity_bytes(value->value), value->place) : Node();
  };
  const auto put = [](Node& map, std::string_view key, Node value) {
    if (!value.is_null()) map.set(key, std::move(value));
  };
  put(requests, "cpu", cores(asked.cpu ? asked.cpu : asked.cpu_limit));
  put(limits, "cpu", cores(asked.cpu_limit));
  put(requests, "memory", bytes(asked.memory ? asked.memory : asked.memory_limit));
  put(limits, "memory", bytes(asked.memory_limit ? asked.memory_limit : asked.memory));
  put(requests, "ephemeral-storage", bytes(asked.ephemeral_storage));
  if (gpus) {
    const std::string resource = placement::gpu_resource(*gpus);
    // A whole number in quotes: that is how the API server hands a quantity back.
    const Node count = located(std::to_string(gpus->count), gpu_place(pod));
    requests.set(resource, count);
    limits.set(resource, count);
  }
  Node all = Node::mapping();
  if (!requests.empty()) all.set("requests", std::move(requests));
  if (!limits.empty()) all.set("limits", std::move(limits));
  return or_null(std::move(all));
}

Node toleration_values(const PodSettings& pod, const std::optional<placement::GpuAsk>& gpus) {
  Node list = Node::sequence();
  if (gpus) {
    // The taint that keeps other pods off GPU nodes. Taints that give nodes to a team are never tolerated unasked.
    Node hardware =
        Node::mapping({{"key", placement::gpu_taint_key(*gpus)}, {"operator", "Exists"}, {"effect", "NoSchedule"}});
    list.push_back(located(std::move(hardware), gpu_place(pod)));
  }
  for (const project::Toleration& asked : pod.placement.tolerations) {
    Node toleration = Node::mapping();
    const auto put = [&toleration](std::string_view key, Node value) {
      if (!value.is_null()) toleration.set(key, std::move(value));
    };
    put("key", text_node(asked.key));
    put("operator", text_node(asked.op));
    put("value", text_node(asked.value));
    put("effect", text_node(asked.effect));
    if (asked.seconds) put("tolerationSeconds", number_node(*asked.seconds));
    list.push_back(located(std::move(toleration), asked.place));
  }
  return or_null(std::move(list));
}

/// Time-sliced and MPS GPUs are told from whole ones by a label that GPU feature discovery sets.
void require_sharing(Node& terms, project::GpuSharing sharing) {
  if (sharing == project::GpuSharing::none) return;
  const std::string_view strategy = sharing == project::GpuSharing::mps ? "mps" : "time-slicing";
  if (terms.empty()) terms.push_back(Node::mapping());
  for (Node& term : terms.items_mutable()) {
    Node values = Node::sequence();
    values.push_back(strategy);
    term.at("matchExpressions")
        .push_back(Node::mapping(
            {{"key", "nvidia.com/gpu.sharing-strategy"}, {"operator", "In"}, {"values", std::move(values)}}));
  }
}

Node affinity_values(const PodSettings& pod, const std::optional<placement::GpuAsk>& gpus) {
  if (!gpus) return {};
  Node terms = placement::gpu_affinity(*gpus);
  require_sharing(terms, pod.gpus->value.sharing);
  if (terms.empty()) return {};
  Node required = Node::mapping({{"nodeSelectorTerms", std::move(terms)}});
  Node affinity = Node::mapping(
      {{"nodeAffinity", Node::mapping({{"requiredDuringSchedulingIgnoredDuringExecution", std::move(required)}})}});
  return located(std::move(affinity), gpu_place(pod));
}

Node security_values(const PodSettings& pod, std::int64_t default_user) {
  Node user = pod.run_as_user ? number_node(*pod.run_as_user) : Node(default_user);
  const bool is_root = user.int_or(default_user) == 0;
  Node group = user;
  return Node::mapping({{"runAsNonRoot", located(!is_root, user.place())},
                        {"runAsUser", std::move(user)},
                        {"fsGroup", std::move(group)},
                        {"fsGroupChangePolicy", "OnRootMismatch"},
                        {"seccompProfile", Node::mapping({{"type", "RuntimeDefault"}})}});
}

/// Size of /dev/shm: as asked, else half of the memory, 16 GiB at most (8 GiB where the memory isn't known). The 64 MiB
/// that containers get otherwise break NCCL and data loaders.
Node shared_memory(const PodSettings& pod, const PodDefaults& defaults) {
  if (pod.shm) {
    if (pod.shm->value.count == 0) return {};
    return located(format_quantity_bytes(pod.shm->value), pod.shm->place);
  }
  if (!defaults.needs_shared_memory) return {};
  const auto& memory = pod.resources.memory_limit ? pod.resources.memory_limit : pod.resources.memory;
  if (!memory) return format_quantity_bytes(k_gibibyte * 8);
  const Bytes size(std::min(k_gibibyte.count * 16, memory->value.count / 2));
  return located(format_quantity_bytes(size), memory->place);
}

}  // namespace

std::optional<placement::GpuAsk> gpu_ask(const PodSettings& pod, Problems& problems) {
  if (!pod.gpus || pod.gpus->value.count.count == 0) return std::nullopt;
  const project::GpuRequest& request = pod.gpus->value;
  placement::GpuAsk ask;
  ask.count = request.count.count;
  ask.slice = request.slice;
  ask.memory = request.memory;
  ask.vendor = request.vendor.empty() ? "nvidia" : request.vendor;
  if (!request.model.empty()) {
    const placement::GpuModel* model = placement::find_gpu_model(request.model);
    if (model == nullptr) {
      std::vector<std::string> known;
      for (const placement::GpuModel& one : placement::gpu_models()) known.emplace_back(one.name);
      problems.error("gpu-model", pod.gpus->place, "gpus",
                     fmt::format("unknown GPU model '{}'{}", request.model, did_you_mean(request.model, known)),
                     "mlk doesn't know by which labels its nodes are found",
                     "ask for another model, for a number alone, or by memory: '>=40GB:1'");
      return ask;
    }
    ask.model = model->name;
    ask.vendor = model->vendor;
  }
  return ask;
}

Node section_labels(const project::Project& project, const PodSettings& pod, std::string_view kind,
                    std::string_view component, const project::Text& section) {
  const Node name = located(label_value(*section), section.place);
  const Node part_of = located(label_value(*project.name), project.name.place);
  Node labels = Node::mapping();
  labels.set(k_label_name, name)
      .set(k_label_component, component)
      .set(k_label_part_of, part_of)
      .set(k_label_managed_by, k_field_manager)
      .set(k_label_project, part_of)
      .set(k_label_kind, kind)
      .set(k_label_section, name);
  add_missing(labels, pod.labels);
  return labels;
}

void add_missing(Node& map, const project::TextMap& more) {
  for (const auto& [key, text] : more) {
    if (map.find(key) == nullptr) map.set(key, value_node(text));
  }
}

Node pod_values(const PodSettings& pod, const std::optional<placement::GpuAsk>& gpus, Node labels, Volumes volumes,
                const PodDefaults& defaults) {
  for (const project::Volume& volume : pod.volumes) volumes.add(volume);
  if (const Node size = shared_memory(pod, defaults); !size.is_null()) volumes.add_shared_memory(size);
  // A home that any user can write to, whatever the image holds.
  volumes.add("home", Node::mapping({{"emptyDir", Node::mapping()}}), Node::mapping({{"mountPath", "/home/mlk"}}));

  Node pull_secrets = Node::sequence();
  for (const project::Text& secret : pod.pull_secrets) {
    pull_secrets.push_back(located(Node::mapping({{"name", value_node(secret)}}), secret.place));
  }
  Node values = Node::mapping();
  values.set("labels", std::move(labels))
      .set("annotations", map_node(pod.annotations))
      .set("env", env_values(pod))
      .set("resources", resource_values(pod, gpus))
      .set("volumes", volumes.volumes())
      .set("mounts", volumes.mounts())
      .set("tolerations", toleration_values(pod, gpus))
      .set("affinity", affinity_values(pod, gpus))
      .set("node-selector", map_node(pod.placement.node_selector))
      .set("security", security_values(pod, defaults.user))
      .set("pull-secrets", or_null(std::move(pull_secrets)))
      .set("service-account", text_node(pod.service_account))
      .set("priority-class", text_node(pod.placement.priority_class))
      .set("scheduler", text_node(pod.placement.scheduler));
  return values;
}

void keep_last_of_each_name(Node& env) {
  std::set<std::string, std::less<>> seen;
  std::vector<Node> kept;
  auto& items = env.items_mutable();
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    if (seen.insert((*item)["name"].string_or()).second) kept.push_back(std::move(*item));
  }
  std::reverse(kept.begin(), kept.end());
  items = std::move(kept);
}

Node gpu_values(const std::optional<placement::GpuAsk>& gpus, const Place& place) {
  const std::int64_t count = gpus ? gpus->count : 0;
  return located(
      Node::mapping({{"has-any", count > 0}, {"is-several", count > 1}, {"count-text", std::to_string(count)}}), place);
}

}  // namespace mlk::workload
