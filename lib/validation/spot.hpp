#pragma once

#include <mlk/document/arena.hpp>
#include <mlk/document/tree.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::validation {

class Children;

/// A value inside an object, with the way to it, or a missing one, with the nearest value around it. Cheap to make and
/// to copy: where it stands and its path are worked out when a finding asks for them.
class Spot {
 public:
  explicit Spot(document::View root) : m_root(root), m_node(root), m_around(root) {}

  /// A value inside a root.
  static Spot of(document::View root, document::View node) {
    Spot spot(root);
    spot.m_node = spot.m_around = node;
    return spot;
  }

  /// A missing key gives a null spot, whose place is this one's.
  Spot operator[](std::string_view key) const;
  Spot at(std::initializer_list<std::string_view> keys) const;
  /// The items of a list, or the values of a map.
  Children children() const;

  document::View node() const noexcept { return m_node; }
  document::View root() const noexcept { return m_root; }
  Place place() const;
  document::Path path() const;
  /// The key that it stands under; empty for items of lists.
  std::string key() const { return m_missing.empty() ? std::string(m_key) : m_missing.back(); }
  bool is_null() const noexcept { return m_node.is_null(); }
  std::string text() const { return m_node.scalar_text(); }

 private:
  friend class Children;

  document::View m_root;
  document::View m_node;
  document::View m_around;  ///< itself, or the nearest value around it that is there
  std::string_view m_key;
  std::vector<std::string> m_missing;  ///< the keys from there on, which aren't
};

/// The items of a list, or the values of a map, one after the other.
class Children {
 public:
  class Iterator {
   public:
    using value_type = Spot;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = const Spot*;
    using reference = Spot;

    Spot operator*() const;
    Iterator& operator++() {
      if (m_of->m_node.is_mapping()) {
        ++m_entry;
      } else {
        ++m_item;
      }
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return m_item == other.m_item && m_entry == other.m_entry; }

   private:
    friend class Children;
    const Spot* m_of = nullptr;
    document::Items::Iterator m_item;
    document::Entries::Iterator m_entry;
  };

  explicit Children(const Spot& of) : m_of(of) {}
  Iterator begin() const;
  Iterator end() const;
  std::size_t size() const noexcept { return m_of.m_node.size(); }
  bool empty() const noexcept { return size() == 0; }
  Spot front() const { return *begin(); }

 private:
  Spot m_of;
};

/// "Job/finetune", or as much of it as there is.
std::string object_name(document::View object);

}  // namespace mlk::inline v0::validation
