#pragma once

#include <mlk/core/result.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace mlk::model {

/// What the header of one weight file says. No tensor is read.
struct WeightHeader {
  std::uint64_t tensors = 0;
  std::uint64_t parameters = 0;
  std::map<std::string, std::uint64_t> parameters_by_dtype;
  std::set<std::string> names;                  ///< of the tensors; safetensors only
  std::map<std::string, std::string> metadata;  ///< text values only, the long ones left out
};

/// Reads and checks the header of a safetensors file: length, JSON, dtypes, shapes against offsets, no holes, no
/// overlap, and that the file is as long as the header says (a download that broke off is found here).
/// Source: github.com/huggingface/safetensors, README "Format".
Result<WeightHeader> read_safetensors(const std::filesystem::path& path);

/// Reads and checks the header of a GGUF file (versions 2 and 3); every length is bounded by the file's size.
/// Source: github.com/ggml-org/ggml, docs/gguf.md.
Result<WeightHeader> read_gguf(const std::filesystem::path& path);

}  // namespace mlk::model
