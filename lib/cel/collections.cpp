#include "collections.hpp"

#include "network.hpp"
#include "quantity.hpp"
#include "semver.hpp"
#include "url.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace mlk::inline v0::cel {

std::string_view type_name(const Cell& cell) {
  switch (cell.kind) {
    case CellKind::error:
      return "error";
    case CellKind::unknown:
      return "unknown";
    case CellKind::null:
      return "null_type";
    case CellKind::boolean:
      return "bool";
    case CellKind::integer:
      return "int";
    case CellKind::uinteger:
      return "uint";
    case CellKind::floating:
      return "double";
    case CellKind::string:
      return "string";
    case CellKind::bytes:
      return "bytes";
    case CellKind::timestamp:
      return "google.protobuf.Timestamp";
    case CellKind::duration:
      return "google.protobuf.Duration";
    case CellKind::list:
      return "list";
    case CellKind::map:
      return "map";
    case CellKind::optional:
      return "optional_type";
    case CellKind::type:
      return "type";
    case CellKind::quantity:
      return "kubernetes.Quantity";
    case CellKind::url:
      return "kubernetes.URL";
    case CellKind::ip:
      return "net.IP";
    case CellKind::cidr:
      return "net.CIDR";
    case CellKind::semver:
      return "kubernetes.Semver";
    case CellKind::format:
      return "kubernetes.NamedFormat";
  }
  return "";
}

