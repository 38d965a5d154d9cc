#include "values.hpp"

#include "collections.hpp"
#include "encoding.hpp"
#include "time_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::cel {

Value Value::of(bool value) {
  Value v;
  v.kind = ValueKind::boolean;
  v.boolean = value;
  return v;
}

Value Value::of(std::int64_t value) {
  Value v;
  v.kind = ValueKind::integer;
  v.integer = value;
  return v;
}

Value Value::of(std::string value) {
  Value v;
  v.kind = ValueKind::string;
  v.text = std::move(value);
  return v;
}

namespace {

void copy_items(Run& run, const Cell& cell, Value& value) {
  if (cell.is(CellKind::list)) {
    for (std::size_t i = 0; i < list_size(cell) && run.step(); ++i) {
      value.items.push_back(to_value(run, list_item(run, cell, i)));
    }
    return;
  }
  for (std::size_t i = 0; i < map_size(cell) && run.step(); ++i) {
    const auto entry = map_entry(run, cell, i);
    if (!entry.fits) continue;
    value.items.push_back(to_value(run, entry.key));
    value.items.push_back(to_value(run, entry.value));
  }
}

}  // namespace

Value to_value(Run& run, const Cell& cell) {
  Value value;
  // What is shared here is copied there, so room is asked for as if it were in the arena.
  if (run.room(sizeof(Value)) == nullptr) return value;
  switch (cell.kind) {
    case CellKind::null:
      break;
    case CellKind::boolean:
      return Value::of(cell.boolean);
    case CellKind::integer:
      return Value::of(cell.integer);
    case CellKind::uinteger:
      value.kind = ValueKind::uinteger;
      value.uinteger = cell.uinteger;
      break;
    case CellKind::floating:
      value.kind = ValueKind::floating;
      value.floating = cell.floating;
      break;
    case CellKind::string:
    case CellKind::bytes:
    case CellKind::type:
      value.kind = cell.is(CellKind::string)  ? ValueKind::string
                   : cell.is(CellKind::bytes) ? ValueKind::bytes
                                              : ValueKind::type;
      if (run.room(cell.size) != nullptr) value.text = cell.view();
      break;
    case CellKind::timestamp:
    case CellKind::duration:
      value.kind = cell.is(CellKind::timestamp) ? ValueKind::timestamp : ValueKind::duration;
      value.integer = cell.integer;
      value.nanoseconds = cell.extra;
      break;
    case CellKind::list:
    case CellKind::map:
      value.kind = cell.is(CellKind::list) ? ValueKind::list : ValueKind::map;
      copy_items(run, cell, value);
      break;
    case CellKind::optional:
      value.kind = ValueKind::optional;
      if (cell.extra != 0) value.items.push_back(to_value(run, *cell.value));
      break;
    default:
      value.kind = ValueKind::opaque;
      value.text = type_name(cell);
  }
  return value;
}

Cell to_cell(Run& run, const Value& value) {
  switch (value.kind) {
    case ValueKind::null:
      return Cell();
    case ValueKind::boolean:
      return cell(value.boolean);
    case ValueKind::integer:
      return cell(value.integer);
    case ValueKind::uinteger:
      return cell(value.uinteger);
    case ValueKind::floating:
      return cell(value.floating);
    case ValueKind::string:
      return string_cell(value.text);
    case ValueKind::bytes:
      return text_cell(CellKind::bytes, value.text);
    case ValueKind::type:
      return text_cell(CellKind::type, value.text);
    case ValueKind::timestamp:
      return timestamp_cell(value.integer, value.nanoseconds);
    case ValueKind::duration:
      return duration_cell(value.integer);
    case ValueKind::optional:
      return value.items.empty() ? Run::none() : run.optional(to_cell(run, value.items[0]));
    case ValueKind::list: {
      ListBuilder list(run);
      for (const auto& item : value.items) list.add(to_cell(run, item));
      return list.finish();
    }
    case ValueKind::map: {
      MapBuilder map(run);
      for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
        const auto failed = map.add(to_cell(run, value.items[i]), to_cell(run, value.items[i + 1]));
        if (failed.is_failure()) return failed;
      }
      return map.finish();
    }
    case ValueKind::opaque:
      break;
  }
  return run.error("a value of type " + value.text + " can't be bound");
}

std::string display(Run& run, const Cell& cell) {
  if (cell.is(CellKind::string)) return std::string(cell.view());
  return to_string(to_value(run, cell));
}

namespace {

bool is_number(const Value& value) {
  return value.kind == ValueKind::integer || value.kind == ValueKind::uinteger || value.kind == ValueKind::floating;
}

Cell number_cell(const Value& value) {
  if (value.kind == ValueKind::integer) return cell(value.integer);
  if (value.kind == ValueKind::uinteger) return cell(value.uinteger);
  return cell(value.floating);
}

bool equal_maps(const Value& a, const Value& b) {
  for (std::size_t i = 0; i + 1 < a.items.size(); i += 2) {
    bool found = false;
    for (std::size_t j = 0; j + 1 < b.items.size() && !found; j += 2) {
      found = a.items[i] == b.items[j] && a.items[i + 1] == b.items[j + 1];
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return numbers_equal(number_cell(a), number_cell(b));
  if (a.kind != b.kind || a.items.size() != b.items.size()) return false;
  switch (a.kind) {
    case ValueKind::null:
      return true;
    case ValueKind::boolean:
      return a.boolean == b.boolean;
    case ValueKind::timestamp:
    case ValueKind::duration:
      return a.integer == b.integer && a.nanoseconds == b.nanoseconds;
    case ValueKind::list:
    case ValueKind::optional:
      return a.items == b.items;
    case ValueKind::map:
      return equal_maps(a, b);
    case ValueKind::opaque:
      return false;
    default:
      return a.text == b.text;
  }
}

std::string to_string(const Value& value) {
  switch (value.kind) {
    case ValueKind::null:
      return "null";
    case ValueKind::boolean:
      return value.boolean ? "true" : "false";
    case ValueKind::integer:
      return fmt::format_int(value.integer).str();
    case ValueKind::uinteger:
      return fmt::format("{}u", value.uinteger);
    case ValueKind::floating: {
      auto text = format_shortest(value.floating);
      return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
    }
    case ValueKind::string:
      return quote(value.text);
    case ValueKind::bytes:
      return "b" + quote(value.text);
    case ValueKind::timestamp:
      return fmt::format("timestamp({})", quote(format_time(value.integer, value.nanoseconds, 0)));
    case ValueKind::duration:
      return fmt::format("duration({})", quote(format_seconds(value.integer)));
    case ValueKind::type:
      return value.text;
    case ValueKind::opaque:
      return value.text + "(…)";
    case ValueKind::optional:
      return value.items.empty() ? "optional.none()" : fmt::format("optional.of({})", to_string(value.items[0]));
    case ValueKind::list:
    case ValueKind::map:
      break;
  }
  const bool is_map = value.kind == ValueKind::map;
  std::string out = is_map ? "{" : "[";
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out += is_map && i % 2 == 1 ? ": " : ", ";
    out += to_string(value.items[i]);
  }
  return out + (is_map ? "}" : "]");
}

}  // namespace mlk::inline v0::cel
