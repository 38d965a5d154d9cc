#include "collections.hpp"
#include "document_view.hpp"
#include "encoding.hpp"
#include "time_text.hpp"

#include <mlk/cel/schema.hpp>

#include <fmt/format.h>

#include <cmath>

namespace mlk::inline v0::cel {
namespace {

namespace view = document_view;
using document::Node;

Cell collection(CellKind kind, const Node& node, const TypeData* type) {
  Cell c;
  c.kind = kind;
  c.is_document = true;
  c.node = &node;
  c.type = type;
  return c;
}

Cell natural(const Node& node) {
  switch (view::kind(node)) {
    case view::Kind::null:
      return Cell();
    case view::Kind::boolean:
      return cell(view::boolean(node));
    case view::Kind::integer:
      return cell(view::integer(node));
    case view::Kind::floating:
      return cell(view::floating(node));
    case view::Kind::string:
      return string_cell(view::string(node));
    case view::Kind::sequence:
      return collection(CellKind::list, node, nullptr);
    case view::Kind::mapping:
      return collection(CellKind::map, node, nullptr);
  }
  return Cell();
}

Cell unfit(Run& run, const Node& node, std::string_view expected) {
  return run.error(fmt::format("invalid data, expected {}, got {}", expected, document::describe(view::kind(node))));
}

/// A whole number that was written with a fraction or exponent: kubectl would have sent it as an integer.
std::optional<std::int64_t> whole(const Node& node) {
  if (view::kind(node) == view::Kind::integer) return view::integer(node);
  if (view::kind(node) != view::Kind::floating) return std::nullopt;
  const double value = view::floating(node);
  if (std::trunc(value) != value || std::fabs(value) >= 9.2e18) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

Cell from_string(Run& run, const Node& node, TypeKind kind) {
  if (view::kind(node) != view::Kind::string) return unfit(run, node, "string");
  const auto text = view::string(node);
  switch (kind) {
    case TypeKind::bytes: {
      const auto decoded = decode_base64(text);
      if (!decoded) return run.error(fmt::format("Invalid byte formatted string {}", text));
      return run.bytes(*decoded);
    }
    case TypeKind::duration: {
      const auto value = parse_any_duration(text);
      return value ? duration_cell(*value) : run.error(fmt::format("Invalid duration {}", text));
    }
    case TypeKind::timestamp: {
      const auto value = parse_any_time(text);
      return value ? timestamp_cell(value->seconds, value->nanoseconds)
                   : run.error(fmt::format("Invalid date-time formatted string {}", text));
    }
    default:
      return string_cell(text);
  }
}

Cell from_scalar(Run& run, const Node& node, TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean:
      return view::kind(node) == view::Kind::boolean ? cell(view::boolean(node)) : unfit(run, node, "bool");
    case TypeKind::integer: {
      const auto value = whole(node);
      return value ? cell(*value) : unfit(run, node, "int");
    }
    case TypeKind::uinteger: {
      const auto value = whole(node);
      return value && *value >= 0 ? cell(static_cast<std::uint64_t>(*value)) : unfit(run, node, "uint");
    }
    case TypeKind::floating:
      if (view::kind(node) == view::Kind::integer || view::kind(node) == view::Kind::floating) {
        return cell(view::floating(node));
      }
      return unfit(run, node, "float");
    default:
      return from_string(run, node, kind);
  }
}

const TypeData* item_type(const TypeData* type) { return type == nullptr ? nullptr : &type->parameters.back().data(); }

/// The type of a key's value; `fits` false when the object doesn't declare the key.
const TypeData* value_type(const TypeData* type, std::string_view key, bool& fits) {
  fits = true;
  if (type == nullptr || type->kind != TypeKind::object) return item_type(type);
  const auto field = type->fields.find(key);
  fits = field != type->fields.end();
  return fits ? &field->second.type.data() : nullptr;
}

bool is_object(const Cell& map) { return map.type != nullptr && map.type->kind == TypeKind::object; }

std::optional<Cell> find_by_name(Run& run, const Cell& map, std::string_view name) {
  const auto* value = view::find(*map.node, name);
  if (value == nullptr) return std::nullopt;
  bool fits = true;
  const auto* type = value_type(map.type, name, fits);
  if (!fits || (is_object(map) && view::is_null(*value))) return std::nullopt;
  return from_document(run, *value, type);
}

}  // namespace

Cell from_document(Run& run, const Node& node, const TypeData* type) {
  if (type == nullptr || (type->kind == TypeKind::dyn && !type->is_int_or_string)) return natural(node);
  if (view::is_null(node)) {
    if (!type->is_from_schema || type->is_nullable) return Cell();
    return error_cell("invalid data, got null for schema with nullable=false");
  }
  switch (type->kind) {
    case TypeKind::dyn: {
      if (view::kind(node) == view::Kind::string) return natural(node);
      const auto value = whole(node);
      return value ? cell(*value) : unfit(run, node, "XIntOrString value to be either a string or integer");
    }
    case TypeKind::object:
    case TypeKind::map:
      if (view::kind(node) != view::Kind::mapping) return unfit(run, node, "a map");
      return collection(CellKind::map, node, type);
    case TypeKind::list:
      if (view::kind(node) != view::Kind::sequence) return unfit(run, node, "an array");
      return collection(CellKind::list, node, type);
    default:
      return from_scalar(run, node, type->kind);
  }
}

std::size_t list_size(const Cell& list) { return list.is_document ? view::size(*list.node) : list.extra; }

Cell list_item(Run& run, const Cell& list, std::size_t index) {
  if (!list.is_document) return list.list->items[index];
  return from_document(run, view::item(*list.node, index), item_type(list.type));
}

std::size_t map_size(const Cell& map) { return map.is_document ? view::size(*map.node) : map.extra; }

Visited map_entry(Run& run, const Cell& map, std::size_t index) {
  if (!map.is_document) return {map.map->entries[index].key, map.map->entries[index].value};
  const auto key = view::key(*map.node, index);
  const auto& value = view::value(*map.node, index);
  Visited visited;
  const auto* type = value_type(map.type, key, visited.fits);
  if (!visited.fits || (is_object(map) && view::is_null(value))) {
    visited.fits = false;
    return visited;
  }
  visited.key = string_cell(key);
  visited.value = from_document(run, value, type);
  return visited;
}

std::optional<Cell> map_find(Run& run, const Cell& map, const Cell& key) {
  if (map.is_document) {
    if (!key.is(CellKind::string)) return std::nullopt;
    if (!is_object(map)) return find_by_name(run, map, key.view());
    const auto name = unescape_field(key.view());
    return name ? find_by_name(run, map, *name) : std::nullopt;
  }
  const auto* entry = find_entry(*map.map, map.extra, key);
  if (entry == nullptr) return std::nullopt;
  return entry->value;
}

std::optional<Cell> map_find_field(Run& run, const Cell& map, std::string_view escaped, std::string_view name) {
  if (map.is_document) return find_by_name(run, map, is_object(map) ? name : escaped);
  const auto* entry = find_entry(*map.map, map.extra, string_cell(escaped));
  if (entry == nullptr) return std::nullopt;
  return entry->value;
}

}  // namespace mlk::inline v0::cel
