#include "merge.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace mlk::project {

using document::Node;
using document::Path;

namespace {

void relabel_all(Node& node, const FileName& name) {
  const auto change = [&](Place place) {
    if (place.file != nullptr) place.file = name;
    return place;
  };
  node.set_place(change(node.place()));
  if (node.is_sequence()) {
    for (auto& item : node.items_mutable()) relabel_all(item, name);
  }
  if (!node.is_mapping()) return;
  for (auto& entry : node.entries_mutable()) {
    entry.key_place = change(entry.key_place);
    relabel_all(entry.value, name);
  }
}

/// A problem with a flag: it has no line, its name is its place.
void report(std::vector<Diagnostic>& diagnostics, std::string flag, std::string path, std::string message,
            std::string fix) {
  Diagnostic problem;
  problem.code = "project-set";
  problem.place.file = std::make_shared<const std::string>(std::move(flag));
  problem.path = std::move(path);
  problem.message = std::move(message);
  problem.fix = std::move(fix);
  diagnostics.push_back(std::move(problem));
}

struct Assignment {
  Path path;
  std::string path_text;
  std::string value;
};

std::optional<Assignment> parse_assignment(std::string_view flag, const std::string& text,
                                           std::vector<Diagnostic>& diagnostics) {
  const auto equals = text.find('=');
  const std::string path_text = text.substr(0, equals);
  auto path = document::parse_path(path_text);
  if (equals == std::string::npos || !path || path->empty()) {
    report(diagnostics, fmt::format("{} {}", flag, text), {}, fmt::format("'{}' is no path=value", printable(text)),
           fmt::format("write for example {} jobs.finetune.nodes=4", flag));
    return {};
  }
  return Assignment{std::move(*path), path_text, text.substr(equals + 1)};
}

std::string section_list(const Node& sections) {
  std::vector<std::string> names;
  for (const auto& entry : sections.entries()) names.push_back(entry.key);
  return names.empty() ? std::string("there are none in the file") : fmt::format("there are {}", join(names, ", "));
}

/// A flag changes sections that are there; a slip of the pen in a name must not make a new one.
bool names_known_section(const Node& root, const Assignment& set, std::string_view flag,
                         std::vector<Diagnostic>& diagnostics) {
  if (set.path.size() < 2) return true;
  const auto* kind = std::get_if<std::string>(&set.path[0]);
  const auto* name = std::get_if<std::string>(&set.path[1]);
  if (kind == nullptr || name == nullptr || (*kind != "models" && *kind != "jobs" && *kind != "services")) return true;
  const Node& sections = root[*kind];
  if (sections.find(*name) != nullptr) return true;
  std::vector<std::string> known;
  for (const auto& entry : sections.entries()) known.push_back(entry.key);
  report(diagnostics, fmt::format("{} {}", flag, set.path_text), set.path_text,
         fmt::format("{} has no '{}'{}", *kind, printable(*name), did_you_mean(*name, known)), section_list(sections));
  return false;
}

/// Walks to the value, making maps on the way, at `place`; a null pointer where a step doesn't fit what is there.
Node* walk(Node& root, const Path& path, const Place& place) {
  Node* node = &root;
  for (const auto& step : path) {
    if (node->is_null()) node->set_place(place);
    if (const auto* key = std::get_if<std::string>(&step)) {
      if (!node->is_mapping() && !node->is_null()) return nullptr;
      Node* child = node->find(*key);
      if (child == nullptr) {
        node->entries_mutable().push_back({*key, place, Node()});
        child = &node->entries_mutable().back().value;
      }
      node = child;
      continue;
    }
    const std::size_t index = *std::get_if<std::size_t>(&step);
    if ((!node->is_sequence() && !node->is_null()) || index > node->size()) return nullptr;
    if (index == node->size()) node->push_back(Node());
    node = &node->items_mutable()[index];
  }
  return node;
}

void remove(Node& root, const Path& path) {
  const auto* key = std::get_if<std::string>(&path.back());
  const Path parent_path(path.begin(), path.end() - 1);
  if (key == nullptr || document::find_path(root, parent_path) == nullptr) return;
  if (Node* parent = walk(root, parent_path, {})) parent->erase(*key);
}

void set_all_places(Node& node, const Place& place) {
  node.set_place(place);
  if (node.is_sequence()) {
    for (auto& item : node.items_mutable()) set_all_places(item, place);
  }
  if (!node.is_mapping()) return;
  for (auto& entry : node.entries_mutable()) {
    entry.key_place = place;
    set_all_places(entry.value, place);
  }
}

void assign(Node& root, const Assignment& set, Node value, std::string flag, std::vector<Diagnostic>& diagnostics) {
  const std::string label = fmt::format("{} {}", flag, set.path_text);
  if (value.is_null()) {
    remove(root, set.path);
    return;
  }
  Place place;
  place.file = std::make_shared<const std::string>(label);
  Node* target = walk(root, set.path, place);
  if (target == nullptr) {
    report(diagnostics, label, set.path_text, "the path leads through a value that has nothing below it",
           "run 'mlk config show' to see what is there");
    return;
  }
  set_all_places(value, place);
  *target = std::move(value);
}

std::optional<Node> parse_value(const std::string& text) {
  const char first = text.empty() ? '\0' : text[0];
  if (text.empty()) return Node("");
  const bool is_yaml = first == '"' || first == '\'' || first == '[' || first == '{';
  const bool is_word = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.' || c == '~';
  });
  if (!is_yaml && !is_word) return Node(text);
  auto documents = document::read_yaml(text, "", document::Schema::core);
  if (documents.nodes.size() == 1 && documents.diagnostics.empty()) return std::move(documents.nodes.front());
  if (is_yaml) return {};
  return Node(text);
}

}  // namespace

FileName relabel(Node& node) {
  FileName name = std::make_shared<const std::string>(node.place().file ? *node.place().file : std::string());
  relabel_all(node, name);
  return name;
}

void apply_set(Node& root, const std::string& text, std::vector<Diagnostic>& diagnostics) {
  const auto set = parse_assignment("--set", text, diagnostics);
  if (!set || !names_known_section(root, *set, "--set", diagnostics)) return;
  auto value = parse_value(set->value);
  if (!value) {
    report(diagnostics, fmt::format("--set {}", set->path_text), set->path_text,
           fmt::format("'{}' begins like YAML and isn't", printable(set->value)), "close its quotes and brackets");
    return;
  }
  assign(root, *set, std::move(*value), "--set", diagnostics);
}

void apply_set_file(Node& root, const std::string& text, std::vector<Diagnostic>& diagnostics) {
  const auto set = parse_assignment("--set-file", text, diagnostics);
  if (!set || !names_known_section(root, *set, "--set-file", diagnostics)) return;
  auto content = read_file(set->value);
  if (!content) {
    report(diagnostics, fmt::format("--set-file {}", set->path_text), set->path_text,
           fmt::format("{}: {}", content.error().what, content.error().why), {});
    return;
  }
  assign(root, *set, Node(std::move(*content)), "--set-file", diagnostics);
}

}  // namespace mlk::project
