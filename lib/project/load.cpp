#include "checks.hpp"
#include "codecs.hpp"
#include "merge.hpp"

#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/project/load.hpp>
#include <mlk/project/lock.hpp>

#include <algorithm>
#include <tuple>

namespace mlk::project {

using document::Entry;
using document::Node;

namespace {

const Entry* find_entry(const Node& map, std::string_view key) {
  for (const auto& entry : map.entries()) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

std::vector<std::string> keys_of(const Node& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map.entries()) keys.push_back(entry.key);
  return keys;
}

/// Puts mistakes in the order of the file, those of flags behind.
void sort_by_place(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    const auto key = [](const Diagnostic& d) { return std::tuple(d.place.line == 0, d.place.line, d.place.column); };
    return key(a) < key(b);
  });
}

class Loader {
 public:
  Loader(std::string_view text, const LoadOptions& options)
      : m_text(text), m_options(options), m_name(options.file.string()) {}

  Result<Project> load() {
    MLK_CHECK(read_text());
    MLK_CHECK(choose_environment());
    check_environments();
    apply_overlay();
    for (const auto& set : m_options.set_files) apply_set_file(m_root, set, m_diagnostics);
    for (const auto& set : m_options.sets) apply_set(m_root, set, m_diagnostics);
    const EnvLookup env = with_env_files(m_options.env, m_options.env_files, m_diagnostics);
    const std::size_t before = m_diagnostics.size();
    m_expanded = expand(m_root, env, m_diagnostics);
    fill_fields<File>(m_root);
    Reader reader(m_diagnostics, m_expanded);
    if (m_diagnostics.size() != before) reader.set_unexpanded();
    read_fields(m_root, reader, m_file);
    check_file(m_file, m_root, m_diagnostics);
    if (has_error(m_diagnostics)) return mistakes();
    return make_project();
  }

 private:
  Error mistakes() {
    sort_by_place(m_diagnostics);
    const auto count = std::count_if(m_diagnostics.begin(), m_diagnostics.end(),
                                     [](const Diagnostic& d) { return d.severity == Severity::error; });
    return Error(ErrorKind::failed, count == 1 ? fmt::format("{} has a mistake", m_name)
                                               : fmt::format("{} has {} mistakes", m_name, count))
        .with(std::move(m_diagnostics));
  }

  Diagnostic& report(std::string code, const Place& place, std::string path, std::string message, std::string fix) {
    Diagnostic problem;
    problem.code = std::move(code);
    problem.place = place;
    problem.path = std::move(path);
    problem.message = std::move(message);
    problem.fix = std::move(fix);
    return m_diagnostics.emplace_back(std::move(problem));
  }

  Result<void> read_text() {
    auto documents = document::read_yaml(m_text, m_name, document::Schema::core);
    m_diagnostics = std::move(documents.diagnostics);
    if (documents.nodes.empty() && !has_error(m_diagnostics)) {
      return Error(ErrorKind::failed, fmt::format("{} is empty", m_name)).fixed_by("run 'mlk init' to write one");
    }
    if (documents.nodes.empty()) return mistakes();
    m_root = std::move(documents.nodes.front());
    if (documents.nodes.size() > 1) {
      report("project-documents", documents.nodes[1].place(), {},
             "one YAML document is wanted, and here begins another",
             "remove the '---', or put it into a file of its own");
    }
    if (!m_root.is_mapping()) {
      report("project-type", m_root.place(), {}, fmt::format("a map is wanted here, not {}", describe(m_root.kind())),
             "begin with mlk: v1");
      return mistakes();
    }
    // "jobs:" with everything below it commented out.
    std::erase_if(m_root.entries_mutable(), [](const Entry& entry) { return entry.value.is_null(); });
    if (const Entry* entry = find_entry(m_root, "environments")) {
      m_environments = entry->value;
      m_root.erase("environments");
    }
    if (!m_environments.is_null() && !m_environments.is_mapping()) {
      report("project-type", m_environments.place(), "environments",
             fmt::format("a map is wanted here, not {}", describe(m_environments.kind())), {});
      m_environments = Node();
    }
    return {};
  }

