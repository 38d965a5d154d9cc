#include "kubeconfig_file.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mlk::kube {
namespace {

namespace fs = std::filesystem;
using document::Node;

// Larger than any kubeconfig with its embedded certificates, small enough to refuse a wrong path quickly.
constexpr std::size_t k_file_limit = std::size_t{16} << 20;

Error wrong_type(const Node& node, std::string_view key, std::string_view wanted) {
  return Error(ErrorKind::usage, fmt::format("{}: '{}' is {}, not {}", to_string(node.place()), key,
                                             document::describe(node.kind()), wanted))
      .fixed_by("correct that line of the kubeconfig");
}

std::vector<fs::path> candidates(const Sources& sources) {
  std::vector<fs::path> found;
  if (!sources.flag.empty()) return {sources.flag};
  if (!sources.kubeconfig.empty()) {
    for (const auto& entry : split(sources.kubeconfig, ':')) {
      if (entry.empty()) continue;
      const fs::path path(entry);
      if (std::find(found.begin(), found.end(), path) == found.end()) found.push_back(path);
    }
    return found;
  }
  if (!sources.home.empty()) found.push_back(sources.home / ".kube" / "config");
  return found;
}

/// The one document of a file; null for an empty file.
Result<Node> parse_file(const std::string& text, const fs::path& path) {
  auto documents = document::read_yaml(text, path.string(), document::Schema::kubernetes);
  const auto refuse = [&](std::string why) {
    return Error(ErrorKind::usage, fmt::format("kubeconfig '{}' can't be read", path.string()))
        .because(std::move(why))
        .fixed_by("correct the file, or name another one with --kubeconfig")
        .with(std::move(documents.diagnostics));
  };
  if (has_error(documents.diagnostics)) {
    const auto first = std::find_if(documents.diagnostics.begin(), documents.diagnostics.end(),
                                    [](const Diagnostic& d) { return d.severity == Severity::error; });
    return refuse(fmt::format("{}: {}", to_string(first->place), first->message));
  }
  if (documents.nodes.empty()) return Node();
  if (documents.nodes.size() > 1) return refuse("it holds several YAML documents, a kubeconfig is one");
  Node root = std::move(documents.nodes.front());
  if (root.is_null()) return Node();
  if (!root.is_mapping()) return refuse(fmt::format("it is {}, not a map", document::describe(root.kind())));
  const std::string kind = root["kind"].string_or("Config");
  if (kind != "Config") return refuse(fmt::format("its kind is '{}', not 'Config'", printable(kind)));
  return root;
}

/// Adds what `root` defines under a plural key ("clusters") and no earlier file did.
Result<void> add_definitions(std::vector<Definition>& merged, Node& root, std::string_view plural,
                             std::string_view singular, const fs::path& directory) {
  Node* list = root.find(plural);
  if (list == nullptr || list->is_null()) return {};
  if (!list->is_sequence()) return wrong_type(*list, plural, "a list");
  std::vector<std::string> here;
  for (auto& item : list->items_mutable()) {
    if (!item.is_mapping()) return wrong_type(item, plural, "a map with 'name'");
    MLK_TRY(std::string name, text_field(item, "name"));
    if (std::find(here.begin(), here.end(), name) != here.end()) {
      return Error(ErrorKind::usage, fmt::format("{}: {} '{}' is defined twice in one file", to_string(item.place()),
                                                 singular, printable(name)))
          .fixed_by("remove one of the two");
    }
    here.push_back(name);
    if (find_definition(merged, name) != nullptr) continue;
    Node* value = item.find(singular);
    if (value != nullptr && !value->is_null() && !value->is_mapping()) return wrong_type(*value, singular, "a map");
    merged.push_back({std::move(name), value == nullptr ? Node() : std::move(*value), directory});
  }
  return {};
}

Result<void> add_file(MergedKubeconfig& merged, const fs::path& path, const std::string& text) {
  MLK_TRY(Node root, parse_file(text, path));
  if (root.is_null()) return {};
  std::error_code ignored;
  const fs::path directory = fs::absolute(path, ignored).parent_path();
  MLK_CHECK(add_definitions(merged.clusters, root, "clusters", "cluster", directory));
  MLK_CHECK(add_definitions(merged.users, root, "users", "user", directory));
  MLK_CHECK(add_definitions(merged.contexts, root, "contexts", "context", directory));
  MLK_TRY(const std::string current, text_field(root, "current-context"));
  if (merged.current_context.empty()) merged.current_context = current;
  return {};
}

}  // namespace

const Definition* find_definition(const std::vector<Definition>& definitions, std::string_view name) noexcept {
  const auto found =
      std::find_if(definitions.begin(), definitions.end(), [&](const Definition& d) { return d.name == name; });
  return found == definitions.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const std::vector<Definition>& definitions) {
  std::vector<std::string> names;
  names.reserve(definitions.size());
  for (const auto& definition : definitions) names.push_back(definition.name);
  return names;
}

Result<MergedKubeconfig> read_kubeconfigs(const Sources& sources) {
  MergedKubeconfig merged;
  merged.looked_for = candidates(sources);
  for (const auto& path : merged.looked_for) {
    auto text = read_file(path, k_file_limit);
    if (!text) {
      if (text.error().kind == ErrorKind::not_found && sources.flag.empty()) continue;
      Error error = std::move(text).error();
      error.kind = ErrorKind::usage;
      error.what = fmt::format("kubeconfig '{}' can't be read: {}", path.string(), error.what);
      if (error.fix.empty())
        error.fix = "check the path, or leave --kubeconfig away to use $KUBECONFIG or ~/.kube/config";
      return error;
    }
    merged.files.push_back(path);
    MLK_CHECK(add_file(merged, path, *text));
  }
  return merged;
}

Result<std::string> text_field(const Node& map, std::string_view key) {
  const Node* value = map.find(key);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string()) return wrong_type(*value, key, "a string (quote it)");
  return value->string_or();
}

Result<bool> bool_field(const Node& map, std::string_view key) {
  const Node* value = map.find(key);
  if (value == nullptr || value->is_null()) return false;
  if (!value->as_bool()) return wrong_type(*value, key, "true or false");
  return *value->as_bool();
}

Result<std::vector<std::string>> list_field(const Node& map, std::string_view key) {
  std::vector<std::string> texts;
  const Node* value = map.find(key);
  if (value == nullptr || value->is_null()) return texts;
  if (!value->is_sequence()) return wrong_type(*value, key, "a list of strings");
  for (const auto& item : value->items()) {
    if (!item.is_string()) return wrong_type(item, key, "a list of strings");
    texts.push_back(item.string_or());
  }
  return texts;
}

}  // namespace mlk::kube
