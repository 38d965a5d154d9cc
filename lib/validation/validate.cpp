#include "bundle.hpp"
#include "finder.hpp"
#include "rule_groups.hpp"
#include "schema_rules.hpp"
#include "schema_walk.hpp"
#include "shape.hpp"
#include "workers.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/arena.hpp>
#include <mlk/validation/rules.hpp>
#include <mlk/validation/validate.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mlk::inline v0::validation {

using document::Arena;
using document::Node;
using document::View;

namespace {

std::string_view file_of(const Diagnostic& diagnostic) noexcept {
  return diagnostic.place.file ? std::string_view(*diagnostic.place.file) : std::string_view();
}

auto order(const Diagnostic& d) {
  return std::tuple(file_of(d), d.place.line, d.place.column, d.severity, std::string_view(d.code),
                    std::string_view(d.object), std::string_view(d.path), std::string_view(d.message));
}

void sort(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return order(a) < order(b); });
  const auto last = std::unique(diagnostics.begin(), diagnostics.end(),
                                [](const Diagnostic& a, const Diagnostic& b) { return order(a) == order(b); });
  diagnostics.erase(last, diagnostics.end());
}

/// `kind: List` and what kubectl prints for several objects: the items are the objects.
void flatten(View object, std::vector<View>& into) {
  const auto kind = object["kind"].as_string();
  if (kind && kind->ends_with("List") && object["items"].is_sequence()) {
    for (const View item : object["items"].items()) flatten(item, into);
    return;
  }
  into.push_back(object);
}

/// Whether the object says what it is; reports it when it doesn't.
bool has_kind(View object, Finder& finder) {
  if (!object["apiVersion"].string_or().empty() && !object["kind"].string_or().empty()) return true;
  const std::string what = object.is_mapping() ? "the object has no apiVersion and kind"
                                               : fmt::format("{} is no object", describe(object.kind()));
  finder.report("object-incomplete", Spot(object), {what, {}, {}});
  return false;
}

void report_removed(View object, std::string_view replacement, Finder& finder) {
  finder.report(
      "api-removed", Spot(object)["apiVersion"],
      {fmt::format("{} {} is gone from the API", object["apiVersion"].string_or(), object["kind"].string_or()),
       {},
       replacement.empty() ? std::string() : fmt::format("use apiVersion: {}", replacement)});
}

/// What is known of a kind that can't be checked.
std::string why_unchecked(View object, const schema::Match& match, const schema::Catalogue& schemas) {
  const std::string kind(object["kind"].string_or());
  const std::string api_version(object["apiVersion"].string_or());
  if (match.status == schema::Lookup::unknown_version || match.status == schema::Lookup::not_served) {
    const auto slash = api_version.find('/');
    const std::string group = slash == std::string::npos ? std::string() : api_version.substr(0, slash);
    return fmt::format("its schema is known as {}", join(schemas.versions_of(group, kind), ", "));
  }
  if (match.status == schema::Lookup::not_served_yet) return fmt::format("Kubernetes 1.{} brings it", match.introduced);
  if (match.status == schema::Lookup::unknown_kind) {
    return fmt::format("{} has no such kind{}", api_version, did_you_mean(kind, schemas.kinds_of(api_version)));
  }
  return {};
}

/// Checks the structure of one object after the other.
class Structure {
 public:
  Structure(const Options& options, Finder& finder, RuleBook& rules)
      : m_options(options), m_finder(finder), m_rules(rules) {}

  /// Whether its kind was known.
  bool check(View object) {
    const std::string_view api_version = object["apiVersion"].string_or();
    const std::string_view kind = object["kind"].string_or();
    const KindShape* shape = find_kind(api_version, kind);
    schema::Match match;
    if (m_options.schemas != nullptr) match = m_options.schemas->find(api_version, kind, m_options.minor);
    const std::size_t before = m_finder.count();
    if (shape != nullptr) {
      check_shape(object, *shape, m_finder);
    } else if (match.status == schema::Lookup::found) {
      check_schema(object, match, m_options.schemas->object_meta(m_options.minor), m_finder);
      // Built-ins that have no table here may want other names, roles with colons for one.
      if (!match.is_builtin) check_name(object, Format::dns_subdomain, m_finder);
    } else {
      return explain(object, match);
    }
    // As on the server: rules may rely on the structure.
    if (match.status == schema::Lookup::found && m_finder.count() == before) {
      check_rules(object, match.type, m_rules, m_finder);
    }
    return true;
  }

