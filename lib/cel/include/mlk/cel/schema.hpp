#pragma once

#include <mlk/cel/type.hpp>
#include <mlk/core/api.hpp>
#include <mlk/document/node.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mlk::inline v0::cel {

/// The type of values that a structural schema (the openAPIV3Schema of a CRD) describes, as the API server makes it:
/// properties are objects, additionalProperties are maps, int-or-string is dyn, the formats date, date-time, duration
/// and byte are timestamps, durations and bytes. Nothing where CEL can't see the value: no type, an array without
/// items. `is_resource_root` adds apiVersion, kind and metadata (name and generateName alone), as the root of a custom
/// resource has; embedded resources get them anyway. `name` is for messages and tells objects apart.
/// Schemas deeper than 128 levels end in nothing. $ref isn't followed. Defaults aren't applied to values.
MLK_API std::optional<Type> schema_type(const document::Node& schema, bool is_resource_root, std::string_view name);

/// "namespace" as "__namespace__", "a-b.c" as "a__dash__b__dot__c"; nothing when no identifier can stand for it.
MLK_API std::optional<std::string> escape_field(std::string_view name);
/// The reverse; nothing when it is no escaped name.
MLK_API std::optional<std::string> unescape_field(std::string_view escaped);

}  // namespace mlk::inline v0::cel
