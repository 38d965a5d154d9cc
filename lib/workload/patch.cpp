#include "patch.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/tree.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::workload {
namespace {

using document::Entry;
using document::Node;

constexpr std::string_view k_directive = "$patch";

struct MergeKey {
  std::string_view list;
  std::string_view key;
};

/// patchMergeKey in Kubernetes' API types, for the lists that the generated kinds have. `ports` and `env` of other
/// kinds have the same keys, but a Service's ports, which go by "port".
constexpr std::array k_merge_keys = {
    MergeKey{"containers", "name"},
    MergeKey{"initContainers", "name"},
    MergeKey{"ephemeralContainers", "name"},
    MergeKey{"volumes", "name"},
    MergeKey{"env", "name"},
    MergeKey{"volumeMounts", "mountPath"},
    MergeKey{"volumeDevices", "devicePath"},
    MergeKey{"imagePullSecrets", "name"},
    MergeKey{"resourceClaims", "name"},
    MergeKey{"hostAliases", "ip"},
    MergeKey{"topologySpreadConstraints", "topologyKey"},
    MergeKey{"schedulingGates", "name"},
};

std::string_view merge_key(std::string_view list, const Node& items) noexcept {
  if (list == "ports") {
    const Node& first = items[std::size_t{0}];
    if (first.find("containerPort") != nullptr) return "containerPort";
    return first.find("port") != nullptr ? "port" : "";
  }
  for (const MergeKey& one : k_merge_keys) {
    if (one.list == list) return one.key;
  }
  return "";
}

bool is_builtin_group(std::string_view api_version) noexcept {
  const auto slash = api_version.find('/');
  if (slash == std::string_view::npos) return true;
  const std::string_view group = api_version.substr(0, slash);
  constexpr std::array<std::string_view, 3> k_custom = {"gateway.networking.k8s.io", "inference.networking.k8s.io",
                                                        "snapshot.storage.k8s.io"};
  if (std::find(k_custom.begin(), k_custom.end(), group) != k_custom.end()) return false;
  return group.find('.') == std::string_view::npos || group.ends_with(".k8s.io");
}

/// A patch as a value of its own: without nulls and directives, which mean nothing where there was nothing before.
Node without_directives(const Node& patch) {
  Node clean = patch;
  if (clean.is_sequence()) {
    std::vector<Node> kept;
    for (const Node& item : clean.items()) {
      if (item[k_directive].string_or() != "delete") kept.push_back(without_directives(item));
    }
    clean.items_mutable() = std::move(kept);
  }
  if (clean.is_mapping()) {
    auto& entries = clean.entries_mutable();
    std::erase_if(entries, [](const Entry& entry) { return entry.value.is_null() || entry.key == k_directive; });
    for (Entry& entry : entries) entry.value = without_directives(entry.value);
  }
  return clean;
}

Result<std::string> directive_of(const Node& patch) {
  for (const Entry& entry : patch.entries()) {
    if (!entry.key.starts_with('$')) continue;
    const std::string value = entry.value.string_or();
    if (entry.key != k_directive || (value != "delete" && value != "replace" && value != "merge")) {
      return Error(ErrorKind::failed, fmt::format("'{}: {}' is no directive that a patch can hold here", entry.key,
                                                  entry.value.scalar_text()))
          .fixed_by("write '$patch: delete' or '$patch: replace', or use a JSON patch ('json:')");
    }
  }
  return patch[k_directive].string_or("merge");
}

Result<void> merge_list(Node& base, const Node& patch, std::string_view key) {
  for (const Node& item : patch.items()) {
    if (!item.is_mapping() || item.find(key) == nullptr) {
      return Error(ErrorKind::failed, fmt::format("an item of this list says which one it is by its '{}'", key))
          .fixed_by(fmt::format("give '{}', or use a JSON patch ('json:')", key));
    }
    MLK_TRY(const std::string directive, directive_of(item));
    auto& items = base.items_mutable();
    const auto found = std::find_if(items.begin(), items.end(), [&](const Node& one) { return one[key] == item[key]; });
    if (directive == "delete") {
      if (found != items.end()) items.erase(found);
    } else if (found == items.end()) {
      items.push_back(without_directives(item));
    } else if (directive == "replace") {
      *found = without_directives(item);
    } else {
      MLK_CHECK(strategic_merge(*found, item, true));
    }
  }
  return {};
}

}  // namespace

Result<void> strategic_merge(Node& base, const Node& patch, bool is_builtin) {
  if (!patch.is_mapping() || !base.is_mapping()) {
    base = without_directives(patch);
    return {};
  }
  MLK_TRY(const std::string directive, directive_of(patch));
  if (directive == "replace") {
    base = without_directives(patch);
    return {};
  }
  for (const Entry& entry : patch.entries()) {
    if (entry.key.starts_with('$')) continue;
    Node* there = base.find(entry.key);
    if (entry.value.is_null() || entry.value[k_directive].string_or() == "delete") {
      base.erase(entry.key);
    } else if (there == nullptr) {
      base.set(entry.key, without_directives(entry.value));
    } else if (entry.value.is_sequence()) {
      const std::string_view key = is_builtin ? merge_key(entry.key, entry.value) : "";
      if (key.empty() || !there->is_sequence()) {
        *there = without_directives(entry.value);
      } else {
        MLK_CHECK(merge_list(*there, entry.value, key));
      }
    } else {
      MLK_CHECK(strategic_merge(*there, entry.value, is_builtin));
    }
  }
  return {};
}

Patches::Patches(const std::vector<project::Patch>& patches, Problems& problems)
    : m_patches(patches), m_used(patches.size(), false), m_problems(problems) {}

void Patches::apply(Node& object, std::string_view section) {
  const std::string kind = object["kind"].string_or();
  const std::string api_version = object["apiVersion"].string_or();
  const std::string name = object["metadata"]["name"].string_or();
  for (std::size_t i = 0; i < m_patches.size(); ++i) {
    const project::Patch& patch = m_patches[i];
    if (*patch.kind != kind) continue;
    if (!patch.name->empty() && *patch.name != name && *patch.name != section) continue;
    m_used[i] = true;
    Result<void> done;
    if (patch.merge.is_mapping()) done = strategic_merge(object, patch.merge, is_builtin_group(api_version));
    if (done && patch.json.is_sequence()) done = document::apply_json_patch(object, patch.json);
    if (!done) {
      m_problems.error("patch", patch.place, "patch",
                       fmt::format("this patch can't be applied to {} '{}': {}", kind, name, done.error().what),
                       std::move(done.error().why), std::move(done.error().fix));
    }
    if (object["kind"].string_or() != kind || object["apiVersion"].string_or() != api_version ||
        object["metadata"]["name"].string_or() != name) {
      m_problems.error("patch-identity", patch.place, "patch",
                       fmt::format("a patch can't change apiVersion, kind or name of {} '{}'", kind, name),
                       "the section's other objects refer to it by them", "rename the section instead");
      return;
    }
  }
}

void Patches::report_unused(const std::vector<std::string>& kinds) {
  for (std::size_t i = 0; i < m_patches.size(); ++i) {
    if (m_used[i]) continue;
    const project::Patch& patch = m_patches[i];
    const std::string name = patch.name->empty() ? "" : fmt::format(" '{}'", *patch.name);
    m_problems.error(
        "patch-target", patch.place, "patch",
        fmt::format("no generated object is a {}{}{}", *patch.kind, name, did_you_mean(*patch.kind, kinds)),
        "a patch is for an object that this section generates", "it generates: " + join(kinds, ", "));
  }
}

}  // namespace mlk::workload
