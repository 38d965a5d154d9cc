#include "model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mlk::inline v0::validation::schema {

namespace {

// A key that tells any two different types apart: lengths before texts, numbers between separators.
class Key {
 public:
  void add(std::uint64_t value) { fmt::format_to(std::back_inserter(m_text), "{:x};", value); }
  void add(std::string_view text) {
    add(text.size());
    m_text += text;
  }
  template <class T>
  void add(const std::optional<T>& value) {
    fmt::format_to(std::back_inserter(m_text), "{};", value ? fmt::format("{}", *value) : "");
  }
  std::string take() { return std::move(m_text); }

 private:
  std::string m_text;
};

std::string key_of(const TypeDef& type) {
  Key key;
  key.add(static_cast<std::uint64_t>(type.base));
  key.add(static_cast<std::uint64_t>(type.list_type));
  std::uint64_t flags = 0;
  for (const bool flag : {type.is_nullable, type.preserves_unknown, type.is_embedded_resource, type.has_unique_items,
                          type.is_map_atomic, type.is_minimum_exclusive, type.is_maximum_exclusive}) {
    flags = flags * 2 + (flag ? 1 : 0);
  }
  key.add(flags);
  for (const auto* text : {&type.format, &type.pattern, &type.name}) key.add(std::string_view(*text));
  for (const auto* bound : {&type.minimum, &type.maximum, &type.multiple_of}) key.add(*bound);
  for (const auto* bound : {&type.min_length, &type.max_length, &type.min_items, &type.max_items, &type.min_properties,
                            &type.max_properties}) {
    key.add(*bound);
  }
  for (const auto* names : {&type.enum_values, &type.required, &type.list_keys}) {
    key.add(names->size());
    for (const auto& name : *names) key.add(std::string_view(name));
  }
  for (const TypeId id : {type.items, type.additional, type.negated}) key.add(std::uint64_t{id});
  for (const auto* ids : {&type.all_of, &type.any_of, &type.one_of}) {
    key.add(ids->size());
    for (const TypeId id : *ids) key.add(std::uint64_t{id});
  }
  key.add(type.fields.size());
  for (const FieldDef& field : type.fields) {
    key.add(std::string_view(field.name));
    key.add(std::uint64_t{field.type});
    key.add(std::uint64_t{field.is_required});
    key.add(std::string_view(field.default_json));
  }
  for (const RuleDef& rule : type.rules) {
    for (const auto* text : {&rule.rule, &rule.message, &rule.message_expression, &rule.field_path, &rule.reason}) {
      key.add(std::string_view(*text));
    }
    key.add(std::uint64_t{rule.has_optional_old_self});
  }
  return key.take();
}

}  // namespace

std::vector<TypeId> TypeDef::children() const {
  std::vector<TypeId> out;
  for (const FieldDef& field : fields) out.push_back(field.type);
  for (const TypeId id : {items, additional}) {
    if (id != k_no_type) out.push_back(id);
  }
  for (const auto* ids : {&all_of, &any_of, &one_of}) out.insert(out.end(), ids->begin(), ids->end());
  if (negated != k_no_type) out.push_back(negated);
  return out;
}

TypeId TypePool::intern(TypeDef type, std::string_view hint) {
  const auto [at, is_new] = m_known.try_emplace(key_of(type), static_cast<TypeId>(m_types.size()));
  if (is_new) {
    m_types.push_back(std::move(type));
    m_hints.emplace_back(hint);
    m_is_named.push_back(false);
  }
  return at->second;
}

void TypePool::name(TypeId id, std::string_view definition) {
  if (m_is_named[id]) return;
  m_is_named[id] = true;
  m_hints[id] = definition;
}

TypeId TypePool::bound(const std::string& name) const {
  const auto at = m_bound.find(name);
  return at == m_bound.end() ? k_no_type : at->second;
}

void add_served(std::vector<ServedDef>& served, unsigned minor, TypeId type) {
  const auto number = static_cast<std::uint8_t>(minor);
  if (!served.empty() && served.back().type == type && served.back().minors.last + 1U == minor) {
    served.back().minors.last = number;
  } else {
    served.push_back({{number, number}, type});
  }
}

void sort_kinds(SystemDef& system) {
  std::sort(system.kinds.begin(), system.kinds.end(), [](const KindDef& a, const KindDef& b) {
    return std::tie(a.group, a.version, a.kind) < std::tie(b.group, b.version, b.kind);
  });
}

}  // namespace mlk::inline v0::validation::schema
