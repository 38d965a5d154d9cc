#include "schema_rules.hpp"

#include <mlk/cel/schema.hpp>
#include <mlk/document/reader.hpp>

#include <fmt/format.h>

namespace mlk::inline v0::validation {

using document::Entry;
using document::Node;
using document::View;
using schema::Base;
using schema::Field;
using schema::ListType;
using schema::Type;

namespace {

constexpr int k_deepest = 64;  // structural schemas don't refer to themselves; a damaged pack might

std::string_view type_word(Base base) {
  switch (base) {
    case Base::boolean:
      return "boolean";
    case Base::integer:
      return "integer";
    case Base::number:
      return "number";
    case Base::string:
      return "string";
    case Base::array:
      return "array";
    case Base::object:
      return "object";
    case Base::any:
    case Base::int_or_string:
    case Base::quantity:
    case Base::recursive:
      break;
  }
  return {};
}

/// The structure of a type as an openAPIV3Schema, which CEL makes its own types of.
Node structure_of(Type type, int depth) {
  Node out = Node::mapping();
  if (depth > k_deepest) return out;
  if (const auto word = type_word(type.base()); !word.empty()) out.set("type", word);
  if (type.base() == Base::int_or_string || type.base() == Base::quantity) {
    out.set("x-kubernetes-int-or-string", true);
  }
  if (!type.format().empty()) out.set("format", type.format());
  if (type.is_nullable()) out.set("nullable", true);
  if (type.is_embedded_resource()) out.set("x-kubernetes-embedded-resource", true);
  if (type.list_type() == ListType::map) out.set("x-kubernetes-list-type", "map");
  if (type.list_type() == ListType::set) out.set("x-kubernetes-list-type", "set");
  const auto keys = type.list_keys();
  for (std::size_t i = 0; i < keys.size(); ++i) out.at("x-kubernetes-list-map-keys").push_back(keys[i]);
  if (const Type items = type.items()) out.set("items", structure_of(items, depth + 1));
  if (const Type values = type.additional()) out.set("additionalProperties", structure_of(values, depth + 1));
  for (std::size_t i = 0; i < type.field_count(); ++i) {
    const Field field = type.field(i);
    out.at("properties").set(field.name, structure_of(field.type, depth + 1));
  }
  return out;
}

/// What the API server does before it looks: nulls that mean nothing are dropped, and defaults are filled in.
void fill_in(Node& node, Type type, int depth) {
  if (depth > k_deepest) return;
  if (node.is_sequence() && type.items()) {
    for (Node& item : node.items_mutable()) fill_in(item, type.items(), depth + 1);
  }
  if (!node.is_mapping()) return;
  std::erase_if(node.entries_mutable(), [&type](const Entry& entry) {
    const Field field = type.find_field(entry.key);
    return entry.value.is_null() && field && !field.type.is_nullable();
  });
  for (std::size_t i = 0; i < type.field_count(); ++i) {
    const Field field = type.field(i);
    if (field.default_json.empty() || node.find(field.name) != nullptr) continue;
    if (auto value = document::read_json(field.default_json)) node.set(field.name, *std::move(value));
  }
  for (Entry& entry : node.entries_mutable()) {
    const Field field = type.find_field(entry.key);
    const Type below = field ? field.type : type.additional();
    if (below) fill_in(entry.value, below, depth + 1);
  }
}

class Evaluation {
 public:
  Evaluation(View object, RuleBook& book, Finder& finder) : m_object(object), m_book(book), m_finder(finder) {}

  void check(const Node& node, Type type, const Place& around) {
    if (node.is_null() || !m_book.has_rules(type)) return;
    const Place& place = node.place().is_known() ? node.place() : around;
    for (const CompiledRule& rule : m_book.rules_of(type, m_path.empty())) evaluate(rule, node, place);
    for (std::size_t i = 0; i < node.items().size() && type.items(); ++i) {
      m_path.emplace_back(i);
      check(node.items()[i], type.items(), place);
      m_path.pop_back();
    }
    for (const Entry& entry : node.entries()) {
      const Field field = type.find_field(entry.key);
      const Type below = field ? field.type : type.additional();
      if (!below) continue;
      m_path.emplace_back(entry.key);
      check(entry.value, below, place);
      m_path.pop_back();
    }
  }

 private:
  void evaluate(const CompiledRule& rule, const Node& node, const Place& place) {
    if (!rule.program || m_spent > cel::k_object_cost_budget) return;
    cel::Bindings bindings(rule.environment);
    bindings.set("self", node);
    const auto holds = m_evaluator.test(*rule.program, bindings);
    m_spent += m_evaluator.cost();
    if (holds && *holds) return;
    Finder::Words words;
    if (!holds) {
      words.message = fmt::format("a rule of its schema can't be evaluated: {}", holds.error().what);
    } else if (auto told = rule.message ? m_evaluator.message(*rule.message, bindings) : std::nullopt) {
      words.message = *std::move(told);
    } else {
      words.message =
          rule.rule.message.empty() ? fmt::format("failed rule: {}", rule.rule.rule) : std::string(rule.rule.message);
    }
    words.fix = fmt::format("make it so that: {}", rule.rule.rule);
    m_finder.report("cel-rule", m_object, m_path, place, std::move(words));
  }

  View m_object;
  RuleBook& m_book;
  Finder& m_finder;
  document::Path m_path;
  cel::Evaluator m_evaluator;
  std::uint64_t m_spent = 0;
};

}  // namespace

bool RuleBook::has_rules(Type type) {
  const auto [known, is_new] = m_has_rules.emplace(type, false);
  if (!is_new) return known->second;
  bool found = !type.rules().empty();
  if (const Type items = type.items(); !found && items) found = has_rules(items);
  if (const Type values = type.additional(); !found && values) found = has_rules(values);
  for (std::size_t i = 0; i < type.field_count() && !found; ++i) found = has_rules(type.field(i).type);
  return m_has_rules[type] = found;
}

const std::vector<CompiledRule>& RuleBook::rules_of(Type type, bool is_root) {
  const auto [known, is_new] = m_rules.emplace(std::pair(type, is_root), std::vector<CompiledRule>());
  const auto rules = type.rules();
  if (!is_new || rules.empty()) return known->second;
  const auto self = cel::schema_type(structure_of(type, 0), is_root || type.is_embedded_resource(), "self");
  if (!self) return known->second;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    CompiledRule& made = known->second.emplace_back();
    made.rule = rules[i];
    made.environment.declare("self", *self);
    made.environment.declare("oldSelf", made.rule.has_optional_old_self ? cel::Type::optional(*self) : *self);
    auto compiled = cel::compile(made.environment, made.rule.rule);
    // A rule that names oldSelf is for updates.
    if (!compiled.program || compiled.program->uses("oldSelf")) continue;
    made.program = std::move(compiled.program);
    if (!made.rule.message_expression.empty()) {
      made.message = cel::compile(made.environment, made.rule.message_expression).program;
    }
  }
  return known->second;
}

void check_rules(View object, Type type, RuleBook& book, Finder& finder) {
  if (!book.has_rules(type)) return;
  Node whole = object.to_node();
  fill_in(whole, type, 0);
  Evaluation(object, book, finder).check(whole, type, whole.place());
}

}  // namespace mlk::inline v0::validation
