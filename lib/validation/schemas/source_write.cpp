#include "source.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/node.hpp>
#include <mlk/document/writer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace mlk::inline v0::validation::schema {

namespace {

// A type without a block of its own is repeated when it is as short as this, and named when it is longer.
constexpr std::size_t k_longest_repeated = 200;

std::string json(const std::string& text) { return document::write_json(document::Node(text), 0); }

bool is_bare(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '$' || c == '.' || c == '/';
  });
}

std::string word(const std::string& text) { return is_bare(text) ? text : json(text); }

std::string json_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    out += json(text);
  }
  return out + "]";
}

std::string number(double value) {
  if (std::abs(value) < 9007199254740992.0 && value == std::floor(value)) {
    return fmt::format("{}", static_cast<std::int64_t>(value));
  }
  return fmt::format("{}", value);
}

std::string_view to_word(ListType type) {
  if (type == ListType::set) return "set";
  return type == ListType::map ? "map" : "atomic";
}

class Writer {
 public:
  Writer(const Model& model, const SystemDef& system) : m_types(model.types), m_system(system) {}

  std::string write() {
    count();
    header();
    for (const KindDef& kind : m_system.kinds) {
      kind_line(kind);
      for (const ServedDef& served : kind.served) span(served);
    }
    for (const auto& [name, served] : m_system.named) {
      m_out += fmt::format("named {}\n", name);
      for (const ServedDef& each : served) span(each);
    }
    for (const auto& [name, id] : m_named) {
      m_out += fmt::format("type {}", name);
      body(id, 0);
    }
    return std::move(m_out);
  }

 private:
  // How often each type is referred to in this source decides which ones get a name.
  void count() {
    std::vector<TypeId> todo;
    const auto refer = [&](TypeId id) {
      if (m_uses[id]++ == 0) {
        m_order.push_back(id);
        todo.push_back(id);
      }
    };
    const auto refer_spans = [&](const std::vector<ServedDef>& served) {
      for (const ServedDef& each : served) refer(each.type);
    };
    for (const KindDef& kind : m_system.kinds) refer_spans(kind.served);
    for (const auto& [name, served] : m_system.named) refer_spans(served);
    while (!todo.empty()) {
      const TypeId id = todo.back();
      todo.pop_back();
      for (const TypeId child : m_types[id].children()) refer(child);
    }
    std::map<TypeId, std::string> bound;
    for (const auto& [name, id] : m_types.bindings()) {
      if (m_uses.contains(id)) bound.emplace(id, name);
    }
    for (const auto& [id, name] : bound) give_name(id, name);
    for (const TypeId id : m_order) {
      if (bound.contains(id) || m_uses[id] < 2) continue;
      if (has_block(m_types[id]) || line(m_types[id]).size() > k_longest_repeated) give_name(id, m_types.hint(id));
    }
  }

  void give_name(TypeId id, const std::string& hint) {
    std::string name = is_bare(hint) ? hint : legible(hint);
    for (int number = 2; m_named.contains(name); ++number) name = fmt::format("{}~{}", legible(hint), number);
    m_names[id] = name;
    m_named[name] = id;
  }