  Result<void> choose_environment() {
    const Node& by_default = m_root["default-environment"];
    m_environment = m_options.environment.value_or(by_default.string_or());
    if (m_environment.empty() || m_environments.find(m_environment) != nullptr) return {};
    const auto known = keys_of(m_environments);
    const std::string message =
        fmt::format("there is no environment '{}'{}", printable(m_environment), did_you_mean(m_environment, known));
    const std::string fix = known.empty() ? fmt::format("{} has no section environments", m_name)
                                          : fmt::format("there are {}", join(known, ", "));
    if (m_options.environment) return Error(ErrorKind::not_found, message).fixed_by(fix);
    report("project-value", by_default.place(), "default-environment", message, fix);
    m_environment.clear();
    return {};
  }

  /// The overlays that aren't chosen are tried too, so that a mistake in one is found before it is needed.
  void check_environments() {
    for (auto& entry : m_environments.is_mapping() ? m_environments.entries_mutable() : m_no_entries) {
      const std::string path = document::format_path({std::string("environments"), entry.key});
      if (const auto reason = mismatch(Format::label, entry.key)) {
        report("project-value", entry.key_place, path, fmt::format("'{}' {}", printable(entry.key), *reason), {});
      }
      if (entry.value.is_null()) entry.value = Node::mapping().set_place(entry.key_place);
      if (!entry.value.is_mapping()) {
        report("project-type", entry.value.place(), path,
               fmt::format("a map is wanted here, not {}", describe(entry.value.kind())), {});
        continue;
      }
      for (const auto& below : entry.value.entries()) {
        if (below.key != "mlk" && below.key != "name" && below.key != "default-environment") continue;
        report("project-value", below.key_place, path + "." + below.key,
               fmt::format("an environment can't change '{}'", below.key), "remove it");
      }
      if (entry.key != m_environment) try_overlay(entry, path);
    }
  }

  void try_overlay(const Entry& environment, const std::string& path) {
    Node over = environment.value;
    const FileName label = relabel(over);
    Node whole = m_root;
    document::overlay(whole, over);
    fill_fields<File>(whole);
    std::vector<Diagnostic> found;
    const Expanded nothing;
    Reader reader(found, nothing);
    reader.set_unexpanded();
    File file;
    read_fields(whole, reader, file);
    check_file(file, whole, found);
    for (auto& problem : found) {
      if (problem.place.file != label) continue;
      problem.path = path + "." + problem.path;
      m_diagnostics.push_back(std::move(problem));
    }
  }

  void apply_overlay() {
    if (m_environment.empty()) return;
    Node over = m_environments[m_environment];
    m_overlay_label = relabel(over);
    document::overlay(m_root, over);
  }

  Result<Project> make_project() {
    Project project;
    project.file = m_options.file;
    project.directory = m_options.file.has_parent_path() ? m_options.file.parent_path() : std::filesystem::path(".");
    project.name = m_file.name;
    project.namespace_name = m_file.namespace_name;
    project.environment = m_environment;
    project.has_environments = !m_environments.empty();
    project.context = m_file.cluster.context;
    project.prometheus_port.value = 9090;
    if (const auto& prometheus = m_file.metrics.prometheus) {
      project.prometheus = {prometheus->value.service, prometheus->place};
      project.prometheus_port = {prometheus->value.port, prometheus->place};
    }
    project.edition = m_options.edition.value_or(k_newest_edition);
    project.models = take_sections("models", m_file.models);
    project.jobs = take_sections("jobs", m_file.jobs);
    project.services = take_sections("services", m_file.services);
    add_origins(project.origins, m_root);
    project.merged = std::move(m_root);
    project.warnings = std::move(m_diagnostics);
    return project;
  }

