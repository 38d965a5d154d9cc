#pragma once

#include <mlk/project/project.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::project {

/// The value of an environment variable, or nothing where it isn't set.
using EnvLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own environment.
EnvLookup process_env();

struct LoadOptions {
  std::filesystem::path file = "mlk.yaml";
  /// Absent: `default-environment`, else none. One that isn't in the file is an error.
  std::optional<std::string> environment;
  std::vector<std::string> sets;                 ///< "a.b=value", the value read as YAML 1.2 core
  std::vector<std::string> set_files;            ///< "a.b=path", the file's text as a string
  std::vector<std::filesystem::path> env_files;  ///< NAME=value lines; they win over `env`
  EnvLookup env = process_env();
  /// Edition of the defaults: that of the lock file, else the newest.
  std::optional<int> edition;
};

/// Reads, overlays, expands and checks. A failure carries every mistake as a diagnostic with file, line, column, path.
Result<Project> load(const LoadOptions& options);

/// The same on a text; `options.file` is its name and where relative paths start.
Result<Project> load_text(std::string_view text, const LoadOptions& options);

/// The file that was asked for, or ./mlk.yaml; not_found with the way to make one (`mlk init`) where there is none.
Result<std::filesystem::path> find_file(const std::optional<std::filesystem::path>& asked);

enum class SectionKind : std::uint8_t { model, job, service };
std::string_view to_string(SectionKind kind) noexcept;

struct SectionRef {
  SectionKind kind = SectionKind::job;
  std::string name;
  bool operator==(const SectionRef&) const = default;
};
/// "job/finetune"
std::string to_string(const SectionRef& section);

/// All sections: models, jobs, services, each in the order of the file.
std::vector<SectionRef> sections(const Project& project);

/// "job/finetune", "service/x", "model/x" (plurals too), or a bare name where only one section has it.
Result<SectionRef> find_section(const Project& project, std::string_view text);

/// Several; none named means all. Each section once, in the order of `sections`.
Result<std::vector<SectionRef>> select(const Project& project, const std::vector<std::string>& names);

/// The section of one kind: by name ("finetune" or "job/finetune"), or the only one where the name is left out.
Result<const Job*> select_job(const Project& project, const std::optional<std::string>& name);
Result<const Service*> select_service(const Project& project, const std::optional<std::string>& name);
Result<const Model*> select_model(const Project& project, const std::optional<std::string>& name);

/// Fails where the file has environments and none was chosen: what a verb that changes something asks first.
Result<void> require_environment(const Project& project);

/// Names of sections ("job/finetune") for completion: tolerant, never fails, reads nothing but this text.
std::vector<std::string> section_names(std::string_view text);
/// Names of environments, likewise.
std::vector<std::string> environment_names(std::string_view text);

}  // namespace mlk::project
