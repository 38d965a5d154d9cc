#include "commands/init/survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace mlk::commands::init {
namespace {

namespace fs = std::filesystem;

constexpr int k_depth = 3;
constexpr std::array<std::string_view, 5> k_scripts = {"train.py", "finetune.py", "fine_tune.py", "training.py",
                                                       "pretrain.py"};
constexpr std::array<std::string_view, 4> k_passed_over = {"__pycache__", "node_modules", "venv", "site-packages"};

bool is_weights(const fs::path& file) {
  const std::string name = file.filename().string();
  const std::string extension = file.extension().string();
  return extension == ".safetensors" || extension == ".gguf" || extension == ".onnx" ||
         (name.starts_with("pytorch_model") && extension == ".bin");
}

struct Listing {
  std::vector<fs::path> files;
  std::vector<fs::path> folders;
};

Result<Listing> list(const fs::path& folder) {
  Listing listing;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      const bool is_passed_over =
          name.starts_with('.') || std::find(k_passed_over.begin(), k_passed_over.end(), name) != k_passed_over.end();
      if (!is_passed_over) listing.folders.push_back(entry->path());
    } else if (entry->is_regular_file(ignored)) {
      listing.files.push_back(entry->path());
    }
  }
  if (error) return system_error(fmt::format("looking at '{}'", folder.string()), error.value());
  std::sort(listing.files.begin(), listing.files.end());
  std::sort(listing.folders.begin(), listing.folders.end());
  return listing;
}

/// Folders named after models, each with a config.pbtxt or a numbered version below it.
bool is_triton_repository(const Listing& listing) {
  return std::any_of(listing.folders.begin(), listing.folders.end(), [](const fs::path& folder) {
    std::error_code ignored;
    return fs::exists(folder / "config.pbtxt", ignored) || fs::exists(folder / "1" / "model.onnx", ignored) ||
           fs::exists(folder / "1" / "model.plan", ignored) || fs::exists(folder / "1" / "model.pt", ignored);
  });
}

/// "q4.gguf", or "q4-00001-of-00003.gguf" of several: llama.cpp finds the other shards itself.
std::string gguf_to_load(const Listing& listing) {
  std::vector<std::string> names;
  for (const fs::path& file : listing.files) {
    if (file.extension() == ".gguf") names.push_back(file.filename().string());
  }
  return names.empty() ? std::string() : names.front();
}

class Surveyor {
 public:
  explicit Surveyor(const std::stop_token& stop) : m_stop(stop) {}

  Result<void> visit(const fs::path& folder, int depth) {
    if (m_stop.stop_requested()) return interrupted("looking at the folder was stopped");
    MLK_TRY(const Listing listing, list(folder));
    remember_code(listing);
    const bool is_model = std::any_of(listing.files.begin(), listing.files.end(), is_weights);
    const bool is_repository = !is_model && is_triton_repository(listing);
    if (is_model || is_repository) return remember_model(folder, listing, is_repository);
    if (depth == k_depth) return {};
    for (const fs::path& below : listing.folders) MLK_CHECK(visit(below, depth + 1));
    return {};
  }

  Survey take() && { return std::move(m_survey); }

 private:
  void remember_code(const Listing& listing) {
    for (const fs::path& file : listing.files) {
      const std::string name = file.filename().string();
      const bool is_script = std::find(k_scripts.begin(), k_scripts.end(), name) != k_scripts.end();
      if (is_script && !m_survey.script) m_survey.script = file;
      if (name == "Dockerfile" && !m_survey.dockerfile) m_survey.dockerfile = file;
    }
  }

  Result<void> remember_model(const fs::path& folder, const Listing& listing, bool is_repository) {
    auto inspected = model::inspect_folder(folder, m_stop);
    if (!inspected) return std::move(inspected).error().within(fmt::format("looking at '{}'", folder.string()));
    FoundModel found;
    found.folder = folder;
    found.facts = inspected->facts;
    found.is_triton_repository = is_repository;
    found.gguf_file = gguf_to_load(listing);
    found.has_config = std::any_of(listing.files.begin(), listing.files.end(),
                                   [](const fs::path& file) { return file.filename() == "config.json"; });
    m_survey.models.push_back(std::move(found));
    return {};
  }

  std::stop_token m_stop;
  Survey m_survey;
};

}  // namespace

Result<Survey> survey(const fs::path& root, const std::stop_token& stop) {
  std::error_code error;
  if (!fs::is_directory(root, error)) {
    return Error(ErrorKind::not_found, fmt::format("'{}' is no folder", root.string()))
        .fixed_by("name the folder that holds the model or the training script");
  }
  Surveyor surveyor(stop);
  MLK_CHECK(surveyor.visit(root, 0));
  return std::move(surveyor).take();
}

}  // namespace mlk::commands::init
