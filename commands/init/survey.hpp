#pragma once

#include <mlk/core/result.hpp>
#include <mlk/model/folder.hpp>

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mlk::commands::init {

/// A folder with weights, or a Triton model repository.
struct FoundModel {
  std::filesystem::path folder;
  model::Facts facts;
  bool has_config = false;  ///< config.json: transformers' layout, which language-model engines load
  bool is_triton_repository = false;
  std::string gguf_file;  ///< the one to load: the first shard, or the only file; empty otherwise
};

/// What a folder holds that mlk can work with.
struct Survey {
  std::vector<FoundModel> models;                   ///< sorted by folder
  std::optional<std::filesystem::path> script;      ///< train.py or the like
  std::optional<std::filesystem::path> dockerfile;  ///< the nearest to the script, else to the folder
};

/// Looks at a folder and three levels below it; hidden folders, virtual environments and caches are passed over. Reads
/// the headers of weights; a model that is broken is an error that says how.
Result<Survey> survey(const std::filesystem::path& root, const std::stop_token& stop);

}  // namespace mlk::commands::init
