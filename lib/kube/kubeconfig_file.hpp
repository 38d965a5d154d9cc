#pragma once

#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>
#include <mlk/kube/kubeconfig.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::kube {

/// One named cluster, user or context as a file defines it. `directory` is what its relative paths stand against.
struct Definition {
  std::string name;
  document::Node value;
  std::filesystem::path directory;
};

/// All kubeconfig files as one: the first definition of a name wins whole.
struct MergedKubeconfig {
  std::vector<Definition> clusters;
  std::vector<Definition> users;
  std::vector<Definition> contexts;
  std::string current_context;
  std::vector<std::filesystem::path> files;       ///< those that were there
  std::vector<std::filesystem::path> looked_for;  ///< all that were looked for

  bool is_empty() const noexcept { return clusters.empty() && users.empty() && contexts.empty(); }
};

const Definition* find_definition(const std::vector<Definition>& definitions, std::string_view name) noexcept;
std::vector<std::string> names_of(const std::vector<Definition>& definitions);

Result<MergedKubeconfig> read_kubeconfigs(const Sources& sources);

/// Fields of a map that may be missing or null; anything of another type is an error that says where it stands.
Result<std::string> text_field(const document::Node& map, std::string_view key);
Result<bool> bool_field(const document::Node& map, std::string_view key);
Result<std::vector<std::string>> list_field(const document::Node& map, std::string_view key);

}  // namespace mlk::kube
