#include "spot.hpp"

namespace mlk::inline v0::validation {

using document::View;

Spot Spot::operator[](std::string_view key) const {
  Spot child = *this;
  for (const document::EntryView entry : m_node.entries()) {
    if (entry.name() != key) continue;
    child.m_key = entry.name();
    child.m_node = child.m_around = entry.value;
    return child;
  }
  child.m_node = {};
  child.m_missing.emplace_back(key);
  return child;
}

Spot Spot::at(std::initializer_list<std::string_view> keys) const {
  Spot spot = *this;
  for (const std::string_view key : keys) spot = spot[key];
  return spot;
}

Children Spot::children() const { return Children(*this); }

Place Spot::place() const {
  // What code put in stands nowhere: then the nearest value around it that does.
  Place place = m_around.place();
  if (place.is_known()) return place;
  for (const View& around : m_around.ancestors(m_root)) {
    place = around.place();
    if (place.is_known()) break;
  }
  return place;
}

document::Path Spot::path() const {
  document::Path path = m_around.path_from(m_root);
  for (const std::string& key : m_missing) path.emplace_back(key);
  return path;
}

Spot Children::Iterator::operator*() const {
  Spot child = *m_of;
  if (m_of->m_node.is_mapping()) {
    const document::EntryView entry = *m_entry;
    child.m_node = entry.value;
    child.m_key = entry.name();
  } else {
    child.m_node = *m_item;
    child.m_key = {};
  }
  child.m_around = child.m_node;
  return child;
}

Children::Iterator Children::begin() const {
  Iterator at;
  at.m_of = &m_of;
  at.m_item = m_of.m_node.items().begin();
  at.m_entry = m_of.m_node.entries().begin();
  return at;
}

Children::Iterator Children::end() const {
  Iterator at;
  at.m_of = &m_of;
  at.m_item = m_of.m_node.items().end();
  at.m_entry = m_of.m_node.entries().end();
  return at;
}

std::string object_name(View object) {
  const std::string kind = object["kind"].scalar_text();
  std::string name = object["metadata"]["name"].scalar_text();
  if (name.empty()) name = object["metadata"]["generateName"].scalar_text();
  if (kind.empty() || name.empty()) return kind + name;
  return kind + "/" + name;
}

}  // namespace mlk::inline v0::validation
