#pragma once

#include "model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::validation::schema {

/// The distilled source of a system: text, a line a field, in a fixed order. Its grammar stands in schemas/README.md.
std::string write_source(const Model& model, const SystemDef& system);
/// The same for the life of built-in APIs.
std::string write_lifecycle(const std::vector<LifecycleDef>& lifecycle, std::string_view module,
                            std::string_view version, std::string_view licence);

/// Reads either of them into the model. An error names `file` and the line.
Result<void> read_source(Model& model, std::string_view text, std::string_view file);

}  // namespace mlk::inline v0::validation::schema
