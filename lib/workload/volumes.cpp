#include "volumes.hpp"

#include "images.hpp"
#include "values.hpp"

#include <mlk/core/quantity.hpp>

#include <fmt/format.h>

namespace mlk::workload {
namespace {

using document::Node;
using project::VolumeKind;

constexpr std::size_t k_longest_name = 57;  // leaves room for a number behind it

/// A DNS label from a claim's, secret's or image's name.
std::string volume_name(std::string_view text) {
  if (const auto slash = text.rfind('/'); slash != std::string_view::npos) text.remove_prefix(slash + 1);
  text = text.substr(0, text.find_first_of(":@"));
  std::string name;
  for (const char c : text.substr(0, k_longest_name)) {
    const bool is_kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && !name.empty());
    if (is_kept) {
      name += c;
    } else if (!name.empty()) {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "volume" : name;
}

}  // namespace

std::string Volumes::fresh_name(std::string_view wanted) {
  std::string name(wanted);
  for (int n = 2; m_names.contains(name); ++n) name = fmt::format("{}-{}", wanted, n);
  m_names.insert(name);
  return name;
}

void Volumes::mount(const std::string& name, const Node& mount) {
  Node whole = Node::mapping({{"name", name}});
  for (const document::Entry& entry : mount.entries()) {
    if (!entry.value.is_null()) whole.set(entry.key, entry.value);
  }
  whole.set_place(mount.place());
  m_mounts.push_back(std::move(whole));
}

void Volumes::add(std::string_view name, const Node& source, const Node& mount) {
  const std::string fresh = fresh_name(name);
  Node volume = Node::mapping({{"name", fresh}});
  for (const document::Entry& entry : source.entries()) volume.set(entry.key, entry.value);
  volume.set_place(source.place());
  m_volumes.push_back(std::move(volume));
  this->mount(fresh, mount);
}

Node Volumes::source_of(const project::Volume& volume) const {
  switch (volume.kind) {
    case VolumeKind::claim:
      return Node::mapping({{"persistentVolumeClaim", Node::mapping({{"claimName", value_node(volume.source)}})}});
    case VolumeKind::config_map:
      return Node::mapping({{"configMap", Node::mapping({{"name", value_node(volume.source)}})}});
    case VolumeKind::secret:
      return Node::mapping({{"secret", Node::mapping({{"secretName", value_node(volume.source)}})}});
    case VolumeKind::image:
      return Node::mapping({{"image", Node::mapping({{"reference", image_node(volume.source, m_lock)},
                                                     {"pullPolicy", "IfNotPresent"}})}});
    case VolumeKind::empty:
      break;
  }
  Node empty = Node::mapping();
  if (*volume.in_memory) empty.set("medium", "Memory");
  if (volume.size) empty.set("sizeLimit", located(format_quantity_bytes(volume.size->value), volume.size->place));
  return Node::mapping({{"emptyDir", std::move(empty)}});
}

void Volumes::add(const project::Volume& volume) {
  Node mounted = Node::mapping({{"mountPath", value_node(volume.at)}, {"subPath", text_node(volume.sub_path)}});
  if (*volume.read_only) mounted.set("readOnly", located(true, volume.read_only.place));
  mounted = located(std::move(mounted), volume.place);
  const auto key = std::make_pair(volume.kind, *volume.source);
  if (volume.kind != VolumeKind::empty) {
    if (const auto known = m_known.find(key); known != m_known.end()) return mount(known->second, mounted);
  }
  const std::string name = volume_name(volume.source->empty() ? *volume.at : *volume.source);
  add(name, located(source_of(volume), volume.place), mounted);
  m_known.emplace(key, m_volumes.items().back()["name"].string_or());
}

void Volumes::add(const project::Checkpoint& checkpoint) {
  project::Volume volume;
  volume.kind = VolumeKind::claim;
  volume.source = checkpoint.claim;
  volume.at = checkpoint.at;
  volume.place = checkpoint.place;
  add(volume);
}

void Volumes::add_shared_memory(const Node& size) {
  Node source = Node::mapping({{"emptyDir", Node::mapping({{"medium", "Memory"}, {"sizeLimit", size}})}});
  add("shm", located(std::move(source), size.place()), Node::mapping({{"mountPath", "/dev/shm"}}));
}

Node Volumes::volumes() const { return or_null(m_volumes); }

Node Volumes::mounts() const { return or_null(m_mounts); }

}  // namespace mlk::workload
