#include "schema_walk.hpp"

#include "schema_value.hpp"
#include "walker.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::validation {

using document::EntryView;
using document::View;
using schema::Base;
using schema::Field;
using schema::ListType;
using schema::Type;

namespace {

std::string_view name_of_base(Base base) {
  switch (base) {
    case Base::boolean:
      return "a boolean";
    case Base::integer:
      return "an integer";
    case Base::number:
      return "a number";
    case Base::string:
      return "a string";
    case Base::array:
      return "a list";
    case Base::object:
      return "a map";
    case Base::int_or_string:
      return "an integer or a string";
    case Base::quantity:
      return "a quantity";
    case Base::any:
    case Base::recursive:
      break;
  }
  return "a value";
}

/// Walks an object and its schema side by side.
class Walk : public Walker {
 public:
  Walk(View object, bool is_builtin, Type object_meta, Finder& finder)
      : Walker(object, finder), m_is_builtin(is_builtin), m_object_meta(object_meta) {}

  void check(View node, Type type) {
    if (!is_of_base(node, type.base())) return wrong_type(node, name_of_base(type.base()));
    for (const std::string& fault : faults_of_value(node, type, m_is_builtin)) {
      report("value-invalid", node, {fmt::format("{} {}", name_of(node), fault), {}, {}});
    }
    if (node.is_mapping()) {
      check_map(node, type);
    } else if (node.is_sequence()) {
      check_list(node, type);
    }
  }

  void check_root(View node, Type type) {
    m_root = node;
    check(node, type);
  }

 private:
  void check_map(View node, Type type) {
    const bool is_object = type.is_embedded_resource() || node.is_same(m_root);
    for (const EntryView entry : node.entries()) {
      if (is_object && check_type_or_meta(entry)) continue;
      const Field field = type.find_field(entry.name());
      if (field) {
        check_field(entry, field.type);
      } else if (const Type values = type.additional()) {
        check_field(entry, values);
      } else if (!type.preserves_unknown() && type.base() == Base::object) {
        unknown_field(entry, type);
      }
    }
    check_required(node, type, is_object);
  }

  /// apiVersion, kind and metadata are every object's, whatever its schema says of them.
  bool check_type_or_meta(const EntryView& entry) {
    if (entry.name() == "apiVersion" || entry.name() == "kind") {
      if (!entry.value.is_string()) wrong_type(entry.value, "a string");
      return true;
    }
    if (entry.name() != "metadata") return false;
    if (m_object_meta) check_field(entry, m_object_meta);
    return true;
  }

  /// What is null counts as left out, and is dropped before anything looks at it.
  void check_field(const EntryView& entry, Type type) {
    if (!entry.value.is_null()) check(entry.value, type);
  }

  void unknown_field(const EntryView& entry, Type type) {
    std::vector<std::string> known;
    known.reserve(type.field_count());
    for (std::size_t i = 0; i < type.field_count(); ++i) known.emplace_back(type.field(i).name);
    report_key("field-unknown", entry,
               {fmt::format("unknown field '{}'{}", entry.name(), did_you_mean(entry.name(), known)), {}, {}});
  }

  void check_required(View node, Type type, bool is_object) {
    const auto names = type.required();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names[i];
      if (is_object && (name == "metadata" || name == "apiVersion" || name == "kind")) continue;
      const View value = node[name];
      const Field field = type.find_field(name);
      const bool is_there = !value.is_missing() && (!value.is_null() || (field && field.type.is_nullable()));
      if (is_there || !field.default_json.empty()) continue;
      report("field-required", node, {fmt::format("{} lacks '{}'", name_of(node), name), {}, {}});
    }
  }

  void check_list(View node, Type type) {
    const Type items = type.items();
    for (const View item : node.items()) {
      if (!items || (item.is_null() && (items.is_nullable() || m_is_builtin))) continue;
      check(item, items);
    }
    // What built-ins' lists are keyed by is checked by their own rules, if at all.
    if (m_is_builtin) return;
    if (type.list_type() == ListType::map) check_keyed(node, type);
    if (type.list_type() == ListType::set || type.has_unique_items()) check_set(node);
  }

  void check_set(View node) {
    std::vector<View> seen;
    for (const View item : node.items()) {
      if (std::find(seen.begin(), seen.end(), item) != seen.end()) {
        report("duplicate-name", item, {fmt::format("{} is there twice in a set", name_of(item)), {}, {}});
      }
      seen.push_back(item);
    }
  }

  /// What a list's key is in one item, its default where it is left out.
  static std::string key_of(View item, const Field& field) {
    const View value = item[field.name];
    if (!value.is_null()) return value.scalar_text();
    const auto filled_in = document::read_json(field.default_json);
    return filled_in ? filled_in->scalar_text() : std::string();
  }

  void check_keyed(View node, Type type) {
    const auto keys = type.list_keys();
    std::vector<std::string> seen;
    for (const View item : node.items()) {
      std::vector<std::string> parts;
      parts.reserve(keys.size());
      for (std::size_t i = 0; i < keys.size(); ++i) parts.push_back(key_of(item, type.items().find_field(keys[i])));
      std::string key = join(parts, "/");
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
        report("duplicate-name", item, {fmt::format("a second item with {} '{}'", keys[0], key), {}, {}});
      }
      seen.push_back(std::move(key));
    }
  }

  bool m_is_builtin;
  Type m_object_meta;
  View m_root;
};

}  // namespace

void check_schema(View object, const schema::Match& match, Type object_meta, Finder& finder) {
  Walk(object, match.is_builtin, object_meta, finder).check_root(object, match.type);
}

}  // namespace mlk::inline v0::validation
