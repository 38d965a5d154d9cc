#include <mlk/document/tree.hpp>

namespace mlk::inline v0::document {

namespace {

Entry* find_entry(Node& node, std::string_view key) {
  if (!node.is_mapping()) return nullptr;
  for (auto& entry : node.entries_mutable()) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

void compare_into(std::vector<Difference>& out, Path& path, const Node& before, const Node& after) {
  if (before.is_mapping() && after.is_mapping()) {
    for (const auto& entry : before.entries()) {
      path.emplace_back(entry.key);
      if (const Node* other = after.find(entry.key)) {
        compare_into(out, path, entry.value, *other);
      } else {
        out.push_back({path, &entry.value, nullptr});
      }
      path.pop_back();
    }
    for (const auto& entry : after.entries()) {
      if (before.find(entry.key) != nullptr) continue;
      path.emplace_back(entry.key);
      out.push_back({path, nullptr, &entry.value});
      path.pop_back();
    }
    return;
  }
  if (before.is_sequence() && after.is_sequence()) {
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      path.emplace_back(i);
      if (i >= before.size()) {
        out.push_back({path, nullptr, &after.items()[i]});
      } else if (i >= after.size()) {
        out.push_back({path, &before.items()[i], nullptr});
      } else {
        compare_into(out, path, before.items()[i], after.items()[i]);
      }
      path.pop_back();
    }
    return;
  }
  if (!(before == after)) out.push_back({path, &before, &after});
}

}  // namespace

void overlay(Node& base, const Node& over) {
  if (!over.is_mapping()) {
    base = over;
    return;
  }
  if (!base.is_mapping()) base = Node::mapping().set_place(over.place());
  for (const auto& entry : over.entries()) {
    if (entry.value.is_null()) {
      base.erase(entry.key);
      continue;
    }
    Entry* present = find_entry(base, entry.key);
    if (present == nullptr) {
      base.entries_mutable().push_back({entry.key, entry.key_place, Node()});
      present = &base.entries_mutable().back();
    }
    overlay(present->value, entry.value);
  }
}

std::vector<Difference> compare(const Node& before, const Node& after) {
  std::vector<Difference> out;
  Path path;
  compare_into(out, path, before, after);
  return out;
}

}  // namespace mlk::inline v0::document
