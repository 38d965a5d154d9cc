#include "commands/model/source.hpp"

#include <mlk/core/text.hpp>
#include <mlk/project/load.hpp>
#include <mlk/project/lock.hpp>

#include <utility>

namespace mlk::commands {

namespace fs = std::filesystem;

namespace {

/// The project, where one was named or lies here.
Result<std::optional<project::Project>> load_if_there(Context& ctx, const options::Project& options) {
  std::error_code code;
  if (!options.file && !fs::exists(ctx.resolve("mlk.yaml"), code)) return std::optional<project::Project>();
  MLK_TRY(auto project, ctx.load_project(options));
  return std::optional(std::move(project));
}

fs::path folder_of(const project::Project& project, const project::Model& model) {
  const fs::path source(*model.source);
  return source.is_absolute() ? source : project.directory / source;
}

bool is_reference(std::string_view source) { return source.find(':') != std::string_view::npos; }

const project::Model* find_by_folder(const project::Project& project, const fs::path& folder) {
  for (const auto& model : project.models) {
    std::error_code code;
    if (!is_reference(*model.source) && fs::equivalent(folder_of(project, model), folder, code)) return &model;
  }
  return nullptr;
}

const project::Model* find_by_name(const project::Project& project, std::string_view name) {
  for (const std::string_view kind : {"model/", "models/"}) {
    if (name.starts_with(kind)) name.remove_prefix(kind.size());
  }
  return project.find_model(name);
}

Result<void> take_folder(ModelSource& out) {
  if (is_reference(*out.section->source)) {
    return Error(ErrorKind::usage, "model '" + *out.section->name + "' is no folder and can't be packed")
        .because(to_string(out.section->source.place) + " names '" + *out.section->source + "'")
        .fixed_by("name a folder: mlk model pack DIR -t NAME");
  }
  out.folder = folder_of(*out.project, *out.section);
  out.shown = *out.section->source;
  return {};
}

std::string known_models(const project::Project& project) {
  std::vector<std::string> names;
  for (const auto& model : project.models) names.push_back(*model.name);
  return names.empty() ? "there are no models in it" : "its models are " + join(names, ", ");
}

}  // namespace

Result<ModelSource> find_section(Context& ctx, const std::optional<std::string>& given,
                                 const options::Project& project) {
  ModelSource out;
  MLK_TRY(out.project, load_if_there(ctx, project));
  if (!out.project) return out;
  if (given) {
    out.section = find_by_name(*out.project, *given);
  } else {
    MLK_TRY(out.section, project::select_model(*out.project, given));
  }
  return out;
}

Result<ModelSource> find_source(Context& ctx, const std::optional<std::string>& given,
                                const options::Project& project) {
  ModelSource out;
  std::error_code code;
  const bool is_folder = given && fs::is_directory(ctx.resolve(*given), code);
  MLK_TRY(out.project, load_if_there(ctx, project));
  if (is_folder) {
    out.folder = ctx.resolve(*given);
    out.shown = *given;
    if (out.project) out.section = find_by_folder(*out.project, out.folder);
    return out;
  }
  if (!out.project) {
    if (given) {
      return Error(ErrorKind::not_found, "there is no folder '" + *given + "'")
          .because("and there is no mlk.yaml here that could name a model so")
          .fixed_by("name the folder that holds the model's files");
    }
    return Error(ErrorKind::usage, "which model is meant isn't clear")
        .because("no folder was named, and there is no mlk.yaml here")
        .fixed_by("run 'mlk model pack DIR -t NAME', or 'mlk init DIR' first");
  }
  if (!given) {
    MLK_TRY(out.section, project::select_model(*out.project, given));
  } else {
    out.section = find_by_name(*out.project, *given);
  }
  if (out.section == nullptr) {
    return Error(ErrorKind::not_found,
                 "'" + *given + "' is neither a folder nor a model of '" + out.project->file.string() + "'")
        .because(known_models(*out.project))
        .fixed_by("name a folder, or one of the models");
  }
  MLK_CHECK(take_folder(out));
  return out;
}

Result<bool> lock_model(const ModelSource& source, const std::string& image, const std::string& digest,
                        std::uint64_t size) {
  const auto path = project::lock_path(source.project->file);
  MLK_TRY(auto read, project::read_lock(path));
  project::Lock lock;
  lock.edition = source.project->edition;
  if (read) lock = *std::move(read);
  lock.models[*source.section->name] = {image, digest, Bytes(static_cast<std::int64_t>(size))};
  return project::write_lock(path, lock);
}

}  // namespace mlk::commands
