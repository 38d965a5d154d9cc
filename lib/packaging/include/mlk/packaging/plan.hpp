#pragma once

#include <mlk/core/result.hpp>
#include <mlk/model/folder.hpp>
#include <mlk/oci/layer.hpp>
#include <mlk/oci/manifest.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::packaging {

/// Where a model's files are in an image: KServe's modelcars and engines look there.
inline constexpr std::string_view k_model_prefix = "models/";

/// One layer of an image to be.
struct PlannedLayer {
  std::string title;  ///< "model.safetensors", or "12 files"
  std::vector<oci::LayerFile> files;
  std::uint64_t size = 0;  ///< bytes of the tar
};

/// What a folder becomes: the small files together in the first layer, then one layer a weight file (many files are
/// grouped, so that no image has more layers than a node's file system takes). Depends on the files' names and sizes
/// alone.
struct PackPlan {
  std::vector<PlannedLayer> layers;
  std::uint64_t size = 0;  ///< bytes of all layers
  std::int64_t mtime = 0;  ///< of every file in the image: SOURCE_DATE_EPOCH, else 0
};

Result<PackPlan> plan_pack(const model::Folder& folder, std::int64_t mtime = 0);

/// What the manifest says of the model: org.opencontainers.image.licenses and dev.mlk.model.*, from its content alone.
oci::Annotations describe_facts(const model::Facts& facts);

/// The value of SOURCE_DATE_EPOCH in seconds, 0 when it is empty; anything but a number is an error that quotes it.
/// Source: reproducible-builds.org/specs/source-date-epoch.
Result<std::int64_t> parse_source_date_epoch(std::string_view text);

}  // namespace mlk::packaging
