#pragma once

#include "finder.hpp"

#include <mlk/validation/schema.hpp>

namespace mlk::inline v0::validation {

/// Holds an object against its schema as the API server does with strict field validation: fields, types, bounds,
/// enums, patterns, keys of lists, required fields, value validations. Rules in CEL are not evaluated.
void check_schema(document::View object, const schema::Match& match, schema::Type object_meta, Finder& finder);

}  // namespace mlk::inline v0::validation
