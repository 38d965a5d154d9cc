#include "distill.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

namespace mlk::inline v0::validation::schema {

using document::Node;
namespace fs = std::filesystem;

namespace {

Result<Node> read_json_file(const fs::path& path) {
  MLK_TRY(const std::string text, read_file(path));
  auto node = document::read_json(text);
  if (!node) return std::move(node).error().within(fmt::format("reading '{}'", path.string()));
  return node;
}

// One release's discovery: what can be created, at which group and version.
class Release {
 public:
  Release(Model& model, SystemDef& system, fs::path folder, unsigned minor)
      : m_distiller(model.types, Distiller::Dialect::builtin),
        m_system(system),
        m_folder(std::move(folder)),
        m_minor(minor) {}

  Result<void> read() {
    MLK_TRY(const Node core, read_json_file(m_folder / "api" / "discovery" / "api__v1.json"));
    MLK_CHECK(use(fmt::format("api__{}_openapi.json", core["groupVersion"].string_or())));
    for (const Node& resource : core["resources"].items()) {
      if (resource["name"].string_or().find('/') != std::string::npos) continue;
      KindDef kind;
      kind.version = core["groupVersion"].string_or();
      kind.kind = resource["kind"].string_or();
      kind.plural = resource["name"].string_or();
      kind.is_namespaced = resource["namespaced"].bool_or(false);
      add(std::move(kind), resource);
    }
    MLK_TRY(const Node groups, read_json_file(m_folder / "api" / "discovery" / "aggregated_v2.json"));
    for (const Node& group : groups["items"].items()) MLK_CHECK(read_group(group));
    return {};
  }

 private:
  Result<void> read_group(const Node& group) {
    for (const Node& version : group["versions"].items()) {
      const std::string name = group["metadata"]["name"].string_or();
      const std::string number = version["version"].string_or();
      MLK_CHECK(use(fmt::format("apis__{}__{}_openapi.json", name, number)));
      for (const Node& resource : version["resources"].items()) {
        KindDef kind;
        kind.group = name;
        kind.version = number;
        kind.kind = resource["responseKind"]["kind"].string_or();
        kind.plural = resource["resource"].string_or();
        kind.is_namespaced = resource["scope"].string_or() == "Namespaced";
        add(std::move(kind), resource);
      }
    }
    return {};
  }

  Result<void> use(const std::string& file) {
    MLK_TRY(m_openapi, read_json_file(m_folder / "api" / "openapi-spec" / "v3" / file));
    const Node* definitions = m_openapi.find({"components", "schemas"});
    m_distiller.use_definitions(definitions);
    m_by_kind.clear();
    if (definitions == nullptr) return {};
    for (const auto& entry : definitions->entries()) {
      for (const Node& each : entry.value["x-kubernetes-group-version-kind"].items()) {
        m_by_kind[fmt::format("{}/{} {}", each["group"].string_or(), each["version"].string_or(),
                              each["kind"].string_or())] = entry.key;
      }
    }
    for (const std::string_view name : {"ObjectMeta", "ListMeta"}) {
      const std::string definition = fmt::format("io.k8s.apimachinery.pkg.apis.meta.v1.{}", name);
      if (m_distiller.find_definition(definition) == nullptr) continue;
      auto& served = m_system.named[fmt::format("meta.v1.{}", name)];
      const TypeId type = m_distiller.distill_definition(definition);
      if (served.empty() || served.back().minors.last != m_minor) add_served(served, m_minor, type);
    }
    return {};
  }

