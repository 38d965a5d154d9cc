#include "syntax.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/template/template.hpp>

#include <fmt/format.h>

namespace mlk::templates {
namespace {

using document::Entry;
using document::Node;
using namespace syntax;

bool is_true(const Node& value) noexcept {
  if (const auto text = value.as_string()) return !text->empty();
  if (value.is_sequence() || value.is_mapping()) return !value.empty();
  return !value.is_null() && value.as_bool().value_or(true);
}

/// Fills one template in. Mistakes are collected and what they touch is left out, so that one run finds them all.
class Renderer {
 public:
  explicit Renderer(const Node& values) : m_values(values) {}

  std::optional<Node> value(const Node& from) {
    if (from.is_mapping()) return mapping(from);
    if (from.is_sequence()) {
      Node list = Node::sequence();
      list.set_place(from.place());
      for (const Node& item : from.items()) append(list, item);
      return list;
    }
    const auto text = from.as_string();
    const auto path = text ? placeholder(*text) : std::nullopt;
    if (!path) return from;
    const Node* found = find(*path, from.place());
    if (found == nullptr || found->is_null()) return std::nullopt;
    return *found;
  }

  std::vector<Diagnostic>& mistakes() noexcept { return m_mistakes; }

 private:
  struct Bound {
    std::string_view name;
    const Node* value;
  };

  void report(std::string_view code, const Place& place, std::string message, std::string fix) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.place = place;
    diagnostic.message = std::move(message);
    diagnostic.fix = std::move(fix);
    m_mistakes.push_back(std::move(diagnostic));
  }

  /// The value at a path: the names of enclosing $each first, the innermost before the outer ones.
  const Node* find(std::string_view path, const Place& place) {
    const auto steps = split(path, '.');
    const Node* at = &m_values;
    std::size_t step = 0;
    for (auto bound = m_bound.rbegin(); bound != m_bound.rend(); ++bound) {
      if (bound->name == steps.front()) {
        at = bound->value;
        step = 1;
        break;
      }
    }
    for (; step < steps.size(); ++step) {
      const Node* next = at->find(steps[step]);
      if (next == nullptr) {
        unknown(path, steps[step], *at, step == 0, place);
        return nullptr;
      }
      at = next;
    }
    return at;
  }

  void unknown(std::string_view path, const std::string& name, const Node& at, bool is_first, const Place& place) {
    std::vector<std::string> known;
    for (const Entry& entry : at.entries()) known.push_back(entry.key);
    if (is_first) {
      for (const Bound& bound : m_bound) known.emplace_back(bound.name);
    }
    report("template-path", place, fmt::format("unknown path '{}'{}", path, did_you_mean(name, known)),
           known.empty() ? "" : fmt::format("instead of '{}' there is: {}", name, join(known, ", ")));
  }

  bool holds(const Node& from) {
    const Node* asked = from.find(k_if);
    if (asked == nullptr) return true;
    const Node* found = find(asked->string_or(), asked->place());
    return found != nullptr && is_true(*found);
  }

  /// A mapping with $if resolved: the tree that stands for it, or a null pointer where it is left out.
  const Node* chosen(const Node& from) {
    const bool is_held = holds(from);
    const Node* then = from.find(k_then);
    const Node* other = from.find(k_else);
    if (then == nullptr && other == nullptr) return is_held ? &from : nullptr;
    return is_held ? then : other;
  }

  std::optional<Node> mapping(const Node& from) {
    const Node* tree = chosen(from);
    if (tree == nullptr) return std::nullopt;
    if (tree != &from) return value(*tree);
    return entries(from);
  }

  Node entries(const Node& from) {
    Node result = Node::mapping();
    result.set_place(from.place());
    for (const Entry& entry : from.entries()) {
      if (entry.key == k_merge) {
        merge(result, entry.value);
      } else if (!is_directive(entry.key)) {
        if (auto filled = value(entry.value)) put(result, entry, *std::move(filled));
      }
    }
    return result;
  }

  static void put(Node& mapping, const Entry& like, Node filled) {
    mapping.set(like.key, std::move(filled));
    for (Entry& entry : mapping.entries_mutable()) {
      if (entry.key == like.key) entry.key_place = like.key_place;
    }
  }

