#pragma once

#include "model.hpp"

#include <string>

namespace mlk::inline v0::validation::schema {

/// The bytes of a pack that holds all of a model. Of a kind that several systems have, the last one's stays.
Result<std::string> compile(const Model& model);

}  // namespace mlk::inline v0::validation::schema
