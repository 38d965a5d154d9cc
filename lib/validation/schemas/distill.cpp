#include "distill.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/writer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace mlk::inline v0::validation::schema {

using document::Node;

namespace {

constexpr std::string_view k_reference = "#/components/schemas/";

// "io.k8s.api.core.v1.PodSpec" as "core.v1.PodSpec": unique among built-ins, and short.
std::string short_name(const std::string& definition) {
  const auto parts = split(definition, '.');
  if (parts.size() < 3) return definition;
  return join({parts.end() - 3, parts.end()}, ".");
}

Base base_named(std::string_view name) {
  for (const Base base : {Base::boolean, Base::integer, Base::number, Base::string, Base::array, Base::object}) {
    if (to_string(base) == name) return base;
  }
  return Base::any;
}

std::optional<double> number(const Node& schema, std::string_view key) {
  const Node* value = schema.find(key);
  return value == nullptr ? std::nullopt : value->as_double();
}

std::optional<std::int64_t> size(const Node& schema, std::string_view key) {
  const Node* value = schema.find(key);
  if (value == nullptr) return std::nullopt;
  if (const auto whole = value->as_int()) return whole;
  if (const auto real = value->as_double()) return static_cast<std::int64_t>(std::clamp(*real, 0.0, 9e18));
  return std::nullopt;
}

std::vector<std::string> strings(const Node& list) {
  std::vector<std::string> out;
  for (const Node& item : list.items()) out.push_back(item.scalar_text());
  return out;
}

// [{type: integer}, {type: string}] in any order: what controller-gen writes beside x-kubernetes-int-or-string.
bool says_int_or_string(const Node& list) {
  if (list.size() != 2) return false;
  const auto is_bare = [](const Node& item, std::string_view type) {
    return item.size() == 1 && item["type"].string_or() == type;
  };
  return (is_bare(list[0], "integer") && is_bare(list[1], "string")) ||
         (is_bare(list[1], "integer") && is_bare(list[0], "string"));
}

}  // namespace

void Distiller::use_definitions(const Node* definitions) {
  m_definitions.clear();
  m_done.clear();
  if (definitions == nullptr) return;
  for (const auto& entry : definitions->entries()) m_definitions.emplace(entry.key, &entry.value);
}

const Node* Distiller::find_definition(std::string_view name) const {
  const auto at = m_definitions.find(name);
  return at == m_definitions.end() ? nullptr : at->second;
}

// A definition that refers to itself is closed by a name. Other structures of that name, in other releases, get a name
// with a number, so that a name always stands for one type.
TypeId Distiller::distill_definition(const std::string& name) {
  if (const auto done = m_done.find(name); done != m_done.end()) return done->second;
  if (const auto open = m_open.find(name); open != m_open.end()) {
    m_seen_open.insert(name);
    TypeDef recursive;
    recursive.base = Base::recursive;
    recursive.name = open->second;
    return m_types.intern(std::move(recursive));
  }
  const Node* definition = find_definition(name);
  if (definition == nullptr) return m_types.intern({});
  const std::string hint = short_name(name);
  for (int attempt = 1;; ++attempt) {
    const std::string closed = attempt == 1 ? hint : hint + "~" + std::to_string(attempt);
    m_open[name] = closed;
    const TypeId id = m_types.intern(read(*definition, hint), hint);
    m_open.erase(name);
    const bool is_recursive = m_seen_open.erase(name) > 0;
    const TypeId bound = is_recursive ? m_types.bound(closed) : id;
    if (bound != k_no_type && bound != id) continue;
    if (is_recursive) m_types.bind(closed, id);
    m_types.name(id, is_recursive ? closed : hint);
    // What was read inside another open definition may hold that one's name: it isn't kept for others.
    if (m_seen_open.empty()) m_done.emplace(name, id);
    return id;
  }
}

TypeId Distiller::distill(const Node& schema, const std::string& path) {
  const Node* reference = schema.find("$ref");
  if (reference == nullptr) {
    const Node& all = schema["allOf"];
    if (m_dialect == Dialect::builtin && all.size() == 1) reference = all[0].find("$ref");
  }
  if (reference != nullptr) {
    std::string name = reference->string_or();
    if (name.starts_with(k_reference)) name.erase(0, k_reference.size());
    return distill_definition(name);
  }
  return m_types.intern(read(schema, path), path);
}

TypeDef Distiller::read(const Node& schema, const std::string& path) {
  TypeDef type;
  type.base = base_named(schema["type"].string_or());
  type.format = schema["format"].string_or();
  type.pattern = schema["pattern"].string_or();
  type.is_nullable = schema["nullable"].bool_or(false);
  for (const Node& value : schema["enum"].items()) type.enum_values.push_back(document::write_json(value, 0));
  read_bounds(type, schema);
  read_extensions(type, schema);
  if (m_dialect == Dialect::builtin && schema["oneOf"].size() == 2) {
    type.base = type.format == "int-or-string" ? Base::int_or_string : Base::quantity;
    type.format.clear();
    return type;
  }
  if (const Node* items = schema.find("items")) type.items = distill(*items, path + "[]");
  if (const Node* additional = schema.find("additionalProperties")) {
    if (additional->is_mapping()) {
      type.additional = distill(*additional, path + "{}");
    } else if (additional->bool_or(false)) {
      TypeDef anything;
      anything.preserves_unknown = true;
      type.additional = m_types.intern(std::move(anything));
    }
  }
  read_fields(type, schema, path);
  read_junctors(type, schema, path);
  if (m_dialect == Dialect::builtin && type.fields.empty() && type.additional == k_no_type &&
      (type.base == Base::object || type.base == Base::any)) {
    type.preserves_unknown = true;
  }
  return type;
}

