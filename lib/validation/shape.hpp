#pragma once

#include "finder.hpp"
#include "names.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace mlk::inline v0::validation {

struct Shape;

/// A field of an object, as the API's types have it.
struct Field {
  std::string_view name;
  const Shape* shape = nullptr;
  bool is_required = false;
};

enum class Base : std::uint8_t { any, text, integer, number, boolean, quantity, int_or_text, object, map, list };

/// What a value of the API looks like: the hand-kept tables of the kinds that are checked.
struct Shape {
  Base base = Base::any;
  Format format = Format::none;                    ///< of a text, or of a map's keys
  std::span<const Field> fields = {};              ///< of an object
  const Shape* item = nullptr;                     ///< of a list, or a map's values
  std::span<const std::string_view> allowed = {};  ///< values of a text
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::string_view unique;  ///< a list's items differ in this field
};

constexpr Shape object(std::span<const Field> fields) { return {.base = Base::object, .fields = fields}; }
constexpr Shape list_of(const Shape& item, std::string_view unique = {}) {
  return {.base = Base::list, .item = &item, .unique = unique};
}
constexpr Shape map_of(const Shape& value, Format keys = Format::none) {
  return {.base = Base::map, .format = keys, .item = &value};
}
constexpr Shape one_of(std::span<const std::string_view> values) { return {.base = Base::text, .allowed = values}; }
constexpr Shape text_in(Format format) { return {.base = Base::text, .format = format}; }
constexpr Shape integer_in(std::int64_t least, std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  return {.base = Base::integer, .least = least, .most = most};
}

inline constexpr Shape k_any{.base = Base::any};
inline constexpr Shape k_text{.base = Base::text};
inline constexpr Shape k_integer{.base = Base::integer};
inline constexpr Shape k_boolean{.base = Base::boolean};
inline constexpr Shape k_quantity{.base = Base::quantity};
inline constexpr Shape k_int_or_text{.base = Base::int_or_text};
inline constexpr Shape k_port_or_name{
    .base = Base::int_or_text, .format = Format::port_name, .least = 1, .most = 65535};
/// A number or a percentage.
inline constexpr Shape k_share{.base = Base::int_or_text, .format = Format::percentage, .least = 0};
inline constexpr Shape k_count = integer_in(0, std::numeric_limits<std::int32_t>::max());
inline constexpr Shape k_positive = integer_in(1, std::numeric_limits<std::int32_t>::max());
inline constexpr Shape k_port = integer_in(1, 65535);
inline constexpr Shape k_dns_label = text_in(Format::dns_label);
inline constexpr Shape k_dns_subdomain = text_in(Format::dns_subdomain);
inline constexpr Shape k_label_key = text_in(Format::label_key);
inline constexpr Shape k_label_value = text_in(Format::label_value);
inline constexpr Shape k_texts = list_of(k_text);
inline constexpr Shape k_labels = map_of(k_label_value, Format::label_key);
inline constexpr Shape k_annotations = map_of(k_text, Format::label_key);
inline constexpr Shape k_quantities = map_of(k_quantity, Format::label_key);
inline constexpr Shape k_container_quantities = map_of(k_quantity, Format::container_resource);

/// A kind that is checked.
struct KindShape {
  std::string_view api_version;
  std::string_view kind;
  const Shape* shape = nullptr;
  Format name = Format::dns_subdomain;
};

/// Shapes that several kinds have in common.
extern const Shape k_pod_spec_shape;
extern const Shape k_pod_template_shape;
extern const Shape k_metadata_shape;
extern const Shape k_label_selector_shape;

/// The checked kind, or a null pointer.
const KindShape* find_kind(std::string_view api_version, std::string_view kind) noexcept;
/// An apiVersion of this kind that no server has any more: what has taken its place, else empty.
std::string_view replacement_of(std::string_view api_version, std::string_view kind) noexcept;

/// metadata.name, or generateName instead, as the kind wants names.
void check_name(document::View object, Format format, Finder& finder);
/// Compares an object with its shape: unknown fields, types, required fields, values, names, quantities.
void check_shape(document::View object, const KindShape& kind, Finder& finder);

}  // namespace mlk::inline v0::validation
