#include "bundle.hpp"

#include "shape.hpp"

#include <mlk/core/quantity.hpp>

#include <algorithm>

namespace mlk::inline v0::validation {

using document::EntryView;
using document::View;

namespace {

/// Other groups have a Job and a Service too, which mean something else.
bool is_of_api(const Spot& object) { return find_kind(object["apiVersion"].text(), object["kind"].text()) != nullptr; }

std::optional<Spot> pod_template_of(const Spot& object, std::string_view kind) {
  if (kind == "Deployment" || kind == "StatefulSet" || kind == "ReplicaSet" || kind == "DaemonSet" || kind == "Job") {
    return object.at({"spec", "template"});
  }
  if (kind == "CronJob") return object.at({"spec", "jobTemplate", "spec", "template"});
  if (kind == "Pod") return object;
  return std::nullopt;
}

std::vector<Container> containers_of(const Spot& spec) {
  std::vector<Container> containers;
  for (const Spot& each : spec["initContainers"].children()) {
    containers.push_back({each, each["restartPolicy"].text() != "Always"});
  }
  for (const Spot& each : spec["containers"].children()) containers.push_back({each, false});
  return containers;
}

std::int64_t whole(View quantity) {
  const auto value = parse_quantity(quantity.scalar_text());
  return value ? *value : 0;
}

/// "registry/team/vllm-openai:v1" → "vllm-openai"
std::string image_name(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  std::string_view name = slash == std::string_view::npos ? image : image.substr(slash + 1);
  return std::string(name.substr(0, name.find(':')));
}

}  // namespace

bool PodSet::is_lasting() const noexcept {
  return kind == "Deployment" || kind == "StatefulSet" || kind == "ReplicaSet" || kind == "DaemonSet";
}

const std::vector<Spot>& Bundle::of_kind(std::string_view kind) const {
  static const std::vector<Spot> k_none;
  const auto found = kinds.find(kind);
  return found == kinds.end() ? k_none : found->second;
}

const std::vector<Spot>& Bundle::of_kind_in(const std::string& kind, const std::string& name_space) const {
  static const std::vector<Spot> k_none;
  const auto found = kinds_in_namespaces.find({kind, name_space});
  return found == kinds_in_namespaces.end() ? k_none : found->second;
}

std::vector<const PodSet*> Bundle::pods_in(std::string_view name_space) const {
  std::vector<const PodSet*> pods;
  const auto found = pod_sets_in_namespaces.find(name_space);
  if (found == pod_sets_in_namespaces.end()) return pods;
  pods.reserve(found->second.size());
  for (const std::size_t index : found->second) pods.push_back(&pod_sets[index]);
  return pods;
}

Bundle make_bundle(const std::vector<View>& objects) {
  Bundle bundle;
  for (const View node : objects) {
    const Spot object(node);
    bundle.objects.push_back(object);
    const std::string kind = object["kind"].text();
    if (!is_of_api(object)) continue;
    const std::string name_space = object.at({"metadata", "namespace"}).text();
    bundle.kinds[kind].push_back(object);
    bundle.kinds_in_namespaces[{kind, name_space}].push_back(object);
    const auto pod_template = pod_template_of(object, kind);
    if (!pod_template) continue;
    bundle.pod_sets_in_namespaces[name_space].push_back(bundle.pod_sets.size());
    const Spot spec = (*pod_template)["spec"];
    bundle.pod_sets.push_back({object, (*pod_template)["metadata"], spec, kind, object.at({"metadata", "name"}).text(),
                               name_space, containers_of(spec)});
  }
  return bundle;
}

bool has_all(View pairs, View labels) {
  const document::Entries all = pairs.entries();
  return std::all_of(all.begin(), all.end(), [&](const EntryView& entry) {
    const View value = labels[entry.name()];
    return !value.is_missing() && value.scalar_text() == entry.value.scalar_text();
  });
}

bool selects(View selector, View labels) {
  if (!has_all(selector["matchLabels"], labels)) return false;
  for (const View expression : selector["matchExpressions"].items()) {
    const View value = labels[expression["key"].scalar_text()];
    const document::Items values = expression["values"].items();
    const bool is_listed = !value.is_missing() && std::any_of(values.begin(), values.end(), [&](View each) {
      return each.scalar_text() == value.scalar_text();
    });
    const std::string op = expression["operator"].scalar_text();
    if ((op == "In" && !is_listed) || (op == "NotIn" && is_listed)) return false;
    if ((op == "Exists" && value.is_missing()) || (op == "DoesNotExist" && !value.is_missing())) return false;
  }
  return true;
}

bool is_extended_resource(std::string_view resource) noexcept {
  const auto slash = resource.find('/');
  if (slash == std::string_view::npos || resource.starts_with("requests.")) return false;
  const std::string_view domain = resource.substr(0, slash);
  return domain != "kubernetes.io" && !domain.ends_with(".kubernetes.io");
}

bool is_gpu_resource(std::string_view resource) noexcept {
  return resource == "nvidia.com/gpu" || resource == "nvidia.com/gpu.shared" || resource == "amd.com/gpu" ||
         resource == "habana.ai/gaudi" || resource.starts_with("nvidia.com/mig-") ||
         resource.starts_with("gpu.intel.com/");
}

std::vector<DeviceUse> gpu_uses(const Container& container) {
  std::vector<DeviceUse> uses;
  const Spot resources = container.spot["resources"];
  const Spot limits = resources["limits"];
  for (const Spot& each : limits.children()) {
    if (is_gpu_resource(each.key())) uses.push_back({each.key(), each, whole(each.node())});
  }
  for (const Spot& each : resources["requests"].children()) {
    if (!is_gpu_resource(each.key()) || !limits.node()[each.key()].is_missing()) continue;
    uses.push_back({each.key(), each, whole(each.node())});
  }
  std::erase_if(uses, [](const DeviceUse& use) { return use.count <= 0; });
  return uses;
}

std::int64_t gpu_count(const PodSet& pods) {
  std::int64_t sum = 0;
  for (const Container& container : pods.containers) {
    if (container.is_init) continue;
    for (const DeviceUse& use : gpu_uses(container)) sum += use.count;
  }
  return sum;
}

bool is_model_server(const Container& container) {
  constexpr std::string_view k_names[] = {"vllm",         "tritonserver",      "sglang",          "llama.cpp",
                                          "llama-server", "mlserver",          "text-generation", "torchserve",
                                          "tgi",          "tensorflow-serving"};
  std::string words = image_name(container.spot["image"].text());
  for (const Spot& word : container.spot["command"].children()) words += " " + word.text();
  return std::any_of(std::begin(k_names), std::end(k_names),
                     [&](std::string_view name) { return words.find(name) != std::string::npos; });
}

}  // namespace mlk::inline v0::validation
