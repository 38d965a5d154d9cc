#include <mlk/document/tree.hpp>
#include <mlk/workload/bundle.hpp>

#include <fmt/format.h>

#include <optional>

namespace mlk::workload {
namespace {

using document::Entry;
using document::Node;
using document::Path;

/// What a subtree has in common, as far as it has: the line of the user's that it comes from, or the template.
struct Common {
  bool is_mixed = false;
  bool is_default = true;
  Place place;

  bool same_as(const Common& other) const {
    if (is_mixed || other.is_mixed || is_default != other.is_default) return false;
    const bool has_file = place.file != nullptr;
    if (has_file != (other.place.file != nullptr)) return false;
    if (has_file && *place.file != *other.place.file) return false;
    return is_default || place.line == other.place.line;
  }
};

Common origin_of(const Place& place) {
  const bool is_built_in = place.file == nullptr || place.file->starts_with("mlk:");
  return {false, is_built_in, place};
}

Common common_of(const Node& node) {
  std::optional<Common> common;
  const auto add = [&common](const Node& child) {
    const Common one = common_of(child);
    if (!common) {
      common = one;
    } else if (!common->same_as(one)) {
      common->is_mixed = true;
    }
  };
  for (const Node& item : node.items()) add(item);
  for (const Entry& entry : node.entries()) add(entry.value);
  return common.value_or(origin_of(node.place()));
}

/// What says which object it is, not what it does: the same everywhere, and only in the way of a reader.
bool is_identity(const Path& path, std::string_view key) {
  return (path.empty() && (key == "apiVersion" || key == "kind")) || key == "labels";
}

void collect(const Node& node, Path& path, const std::string& object, std::vector<BlockOrigin>& out) {
  const Common common = common_of(node);
  if (!common.is_mixed) {
    out.push_back({object, document::format_path(path), common.place, common.is_default});
    return;
  }
  for (std::size_t i = 0; i < node.items().size(); ++i) {
    path.emplace_back(i);
    collect(node.items()[i], path, object, out);
    path.pop_back();
  }
  for (const Entry& entry : node.entries()) {
    if (is_identity(path, entry.key)) continue;
    path.emplace_back(entry.key);
    collect(entry.value, path, object, out);
    path.pop_back();
  }
}

}  // namespace

std::string_view to_string(Role role) noexcept {
  switch (role) {
    case Role::job:
      return "job";
    case Role::rendezvous_service:
      return "rendezvous-service";
    case Role::network_policy:
      return "network-policy";
    case Role::service:
      return "service";
    case Role::canary_service:
      return "canary-service";
    case Role::deployment:
      return "deployment";
    case Role::autoscaler:
      return "autoscaler";
    case Role::disruption_budget:
      return "disruption-budget";
    case Role::route:
      return "route";
  }
  return "";
}

std::string_view Object::kind() const noexcept { return node["kind"].as_string().value_or(""); }

std::string_view Object::name() const noexcept { return node["metadata"]["name"].as_string().value_or(""); }

std::vector<Node> Bundle::nodes() const {
  std::vector<Node> all;
  for (const SectionObjects& section : sections) {
    for (const Object& object : section.objects) all.push_back(object.node);
  }
  return all;
}

std::vector<BlockOrigin> origins(const Bundle& bundle) {
  std::vector<BlockOrigin> found;
  for (const SectionObjects& section : bundle.sections) {
    for (const Object& object : section.objects) {
      Path path;
      collect(object.node, path, fmt::format("{}/{}", object.kind(), object.name()), found);
    }
  }
  return found;
}

}  // namespace mlk::workload
