#include <mlk/packaging/plan.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mlk::packaging {

namespace {

/// A file from this size on gets a layer of its own: it is worth skipping when only others changed.
constexpr std::uint64_t k_own_layer = std::uint64_t{4} << 20;
/// containerd's overlay takes some 120 layers, and a user may put theirs on top.
constexpr std::size_t k_most_weight_layers = 63;

std::string title_of(const std::vector<oci::LayerFile>& files) {
  if (files.size() == 1) return files.front().name.substr(k_model_prefix.size());
  return std::to_string(files.size()) + " files";
}

PlannedLayer make_layer(std::vector<oci::LayerFile> files, std::int64_t mtime) {
  PlannedLayer layer;
  layer.title = title_of(files);
  layer.size = oci::LayerStream(files, mtime).size();
  layer.files = std::move(files);
  return layer;
}

/// Names on Hugging Face's model cards that are SPDX identifiers but for their case.
std::string spdx_of(std::string_view license) {
  constexpr std::pair<std::string_view, std::string_view> k_known[] = {
      {"apache-2.0", "Apache-2.0"},     {"mit", "MIT"},
      {"bsd-2-clause", "BSD-2-Clause"}, {"bsd-3-clause", "BSD-3-Clause"},
      {"cc-by-4.0", "CC-BY-4.0"},       {"cc-by-sa-4.0", "CC-BY-SA-4.0"},
      {"cc-by-nc-4.0", "CC-BY-NC-4.0"}, {"cc0-1.0", "CC0-1.0"},
      {"mpl-2.0", "MPL-2.0"},           {"gpl-3.0", "GPL-3.0-only"},
      {"lgpl-3.0", "LGPL-3.0-only"},    {"agpl-3.0", "AGPL-3.0-only"},
  };
  for (const auto& [name, id] : k_known) {
    if (name == license) return std::string(id);
  }
  return {};
}

}  // namespace

Result<PackPlan> plan_pack(const model::Folder& folder, std::int64_t mtime) {
  std::vector<oci::LayerFile> small;
  std::vector<oci::LayerFile> large;
  for (const auto& file : folder.files) {
    auto& group = file.size >= k_own_layer ? large : small;
    group.push_back({std::string(k_model_prefix) + file.path, file.source, file.size});
  }
  PackPlan plan;
  plan.mtime = mtime;
  if (!small.empty()) plan.layers.push_back(make_layer(std::move(small), mtime));
  const auto each = (large.size() + k_most_weight_layers - 1) / k_most_weight_layers;
  for (std::size_t at = 0; at < large.size(); at += each) {
    const auto end = std::min(at + each, large.size());
    plan.layers.push_back(make_layer({std::make_move_iterator(large.begin() + static_cast<std::ptrdiff_t>(at)),
                                      std::make_move_iterator(large.begin() + static_cast<std::ptrdiff_t>(end))},
                                     mtime));
  }
  for (const auto& layer : plan.layers) plan.size += layer.size;
  return plan;
}

oci::Annotations describe_facts(const model::Facts& facts) {
  oci::Annotations out;
  const auto add = [&](const char* key, std::string value) {
    if (!value.empty()) out[key] = std::move(value);
  };
  add("dev.mlk.model.format", std::string(to_string(facts.format)));
  add("dev.mlk.model.architecture", facts.architecture);
  add("dev.mlk.model.type", facts.model_type);
  add("dev.mlk.model.dtype", facts.dtype);
  add("dev.mlk.model.quantization", facts.quantization);
  add("dev.mlk.model.license", facts.license);
  if (facts.parameters) add("dev.mlk.model.parameters", std::to_string(*facts.parameters));
  if (facts.context_length) add("dev.mlk.model.context-length", std::to_string(*facts.context_length));
  if (facts.weight_size > 0) add("dev.mlk.model.weight-size", std::to_string(facts.weight_size));
  add("org.opencontainers.image.licenses", spdx_of(facts.license));
  return out;
}

Result<std::int64_t> parse_source_date_epoch(std::string_view whole) {
  if (whole.empty()) return std::int64_t{0};
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  // Eleven octal digits are what a tar header holds.
  if (code != std::errc() || end != whole.data() + whole.size() || value < 0 || value >= (std::int64_t{1} << 33)) {
    return Error(ErrorKind::usage, "SOURCE_DATE_EPOCH is '" + std::string(whole.substr(0, 100)) + "'")
        .because("it has to be a number of seconds since 1970, from 0 to 8589934591")
        .fixed_by("set it to such a number, or unset it");
  }
  return value;
}

}  // namespace mlk::packaging
