#include "bundle.hpp"
#include "finder.hpp"
#include "rule_groups.hpp"
#include "shape.hpp"

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

/// Whether the object's kind is one that is checked; says why when it isn't.
const KindShape* known_kind(View object, Finder& finder, std::size_t& unchecked) {
  const Spot spot(object);
  const auto api_version = object["apiVersion"].as_string();
  const auto kind = object["kind"].as_string();
  if (!api_version || !kind || api_version->empty() || kind->empty()) {
    const std::string what = object.is_mapping() ? "the object has no apiVersion and kind"
                                                 : fmt::format("{} is no object", describe(object.kind()));
    finder.report("object-incomplete", spot, {what, {}, {}});
    return nullptr;
  }
  if (const KindShape* known = find_kind(*api_version, *kind)) return known;
  if (const auto replacement = replacement_of(*api_version, *kind); !replacement.empty()) {
    finder.report("api-removed", spot["apiVersion"],
                  {fmt::format("{} {} is gone from the API", *api_version, *kind),
                   {},
                   fmt::format("use apiVersion: {}", replacement)});
    return nullptr;
  }
  ++unchecked;
  finder.report("kind-unchecked", spot["kind"], {fmt::format("{} {} isn't checked", *api_version, *kind), {}, {}});
  return nullptr;
}

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

/// Checks the objects of all arenas as one bundle.
Findings validate_all(const std::vector<Arena>& arenas, const Options& options) {
  Findings findings;
  std::vector<View> flat;
  for (const Arena& arena : arenas) {
    for (std::size_t i = 0; i < arena.document_count(); ++i) flatten(arena.document(i), flat);
  }
  findings.objects = flat.size();
  Finder finder(options);
  std::vector<View> known;
  for (const View object : flat) {
    const KindShape* kind = known_kind(object, finder, findings.unchecked);
    if (kind == nullptr) continue;
    check_shape(object, *kind, finder);
    known.push_back(object);
  }
  run_checks(make_bundle(known), finder);
  findings.diagnostics = finder.take();
  return findings;
}

}  // namespace

Findings validate(const std::vector<Node>& objects, const Options& options) {
  std::vector<Arena> arenas(1);
  for (const Node& object : objects) arenas.front().add(object);
  Findings findings = validate_all(arenas, options);
  sort(findings.diagnostics);
  return findings;
}

Findings validate_texts(const std::vector<Source>& sources, const Options& options) {
  std::vector<Arena> arenas(sources.size());
  std::vector<Diagnostic> diagnostics;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    arenas[i].read(sources[i].text, sources[i].file, document::Schema::kubernetes, diagnostics);
  }
  Findings findings = validate_all(arenas, options);
  std::erase_if(diagnostics, [&](const Diagnostic& each) {
    return std::find(options.disabled.begin(), options.disabled.end(), each.code) != options.disabled.end();
  });
  add(findings, std::move(diagnostics));
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
