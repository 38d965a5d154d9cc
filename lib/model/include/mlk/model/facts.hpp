#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::model {

/// How weights are stored.
enum class Format : std::uint8_t { none, safetensors, gguf, onnx, pytorch, tensorflow, keras, flax };

/// "safetensors", "gguf", …; empty for none.
std::string_view to_string(Format format) noexcept;

/// What is known of a model from its files alone. What couldn't be found is empty.
struct Facts {
  Format format = Format::none;
  std::string architecture;                 ///< "BertModel", "LlamaForCausalLM"; of a GGUF file "llama"
  std::string model_type;                   ///< "bert", "llama"
  std::string dtype;                        ///< what most parameters are stored as: "F32", "BF16", "Q4_K"
  std::string quantization;                 ///< "gptq", "awq", "fp8": config.json, quantization_config
  std::optional<std::uint64_t> parameters;  ///< counted over all tensors
  std::map<std::string, std::uint64_t> parameters_by_dtype;
  std::optional<std::uint64_t> context_length;  ///< tokens
  std::string license;                          ///< as the model's card names it, such as "apache-2.0"
  std::uint64_t weight_size = 0;                ///< bytes of all weight files
};

}  // namespace mlk::model