  void add(KindDef kind, const Node& resource) {
    const auto& verbs = resource["verbs"].items();
    if (std::none_of(verbs.begin(), verbs.end(), [](const Node& verb) { return verb == Node("create"); })) return;
    const auto definition = m_by_kind.find(fmt::format("{}/{} {}", kind.group, kind.version, kind.kind));
    if (definition == m_by_kind.end()) return;
    const std::string list_kind = kind.kind + "List";
    if (m_by_kind.contains(fmt::format("{}/{} {}", kind.group, kind.version, list_kind))) kind.list_kind = list_kind;
    for (const Node& name : resource["shortNames"].items()) kind.short_names.push_back(name.string_or());
    const TypeId type = m_distiller.distill_definition(definition->second);
    const auto same = std::find_if(m_system.kinds.begin(), m_system.kinds.end(), [&](const KindDef& other) {
      return other.group == kind.group && other.version == kind.version && other.kind == kind.kind;
    });
    KindDef& into = same == m_system.kinds.end() ? m_system.kinds.emplace_back(std::move(kind)) : *same;
    add_served(into.served, m_minor, type);
  }

  Distiller m_distiller;
  SystemDef& m_system;
  fs::path m_folder;
  unsigned m_minor;
  Node m_openapi;
  std::map<std::string, std::string> m_by_kind;  ///< "group/version kind" → definition
};

std::string quoted_after(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return {};
  const auto begin = line.find('"', at);
  if (begin == std::string_view::npos) return {};
  return std::string(line.substr(begin + 1, line.find('"', begin + 1) - begin - 1));
}

std::string api_version(const std::string& group, const std::string& version) {
  return group.empty() ? version : fmt::format("{}/{}", group, version);
}

// func (in *Deployment) APILifecycleRemoved() (major, minor int) {
//     return 1, 16
// }
void read_lifecycle(const std::string& text, const std::string& version, std::map<std::string, LifecycleDef>& out) {
  std::string kind;
  std::string fact;
  for (const std::string& line : split(text, '\n')) {
    constexpr std::string_view k_function = "func (in *";
    if (line.starts_with(k_function)) {
      const auto end = line.find(')');
      kind = line.substr(k_function.size(), end - k_function.size());
      const auto begin = line.find("APILifecycle", end);
      fact = begin == std::string::npos ? "" : line.substr(begin + 12, line.find('(', begin) - begin - 12);
      continue;
    }
    const auto value = line.find("return ");
    if (value == std::string::npos || fact.empty() || kind.ends_with("List")) continue;
    LifecycleDef& life = out[kind];
    life.api_version = version;
    life.kind = kind;
    if (fact == "Replacement") {
      life.replacement = fmt::format("{} {}", api_version(quoted_after(line, "Group:"), quoted_after(line, "Version:")),
                                     quoted_after(line, "Kind:"));
      continue;
    }
    unsigned minor = 0;
    const auto comma = line.find(", ", value);
    if (comma == std::string::npos) continue;
    std::from_chars(line.data() + comma + 2, line.data() + line.size(), minor);
    if (fact == "Introduced") life.introduced = minor;
    if (fact == "Deprecated") life.deprecated = minor;
    if (fact == "Removed") life.removed = minor;
  }
}

}  // namespace

Result<void> distill_release(Model& model, SystemDef& system, const std::string& folder, unsigned minor) {
  return Release(model, system, folder, minor).read();
}

Result<std::vector<LifecycleDef>> distill_lifecycle(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    if (at->path().filename() == "zz_generated.prerelease-lifecycle.go") files.push_back(at->path());
  }
  if (failure) return system_error(fmt::format("reading folder '{}'", folder), failure.value());
  std::sort(files.begin(), files.end());
  std::vector<LifecycleDef> out;
  for (const fs::path& file : files) {
    MLK_TRY(const std::string registration, read_file(file.parent_path() / "register.go"));
    const std::string group = quoted_after(registration, "GroupName =");
    MLK_TRY(const std::string text, read_file(file));
    std::map<std::string, LifecycleDef> found;
    read_lifecycle(text, api_version(group, file.parent_path().filename().string()), found);
    for (auto& [kind, life] : found) out.push_back(std::move(life));
  }
  return out;
}

}  // namespace mlk::inline v0::validation::schema
