#pragma once

#include <mlk/document/node.hpp>
#include <mlk/document/tree.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::validation {

/// A value inside an object, with the way to it. What stands nowhere in a text (a missing field, a value that code put
/// in) takes the place of the nearest value around it. Holds pointers into the object.
class Spot {
 public:
  explicit Spot(const document::Node& root) : m_root(&root), m_node(&root), m_place(root.place()) {}

  /// A missing key gives a null spot, whose place is this one's.
  Spot operator[](std::string_view key) const;
  Spot at(std::initializer_list<std::string_view> keys) const;
  /// The items of a list, or the values of a map.
  std::vector<Spot> children() const;

  const document::Node& node() const noexcept { return *m_node; }
  const document::Node& root() const noexcept { return *m_root; }
  const Place& place() const noexcept { return m_place; }
  const document::Path& path() const noexcept { return m_path; }
  /// The last key of the path; empty for items of lists.
  std::string key() const;
  bool is_null() const noexcept { return m_node->is_null(); }
  std::string text() const { return m_node->scalar_text(); }

 private:
  Spot(const Spot& parent, const document::Node& node, document::PathStep step);

  const document::Node* m_root;
  const document::Node* m_node;
  document::Path m_path;
  Place m_place;
};

/// "Job/finetune", or as much of it as there is.
std::string object_name(const document::Node& object);

}  // namespace mlk::inline v0::validation
