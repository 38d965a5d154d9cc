#pragma once

#include "commands/context.hpp"

#include <mlk/document/node.hpp>
#include <mlk/validation/validate.hpp>

#include <string>
#include <vector>

namespace mlk::commands::validate {

/// What was asked to be validated, read: manifests as texts, and what sections of mlk.yaml would become.
struct Input {
  std::vector<validation::Source> manifests;
  std::vector<validation::Source> projects;  ///< texts of mlk.yaml, so that their lines can be shown
  std::vector<document::Node> generated;
  std::vector<Diagnostic> diagnostics;  ///< what is wrong with mlk.yaml itself

  /// All texts that findings may point into.
  std::vector<validation::Source> sources() const;
};

/// Reads each target: "-" is standard input, a folder stands for every manifest below it, a file that is an mlk.yaml
/// (and every section's name) for what it would generate. No target: all of mlk.yaml. What can't be read is a failure.
Result<Input> read_input(Context& ctx, const std::vector<std::string>& targets, const options::Project& project);

}  // namespace mlk::commands::validate
