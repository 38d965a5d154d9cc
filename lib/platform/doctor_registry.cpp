#include <mlk/core/text.hpp>
#include <mlk/oci/reference.hpp>
#include <mlk/platform/doctor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mlk::platform {

namespace {

/// The image that a model's pods mount: the locked one, else the one that mlk.yaml names; empty where there is none.
std::string image_of(const project::Model& model, const std::optional<project::Lock>& lock) {
  if (lock) {
    if (const auto locked = lock->models.find(*model.name); locked != lock->models.end()) {
      return fmt::format("{}@{}", locked->second.image, locked->second.digest);
    }
  }
  constexpr std::string_view k_scheme = "oci://";
  if (model.source->starts_with(k_scheme)) return model.source->substr(k_scheme.size());
  return *model.image;
}

bool is_pinned(const project::Model& model, const std::optional<project::Lock>& lock) {
  return (lock && lock->models.contains(*model.name)) || image_of(model, lock).find("@sha256:") != std::string::npos;
}

Check failed(Check check, const Error& error) {
  check.state = CheckState::missing;
  check.finding = error.why.empty() ? error.what : fmt::format("{}: {}", error.what, error.why);
  check.fix = error.fix;
  return check;
}

Check check_model(const project::Model& model, const std::string& image, bool is_locked, const RegistryAccess& access,
                  const std::shared_ptr<oci::RegistryAuth>& auth) {
  Check check{"registry", "model " + *model.name, CheckState::ok, {}, {}};
  const auto reference = oci::parse_reference(image);
  if (!reference) return failed(std::move(check), reference.error());
  if (reference->home == oci::Home::layout) {
    check.state = CheckState::missing;
    check.finding = fmt::format("'{}' is on this machine alone, and nodes pull from a registry", image);
    check.fix = fmt::format("name a registry in 'models.{0}.image', then run 'mlk model push {0}'", *model.name);
    return check;
  }
  const auto credential = access.credentials.find(reference->registry, reference->repository, access.stop);
  if (!credential) return failed(std::move(check), credential.error());
  const std::string how =
      credential->empty() ? "without credentials" : fmt::format("with credentials from {}", credential->origin);
  oci::RegistryClient client(reference->registry, auth, *access.clock, access.options);
  const auto found = client.find_manifest(reference->repository, reference->wanted(), access.stop);
  if (!found) {
    check = failed(std::move(check), found.error());
    check.finding += fmt::format(" (asked {})", how);
    if (check.fix.empty()) check.fix = fmt::format("try 'mlk model list {}'", reference->name());
    return check;
  }
  if (*found) {
    check.finding = fmt::format("{} answers {}, and has it", reference->registry, how);
    return check;
  }
  check.state = is_locked ? CheckState::missing : CheckState::warning;
  check.finding = fmt::format("{} answers {}, and doesn't have '{}'", reference->registry, how, reference->text());
  check.fix = fmt::format("run 'mlk model {} {}'", is_locked ? "push" : "pack", *model.name);
  return check;
}

}  // namespace

std::vector<Check> check_lock(const project::Project& project, const Result<std::optional<project::Lock>>& lock) {
  const std::string name = project::lock_path(project.file).filename().string();
  Check check{"project", name, CheckState::ok, {}, {}};
  if (!lock) return {failed(std::move(check), lock.error())};
  std::vector<Check> checks;
  check.finding = "is there";
  if (!*lock) {
    check.state = CheckState::warning;
    check.finding = "isn't there: tags of images may come to mean something else";
    check.fix = "run 'mlk lock' and commit what it writes";
  }
  checks.push_back(std::move(check));
  for (const project::Model& model : project.models) {
    const bool is_served = std::any_of(project.services.begin(), project.services.end(),
                                       [&](const project::Service& each) { return *each.model == *model.name; });
    if (!is_served || is_pinned(model, *lock)) continue;
    checks.push_back({"project", "model " + *model.name, CheckState::missing,
                      fmt::format("{} has no digest for it, and pods mount a model by its digest", name),
                      fmt::format("run 'mlk model pack {}', or 'mlk lock' where it was pushed already", *model.name)});
  }
  return checks;
}

std::vector<Check> check_models(const project::Project& project, const std::optional<project::Lock>& lock,
                                const RegistryAccess& access) {
  const auto auth = std::make_shared<oci::RegistryAuth>(access.credentials);
  std::vector<Check> checks;
  for (const project::Model& model : project.models) {
    const std::string image = image_of(model, lock);
    if (image.empty()) continue;
    checks.push_back(check_model(model, image, is_pinned(model, lock), access, auth));
  }
  return checks;
}

}  // namespace mlk::platform
