#include "checks.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/model/weights.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <utility>

namespace mlk::model {

using document::Node;

namespace {

using HeaderMap = std::map<std::string, WeightHeader>;

constexpr std::size_t k_small = std::size_t{32} << 20;  // of a JSON file that is read whole

const File* find(const Folder& folder, std::string_view path) {
  const auto found = std::lower_bound(folder.files.begin(), folder.files.end(), path,
                                      [](const File& file, std::string_view wanted) { return file.path < wanted; });
  return found != folder.files.end() && found->path == path ? &*found : nullptr;
}

/// Source: github.com/git-lfs/git-lfs, docs/spec.md.
bool is_lfs_pointer(const File& file) {
  constexpr std::string_view k_mark = "version https://git-lfs.github.com/spec/v1";
  if (file.size > 1024 || file.size < k_mark.size()) return false;
  std::ifstream in(file.source, std::ios::binary);
  std::string start(k_mark.size(), '\0');
  return in.read(start.data(), static_cast<std::streamsize>(start.size())) && start == k_mark;
}

void add_error(const Folder& folder, const File& file, const std::string& code, Error error,
               std::vector<Diagnostic>& problems) {
  problems.push_back(
      problem(folder.root / file.path, code, "is not sound", std::move(error.why), std::move(error.fix)));
}

Result<HeaderMap> read_headers(const Folder& folder, std::vector<Diagnostic>& problems, const std::stop_token& stop) {
  HeaderMap out;
  for (const auto& file : folder.files) {
    if (stop.stop_requested()) return interrupted("reading the model's files");
    if (is_lfs_pointer(file)) {
      problems.push_back(problem(folder.root / file.path, "model-lfs-pointer", "is a Git LFS pointer, not the content",
                                 "the repository was cloned without its large files",
                                 "run 'git lfs pull' in the folder"));
      continue;
    }
    if (file.format != Format::safetensors && file.format != Format::gguf) continue;
    const bool is_gguf = file.format == Format::gguf;
    auto header = is_gguf ? read_gguf(file.source) : read_safetensors(file.source);
    if (!header) {
      add_error(folder, file, is_gguf ? "model-gguf" : "model-safetensors", std::move(header).error(), problems);
      continue;
    }
    out.emplace(file.path, *std::move(header));
  }
  return out;
}

/// A Hugging Face shard index: every file that it names is there and holds the tensors that it should.
void check_index(const Folder& folder, const File& index, const HeaderMap& headers, std::vector<Diagnostic>& problems) {
  const auto place = folder.root / index.path;
  const auto text = read_file(index.source, k_small);
  const auto root = text ? document::read_json(*text) : Result<Node>(text.error());
  if (!root || !(*root)["weight_map"].is_mapping()) {
    problems.push_back(problem(place, "model-index", "is no shard index",
                               root ? "it has no 'weight_map'" : root.error().what, "fetch the file again"));
    return;
  }
  const auto parent = index.path.substr(0, index.path.rfind('/') + 1);
  std::set<std::string> missing_files;
  std::map<std::string, std::vector<std::string>> missing_tensors;
  for (const auto& entry : (*root)["weight_map"].entries()) {
    const auto shard = parent + entry.value.string_or();
    if (find(folder, shard) == nullptr) {
      missing_files.insert(entry.value.string_or());
      continue;
    }
    const auto header = headers.find(shard);
    if (header != headers.end() && !header->second.names.empty() && !header->second.names.contains(entry.key)) {
      missing_tensors[shard].push_back(entry.key);
    }
  }
  for (const auto& shard : missing_files) {
    problems.push_back(problem(place, "model-shard-missing",
                               "names the shard '" + printable(shard) + "', which isn't there",
                               "the model was not fetched completely", "fetch the missing file"));
  }
  for (const auto& [shard, tensors] : missing_tensors) {
    problems.push_back(problem(place, "model-tensor-missing",
                               "says that '" + shard + "' holds " + std::to_string(tensors.size()) +
                                   " tensors that aren't in it, such as '" + printable(tensors.front()) + "'",
                               "index and shards are from different models", "fetch the model again"));
  }
}

void read_config(const Folder& folder, Facts& facts, std::vector<Diagnostic>& problems) {
  const auto* file = find(folder, "config.json");
  if (file == nullptr) return;
  const auto text = read_file(file->source, k_small);
  const auto root = text ? document::read_json(*text) : Result<Node>(text.error());
  if (!root || !root->is_mapping()) {
    problems.push_back(problem(folder.root / file->path, "model-config", "is no JSON object",
                               root ? std::string() : root.error().what, "fetch the file again"));
    return;
  }
  const auto& config = *root;
  facts.architecture = config["architectures"][std::size_t{0}].string_or();
  facts.model_type = config["model_type"].string_or();
  facts.quantization = config["quantization_config"]["quant_method"].string_or();
  for (const auto* key : {"max_position_embeddings", "n_positions", "max_seq_len", "n_ctx"}) {
    if (const auto length = config[key].as_int(); length && *length > 0) {
      facts.context_length = static_cast<std::uint64_t>(*length);
      break;
    }
  }
}

/// The license that the model's card names in its front matter.
std::string read_license(const Folder& folder) {
  const auto* file = find(folder, "README.md");
  if (file == nullptr) return {};
  std::ifstream in(file->source, std::ios::binary);
  std::string text(64 << 10, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (!text.starts_with("---\n")) return {};
  const auto end = text.find("\n---", 3);
  if (end == std::string::npos) return {};
  const auto card =
      document::read_yaml_one(std::string_view(text).substr(4, end - 3), "README.md", document::Schema::core);
  if (!card) return {};
  const auto& license = (*card)["license"];
  const auto found = license.is_sequence() ? license[std::size_t{0}].string_or() : license.string_or();
  // "other" names a license text of the model's own; license_name is what people know it by.
  return found == "other" ? (*card)["license_name"].string_or("other") : found;
}

void add_gguf(const WeightHeader& header, Facts& facts) {
  const auto value = [&](const std::string& key) {
    const auto found = header.metadata.find(key);
    return found == header.metadata.end() ? std::string() : found->second;
  };
  if (facts.architecture.empty()) facts.architecture = value("general.architecture");
  if (facts.model_type.empty()) facts.model_type = value("general.architecture");
  if (facts.license.empty()) facts.license = value("general.license");
  if (const auto length = value(facts.architecture + ".context_length"); !facts.context_length && !length.empty()) {
    facts.context_length = std::strtoull(length.c_str(), nullptr, 10);
  }
}

/// The format that holds most of the weights' bytes; of equals the one that loads most safely.
Format main_format(const Folder& folder) {
  std::map<Format, std::uint64_t> sizes;
  for (const auto& file : folder.files) {
    if (file.role == Role::weights) sizes[file.format] += file.size;
  }
  Format best = Format::none;
  for (const auto& [format, size] : sizes) {
    if (best == Format::none || size > sizes[best]) best = format;
  }
  if (sizes.contains(Format::safetensors) && sizes[Format::safetensors] * 2 >= sizes[best]) return Format::safetensors;
  return best;
}

void count_parameters(const Folder& folder, const HeaderMap& headers, Facts& facts) {
  for (const auto& [path, header] : headers) {
    const auto* file = find(folder, path);
    if (file->format != facts.format) continue;
    facts.parameters = facts.parameters.value_or(0) + header.parameters;
    for (const auto& [dtype, count] : header.parameters_by_dtype) facts.parameters_by_dtype[dtype] += count;
  }
  std::uint64_t most = 0;
  for (const auto& [dtype, count] : facts.parameters_by_dtype) {
    if (count > most) {
      most = count;
      facts.dtype = dtype;
    }
  }
}

}  // namespace

Result<void> check_files(Folder& folder, std::vector<Diagnostic>& problems, const std::stop_token& stop) {
  MLK_TRY(const HeaderMap headers, read_headers(folder, problems, stop));
  for (const auto& file : folder.files) {
    if (file.path.ends_with(".safetensors.index.json")) check_index(folder, file, headers, problems);
    if (file.role == Role::weights) folder.facts.weight_size += file.size;
  }
  auto& facts = folder.facts;
  facts.format = main_format(folder);
  read_config(folder, facts, problems);
  facts.license = read_license(folder);
  for (const auto& [path, header] : headers) {
    if (find(folder, path)->format == Format::gguf) add_gguf(header, facts);
  }
  count_parameters(folder, headers, facts);
  return {};
}

}  // namespace mlk::model
