#pragma once

#include "file.hpp"

#include <mlk/core/diagnostic.hpp>

#include <vector>

namespace mlk::project {

/// What no single field can say: references between sections, fields that exclude or want each other.
void check_file(const File& file, const document::Node& root, std::vector<Diagnostic>& diagnostics);

}  // namespace mlk::project
