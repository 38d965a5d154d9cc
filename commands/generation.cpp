#include "commands/generation.hpp"

#include <mlk/project/load.hpp>
#include <mlk/workload/generate.hpp>

#include <fmt/format.h>

namespace mlk::commands {

Result<Generation> prepare_generation(Context& ctx, const options::Project& opt) {
  Generation generation;
  MLK_TRY(generation.project, ctx.load_project(opt));
  MLK_TRY(const auto lock, project::read_lock(project::lock_path(generation.project.file)));
  generation.has_lock = lock.has_value();
  if (lock) generation.lock = *lock;
  MLK_TRY(auto own, templates::read_folder(generation.project.directory / ".mlk" / "templates"));
  generation.library = templates::Library(std::move(own));
  return generation;
}

Result<Generated> generate_validated(Generation& generation, const std::vector<std::string>& sections,
                                     const std::string& namespace_name) {
  Generated generated;
  MLK_TRY(const auto selected, project::select(generation.project, sections));
  workload::GenerateOptions options;
  options.namespace_name = namespace_name;
  MLK_TRY(generated.bundle,
          workload::generate(generation.project, generation.lock, selected, options, generation.library));
  generated.findings = validation::validate(generated.bundle.nodes());
  validation::add(generated.findings, generated.bundle.warnings);
  return generated;
}

std::optional<Error> findings_failure(const validation::Findings& findings, std::string_view doing) {
  const std::size_t errors = findings.count(Severity::error);
  if (errors == 0) return std::nullopt;
  return Error(ErrorKind::findings,
               fmt::format("{}: validation found {} error{}", doing, errors, errors == 1 ? "" : "s"))
      .fixed_by("mend what each finding points at; 'mlk explain CODE' says more")
      .with(findings.diagnostics);
}

}  // namespace mlk::commands
