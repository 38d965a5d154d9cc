#include "commands/validate/input.hpp"

#include "commands/generation.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::commands::validate {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_largest_input = std::size_t{256} << 20;

bool is_manifest_name(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

/// Whether a text is an mlk.yaml: no object of Kubernetes has the key `mlk`.
bool is_project(std::string_view text) {
  if (text.find("mlk:") == std::string_view::npos) return false;
  const auto documents = document::read_yaml(text, "", document::Schema::core);
  return documents.nodes.size() == 1 && documents.nodes.front().find("mlk") != nullptr &&
         documents.nodes.front().find("kind") == nullptr;
}

/// Every manifest below a folder, sorted; hidden files and folders are left out, as Git's and editors' are.
Result<std::vector<fs::path>> manifests_below(const fs::path& folder, const std::string& named) {
  std::vector<fs::path> found;
  std::error_code failure;
  fs::recursive_directory_iterator at(folder, failure);
  for (const fs::recursive_directory_iterator end; !failure && at != end; at.increment(failure)) {
    const bool is_hidden = at->path().filename().string().starts_with('.');
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      if (is_hidden) at.disable_recursion_pending();
    } else if (!is_hidden && is_manifest_name(at->path())) {
      found.push_back(at->path());
    }
  }
  if (failure) return system_error(fmt::format("reading folder '{}'", named), failure.value());
  if (found.empty()) {
    return Error(ErrorKind::failed, fmt::format("folder '{}' holds no manifests", named))
        .because("files named *.yaml, *.yml and *.json are read");
  }
  std::sort(found.begin(), found.end());
  return found;
}

class Reader {
 public:
  Reader(Context& ctx, const options::Project& project) : m_ctx(ctx), m_project(project) {}

  Result<void> read(const std::string& target) {
    if (target == "-") {
      MLK_TRY(std::string text, m_ctx.in().read_all(k_largest_input));
      m_input.manifests.push_back({"-", std::move(text)});
      return {};
    }
    const fs::path path = m_ctx.resolve(target);
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      MLK_TRY(const auto files, manifests_below(path, target));
      for (const fs::path& file : files) {
        MLK_CHECK(
            read_file_named((fs::path(target) / file.lexically_relative(path)).lexically_normal().string(), true));
      }
      return {};
    }
    if (fs::exists(path, ignored)) return read_file_named(target, false);
    if (is_manifest_name(path)) {
      return Error(ErrorKind::not_found, fmt::format("'{}' doesn't exist", target))
          .fixed_by("name a file, a folder, '-' for standard input, or a section of mlk.yaml");
    }
    m_sections.push_back(target);
    return {};
  }

  Result<Input> finish(bool wants_project) {
    if (wants_project || !m_sections.empty()) MLK_CHECK(read_project(m_project, m_sections));
    return std::move(m_input);
  }

 private:
  Result<void> read_file_named(const std::string& name, bool is_found) {
    MLK_TRY(std::string text, read_file(m_ctx.resolve(name), k_largest_input));
    if (is_project(text)) {
      // In a folder of manifests mlk.yaml is where they come from, not one of them.
      if (is_found) return {};
      options::Project project = m_project;
      project.file = name;
      return read_project(project, {});
    }
    m_input.manifests.push_back({name, std::move(text)});
    return {};
  }

  /// A project with mistakes in it is a finding, one that isn't there a failure.
  Result<void> read_project(const options::Project& from, const std::vector<std::string>& sections) {
    auto generation = prepare_generation(m_ctx, from);
    if (!generation) return take_mistakes(std::move(generation).error());
    auto generated = generate_validated(*generation, sections, {});
    if (!generated) {
      MLK_CHECK(take_mistakes(std::move(generated).error()));
    } else {
      auto nodes = generated->bundle.nodes();
      std::move(nodes.begin(), nodes.end(), std::back_inserter(m_input.generated));
      take(std::move(generated->bundle.warnings));
    }
    take(std::move(generation->project.warnings));
    const fs::path& file = generation->project.file;
    if (auto text = read_file(file)) remember(file.string(), *std::move(text));
    return {};
  }

  Result<void> take_mistakes(Error error) {
    if (error.diagnostics.empty()) return error;
    for (const Diagnostic& each : error.diagnostics) {
      if (!each.place.is_known()) continue;
      if (auto text = read_file(m_ctx.resolve(*each.place.file))) remember(*each.place.file, *text);
    }
    take(std::move(error.diagnostics));
    return {};
  }

  void take(std::vector<Diagnostic> diagnostics) {
    std::move(diagnostics.begin(), diagnostics.end(), std::back_inserter(m_input.diagnostics));
  }

  void remember(const std::string& file, std::string text) {
    const auto same = [&](const validation::Source& source) { return source.file == file; };
    if (std::any_of(m_input.projects.begin(), m_input.projects.end(), same)) return;
    m_input.projects.push_back({file, std::move(text)});
  }

  Context& m_ctx;
  const options::Project& m_project;
  std::vector<std::string> m_sections;
  Input m_input;
};

}  // namespace

std::vector<validation::Source> Input::sources() const {
  std::vector<validation::Source> all = manifests;
  all.insert(all.end(), projects.begin(), projects.end());
  return all;
}

Result<Input> read_input(Context& ctx, const std::vector<std::string>& targets, const options::Project& project) {
  Reader reader(ctx, project);
  for (const std::string& target : targets) MLK_CHECK(reader.read(target));
  return reader.finish(targets.empty());
}

}  // namespace mlk::commands::validate
