#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/generation.hpp"
#include "commands/images.hpp"

#include <mlk/oci/reference.hpp>
#include <mlk/oci/registry.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/workload/pins.hpp>

#include <fmt/format.h>

#include <map>
#include <memory>

namespace mlk::commands {
namespace {

using document::Node;

struct LockOptions {
  options::Project project;
  bool offline = false;
  bool check = false;
  RegistryFlags registry;
};

void add_lock(Flags& flags, LockOptions& opt) {
  flags.about(
      "Writes mlk.lock beside mlk.yaml: the digests of images and of mlk's engine images, as their registries have "
      "them now, and what 'backend: auto' stands for. Commit it: with it, generating gives the same bytes "
      "everywhere.\n\n"
      "A model that is packed from a folder gets its digest from 'mlk model pack'; here it is kept, or looked up where "
      "its image was pushed already. What a registry doesn't answer for keeps its old digest, and the exit code says "
      "why: 12 where it can't be reached, 9 where it refuses, 10 where it hasn't got the image.");
  flags.example("mlk lock", "pin everything");
  flags.example("mlk lock --check", "in CI: exit code 3 where mlk.lock is out of date");
  flags.example("mlk lock --offline", "backends and what is known already, without a registry");
  flags.option(opt.offline, "--offline", "ask no registry");
  flags.option(opt.check, "--check", "write nothing; exit code 3 where something would change");
  options::add_project(flags, opt.project);
  add_registry(flags, opt.registry);
}

/// Asks registries for digests, one client a registry.
class Resolver {
 public:
  /// Without a transport nobody is asked.
  explicit Resolver(std::optional<packaging::Transport> transport) : m_transport(std::move(transport)) {
    if (m_transport) m_transport->registry.attempts = 3;
  }

  /// "sha256:…" of what an image's name stands for now.
  Result<std::string> digest_of(const std::string& image) {
    if (!m_transport) return Error(ErrorKind::unavailable, "no registry was asked: --offline");
    MLK_TRY(const oci::Reference reference, oci::parse_reference(image));
    if (!reference.digest.empty()) return reference.digest;
    if (reference.home != oci::Home::registry) {
      return Error(ErrorKind::failed, fmt::format("'{}' is a local layout", image))
          .because("a cluster's nodes pull from a registry");
    }
    oci::RegistryClient& client = client_for(reference.registry);
    MLK_TRY(const auto found, client.find_manifest(reference.repository, reference.wanted(), m_transport->stop));
    if (!found) {
      return Error(ErrorKind::not_found, fmt::format("{} has no '{}'", reference.name(), reference.wanted()))
          .because("the registry answers, and doesn't know it")
          .fixed_by(fmt::format("look at the tags with 'mlk model list {}'", reference.name()));
    }
    return found->digest.text();
  }

 private:
  oci::RegistryClient& client_for(const std::string& registry) {
    auto& client = m_clients[registry];
    if (client == nullptr) {
      client = std::make_unique<oci::RegistryClient>(registry, m_transport->auth, *m_transport->clock,
                                                     m_transport->registry);
    }
    return *client;
  }

  std::optional<packaging::Transport> m_transport;
  std::map<std::string, std::unique_ptr<oci::RegistryClient>> m_clients;
};

/// A lock being renewed, and what is told about each of its lines.
class Renewal {
 public:
  Renewal(const Generation& generation, Resolver& resolver)
      : m_old(generation.lock), m_project(generation.project), m_resolver(resolver) {
    m_new.edition = generation.project.edition;
    m_report.document = record("lock");
    m_report.table = Table{{{"KIND"},
                            {"NAME", cli::Align::left, false, 1},
                            {"LOCKED", cli::Align::left, false, 2},
                            {"STATE", cli::Align::left, false, 3}},
                           {},
                           "nothing to lock"};
  }

  void renew(const workload::Pins& pins) {
    for (const auto& [section, backend] : pins.backends) {
      const auto known = m_old.backends.find(section);
      m_new.backends[section] = known != m_old.backends.end() ? known->second : backend;
      row("backend", section, m_new.backends[section], known != m_old.backends.end() ? "kept" : "new");
    }
    for (const std::string& image : pins.images) {
      const auto known = m_old.images.find(image);
      const std::string before = known == m_old.images.end() ? std::string() : known->second;
      if (const auto digest = resolve("image", image, image, before)) m_new.images[image] = *digest;
    }
    for (const auto& [engine, image] : pins.engines) {
      const auto known = m_old.engines.find(engine);
      const std::string whole = known == m_old.engines.end() ? std::string() : known->second;
      const std::string before = whole.starts_with(image + "@") ? whole.substr(image.size() + 1) : std::string();
      if (const auto digest = resolve("engine", engine, image, before)) {
        m_new.engines[engine] = fmt::format("{}@{}", image, *digest);
      }
    }
    for (const project::Model& model : m_project.models) renew_model(model);
  }

