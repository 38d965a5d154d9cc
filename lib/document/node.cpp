#include <mlk/document/node.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mlk::inline v0::document {

namespace {

const Node& null_node() {
  static const Node node;
  return node;
}

/// Exact: an integer and a double are the same only where the double is that very integer.
bool same_number(std::int64_t integer, double floating) {
  constexpr double k_beyond = 9223372036854775808.0;  // 2^63
  return std::abs(floating) < k_beyond && std::trunc(floating) == floating &&
         static_cast<std::int64_t>(floating) == integer;
}

bool same_entries(const std::vector<Entry>& a, const std::vector<Entry>& b) {
  if (a.size() != b.size()) return false;
  // Two readings of the same file have their keys in the same order: no search then.
  bool in_order = true;
  for (std::size_t i = 0; i < a.size() && in_order; ++i) in_order = a[i].key == b[i].key;
  if (in_order) {
    return std::equal(a.begin(), a.end(), b.begin(), [](const Entry& x, const Entry& y) { return x.value == y.value; });
  }
  const auto sorted = [](const std::vector<Entry>& entries) {
    std::vector<const Entry*> pointers;
    pointers.reserve(entries.size());
    for (const auto& entry : entries) pointers.push_back(&entry);
    std::stable_sort(pointers.begin(), pointers.end(), [](const Entry* x, const Entry* y) { return x->key < y->key; });
    return pointers;
  };
  const auto left = sorted(a);
  const auto right = sorted(b);
  return std::equal(left.begin(), left.end(), right.begin(),
                    [](const Entry* x, const Entry* y) { return x->key == y->key && x->value == y->value; });
}

}  // namespace

std::string_view describe(Kind kind) noexcept {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "a whole number";
    case Kind::floating:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::sequence:
      return "a list";
    case Kind::mapping:
      return "a map";
  }
  return "nothing";
}

Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node& other) {
  // By way of a copy: `other` may be a part of this node.
  if (this != &other) *this = Node(other);
  return *this;
}
Node& Node::operator=(Node&& other) noexcept {
  if (this != &other) {
    auto value = std::move(other.m_value);
    auto place = std::move(other.m_place);
    m_value = std::move(value);
    m_place = std::move(place);
  }
  return *this;
}
Node::~Node() = default;

Node Node::sequence(std::vector<Node> items) {
  Node node;
  node.m_value = std::move(items);
  return node;
}

Node Node::mapping() {
  Node node;
  node.m_value = std::vector<Entry>();
  return node;
}

Node Node::mapping(std::initializer_list<std::pair<std::string_view, Node>> entries) {
  Node node = mapping();
  auto& list = *std::get_if<std::vector<Entry>>(&node.m_value);
  list.reserve(entries.size());
  for (const auto& [key, value] : entries) list.push_back({std::string(key), {}, value});
  return node;
}

Kind Node::kind() const noexcept { return static_cast<Kind>(m_value.index()); }

std::optional<bool> Node::as_bool() const noexcept {
  if (const auto* value = std::get_if<bool>(&m_value)) return *value;
  return {};
}

std::optional<std::int64_t> Node::as_int() const noexcept {
  if (const auto* value = std::get_if<std::int64_t>(&m_value)) return *value;
  return {};
}

std::optional<double> Node::as_double() const noexcept {
  if (const auto* value = std::get_if<double>(&m_value)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&m_value)) return static_cast<double>(*value);
  return {};
}

std::optional<std::string_view> Node::as_string() const noexcept {
  if (const auto* value = std::get_if<std::string>(&m_value)) return *value;
  return {};
}

std::string Node::string_or(std::string_view other) const { return std::string(as_string().value_or(other)); }

std::string Node::scalar_text() const {
  switch (kind()) {
    case Kind::boolean:
      return *as_bool() ? "true" : "false";
    case Kind::integer:
      return fmt::format_int(*as_int()).str();
    case Kind::floating:
      return fmt::format("{}", *as_double());
    case Kind::string:
      return std::string(*as_string());
    case Kind::null:
    case Kind::sequence:
    case Kind::mapping:
      break;
  }
  return {};
}

const std::vector<Node>& Node::items() const noexcept {
  static const std::vector<Node> empty;
  const auto* list = std::get_if<std::vector<Node>>(&m_value);
  return list != nullptr ? *list : empty;
}

std::vector<Node>& Node::items_mutable() {
  if (!is_sequence()) m_value = std::vector<Node>();
  return *std::get_if<std::vector<Node>>(&m_value);
}

const std::vector<Entry>& Node::entries() const noexcept {
  static const std::vector<Entry> empty;
  const auto* list = std::get_if<std::vector<Entry>>(&m_value);
  return list != nullptr ? *list : empty;
}

std::vector<Entry>& Node::entries_mutable() {
  if (!is_mapping()) m_value = std::vector<Entry>();
  return *std::get_if<std::vector<Entry>>(&m_value);
}

std::size_t Node::size() const noexcept { return is_sequence() ? items().size() : entries().size(); }

const Node* Node::find_key(std::string_view key) const noexcept {
  for (const auto& entry : entries()) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

const Node* Node::find(std::initializer_list<std::string_view> keys) const noexcept {
  const Node* node = this;
  for (const auto key : keys) {
    node = node->find(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

const Node& Node::operator[](std::string_view key) const noexcept {
  const Node* node = find(key);
  return node != nullptr ? *node : null_node();
}

const Node& Node::operator[](std::size_t index) const noexcept {
  return index < items().size() ? items()[index] : null_node();
}

Node& Node::at_key(std::string_view key) {
  if (Node* node = find(key)) return *node;
  auto& list = entries_mutable();
  list.push_back({std::string(key), {}, Node()});
  return list.back().value;
}

Node& Node::at(std::initializer_list<std::string_view> keys) {
  Node* node = this;
  for (const auto key : keys) node = &node->at(key);
  return *node;
}

Node& Node::set(std::string_view key, Node value) {
  at(key) = std::move(value);
  return *this;
}

bool Node::erase(std::string_view key) {
  if (!is_mapping()) return false;
  return std::erase_if(entries_mutable(), [&](const Entry& entry) { return entry.key == key; }) > 0;
}

Node& Node::push_back(Node value) {
  items_mutable().push_back(std::move(value));
  return *this;
}

bool operator==(const Node& a, const Node& b) {
  if (a.kind() != b.kind()) {
    if (a.kind() == Kind::integer && b.kind() == Kind::floating) return same_number(*a.as_int(), *b.as_double());
    if (a.kind() == Kind::floating && b.kind() == Kind::integer) return same_number(*b.as_int(), *a.as_double());
    return false;
  }
  switch (a.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return a.as_bool() == b.as_bool();
    case Kind::integer:
      return a.as_int() == b.as_int();
    case Kind::floating:
      return a.as_double() == b.as_double();
    case Kind::string:
      return a.as_string() == b.as_string();
    case Kind::sequence:
      return a.items() == b.items();
    case Kind::mapping:
      return same_entries(a.entries(), b.entries());
  }
  return false;
}

}  // namespace mlk::inline v0::document
