#include <mlk/core/text.hpp>
#include <mlk/project/load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::project {

namespace {

struct KindWord {
  SectionKind kind;
  std::string_view singular;
  std::string_view plural;
};

constexpr std::array<KindWord, 3> k_kinds = {{{SectionKind::model, "model", "models"},
                                              {SectionKind::job, "job", "jobs"},
                                              {SectionKind::service, "service", "services"}}};

template <class Section>
const Section* find_in(const std::vector<Section>& list, std::string_view name) noexcept {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Section& s) { return *s.name == name; });
  return found != list.end() ? &*found : nullptr;
}

std::vector<std::string> names_of(const Project& project, std::optional<SectionKind> kind, bool is_qualified) {
  std::vector<std::string> names;
  for (const auto& section : sections(project)) {
    if (kind && section.kind != *kind) continue;
    names.push_back(is_qualified ? to_string(section) : section.name);
  }
  return names;
}

std::string what_there_is(const Project& project, const std::vector<std::string>& names) {
  return names.empty() ? fmt::format("{} has none", project.file.string())
                       : fmt::format("there are {}", join(names, ", "));
}

Error no_section(const Project& project, SectionKind kind, std::string_view name) {
  const auto names = names_of(project, kind, false);
  return Error(ErrorKind::not_found, fmt::format("{} has no {} '{}'{}", project.file.string(), to_string(kind),
                                                 printable(name), did_you_mean(name, names)))
      .fixed_by(what_there_is(project, names));
}

template <class Section>
Result<const Section*> select_one(const Project& project, const std::vector<Section>& list, SectionKind kind,
                                  const std::optional<std::string>& name) {
  if (!name) {
    if (list.size() == 1) return &list.front();
    if (list.empty()) {
      return Error(ErrorKind::not_found, fmt::format("{} has no {}", project.file.string(), to_string(kind)))
          .fixed_by(fmt::format("add one under '{}s:'", to_string(kind)));
    }
    return Error(ErrorKind::usage, fmt::format("{} has several {}s: name one", project.file.string(), to_string(kind)))
        .fixed_by(what_there_is(project, names_of(project, kind, false)));
  }
  std::string_view bare = *name;
  if (const auto slash = bare.find('/'); slash != std::string_view::npos) {
    MLK_TRY(const SectionRef section, find_section(project, bare));
    if (section.kind != kind) {
      return Error(ErrorKind::usage, fmt::format("'{}' is no {}", *name, to_string(kind)))
          .fixed_by(what_there_is(project, names_of(project, kind, false)));
    }
    bare.remove_prefix(slash + 1);
  }
  if (const Section* section = find_in(list, bare)) return section;
  return no_section(project, kind, bare);
}

}  // namespace

const Model* Project::find_model(std::string_view name_of_model) const noexcept {
  return find_in(models, name_of_model);
}
const Job* Project::find_job(std::string_view name_of_job) const noexcept { return find_in(jobs, name_of_job); }
const Service* Project::find_service(std::string_view name_of_service) const noexcept {
  return find_in(services, name_of_service);
}

std::string_view to_string(SectionKind kind) noexcept {
  for (const auto& word : k_kinds) {
    if (word.kind == kind) return word.singular;
  }
  return {};
}

std::string to_string(const SectionRef& section) { return fmt::format("{}/{}", to_string(section.kind), section.name); }

std::vector<SectionRef> sections(const Project& project) {
  std::vector<SectionRef> all;
  for (const auto& model : project.models) all.push_back({SectionKind::model, *model.name});
  for (const auto& job : project.jobs) all.push_back({SectionKind::job, *job.name});
  for (const auto& service : project.services) all.push_back({SectionKind::service, *service.name});
  return all;
}

Result<SectionRef> find_section(const Project& project, std::string_view text) {
  const auto all = sections(project);
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto kind_text = text.substr(0, slash);
    const auto name = text.substr(slash + 1);
    for (const auto& word : k_kinds) {
      if (kind_text != word.singular && kind_text != word.plural) continue;
      SectionRef wanted{word.kind, std::string(name)};
      if (std::find(all.begin(), all.end(), wanted) != all.end()) return wanted;
      return no_section(project, word.kind, name);
    }
    return Error(ErrorKind::usage, fmt::format("'{}' is no kind of section{}", printable(kind_text),
                                               did_you_mean(kind_text, {"model", "job", "service"})))
        .fixed_by("write model/NAME, job/NAME or service/NAME");
  }
  std::vector<std::string> found;
  SectionRef last;
  for (const auto& section : all) {
    if (section.name != text) continue;
    last = section;
    found.push_back(to_string(section));
  }
  if (found.size() == 1) return last;
  if (found.size() > 1) {
    return Error(ErrorKind::usage, fmt::format("'{}' names {} sections", printable(text), found.size()))
        .fixed_by(fmt::format("write one of {}", join(found, ", ")));
  }
  return Error(ErrorKind::not_found, fmt::format("{} has no section '{}'{}", project.file.string(), printable(text),
                                                 did_you_mean(text, names_of(project, {}, false))))
      .fixed_by(what_there_is(project, names_of(project, {}, true)));
}

Result<std::vector<SectionRef>> select(const Project& project, const std::vector<std::string>& names) {
  auto all = sections(project);
  if (names.empty()) return all;
  std::vector<SectionRef> wanted;
  for (const auto& name : names) {
    MLK_TRY(auto section, find_section(project, name));
    wanted.push_back(std::move(section));
  }
  std::erase_if(all, [&](const SectionRef& s) { return std::find(wanted.begin(), wanted.end(), s) == wanted.end(); });
  return all;
}

Result<const Job*> select_job(const Project& project, const std::optional<std::string>& name) {
  return select_one(project, project.jobs, SectionKind::job, name);
}
Result<const Service*> select_service(const Project& project, const std::optional<std::string>& name) {
  return select_one(project, project.services, SectionKind::service, name);
}
Result<const Model*> select_model(const Project& project, const std::optional<std::string>& name) {
  return select_one(project, project.models, SectionKind::model, name);
}

Result<void> require_environment(const Project& project) {
  if (!project.has_environments || !project.environment.empty()) return {};
  return Error(ErrorKind::usage, fmt::format("{} has environments, and none is chosen", project.file.string()))
      .because("what changes a cluster wants to know which one is meant")
      .fixed_by("name one with -e, or set default-environment in the file");
}

}  // namespace mlk::project
