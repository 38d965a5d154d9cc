#include <mlk/document/tree.hpp>

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace mlk::inline v0::document {

namespace {

/// The parts of a JSON pointer (RFC 6901), unescaped; nothing where it is none.
std::optional<std::vector<std::string>> parse_pointer(std::string_view text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  if (text[0] != '/') return {};
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '/') {
      parts.emplace_back();
    } else if (text[at] != '~') {
      parts.back() += text[at];
    } else if (at + 1 < text.size() && (text[at + 1] == '0' || text[at + 1] == '1')) {
      parts.back() += text[++at] == '0' ? '~' : '/';
    } else {
      return {};
    }
  }
  return parts;
}

std::optional<std::size_t> parse_index(std::string_view text) {
  std::size_t index = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), index);
  const bool has_leading_zero = text.size() > 1 && text[0] == '0';
  if (status != std::errc() || end != text.data() + text.size() || has_leading_zero) return {};
  return index;
}

Node* child(Node& parent, const std::string& part) {
  if (parent.is_mapping()) return parent.find(part);
  const auto index = parse_index(part);
  if (!parent.is_sequence() || !index || *index >= parent.size()) return nullptr;
  return &parent.items_mutable()[*index];
}

/// One operation, and how its failure is told.
class Operation {
 public:
  Operation(const Node& node, std::size_t number) : m_node(node), m_number(number) {}

  Result<void> apply(Node& root) const {
    const std::string op = m_node["op"].string_or();
    if (op == "test") return test(root);
    if (op == "remove") {
      MLK_CHECK(remove(root, "path"));
      return {};
    }
    if (op == "add" || op == "replace") {
      const Node* value = m_node.find("value");
      if (value == nullptr) return fail("'value' is missing");
      return op == "add" ? add(root, *value) : replace(root, *value);
    }
    if (op == "move" || op == "copy") {
      const std::string from = m_node["from"].string_or();
      const std::string path = m_node["path"].string_or();
      if (op == "move" && path.starts_with(from + "/")) return fail("a value can't be moved into itself");
      MLK_TRY(Node value, op == "move" ? remove(root, "from") : read(root, "from"));
      return add(root, std::move(value));
    }
    return fail(op.empty() ? std::string("'op' is missing")
                           : fmt::format("'{}' is no operation; there are add, remove, replace, move, copy, test", op));
  }

 private:
  Error fail(std::string reason) const {
    Error error(ErrorKind::failed, fmt::format("operation {} of the JSON patch ({} {}) can't be applied", m_number,
                                               m_node["op"].string_or("?"), m_node["path"].string_or("?")));
    error.why = std::move(reason);
    return error;
  }

  Result<std::vector<std::string>> pointer(std::string_view field) const {
    const auto text = m_node[field].as_string();
    if (!text) return fail(fmt::format("'{}' is missing", field));
    auto parts = parse_pointer(*text);
    if (!parts) return fail(fmt::format("'{}' is no JSON pointer: it begins with '/', and ~ is written ~0", *text));
    return std::move(*parts);
  }

  /// The node that the last part is looked up in.
  Result<Node*> parent_of(Node& root, const std::vector<std::string>& parts) const {
    Node* node = &root;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      node = child(*node, parts[i]);
      if (node == nullptr) return fail(fmt::format("there is no '{}'", parts[i]));
    }
    return node;
  }

  Result<Node> read(Node& root, std::string_view field) const {
    MLK_TRY(const auto parts, pointer(field));
    if (parts.empty()) return root;
    MLK_TRY(Node* const parent, parent_of(root, parts));
    const Node* node = child(*parent, parts.back());
    if (node == nullptr) return fail(fmt::format("there is no '{}'", parts.back()));
    return *node;
  }

  Result<Node> remove(Node& root, std::string_view field) const {
    MLK_TRY(const auto parts, pointer(field));
    if (parts.empty()) return std::exchange(root, Node());
    MLK_TRY(Node* const parent, parent_of(root, parts));
    Node* node = child(*parent, parts.back());
    if (node == nullptr) return fail(fmt::format("there is no '{}'", parts.back()));
    Node value = std::move(*node);
    if (parent->is_mapping()) {
      parent->erase(parts.back());
    } else {
      auto& items = parent->items_mutable();
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(*parse_index(parts.back())));
    }
    return value;
  }

  Result<void> add(Node& root, Node value) const {
    MLK_TRY(const auto parts, pointer("path"));
    if (parts.empty()) {
      root = std::move(value);
      return {};
    }
    MLK_TRY(Node* const parent, parent_of(root, parts));
    if (parent->is_mapping()) {
      parent->set(parts.back(), std::move(value));
      return {};
    }
    if (!parent->is_sequence()) return fail(fmt::format("'{}' would stand below a scalar", parts.back()));
    auto& items = parent->items_mutable();
    const auto index = parts.back() == "-" ? std::optional(items.size()) : parse_index(parts.back());
    if (!index || *index > items.size()) return fail(fmt::format("'{}' is no index of that list", parts.back()));
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return {};
  }

  Result<void> replace(Node& root, const Node& value) const {
    MLK_TRY(const auto parts, pointer("path"));
    if (parts.empty()) {
      root = value;
      return {};
    }
    MLK_TRY(Node* const parent, parent_of(root, parts));
    Node* node = child(*parent, parts.back());
    if (node == nullptr) return fail(fmt::format("there is no '{}' to replace", parts.back()));
    *node = value;
    return {};
  }

  Result<void> test(Node& root) const {
    MLK_TRY(const Node present, read(root, "path"));
    if (!(present == m_node["value"])) return fail("the value is another one");
    return {};
  }

  const Node& m_node;
  std::size_t m_number;
};

}  // namespace

Result<void> apply_json_patch(Node& root, const Node& operations) {
  if (!operations.is_sequence()) {
    return Error(ErrorKind::failed,
                 fmt::format("a JSON patch is a list of operations, not {}", describe(operations.kind())));
  }
  // On a copy: a patch applies as a whole or not at all.
  Node patched = root;
  std::size_t number = 0;
  for (const auto& operation : operations.items()) MLK_CHECK(Operation(operation, ++number).apply(patched));
  root = std::move(patched);
  return {};
}

}  // namespace mlk::inline v0::document
