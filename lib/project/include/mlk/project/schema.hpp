#pragma once

#include <mlk/document/node.hpp>

#include <string>

namespace mlk::project {

/// The JSON Schema (draft 2020-12) of mlk.yaml, made from the tables that the loader reads with.
document::Node schema();
std::string schema_json();

}  // namespace mlk::project
