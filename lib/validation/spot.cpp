#include "spot.hpp"

namespace mlk::inline v0::validation {

using document::Node;

Spot::Spot(const Spot& parent, const Node& node, document::PathStep step)
    : m_root(parent.m_root),
      m_node(&node),
      m_path(parent.m_path),
      m_place(node.place().is_known() ? node.place() : parent.m_place) {
  m_path.push_back(std::move(step));
}

Spot Spot::operator[](std::string_view key) const { return {*this, (*m_node)[key], std::string(key)}; }

Spot Spot::at(std::initializer_list<std::string_view> keys) const {
  Spot spot = *this;
  for (const std::string_view key : keys) spot = spot[key];
  return spot;
}

std::vector<Spot> Spot::children() const {
  std::vector<Spot> spots;
  spots.reserve(m_node->size());
  for (std::size_t i = 0; i < m_node->items().size(); ++i) spots.push_back(Spot(*this, m_node->items()[i], i));
  for (const document::Entry& entry : m_node->entries()) spots.push_back(Spot(*this, entry.value, entry.key));
  return spots;
}

std::string Spot::key() const {
  if (m_path.empty()) return {};
  const auto* key = std::get_if<std::string>(&m_path.back());
  return key == nullptr ? std::string() : *key;
}

std::string object_name(const Node& object) {
  const std::string kind = object["kind"].scalar_text();
  std::string name = object["metadata"]["name"].scalar_text();
  if (name.empty()) name = object["metadata"]["generateName"].scalar_text();
  if (kind.empty() || name.empty()) return kind + name;
  return kind + "/" + name;
}

}  // namespace mlk::inline v0::validation
