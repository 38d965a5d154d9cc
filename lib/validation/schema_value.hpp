#pragma once

#include <mlk/document/arena.hpp>
#include <mlk/validation/schema.hpp>

#include <string>
#include <vector>

namespace mlk::inline v0::validation {

/// Whether the value is what the schema's type asks for, its bounds aside.
bool is_of_base(document::View node, schema::Base base) noexcept;

/// What is wrong with a value of the right type by its bounds, format, pattern, enum and value validations (allOf,
/// anyOf, oneOf, not), each as the rest of a sentence: "is below 1". Values below it are looked at only as far as the
/// value validations say.
std::vector<std::string> faults_of_value(document::View node, schema::Type type, bool is_builtin);

}  // namespace mlk::inline v0::validation
