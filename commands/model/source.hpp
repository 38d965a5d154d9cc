#pragma once

#include "commands/context.hpp"

#include <mlk/project/project.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace mlk::commands {

/// What a model's name or folder on the command line means.
struct ModelSource {
  std::filesystem::path folder;             ///< empty where the section's source is no folder
  std::string shown;                        ///< the folder as the user knows it
  std::optional<project::Project> project;  ///< where there is an mlk.yaml
  const project::Model* section = nullptr;  ///< of that project
};

/// A folder, or the name of a model in mlk.yaml ("sentiment", "model/sentiment"); nothing: the only model there. A
/// folder that is some section's source belongs to that section.
Result<ModelSource> find_source(Context& ctx, const std::optional<std::string>& given, const options::Project& project);

/// The model that a word names in mlk.yaml, or nothing where the word is no section or there is no mlk.yaml.
Result<ModelSource> find_section(Context& ctx, const std::optional<std::string>& given,
                                 const options::Project& project);

/// Writes what a model resolved to into mlk.lock. Whether anything changed.
Result<bool> lock_model(const ModelSource& source, const std::string& image, const std::string& digest,
                        std::uint64_t size);

}  // namespace mlk::commands
