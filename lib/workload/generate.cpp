#include <mlk/workload/generate.hpp>
#include <mlk/workload/job.hpp>
#include <mlk/workload/service.hpp>

#include <fmt/format.h>

#include <iterator>

namespace mlk::workload {
namespace {

using project::SectionKind;
using project::SectionRef;

Result<SectionObjects> section_of(JobObjects made, const SectionRef& section, std::vector<Diagnostic>& warnings) {
  std::move(made.warnings.begin(), made.warnings.end(), std::back_inserter(warnings));
  return SectionObjects{section, made.name, "job", made.choices, made.objects()};
}

Result<SectionObjects> section_of(ServiceObjects made, const SectionRef& section, std::vector<Diagnostic>& warnings) {
  std::move(made.warnings.begin(), made.warnings.end(), std::back_inserter(warnings));
  return SectionObjects{section, made.name, "deployment", made.choices, made.objects()};
}

Result<SectionObjects> generate_section(const project::Project& project, const project::Lock& lock,
                                        const SectionRef& section, const GenerateOptions& options,
                                        templates::Library& library, std::vector<Diagnostic>& warnings) {
  if (section.kind == SectionKind::job) {
    const project::Job* job = project.find_job(section.name);
    if (job == nullptr) return Error(ErrorKind::not_found, fmt::format("no job is called '{}'", section.name));
    JobOptions job_options;
    job_options.namespace_name = options.namespace_name;
    MLK_TRY(JobObjects made, generate_job(project, lock, *job, job_options, library));
    return section_of(std::move(made), section, warnings);
  }
  const project::Service* service = project.find_service(section.name);
  if (service == nullptr) return Error(ErrorKind::not_found, fmt::format("no service is called '{}'", section.name));
  ServiceOptions service_options;
  service_options.namespace_name = options.namespace_name;
  MLK_TRY(ServiceObjects made, generate_service(project, lock, *service, service_options, library));
  return section_of(std::move(made), section, warnings);
}

}  // namespace

Result<Bundle> generate(const project::Project& project, const project::Lock& lock,
                        const std::vector<SectionRef>& sections, const GenerateOptions& options,
                        templates::Library& library) {
  Bundle bundle;
  std::vector<Diagnostic> found;
  for (const SectionRef& section : sections) {
    if (section.kind == SectionKind::model) continue;
    auto made = generate_section(project, lock, section, options, library, bundle.warnings);
    if (made) {
      bundle.sections.push_back(*std::move(made));
    } else if (made.error().diagnostics.empty()) {
      return std::move(made).error().within(to_string(section));
    } else {
      auto& diagnostics = made.error().diagnostics;
      std::move(diagnostics.begin(), diagnostics.end(), std::back_inserter(found));
    }
  }
  if (!found.empty()) {
    return Error(ErrorKind::failed, fmt::format("{} can't be turned into manifests",
                                                project.file.empty() ? "mlk.yaml" : project.file.string()))
        .with(std::move(found));
  }
  return bundle;
}

}  // namespace mlk::workload