  template <class Section>
  std::vector<Section> take_sections(std::string_view kind, std::vector<std::pair<std::string, Section>>& read) const {
    std::vector<Section> out;
    const Node& nodes = m_root[kind];
    for (auto& [name, section] : read) {
      const Entry* entry = find_entry(nodes, name);
      section.name = {name, entry->key_place};
      section.node = entry->value;
      section.place = entry->key_place;
      out.push_back(std::move(section));
    }
    return out;
  }

  void add_origins(std::vector<Origin>& out, const Node& node) {
    if (node.empty()) {
      out.push_back(origin_of(node));
      return;
    }
    for (std::size_t i = 0; i < node.items().size(); ++i) {
      m_path.emplace_back(std::in_place_type<std::size_t>, i);
      add_origins(out, node.items()[i]);
      m_path.pop_back();
    }
    for (const auto& entry : node.entries()) {
      m_path.emplace_back(std::in_place_type<std::string>, entry.key);
      add_origins(out, entry.value);
      m_path.pop_back();
    }
  }

  Origin origin_of(const Node& node) const {
    const Place& place = node.place();
    Origin origin{document::format_path(m_path), Source::file, to_string(place), place};
    if (place.file == nullptr) {
      origin.source = Source::defaults;
      origin.label = "default";
    } else if (place.line == 0) {
      origin.source = place.file->starts_with("--set-file ") ? Source::set_file : Source::set;
    } else if (place.file == m_overlay_label) {
      origin.source = Source::environment;
      origin.label = fmt::format("environment {}, {}", m_environment, origin.label);
    }
    return origin;
  }

  std::string_view m_text;
  const LoadOptions& m_options;
  std::string m_name;
  std::vector<Diagnostic> m_diagnostics;
  Node m_root;
  Node m_environments;
  std::vector<Entry> m_no_entries;
  std::string m_environment;
  FileName m_overlay_label;
  Expanded m_expanded;
  File m_file;
  document::Path m_path;
};

std::vector<std::string> names_below(const Node& root, std::string_view key, std::string_view prefix) {
  std::vector<std::string> names;
  for (const auto& entry : root[key].entries()) names.push_back(std::string(prefix) + entry.key);
  return names;
}

Node tolerant_root(std::string_view text) {
  auto documents = document::read_yaml(text, "", document::Schema::core);
  return documents.nodes.empty() ? Node() : std::move(documents.nodes.front());
}

}  // namespace

Result<Project> load_text(std::string_view text, const LoadOptions& options) {
  if (options.edition && (*options.edition < 1 || *options.edition > k_newest_edition)) {
    return Error(ErrorKind::failed, fmt::format("there is no edition {} of mlk's defaults", *options.edition))
        .because(fmt::format("this mlk knows the editions 1 to {}", k_newest_edition))
        .fixed_by("install a newer mlk");
  }
  return Loader(text, options).load();
}

Result<Project> load(const LoadOptions& options) {
  MLK_TRY(const std::string text, read_file(options.file));
  if (options.edition) return load_text(text, options);
  MLK_TRY(const auto lock, read_lock(lock_path(options.file)));
  LoadOptions with_edition = options;
  if (lock) with_edition.edition = lock->edition;
  return load_text(text, with_edition);
}

Result<std::filesystem::path> find_file(const std::optional<std::filesystem::path>& asked) {
  std::filesystem::path path = asked.value_or("mlk.yaml");
  std::error_code status;
  if (std::filesystem::exists(path, status)) return path;
  if (asked) return Error(ErrorKind::not_found, fmt::format("there is no file '{}'", path.string()));
  return Error(ErrorKind::not_found, "there is no mlk.yaml in this folder")
      .fixed_by("run 'mlk init' to write one, or name it with --file");
}

std::vector<std::string> section_names(std::string_view text) {
  const Node root = tolerant_root(text);
  std::vector<std::string> names = names_below(root, "models", "model/");
  for (auto& name : names_below(root, "jobs", "job/")) names.push_back(std::move(name));
  for (auto& name : names_below(root, "services", "service/")) names.push_back(std::move(name));
  return names;
}

std::vector<std::string> environment_names(std::string_view text) {
  return names_below(tolerant_root(text), "environments", "");
}

}  // namespace mlk::project
