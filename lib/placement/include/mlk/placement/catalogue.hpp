#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/quantity.hpp>
#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::placement {

using Labels = std::map<std::string, std::string, std::less<>>;

/// A GPU model under the short name that users type, and the values by which nodes announce it.
struct GpuModel {
  std::string_view name;                            ///< "h100"
  std::string_view title;                           ///< "NVIDIA H100"
  std::string_view vendor;                          ///< "nvidia", "amd", "intel", "habana"
  std::string_view resource;                        ///< "nvidia.com/gpu"
  Bytes memory;                                     ///< nominal, of the smallest variant
  std::span<const std::string_view> products;       ///< nvidia.com/gpu.product, as GPU feature discovery writes it
  std::span<const std::string_view> accelerators;   ///< cloud.google.com/gke-accelerator
  std::span<const std::string_view> instance_gpus;  ///< karpenter.k8s.aws/instance-gpu-name
  std::string_view instance_memory;  ///< karpenter.k8s.aws/instance-gpu-memory (MiB) where the name alone won't do
  std::span<const std::string_view> slices;  ///< MIG profiles; empty: can't be cut
};

/// All known models, sorted by name.
MLK_API std::span<const GpuModel> gpu_models() noexcept;
/// By short name, whatever the case; a null pointer when there is none.
MLK_API const GpuModel* find_gpu_model(std::string_view name) noexcept;
/// The model that a node's labels announce (MIG and -SHARED suffixes are looked through), or a null pointer.
MLK_API const GpuModel* gpu_model_of(const Labels& labels) noexcept;

/// What `gpus:` asks for on each node (or each replica).
struct GpuAsk {
  std::string model;            ///< short name, or empty for any
  std::int64_t count = 0;       ///< whole devices or slices
  std::string slice;            ///< MIG profile such as "1g.10gb", or empty
  std::optional<Bytes> memory;  ///< the least memory a device must have
  std::string vendor;           ///< "nvidia" unless the model or the user says otherwise

  bool operator==(const GpuAsk&) const = default;
};

/// "8", "h100:8", "h100/1g.10gb:1", ">=40GB:1", "h100". Unknown models and slices are refused with the nearest name;
/// the count is 0..1024, 0 is "no GPU".
MLK_API Result<GpuAsk> parse_gpu_ask(std::string_view text);
/// The inverse: "h100:8".
MLK_API std::string to_string(const GpuAsk& ask);

/// The extended resource that counts them: "nvidia.com/gpu", "nvidia.com/mig-1g.10gb", "amd.com/gpu".
MLK_API std::string gpu_resource(const GpuAsk& ask);
/// The key of the taint that GPU nodes of this vendor usually carry: "nvidia.com/gpu".
MLK_API std::string gpu_taint_key(const GpuAsk& ask);
/// nodeSelectorTerms (a list; the scheduler ors them) that select nodes with the asked model, slice and memory, whoever
/// labelled them; an empty list when any GPU will do.
MLK_API document::Node gpu_affinity(const GpuAsk& ask);
/// The same for a model's short name; an unknown name gives an empty list.
MLK_API document::Node gpu_affinity(std::string_view model);

/// Whether an extended resource counts GPUs or slices of them (nvidia.com/gpu, nvidia.com/mig-…, amd.com/gpu, …).
MLK_API bool is_gpu_resource(std::string_view resource) noexcept;

}  // namespace mlk::inline v0::placement
