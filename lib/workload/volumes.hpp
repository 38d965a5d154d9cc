#pragma once

#include <mlk/document/node.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace mlk::workload {

/// The volumes of a pod and where its container mounts them. Each volume gets a name of its own; what is mounted twice
/// is one volume.
class Volumes {
 public:
  explicit Volumes(const project::Lock& lock) : m_lock(lock) {}

  /// A volume of mlk's own; `source` is its body without the name, such as {emptyDir: {}}.
  void add(std::string_view name, const document::Node& source, const document::Node& mount);
  void add(const project::Volume& volume);
  void add(const project::Checkpoint& checkpoint);
  /// /dev/shm in memory, of that size.
  void add_shared_memory(const document::Node& size);

  document::Node volumes() const;
  document::Node mounts() const;

 private:
  std::string fresh_name(std::string_view wanted);
  void mount(const std::string& name, const document::Node& mount);
  document::Node source_of(const project::Volume& volume) const;

  const project::Lock& m_lock;
  document::Node m_volumes = document::Node::sequence();
  document::Node m_mounts = document::Node::sequence();
  std::set<std::string, std::less<>> m_names;
  std::map<std::pair<project::VolumeKind, std::string>, std::string> m_known;
};

}  // namespace mlk::workload