  /// What a $merge names: the value at a path, or a tree filled in.
  std::optional<Node> merged(const Node& from) {
    if (!from.is_string()) return value(from);
    const Node* found = find(*from.as_string(), from.place());
    if (found == nullptr) return std::nullopt;
    return *found;
  }

  void merge(Node& mapping, const Node& from) {
    if (from.is_sequence()) {
      for (const Node& item : from.items()) merge(mapping, item);
      return;
    }
    const auto found = merged(from);
    if (!found || found->is_null()) return;
    if (!found->is_mapping()) {
      report("template-value", from.place(),
             fmt::format("a map is merged here, and '{}' is {}", from.scalar_text(), describe(found->kind())), "");
      return;
    }
    for (const Entry& entry : found->entries()) {
      if (mapping.find(entry.key) == nullptr) put(mapping, entry, entry.value);
    }
  }

  /// Adds what an item of a template's list stands for: nothing, one item, or several.
  void append(Node& list, const Node& item) {
    if (item.is_mapping()) {
      if (item.find(k_each) != nullptr) return loop(list, item);
      if (item.size() == 1 && item.find(k_merge) != nullptr) return splice(list, item[k_merge]);
      const Node* tree = chosen(item);
      if (tree == nullptr) return;
      if (tree != &item) return branch(list, *tree);
      list.push_back(entries(item));
      return;
    }
    if (auto filled = value(item)) list.push_back(*std::move(filled));
  }

  /// What stands under $then, $else or $do in a list.
  void branch(Node& list, const Node& tree) {
    if (!tree.is_sequence()) return append(list, tree);
    for (const Node& item : tree.items()) append(list, item);
  }

  void splice(Node& list, const Node& from) {
    if (from.is_sequence()) {
      for (const Node& item : from.items()) splice(list, item);
      return;
    }
    const auto found = merged(from);
    if (!found || found->is_null()) return;
    if (!found->is_sequence()) {
      report("template-value", from.place(),
             fmt::format("a list is merged here, and '{}' is {}", from.scalar_text(), describe(found->kind())), "");
      return;
    }
    for (const Node& item : found->items()) list.push_back(item);
  }

  void loop(Node& list, const Node& item) {
    const Node& each = item[k_each];
    const Node* found = find(each.string_or(), each.place());
    if (found == nullptr || found->is_null()) return;
    if (!found->is_sequence()) {
      report("template-value", each.place(),
             fmt::format("'$each' goes through a list, and '{}' is {}", each.string_or(), describe(found->kind())), "");
      return;
    }
    const Node* name = item.find(k_as);
    const std::string bound = name == nullptr ? std::string(k_default_item) : name->string_or();
    for (const Node& one : found->items()) {
      m_bound.push_back({bound, &one});
      if (const Node* tree = chosen(item); tree != nullptr) {
        const Node* body = item.find(k_do);
        if (tree != &item) {
          branch(list, *tree);
        } else if (body != nullptr) {
          branch(list, *body);
        } else {
          list.push_back(entries(item));
        }
      }
      m_bound.pop_back();
    }
  }

  const Node& m_values;
  std::vector<Bound> m_bound;
  std::vector<Diagnostic> m_mistakes;
};

}  // namespace

Result<Template> Template::parse(std::string_view text, std::string_view file) {
  auto tree = document::read_yaml_one(text, file, document::Schema::kubernetes);
  if (!tree) return std::move(tree).error();
  auto mistakes = check(*tree);
  if (has_error(mistakes)) {
    return Error(ErrorKind::failed, fmt::format("template '{}' has mistakes", file)).with(std::move(mistakes));
  }
  return Template(*std::move(tree), std::string(file));
}

Result<Node> Template::render(const Node& values) const {
  Renderer renderer(values);
  auto result = renderer.value(m_tree);
  if (!renderer.mistakes().empty()) {
    return Error(ErrorKind::failed, fmt::format("template '{}' can't be filled in", m_file))
        .with(std::move(renderer.mistakes()));
  }
  return result ? *std::move(result) : Node();
}

}  // namespace mlk::templates