  const project::Lock& lock() const noexcept { return m_new; }
  bool is_changed() const { return !(m_new == m_old); }

  Report finish(bool is_written, std::string_view path) && {
    m_report.document.set("path", path)
        .set("changed", is_changed())
        .set("written", is_written)
        .set("entries", std::move(m_entries));
    return std::move(m_report);
  }
  std::optional<Error> take_failure() { return std::exchange(m_failure, std::nullopt); }

 private:
  void row(std::string_view kind, std::string_view name, std::string_view value, std::string_view state,
           Style style = Style::plain) {
    m_report.table->rows.push_back({Cell(kind), Cell(name), Cell(value), Cell(std::string(state), style)});
    m_entries.push_back(
        Node::mapping({{"kind", kind}, {"name", name}, {"locked", cli::or_null(value)}, {"state", state}}));
  }

  /// The digest now, or the old one where the registry doesn't answer.
  std::optional<std::string> resolve(std::string_view kind, const std::string& name, const std::string& image,
                                     const std::string& before) {
    auto digest = m_resolver.digest_of(image);
    if (digest) {
      row(kind, name, *digest, before.empty() ? "new" : before == *digest ? "unchanged" : "changed");
      return *digest;
    }
    const std::string state = before.empty() ? "not locked" : "kept";
    row(kind, name, before, fmt::format("{}: {}", state, digest.error().what), Style::warning);
    if (!m_failure || digest.error().kind == ErrorKind::interrupted) {
      m_failure = std::move(digest).error().within(fmt::format("locking {} '{}'", kind, name));
    }
    if (before.empty()) return std::nullopt;
    return before;
  }

  void renew_model(const project::Model& model) {
    const auto known = m_old.models.find(*model.name);
    const std::string& source = *model.source;
    const std::string image = source.starts_with("oci://") ? source.substr(6) : *model.image;
    const bool is_packed_here = known != m_old.models.end() && !source.starts_with("oci://");
    if (is_packed_here) {
      m_new.models[*model.name] = known->second;
      row("model", *model.name, known->second.digest, "kept");
      return;
    }
    if (image.empty()) {
      row("model", *model.name, "", "not packed: run 'mlk model pack'", Style::warning);
      return;
    }
    const std::string before = known == m_old.models.end() ? std::string() : known->second.digest;
    if (const auto digest = resolve("model", *model.name, image, before)) {
      m_new.models[*model.name] = {image.substr(0, image.find('@')), *digest, std::nullopt};
    }
  }

  const project::Lock& m_old;
  const project::Project& m_project;
  Resolver& m_resolver;
  project::Lock m_new;
  Report m_report;
  Node m_entries = Node::sequence();
  std::optional<Error> m_failure;
};

Result<Report> run_lock(Context& ctx, const LockOptions& opt) {
  MLK_TRY(Generation generation, prepare_generation(ctx, opt.project));
  MLK_TRY(const workload::Pins pins, workload::find_pins(generation.project, generation.library));
  std::optional<packaging::Transport> transport;
  if (!opt.offline) {
    MLK_TRY(transport, make_transport(ctx, opt.registry));
  }
  Resolver resolver(std::move(transport));
  Renewal renewal(generation, resolver);
  renewal.renew(pins);
  auto failure = renewal.take_failure();
  if (failure && failure->kind == ErrorKind::interrupted) return *std::move(failure);
  const auto path = project::lock_path(generation.project.file);
  const bool is_out_of_date = renewal.is_changed() || !generation.has_lock;
  bool is_written = false;
  if (!opt.check) {
    MLK_TRY(is_written, project::write_lock(path, renewal.lock()));
  }
  Report report = std::move(renewal).finish(is_written, path.string());
  if (opt.check && is_out_of_date) {
    return std::move(report).failing(Error(ErrorKind::findings, fmt::format("'{}' is out of date", path.string()))
                                         .fixed_by("run 'mlk lock' and commit what it writes"));
  }
  if (failure && !opt.offline) return std::move(report).failing(*std::move(failure));
  return report;
}

}  // namespace

MLK_VERB(lock, LockOptions, add_lock, run_lock);

}  // namespace mlk::commands
