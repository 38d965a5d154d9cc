#include "jsonpath.hpp"

#include <mlk/document/tree.hpp>
#include <mlk/document/writer.hpp>

namespace mlk::inline v0::document {

namespace {

using Selection = std::vector<const Node*>;

class Evaluator {
 public:
  explicit Evaluator(const Node& root) : m_root(root) {}

  void print(const std::vector<JsonPathPiece>& pieces, const Node& current, std::string& out) const {
    for (const auto& piece : pieces) {
      if (piece.type == JsonPathPiece::Type::text) {
        out += piece.text;
        continue;
      }
      const Selection selection = select(piece.path, current);
      if (piece.type == JsonPathPiece::Type::range) {
        for (const Node* node : selection) print(piece.body, *node, out);
        continue;
      }
      bool is_first = true;
      for (const Node* node : selection) {
        if (!is_first) out += ' ';
        is_first = false;
        out += node->is_mapping() || node->is_sequence() ? write_json(*node, 0) : node->scalar_text();
      }
    }
  }

 private:
  Selection select(const JsonPathExpression& expression, const Node& current) const {
    if (expression.literal) return {&*expression.literal};
    Selection selection = {expression.from_root ? &m_root : &current};
    for (const auto& step : expression.steps) {
      Selection next;
      for (const Node* node : selection) take_step(step, *node, next);
      selection = std::move(next);
    }
    return selection;
  }

  void take_step(const JsonPathStep& step, const Node& node, Selection& out) const {
    switch (step.type) {
      case JsonPathStep::Type::field:
        if (const Node* child = node.find(step.name)) out.push_back(child);
        break;
      case JsonPathStep::Type::wildcard:
        add_children(node, out);
        break;
      case JsonPathStep::Type::recursive:
        add_all(node, out);
        break;
      case JsonPathStep::Type::keys:
        for (const auto& key : step.keys) add_key(node, key, out);
        break;
      case JsonPathStep::Type::slices:
        for (const auto& slice : step.slices) add_slice(node, slice, out);
        break;
      case JsonPathStep::Type::filter: {
        Selection children;
        add_children(node, children);
        for (const Node* child : children) {
          if (passes(*step.filter, *child)) out.push_back(child);
        }
        break;
      }
    }
  }

  static void add_children(const Node& node, Selection& out) {
    for (const auto& item : node.items()) out.push_back(&item);
    for (const auto& entry : node.entries()) out.push_back(&entry.value);
  }

  static void add_all(const Node& node, Selection& out) {
    out.push_back(&node);
    for (const auto& item : node.items()) add_all(item, out);
    for (const auto& entry : node.entries()) add_all(entry.value, out);
  }

  /// The key itself; kubectl reads a quoted 'a.b' as two keys, so that is tried where there is no such key.
  static void add_key(const Node& node, const std::string& key, Selection& out) {
    const Node* child = node.find(key);
    if (child == nullptr && key.find('.') != std::string::npos) child = find_path(node, key);
    if (child != nullptr) out.push_back(child);
  }

  static void add_slice(const Node& node, const JsonPathSlice& slice, Selection& out) {
    const auto size = static_cast<std::int64_t>(node.items().size());
    const auto from_end = [size](std::int64_t index) { return index < 0 ? index + size : index; };
    if (slice.is_index) {
      const std::int64_t index = from_end(*slice.begin);
      if (index >= 0 && index < size) out.push_back(&node.items()[static_cast<std::size_t>(index)]);
      return;
    }
    const std::int64_t begin = std::max<std::int64_t>(from_end(slice.begin.value_or(0)), 0);
    const std::int64_t end = std::min(from_end(slice.end.value_or(size)), size);
    for (std::int64_t i = begin; i < end;) {
      out.push_back(&node.items()[static_cast<std::size_t>(i)]);
      if (slice.step >= end - i) break;
      i += slice.step;
    }
  }

  bool passes(const JsonPathFilter& filter, const Node& node) const {
    const Selection left = select(filter.left, node);
    if (filter.comparison == Comparison::exists) return !left.empty();
    const Selection right = select(filter.right, node);
    if (left.empty() || right.empty()) return false;
    return compare_values(*left.front(), filter.comparison, *right.front());
  }

  template <class T>
  static bool holds(const T& a, Comparison comparison, const T& b) {
    switch (comparison) {
      case Comparison::exists:
        return true;
      case Comparison::equal:
        return a == b;
      case Comparison::not_equal:
        return !(a == b);
      case Comparison::less:
        return a < b;
      case Comparison::less_or_equal:
        return a <= b;
      case Comparison::greater:
        return a > b;
      case Comparison::greater_or_equal:
        return a >= b;
    }
    return false;
  }

  static bool compare_values(const Node& a, Comparison comparison, const Node& b) {
    if (a.as_double() && b.as_double()) return holds(*a.as_double(), comparison, *b.as_double());
    if (a.is_string() && b.is_string()) return holds(*a.as_string(), comparison, *b.as_string());
    if (comparison == Comparison::equal) return a == b;
    return comparison == Comparison::not_equal && !(a == b);
  }

  const Node& m_root;
};

}  // namespace

Result<std::string> eval_jsonpath(const Node& root, std::string_view expression) {
  MLK_TRY(const auto pieces, parse_jsonpath(expression));
  std::string out;
  Evaluator(root).print(pieces, root, out);
  return out;
}

}  // namespace mlk::inline v0::document
