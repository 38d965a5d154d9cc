#include "discovery.hpp"

#include <mlk/core/file.hpp>
#include <mlk/crypto/hash.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace mlk::kube {
namespace {

namespace fs = std::filesystem;
using Tree = document::Node;

constexpr std::string_view k_accept =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
// How long what was found is believed without asking; a type that isn't found is always asked for.
constexpr std::chrono::minutes k_fresh{5};
constexpr std::string_view k_schema = "mlk.discovery/v1";
constexpr std::size_t k_cache_limit = std::size_t{32} << 20;

RequestSubject discovery_subject() {
  RequestSubject subject;
  subject.verb = "get";
  subject.type = ResourceType{"", "v1", "API", "the server's list of APIs", false};
  return subject;
}

Call discovery_call(std::string path) {
  Call call;
  call.path = std::move(path);
  call.subject = discovery_subject();
  return call;
}

std::pair<std::string, std::string> split_api_version(std::string_view api_version) {
  const auto slash = api_version.find('/');
  if (slash == std::string_view::npos) return {std::string(), std::string(api_version)};
  return {std::string(api_version.substr(0, slash)), std::string(api_version.substr(slash + 1))};
}

void add_resource_list(std::vector<ResourceType>& types, const Tree& list) {
  const auto [group, version] = split_api_version(list["groupVersion"].string_or());
  for (const auto& resource : list["resources"].items()) {
    ResourceType type{group, version, resource["kind"].string_or(), resource["name"].string_or(),
                      resource["namespaced"].bool_or(true)};
    if (type.plural.find('/') == std::string::npos) types.push_back(std::move(type));
  }
}

Tree types_to_node(const std::vector<ResourceType>& types) {
  Tree list = Tree::sequence();
  for (const auto& type : types) {
    list.push_back(Tree::mapping({{"group", type.group},
                                  {"version", type.version},
                                  {"kind", type.kind},
                                  {"plural", type.plural},
                                  {"namespaced", type.namespaced}}));
  }
  return list;
}

std::vector<ResourceType> types_from_node(const Tree& list) {
  std::vector<ResourceType> types;
  for (const auto& item : list.items()) {
    types.push_back({item["group"].string_or(), item["version"].string_or(), item["kind"].string_or(),
                     item["plural"].string_or(), item["namespaced"].bool_or(true)});
  }
  return types;
}

const ResourceType* find_in(const std::vector<ResourceType>& types, std::string_view api_version,
                            std::string_view kind) noexcept {
  const auto found = std::find_if(types.begin(), types.end(), [&](const ResourceType& type) {
    if (type.kind != kind) return false;
    if (type.group.empty()) return api_version == type.version;
    return api_version.size() == type.group.size() + 1 + type.version.size() && api_version.starts_with(type.group) &&
           api_version[type.group.size()] == '/' && api_version.ends_with(type.version);
  });
  return found == types.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ResourceType> types_from_discovery(const Tree& list) {
  std::vector<ResourceType> types;
  for (const auto& group : list["items"].items()) {
    const std::string name = group["metadata"]["name"].string_or();
    for (const auto& version : group["versions"].items()) {
      for (const auto& resource : version["resources"].items()) {
        types.push_back({name, version["version"].string_or(), resource["responseKind"]["kind"].string_or(),
                         resource["resource"].string_or(), resource["scope"].string_or() == "Namespaced"});
      }
    }
  }
  return types;
}

Result<std::optional<ResourceType>> Discovery::find(std::string_view api_version, std::string_view kind) {
  load();
  const bool is_fresh =
      m_is_confirmed || (m_confirmed_at && std::chrono::system_clock::now() - *m_confirmed_at < k_fresh &&
                         *m_confirmed_at <= std::chrono::system_clock::now());
  if (const ResourceType* type = is_fresh ? lookup(api_version, kind) : nullptr) return std::optional(*type);
  if (!m_is_confirmed) MLK_CHECK(refresh());
  const ResourceType* type = lookup(api_version, kind);
  return type == nullptr ? std::optional<ResourceType>() : std::optional(*type);
}

Result<std::vector<ResourceType>> Discovery::all() {
  load();
  if (!m_is_confirmed) MLK_CHECK(refresh());
  std::vector<ResourceType> types = m_core.types;
  types.insert(types.end(), m_groups.types.begin(), m_groups.types.end());
  return types;
}

Result<void> Discovery::refresh() {
  MLK_CHECK(refresh_part("/api", m_core));
  MLK_CHECK(refresh_part("/apis", m_groups));
  m_is_confirmed = true;
  m_confirmed_at = std::chrono::system_clock::now();
  save();
  return {};
}

Result<void> Discovery::refresh_part(std::string_view path, Part& part) {
  Call call = discovery_call(std::string(path));
  call.accept = k_accept;
  call.if_none_match = part.etag;
  MLK_TRY(const http::Response response, m_session.fetch(call));
  if (response.status == 304) return {};
  const std::string content_type(response.headers.get("Content-Type").value_or(""));
  part = Part{};
  // A server that doesn't know the aggregated form answers with the plain one.
  if (content_type.find("APIGroupDiscoveryList") == std::string::npos) return list_group_versions(path, part);
  MLK_TRY(const Tree list, document::read_json(response.body));
  part.types = types_from_discovery(list);
  part.etag = response.headers.get("ETag").value_or("");
  return {};
}

Result<void> Discovery::list_group_versions(std::string_view path, Part& part) {
  std::vector<std::string> paths;
  MLK_TRY(const Tree root, m_session.fetch_json(discovery_call(std::string(path))));
  for (const auto& version : root["versions"].items()) {
    paths.push_back(std::string(path) + "/" + version.string_or());
  }
  for (const auto& group : root["groups"].items()) {
    for (const auto& version : group["versions"].items()) {
      paths.push_back(std::string(path) + "/" + version["groupVersion"].string_or());
    }
  }
  for (auto& one : paths) {
    auto list = m_session.fetch_json(discovery_call(std::move(one)));
    if (list) {
      add_resource_list(part.types, *list);
    } else if (list.error().kind == ErrorKind::auth || list.error().kind == ErrorKind::interrupted) {
      return std::move(list).error();
    }
    // A group whose own server is down must not hide all the others.
  }
  return {};
}

fs::path Discovery::cache_file() const {
  const auto& folder = m_session.options().cache_dir;
  if (folder.empty()) return {};
  // The authority belongs to the name: another cluster may stand behind the same address.
  const auto& config = m_session.config();
  return folder / "discovery" / (crypto::sha256_hex(config.server + "\n" + config.ca_pem).substr(0, 32) + ".json");
}

void Discovery::load() {
  if (std::exchange(m_is_loaded, true)) return;
  const fs::path path = cache_file();
  if (path.empty()) return;
  const auto text = read_file(path, k_cache_limit);
  if (!text) return;
  const auto json = document::read_json(*text);
  if (!json || (*json)["schema"].string_or() != k_schema) return;
  m_core = {(*json)["core"]["etag"].string_or(), types_from_node((*json)["core"]["types"])};
  m_groups = {(*json)["groups"]["etag"].string_or(), types_from_node((*json)["groups"]["types"])};
  if (const auto at = (*json)["confirmedAt"].as_string()) {
    if (const auto time = parse_rfc3339(*at)) m_confirmed_at = *time;
  }
}

void Discovery::save() const {
  const fs::path path = cache_file();
  if (path.empty()) return;
  const auto part = [](const Part& from) {
    return Tree::mapping({{"etag", from.etag}, {"types", types_to_node(from.types)}});
  };
  const Tree root = Tree::mapping({{"schema", k_schema},
                                   {"confirmedAt", m_confirmed_at ? Tree(format_rfc3339(*m_confirmed_at)) : Tree()},
                                   {"core", part(m_core)},
                                   {"groups", part(m_groups)}});
  // A cache that can't be written costs the next command some milliseconds, which is no reason to fail this one.
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed) return;
  fs::permissions(path.parent_path(), fs::perms::owner_all, failed);
  static_cast<void>(write_file(path, document::write_json(root, 0), 0600));
}

const ResourceType* Discovery::lookup(std::string_view api_version, std::string_view kind) const noexcept {
  const ResourceType* type = find_in(m_core.types, api_version, kind);
  return type != nullptr ? type : find_in(m_groups.types, api_version, kind);
}

}  // namespace mlk::kube