 private:
  bool explain(View object, const schema::Match& match) {
    const std::string_view api_version = object["apiVersion"].string_or();
    const std::string_view kind = object["kind"].string_or();
    const std::string_view replacement = replacement_of(api_version, kind);
    if (!replacement.empty() || match.status == schema::Lookup::removed) {
      report_removed(object, replacement.empty() ? match.replacement : replacement, m_finder);
      return true;
    }
    const std::string why = m_options.schemas == nullptr ? "" : why_unchecked(object, match, *m_options.schemas);
    m_finder.report("kind-unchecked", Spot(object)["kind"],
                    {fmt::format("{} {} isn't checked", api_version, kind), why, {}});
    return false;
  }

  const Options& m_options;
  Finder& m_finder;
  RuleBook& m_rules;
};

/// Findings of the reader carry their own words; the rule fills what they leave out.
void complete(Diagnostic& diagnostic) {
  const Rule* rule = find_rule(diagnostic.code);
  if (rule == nullptr) return;
  if (diagnostic.why.empty()) diagnostic.why = rule->why;
  if (diagnostic.fix.empty()) diagnostic.fix = rule->fix;
}

}  // namespace

std::size_t Findings::count(Severity severity) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [severity](const Diagnostic& each) { return each.severity == severity; }));
}

bool Findings::has(Severity least) const noexcept {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [least](const Diagnostic& each) { return each.severity <= least; });
}

namespace {

/// One file's objects, and what was found by looking at each of them alone.
struct Sheet {
  Arena arena;
  std::vector<Diagnostic> unreadable;
  std::vector<Diagnostic> found;
  std::vector<View> known;
  std::size_t objects = 0;
  std::size_t unchecked = 0;
};

void check_alone(Sheet& sheet, const Options& options, RuleBook& rules) {
  std::vector<View> flat;
  for (std::size_t i = 0; i < sheet.arena.document_count(); ++i) flatten(sheet.arena.document(i), flat);
  sheet.objects = flat.size();
  Finder finder(options);
  Structure structure(options, finder, rules);
  for (const View object : flat) {
    if (!has_kind(object, finder)) continue;
    if (structure.check(object)) {
      sheet.known.push_back(object);
    } else {
      ++sheet.unchecked;
    }
  }
  sheet.found = finder.take();
}

void append(std::vector<Diagnostic>& all, std::vector<Diagnostic>& more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

/// Looks at the objects of all sheets as one bundle.
Findings check_together(std::vector<Sheet>& sheets, const Options& options) {
  Findings findings;
  std::vector<View> known;
  for (Sheet& sheet : sheets) {
    findings.objects += sheet.objects;
    findings.unchecked += sheet.unchecked;
    append(findings.diagnostics, sheet.found);
    known.insert(known.end(), sheet.known.begin(), sheet.known.end());
  }
  Finder finder(options);
  run_checks(make_bundle(known), finder);
  std::vector<Diagnostic> found = finder.take();
  append(findings.diagnostics, found);
  return findings;
}

}  // namespace

Findings validate(const std::vector<Node>& objects, const Options& options) {
  std::vector<Sheet> sheets(1);
  for (const Node& object : objects) sheets.front().arena.add(object);
  RuleBook rules;
  check_alone(sheets.front(), options, rules);
  Findings findings = check_together(sheets, options);
  sort(findings.diagnostics);
  return findings;
}

Findings validate_texts(const std::vector<Source>& sources, const Options& options) {
  std::vector<Sheet> sheets(sources.size());
  std::vector<RuleBook> rules(most_workers());
  for_each_index(sources.size(), [&](std::size_t index, std::size_t worker) {
    Sheet& sheet = sheets[index];
    const Source& source = sources[index];
    sheet.arena.read(source.text, source.file, document::Schema::kubernetes, sheet.unreadable);
    check_alone(sheet, options, rules[worker]);
  });
  Findings findings = check_together(sheets, options);
  std::vector<Diagnostic> unreadable;
  for (Sheet& sheet : sheets) append(unreadable, sheet.unreadable);
  std::erase_if(unreadable, [&](const Diagnostic& each) {
    return std::find(options.disabled.begin(), options.disabled.end(), each.code) != options.disabled.end();
  });
  add(findings, std::move(unreadable));
  return findings;
}

Findings validate_text(std::string_view text, std::string_view file, const Options& options) {
  return validate_texts({{std::string(file), std::string(text)}}, options);
}

void add(Findings& findings, std::vector<Diagnostic> more) {
  for (Diagnostic& diagnostic : more) {
    complete(diagnostic);
    findings.diagnostics.push_back(std::move(diagnostic));
  }
  sort(findings.diagnostics);
}

}  // namespace mlk::inline v0::validation
