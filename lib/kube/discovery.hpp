#pragma once

#include "session.hpp"

#include <mlk/core/result.hpp>
#include <mlk/kube/resource.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::kube {

/// Which types a server has: by aggregated discovery, kept in memory and, where there is a cache folder, on disk.
class Discovery {
 public:
  explicit Discovery(Session& session) : m_session(session) {}

  /// The type, if the server has it. A type that the cache knew a moment ago is taken from there; before it says no,
  /// the server is asked.
  Result<std::optional<ResourceType>> find(std::string_view api_version, std::string_view kind);
  Result<std::vector<ResourceType>> all();

 private:
  /// What /api or /apis said, with the ETag that it said it under.
  struct Part {
    std::string etag;
    std::vector<ResourceType> types;
  };

  Result<void> refresh();
  Result<void> refresh_part(std::string_view path, Part& part);
  Result<void> list_group_versions(std::string_view path, Part& part);
  std::filesystem::path cache_file() const;
  void load();
  void save() const;
  const ResourceType* lookup(std::string_view api_version, std::string_view kind) const noexcept;

  Session& m_session;
  Part m_core;
  Part m_groups;
  bool m_is_loaded = false;
  bool m_is_confirmed = false;  ///< the server was asked by this process
  std::optional<SystemTime> m_confirmed_at;
};

/// The types in an APIGroupDiscoveryList; subresources are left out.
std::vector<ResourceType> types_from_discovery(const document::Node& list);

}  // namespace mlk::kube