void Distiller::read_bounds(TypeDef& type, const Node& schema) const {
  type.minimum = number(schema, "minimum");
  type.maximum = number(schema, "maximum");
  type.multiple_of = number(schema, "multipleOf");
  type.is_minimum_exclusive = schema["exclusiveMinimum"].bool_or(false);
  type.is_maximum_exclusive = schema["exclusiveMaximum"].bool_or(false);
  type.min_length = size(schema, "minLength");
  type.max_length = size(schema, "maxLength");
  type.min_items = size(schema, "minItems");
  type.max_items = size(schema, "maxItems");
  type.min_properties = size(schema, "minProperties");
  type.max_properties = size(schema, "maxProperties");
  type.has_unique_items = schema["uniqueItems"].bool_or(false);
}

void Distiller::read_extensions(TypeDef& type, const Node& schema) const {
  type.preserves_unknown = schema["x-kubernetes-preserve-unknown-fields"].bool_or(false);
  type.is_embedded_resource = schema["x-kubernetes-embedded-resource"].bool_or(false);
  if (schema["x-kubernetes-int-or-string"].bool_or(false)) type.base = Base::int_or_string;
  type.is_map_atomic = schema["x-kubernetes-map-type"].string_or() == "atomic";
  const std::string list = schema["x-kubernetes-list-type"].string_or();
  if (list == "atomic") type.list_type = ListType::atomic;
  if (list == "set") type.list_type = ListType::set;
  if (list == "map") type.list_type = ListType::map;
  type.list_keys = strings(schema["x-kubernetes-list-map-keys"]);
  for (const Node& rule : schema["x-kubernetes-validations"].items()) {
    type.rules.push_back({rule["rule"].string_or(), rule["message"].string_or(), rule["messageExpression"].string_or(),
                          rule["fieldPath"].string_or(), rule["reason"].string_or(),
                          rule["optionalOldSelf"].bool_or(false)});
  }
}

void Distiller::read_fields(TypeDef& type, const Node& schema, const std::string& path) {
  std::vector<std::string> required = strings(schema["required"]);
  std::sort(required.begin(), required.end());
  required.erase(std::unique(required.begin(), required.end()), required.end());
  for (const auto& entry : schema["properties"].entries()) {
    FieldDef field;
    field.name = entry.key;
    field.type = distill(entry.value, path + "." + entry.key);
    field.default_json = read_default(entry.value);
    const auto at = std::lower_bound(required.begin(), required.end(), entry.key);
    field.is_required = at != required.end() && *at == entry.key;
    if (field.is_required) required.erase(at);
    type.fields.push_back(std::move(field));
  }
  std::sort(type.fields.begin(), type.fields.end(),
            [](const FieldDef& a, const FieldDef& b) { return a.name < b.name; });
  type.required = std::move(required);
}

void Distiller::read_junctors(TypeDef& type, const Node& schema, const std::string& path) {
  const std::array<std::pair<std::string_view, std::vector<TypeId>*>, 3> junctors{
      {{"allOf", &type.all_of}, {"anyOf", &type.any_of}, {"oneOf", &type.one_of}}};
  for (const auto& [key, ids] : junctors) {
    const Node& list = schema[key];
    if (type.base == Base::int_or_string && key != "oneOf") {
      if (key == "anyOf" && says_int_or_string(list)) continue;
      // With further conditions the boilerplate is the first of allOf.
      if (key == "allOf" && list.size() > 0 && says_int_or_string(list[0]["anyOf"])) {
        for (std::size_t i = 1; i < list.size(); ++i) ids->push_back(value_validation(list[i], path));
        continue;
      }
    }
    for (const Node& each : list.items()) ids->push_back(value_validation(each, path));
  }
  if (const Node* negated = schema.find("not")) type.negated = value_validation(*negated, path);
}

TypeId Distiller::value_validation(const Node& schema, const std::string& path) { return distill(schema, path + "?"); }

// Go's zero values stand in OpenAPI as defaults of built-ins; they change nothing.
std::string Distiller::read_default(const Node& schema) const {
  const Node* value = schema.find("default");
  if (value == nullptr || value->is_null()) return {};
  std::string text = document::write_json(*value, 0);
  if (m_dialect == Dialect::builtin && (text == "{}" || text == "\"\"" || text == "0" || text == "false")) return {};
  return text;
}

}  // namespace mlk::inline v0::validation::schema
