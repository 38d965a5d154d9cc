#pragma once

#include "commands/init/survey.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::commands::init {

struct DraftOptions {
  std::filesystem::path folder;  ///< that the file will lie in: sources are written relative to it
  std::string name;              ///< of the project
  std::string registry;          ///< "registry.example.com/nlp": in front of image names
  std::string engine;            ///< for every service; empty: by what the model is
  std::string namespace_name;    ///< may be empty
};

/// One model as the draft names it.
struct DraftedModel {
  std::string name;
  std::string source;
  std::string engine;
  std::string gpus;
};

struct Draft {
  std::string text;  ///< of mlk.yaml, commented
  std::vector<DraftedModel> models;
  std::string job;  ///< name of the job; empty where there is no script
};

/// A short mlk.yaml for what was found.
Draft draft(const Survey& survey, const DraftOptions& options);

/// A name that Kubernetes takes (at most 40 characters, a letter first) from any text; "model" where nothing is left.
std::string safe_name(std::string_view text);

/// The engine that serves such a model.
std::string engine_for(const FoundModel& model);
/// What `gpus:` has to ask for so that the weights fit with room for their use: ">=24GB:1".
std::string gpus_for(const model::Facts& facts);

}  // namespace mlk::commands::init
