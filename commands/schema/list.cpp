#include "cli/verb.hpp"
#include "commands/catalogue.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace mlk::commands {
namespace {

using document::Node;
using validation::schema::KindInfo;
using validation::schema::MinorRange;
using validation::schema::SystemInfo;

struct SchemaListOptions {
  std::optional<std::string> system;
};

void add_schema_list(Flags& flags, SchemaListOptions& opt) {
  flags.about(
      "Lists the systems whose schemas are known, where they are from and at which version: those that mlk comes with "
      "and those that were imported. With the name of a system it lists its kinds.");
  flags.example("mlk schema list", "which systems are known");
  flags.example("mlk schema list kueue", "the kinds of one system, version by version");
  flags.argument(opt.system, "SYSTEM", "system whose kinds to list, as 'kubernetes'")
      .completes(cli::Source::schema_systems);
}

Node strings(std::string_view list) {
  Node out = Node::sequence();
  if (list.empty()) return out;
  for (const std::string& each : split(list, ',')) out.push_back(each);
  return out;
}

Node minors_of(const KindInfo& kind) {
  Node out = Node::sequence();
  for (const MinorRange& range : kind.minors) {
    out.push_back(
        Node::mapping({{"first", fmt::format("1.{}", range.first)}, {"last", fmt::format("1.{}", range.last)}}));
  }
  return out;
}

Node kind_record(const KindInfo& kind) {
  return Node::mapping({{"apiVersion", kind.api_version()},
                        {"kind", kind.kind},
                        {"listKind", cli::or_null(kind.list_kind)},
                        {"plural", kind.plural},
                        {"shortNames", strings(kind.short_names)},
                        {"namespaced", kind.is_namespaced},
                        {"served", kind.is_served},
                        {"deprecated", kind.is_deprecated},
                        {"kubernetesVersions", minors_of(kind)}});
}

// "1.31-1.36", "1.34", "any", or "not served".
std::string served_text(const KindInfo& kind) {
  if (!kind.is_served) return "not served";
  std::vector<std::string> parts;
  for (const MinorRange& range : kind.minors) {
    parts.push_back(range.first == range.last ? fmt::format("1.{}", range.first)
                                              : fmt::format("1.{}-1.{}", range.first, range.last));
  }
  return parts.empty() ? "any" : join(parts, ",");
}

// Kubernetes has a version for each minor release: its first and last stand for all.
std::string version_text(std::string_view versions) {
  const auto all = split(versions, ',');
  return all.size() < 3 ? std::string(versions) : fmt::format("{} … {}", all.front(), all.back());
}

Report list_systems(const std::vector<SystemInfo>& systems, const std::map<std::string, std::vector<KindInfo>>& kinds) {
  Report report;
  Node items = Node::sequence();
  Table table{{{"SYSTEM"},
               {"VERSION", cli::Align::left, false, 1},
               {"KINDS", cli::Align::right},
               {"FROM", cli::Align::left, false, 2},
               {"LICENCE", cli::Align::left, true}},
              {},
              "no schemas are known"};
  for (const SystemInfo& system : systems) {
    const auto own = kinds.find(std::string(system.name));
    Node records = Node::sequence();
    if (own != kinds.end()) {
      for (const KindInfo& kind : own->second) records.push_back(kind_record(kind));
    }
    table.rows.push_back({std::string(system.name), Cell(version_text(system.version), std::string(system.version)),
                          std::to_string(records.size()), printable(system.module), std::string(system.licence)});
    report.names.push_back(fmt::format("system/{}", system.name));
    items.push_back(Node::mapping({{"name", system.name},
                                   {"imported", system.is_imported},
                                   {"module", cli::or_null(system.module)},
                                   {"versions", strings(system.version)},
                                   {"path", cli::or_null(system.path)},
                                   {"licence", cli::or_null(system.licence)},
                                   {"kinds", std::move(records)}}));
  }
  report.document = record("schema-list");
  report.document.set("systems", std::move(items));
  report.table = std::move(table);
  return report;
}

// One system: the same document with one system in it, and its kinds as the table.
Report list_kinds(const SystemInfo& system, const std::map<std::string, std::vector<KindInfo>>& kinds) {
  Report report = list_systems({system}, kinds);
  Table table{{{"APIVERSION"},
               {"KIND"},
               {"SHORT", cli::Align::left, true},
               {"SCOPE", cli::Align::left, false, 2},
               {"KUBERNETES", cli::Align::left, false, 1},
               {"DEPRECATED"}},
              {},
              fmt::format("every kind of '{}' is replaced by an import", system.name)};
  report.names.clear();
  if (const auto own = kinds.find(std::string(system.name)); own != kinds.end()) {
    for (const KindInfo& kind : own->second) {
      table.rows.push_back({kind.api_version(), std::string(kind.kind), std::string(kind.short_names),
                            kind.is_namespaced ? "namespaced" : "cluster", served_text(kind),
                            kind.is_deprecated ? "yes" : "no"});
      report.names.push_back(fmt::format("{}/{}", kind.api_version(), kind.kind));
    }
  }
  report.table = std::move(table);
  return report;
}

Result<Report> run_schema_list(Context& ctx, const SchemaListOptions& opt) {
  MLK_TRY(const auto catalogue, validation::schema::load_catalogue(environment_of(ctx)));
  std::map<std::string, std::vector<KindInfo>> kinds;
  for (KindInfo& kind : catalogue.kinds()) kinds[std::string(kind.system.name)].push_back(std::move(kind));
  for (auto& [system, each] : kinds) {
    std::sort(each.begin(), each.end(), [](const KindInfo& a, const KindInfo& b) {
      return std::tie(a.group, a.kind, a.version) < std::tie(b.group, b.kind, b.version);
    });
  }
  const auto systems = catalogue.systems();
  if (!opt.system) return list_systems(systems, kinds);
  std::vector<std::string> names;
  // The last one: an import stands over what it replaces.
  for (auto system = systems.rbegin(); system != systems.rend(); ++system) {
    if (system->name == *opt.system) return list_kinds(*system, kinds);
    names.emplace_back(system->name);
  }
  return Error(ErrorKind::not_found,
               fmt::format("no system '{}' is known{}", *opt.system, did_you_mean(*opt.system, names)))
      .fixed_by("run 'mlk schema list' to see all, or 'mlk schema import' to add CRDs");
}

}  // namespace

MLK_VERB(schema_list, SchemaListOptions, add_schema_list, run_schema_list);

}  // namespace mlk::commands
