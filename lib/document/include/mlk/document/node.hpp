#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/diagnostic.hpp>
#include <mlk/core/result.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mlk::inline v0::document {

enum class Kind : std::uint8_t { null, boolean, integer, floating, string, sequence, mapping };

/// "a string", "a list", …: for messages.
MLK_API std::string_view describe(Kind kind) noexcept;

struct Entry;

/// One value of a YAML or JSON document with everything below it, and the place where it stands. A value type: copies
/// are deep. Mappings keep the order of their keys; keys are strings.
class MLK_API Node {
 public:
  Node() noexcept;  ///< null
  Node(std::nullptr_t) noexcept;
  Node(bool value);
  Node(int value);
  Node(std::int64_t value);
  Node(double value);
  Node(std::string value);
  Node(std::string_view value);
  Node(const char* value);

  static Node sequence(std::vector<Node> items = {});
  static Node mapping();
  /// mapping({{"name", "x"}, {"replicas", 2}})
  static Node mapping(std::initializer_list<std::pair<std::string_view, Node>> entries);

  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  Kind kind() const noexcept;
  bool is_null() const noexcept { return kind() == Kind::null; }
  bool is_string() const noexcept { return kind() == Kind::string; }
  bool is_sequence() const noexcept { return kind() == Kind::sequence; }
  bool is_mapping() const noexcept { return kind() == Kind::mapping; }

  /// The value when it is of that kind, else nothing. as_double takes integers too.
  std::optional<bool> as_bool() const noexcept;
  std::optional<std::int64_t> as_int() const noexcept;
  std::optional<double> as_double() const noexcept;
  std::optional<std::string_view> as_string() const noexcept;
  /// The string, or `other` when this is no string.
  std::string string_or(std::string_view other = {}) const;
  std::int64_t int_or(std::int64_t other) const noexcept { return as_int().value_or(other); }
  bool bool_or(bool other) const noexcept { return as_bool().value_or(other); }
  /// A scalar as text: "true", "3", "abc"; empty for null, lists and maps.
  std::string scalar_text() const;

  /// Items of a sequence; empty for anything else.
  const std::vector<Node>& items() const noexcept;
  std::vector<Node>& items_mutable();
  /// Entries of a mapping; empty for anything else.
  const std::vector<Entry>& entries() const noexcept;
  std::vector<Entry>& entries_mutable();
  /// Number of items or entries; 0 for scalars.
  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }

  /// The value under a key, or null pointer: also when this is no mapping.
  /// (A template, because two literals in braces would make a string_view too.)
  template <std::convertible_to<std::string_view> Key>
  const Node* find(const Key& key) const noexcept {
    return find_key(key);
  }
  template <std::convertible_to<std::string_view> Key>
  Node* find(const Key& key) noexcept {
    return const_cast<Node*>(find_key(key));
  }
  /// find along several keys: get({"spec", "template", "spec"}).
  const Node* find(std::initializer_list<std::string_view> keys) const noexcept;
  /// As find, but a shared null node instead of a null pointer: node["spec"]["replicas"].as_int().
  const Node& operator[](std::string_view key) const noexcept;
  const Node& operator[](std::size_t index) const noexcept;
  /// The value under a key, made (as null) where it is missing; a null node becomes a mapping first.
  template <std::convertible_to<std::string_view> Key>
  Node& at(const Key& key) {
    return at_key(key);
  }
  Node& at(std::initializer_list<std::string_view> keys);
  /// Sets or replaces; returns this, for chaining.
  Node& set(std::string_view key, Node value);
  /// Removes a key; whether it was there.
  bool erase(std::string_view key);
  /// Appends; a null node becomes a sequence first.
  Node& push_back(Node value);

  const Place& place() const noexcept { return m_place; }
  Node& set_place(Place place) {
    m_place = std::move(place);
    return *this;
  }

  /// Equal values, wherever they stand; mappings are equal whatever the order of their keys; 1 equals 1.0.
  friend MLK_API bool operator==(const Node& a, const Node& b);

 private:
  const Node* find_key(std::string_view key) const noexcept;
  Node& at_key(std::string_view key);

  std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<Node>, std::vector<Entry>> m_value;
  Place m_place;
};

/// A key with its own place, and its value.
struct Entry {
  std::string key;
  Place key_place;
  Node value;
};

// Below Entry, which the variant has to know whole when it is made.
inline Node::Node() noexcept = default;
inline Node::Node(std::nullptr_t) noexcept {}
inline Node::Node(bool value) : m_value(value) {}
inline Node::Node(int value) : m_value(static_cast<std::int64_t>(value)) {}
inline Node::Node(std::int64_t value) : m_value(value) {}
inline Node::Node(double value) : m_value(value) {}
inline Node::Node(std::string value) : m_value(std::move(value)) {}
inline Node::Node(std::string_view value) : m_value(std::string(value)) {}
inline Node::Node(const char* value) : m_value(std::string(value)) {}

}  // namespace mlk::inline v0::document