namespace {

/// The integer that a number equals, as magnitude and sign; nothing when it has a fraction or is out of range.
struct Whole {
  bool is_negative;
  std::uint64_t magnitude;
};

std::optional<Whole> whole(const Cell& number) {
  switch (number.kind) {
    case CellKind::integer: {
      const bool negative = number.integer < 0;
      const auto bits = static_cast<std::uint64_t>(number.integer);
      return Whole{negative, negative ? 0 - bits : bits};
    }
    case CellKind::uinteger:
      return Whole{false, number.uinteger};
    default: {
      const double value = number.floating;
      if (!(std::fabs(value) < 18446744073709551616.0) || std::trunc(value) != value) return std::nullopt;
      return Whole{value < 0, static_cast<std::uint64_t>(std::fabs(value))};
    }
  }
}

template <class T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compare_whole(const Whole& a, const Whole& b) {
  if (a.is_negative != b.is_negative && (a.magnitude != 0 || b.magnitude != 0)) return a.is_negative ? -1 : 1;
  const int order = three_way(a.magnitude, b.magnitude);
  return a.is_negative ? -order : order;
}

std::optional<int> compare_numbers(const Cell& a, const Cell& b) {
  if (a.is(CellKind::integer) && b.is(CellKind::integer)) return three_way(a.integer, b.integer);
  if (a.is(CellKind::floating) && b.is(CellKind::floating)) {
    if (std::isnan(a.floating) || std::isnan(b.floating)) return 2;
    return three_way(a.floating, b.floating);
  }
  if (a.is(CellKind::floating)) {
    const auto reverse = compare_numbers(b, a);
    return *reverse == 2 ? 2 : -*reverse;
  }
  if (!b.is(CellKind::floating)) return compare_whole(*whole(a), *whole(b));
  if (std::isnan(b.floating)) return 2;
  // Beyond the range there is no doubt; within it Kubernetes compares as doubles, near 2^63 with their loss.
  if (a.is(CellKind::uinteger)) {
    if (b.floating < 0) return 1;
    return three_way(static_cast<double>(a.uinteger), b.floating);
  }
  return three_way(static_cast<double>(a.integer), b.floating);
}

int compare_text(std::string_view a, std::string_view b) {
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

bool numbers_equal(const Cell& a, const Cell& b) { return compare_numbers(a, b) == 0; }

std::optional<int> compare(const Cell& a, const Cell& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.kind != b.kind) return std::nullopt;
  switch (a.kind) {
    case CellKind::boolean:
      return three_way(static_cast<int>(a.boolean), static_cast<int>(b.boolean));
    case CellKind::string:
    case CellKind::bytes:
      return compare_text(a.view(), b.view());
    case CellKind::timestamp:
      return a.integer != b.integer ? three_way(a.integer, b.integer) : three_way(a.extra, b.extra);
    case CellKind::duration:
      return three_way(a.integer, b.integer);
    default:
      return std::nullopt;
  }
}

bool is_key(const Cell& key) {
  return key.is(CellKind::boolean) || key.is(CellKind::integer) || key.is(CellKind::uinteger) ||
         key.is(CellKind::floating) || key.is(CellKind::string);
}

std::uint64_t hash_key(const Cell& key) {
  switch (key.kind) {
    case CellKind::boolean:
      return key.boolean ? 0x9E3779B97F4A7C15ULL : 0x7F4A7C159E3779B9ULL;
    case CellKind::integer:
    case CellKind::uinteger: {
      auto bits = key.uinteger * 0x9E3779B97F4A7C15ULL;
      return bits ^ (bits >> 32U);
    }
    case CellKind::floating:
      return hash_key(cell(whole(key) ? static_cast<std::int64_t>(key.floating) : 0));
    case CellKind::string:
      return std::hash<std::string_view>()(key.view());
    default:
      return 0;
  }
}

namespace {

bool keys_equal(const Cell& a, const Cell& b) {
  if (a.is(CellKind::string)) return b.is(CellKind::string) && a.view() == b.view();
  if (a.is_number()) return b.is_number() && numbers_equal(a, b);
  return a.is(CellKind::boolean) && b.is(CellKind::boolean) && a.boolean == b.boolean;
}

}  // namespace

const MapEntry* find_entry(const MapData& map, std::size_t size, const Cell& key) {
  if (map.slots == nullptr) {
    for (std::size_t i = 0; i < size; ++i) {
      if (keys_equal(map.entries[i].key, key)) return &map.entries[i];
    }
    return nullptr;
  }
  for (auto at = hash_key(key) & map.mask; map.slots[at] != 0; at = (at + 1) & map.mask) {
    const auto& entry = map.entries[map.slots[at] - 1];
    if (keys_equal(entry.key, key)) return &entry;
  }
  return nullptr;
}

namespace {

Cell equal_lists_in_order(Run& run, const Cell& a, const Cell& b) {
  for (std::size_t i = 0; i < list_size(a); ++i) {
    const auto same = equals(run, list_item(run, a, i), list_item(run, b, i));
    if (!same.is_true()) return same;
  }
  return cell(true);
}

/// What an item of a list of type map is known by: the values of its keys.
Cell list_map_key(Run& run, const Cell& item, const TypeData& type) {
  if (!item.is(CellKind::map)) return no_such_overload();
  std::string text;
  for (const auto& name : type.list_keys) {
    const auto value = map_find_field(run, item, name, name);
    if (value && value->is(CellKind::string)) {
      text += std::to_string(value->size);
      text += ':';
      text += value->view();
    } else if (value && value->is(CellKind::boolean)) {
      text += value->boolean ? "t" : "f";
    } else if (value && value->is(CellKind::integer)) {
      text += 'i';
      text += std::to_string(value->integer);
    } else {
      text += '-';
    }
    text += ';';
  }
  return run.string(text);
}

Cell equal_lists_any_order(Run& run, const Cell& a, const Cell& b) {
  MapBuilder known(run);
  const auto key_of = [&](const Cell& item) {
    return a.type->list_kind == ListKind::map ? list_map_key(run, item, *a.type) : item;
  };
  for (std::size_t i = 0; i < list_size(a); ++i) {
    const auto item = list_item(run, a, i);
    // A repeated item is no failure here; one that can't be a key is compared in order instead.
    const auto key = key_of(item);
    if (!is_key(key)) return equal_lists_in_order(run, a, b);
    known.add(key, item);
  }
  const auto map = known.finish();
  if (map.is_failure()) return map;
  for (std::size_t i = 0; i < list_size(b); ++i) {
    const auto item = list_item(run, b, i);
    const auto found = map_find(run, map, key_of(item));
    if (!found) return cell(false);
    const auto same = equals(run, *found, item);
    if (!same.is_true()) return same;
  }
  return cell(true);
}

Cell equal_maps(Run& run, const Cell& a, const Cell& b) {
  if (map_size(a) != map_size(b)) return cell(false);
  for (std::size_t i = 0; i < map_size(a); ++i) {
    const auto entry = map_entry(run, a, i);
    if (!entry.fits) continue;
    const auto other = b.is_document && entry.key.is(CellKind::string)
                           ? map_find_field(run, b, entry.key.view(), entry.key.view())
                           : map_find(run, b, entry.key);
    if (!other) return cell(false);
    const auto same = equals(run, entry.value, *other);
    if (!same.is_true()) return same;
  }
  return cell(true);
}

Cell equal_objects(const Cell& a, const Cell& b) {
  switch (a.kind) {
    case CellKind::quantity:
      return cell(compare(a.as<Quantity>(), b.as<Quantity>()) == 0);
    case CellKind::url:
      return cell(a.as<Url>().text == b.as<Url>().text);
    case CellKind::ip:
      return cell(a.as<Ip>() == b.as<Ip>());
    case CellKind::cidr:
      return cell(a.as<Cidr>() == b.as<Cidr>());
    case CellKind::semver:
      return cell(compare(a.as<Semver>(), b.as<Semver>()) == 0);
    default:
      return cell(a.object == b.object);
  }
}

}  // namespace

Cell equals(Run& run, const Cell& a, const Cell& b) {
  if (!run.step()) return run.stopped_cell();
  if (a.is_failure()) return a;
  if (b.is_failure()) return b;
  if (a.is_number() && b.is_number()) return cell(numbers_equal(a, b));
  if (a.kind != b.kind) return cell(false);
  switch (a.kind) {
    case CellKind::null:
      return cell(true);
    case CellKind::boolean:
    case CellKind::string:
    case CellKind::bytes:
    case CellKind::timestamp:
    case CellKind::duration:
      return cell(compare(a, b) == 0);
    case CellKind::type:
      return cell(a.view() == b.view());
    case CellKind::list:
      if (list_size(a) != list_size(b)) return cell(false);
      if (a.is_document && a.type != nullptr && a.type->list_kind != ListKind::atomic) {
        return equal_lists_any_order(run, a, b);
      }
      return equal_lists_in_order(run, a, b);
    case CellKind::map:
      return equal_maps(run, a, b);
    case CellKind::optional:
      if (a.extra == 0 || b.extra == 0) return cell(a.extra == b.extra);
      return equals(run, *a.value, *b.value);
    default:
      return equal_objects(a, b);
  }
}

std::uint64_t cost_size(const Cell& cell) {
  switch (cell.kind) {
    case CellKind::string:
      return code_points(cell.view());
    case CellKind::bytes:
      return cell.size;
    case CellKind::list:
      return list_size(cell);
    case CellKind::map:
      return map_size(cell);
    case CellKind::ip:
      return cell.as<Ip>().is_v6 ? 16 : 4;
    case CellKind::cidr:
      return (cell.as<Cidr>().bits + 7) / 8;
    default:
      return 1;
  }
}

}  // namespace mlk::inline v0::cel