  static std::string legible(const std::string& hint) {
    std::string out = hint.empty() ? "type" : hint;
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c <= ' ' || c == '"' || c == '='; }, '_');
    return out;
  }

  void header() {
    m_out += "mlk-schemas 1\n";
    m_out += "# Structure only, written by 'make schemas'; don't edit.\n";
    m_out += fmt::format("# Renew: make schemas PIN={}@VERSION\n", m_system.name);
    m_out += fmt::format("system {}\n", m_system.name);
    if (!m_system.module.empty()) m_out += fmt::format("module {}\n", m_system.module);
    for (const std::string& version : m_system.versions) m_out += fmt::format("version {}\n", version);
    if (!m_system.path.empty()) m_out += fmt::format("path {}\n", m_system.path);
    if (!m_system.licence.empty()) m_out += fmt::format("licence {}\n", m_system.licence);
    if (m_system.is_builtin) m_out += "builtin\n";
  }

  void kind_line(const KindDef& kind) {
    m_out += fmt::format("kind {}{}{} {} {} plural={}", kind.group, kind.group.empty() ? "" : "/", kind.version,
                         kind.kind, kind.is_namespaced ? "namespaced" : "cluster", word(kind.plural));
    if (!kind.list_kind.empty()) m_out += fmt::format(" list={}", word(kind.list_kind));
    if (!kind.short_names.empty()) m_out += fmt::format(" short={}", json_list(kind.short_names));
    if (kind.is_storage) m_out += " storage";
    if (kind.is_deprecated) m_out += " deprecated";
    if (!kind.deprecation_warning.empty()) m_out += fmt::format(" warning={}", json(kind.deprecation_warning));
    m_out += '\n';
  }

  void span(const ServedDef& served) {
    if (served.minors.last == 255) {
      m_out += " *";
    } else {
      m_out += fmt::format(" 1.{}-1.{}", served.minors.first, served.minors.last);
    }
    expression(served.type, {}, 1);
  }

  // " @name", " ^name" or the type itself, and the end of the line with everything below it.
  void expression(TypeId id, const std::string& default_json, int depth) {
    const TypeDef& type = m_types[id];
    const std::string tail = default_json.empty() ? std::string() : fmt::format(" default={}", default_json);
    if (type.base == Base::recursive) {
      m_out += fmt::format(" ^{}{}\n", type.name, tail);
    } else if (const auto name = m_names.find(id); name != m_names.end()) {
      m_out += fmt::format(" @{}{}\n", name->second, tail);
    } else {
      body(id, depth, tail);
    }
  }

  void body(TypeId id, int depth, const std::string& tail = {}) {
    const TypeDef& type = m_types[id];
    m_out += ' ';
    m_out += line(type);
    m_out += tail;
    m_out += '\n';
    const std::string indent(static_cast<std::size_t>(depth) + 1, ' ');
    const auto child = [&](std::string_view word, TypeId each) {
      if (each == k_no_type) return;
      m_out += indent;
      m_out += word;
      expression(each, {}, depth + 1);
    };
    for (const FieldDef& field : type.fields) {
      m_out += fmt::format("{}.{}{}", indent, word(field.name), field.is_required ? "!" : "");
      expression(field.type, field.default_json, depth + 1);
    }
    child("[]", type.items);
    child("{}", type.additional);
    for (const TypeId each : type.all_of) child("all", each);
    for (const TypeId each : type.any_of) child("any", each);
    for (const TypeId each : type.one_of) child("one", each);
    child("not", type.negated);
    for (const RuleDef& rule : type.rules) m_out += fmt::format("{}{}\n", indent, rule_line(rule));
  }

  static std::string rule_line(const RuleDef& rule) {
    std::string out = fmt::format("rule {}", json(rule.rule));
    const auto add = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) out += fmt::format(" {}={}", key, json(value));
    };
    add("message", rule.message);
    add("messageExpression", rule.message_expression);
    add("fieldPath", rule.field_path);
    add("reason", rule.reason);
    if (rule.has_optional_old_self) out += " optionalOldSelf";
    return out;
  }

  static bool has_block(const TypeDef& type) { return !type.children().empty() || !type.rules.empty(); }

  static std::string line(const TypeDef& type) {
    std::string out(to_string(type.base));
    const auto flag = [&](bool is_set, std::string_view name) {
      if (is_set) out += fmt::format(" {}", name);
    };
    const auto text = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) out += fmt::format(" {}={}", key, value);
    };
    const auto bound = [&](std::string_view key, const auto& value) {
      if (value) out += fmt::format(" {}={}", key, number(static_cast<double>(*value)));
    };
    text("format", type.format.empty() ? "" : word(type.format));
    flag(type.is_nullable, "nullable");
    flag(type.preserves_unknown, "preserve");
    flag(type.is_embedded_resource, "embedded");
    flag(type.has_unique_items, "unique");
    if (type.list_type != ListType::none) out += fmt::format(" list={}", to_word(type.list_type));
    if (!type.list_keys.empty()) text("keys", json_list(type.list_keys));
    flag(type.is_map_atomic, "atomic");
    bound("minimum", type.minimum);
    flag(type.is_minimum_exclusive, "exclusiveMinimum");
    bound("maximum", type.maximum);
    flag(type.is_maximum_exclusive, "exclusiveMaximum");
    bound("multipleOf", type.multiple_of);
    bound("minLength", type.min_length);
    bound("maxLength", type.max_length);
    bound("minItems", type.min_items);
    bound("maxItems", type.max_items);
    bound("minProperties", type.min_properties);
    bound("maxProperties", type.max_properties);
    text("pattern", type.pattern.empty() ? "" : json(type.pattern));
    if (!type.enum_values.empty()) text("enum", fmt::format("[{}]", join(type.enum_values, ",")));
    if (!type.required.empty()) text("required", json_list(type.required));
    return out;
  }

  const TypePool& m_types;
  const SystemDef& m_system;
  std::map<TypeId, std::size_t> m_uses;
  std::vector<TypeId> m_order;
  std::map<TypeId, std::string> m_names;
  std::map<std::string, TypeId> m_named;
  std::string m_out;
};

}  // namespace

std::string write_source(const Model& model, const SystemDef& system) { return Writer(model, system).write(); }

std::string write_lifecycle(const std::vector<LifecycleDef>& lifecycle, std::string_view module,
                            std::string_view version, std::string_view licence) {
  std::string out =
      "mlk-schemas 1\n# Written by 'make schemas'; don't edit.\n# Renew: make schemas PIN=lifecycle@VERSION\n";
  out += fmt::format("# {} {}, {}: when built-in APIs came, were deprecated and went\n", module, version, licence);
  for (const LifecycleDef& life : lifecycle) {
    if (life.introduced == 0 && life.deprecated == 0 && life.removed == 0) continue;
    out += fmt::format("life {} {}", life.api_version, life.kind);
    const auto add = [&](std::string_view key, unsigned minor) {
      if (minor != 0) out += fmt::format(" {}=1.{}", key, minor);
    };
    add("introduced", life.introduced);
    add("deprecated", life.deprecated);
    add("removed", life.removed);
    if (!life.replacement.empty()) out += fmt::format(" replacement={}", json(life.replacement));
    out += '\n';
  }
  return out;
}

}  // namespace mlk::inline v0::validation::schema
