#include <mlk/validation/report.hpp>
#include <mlk/validation/rules.hpp>

#include <algorithm>
#include <set>

namespace mlk::inline v0::validation {

using document::Node;

namespace {

Node number_or_null(std::uint32_t value) { return value == 0 ? Node() : Node(std::int64_t{value}); }

Node text_or_null(std::string_view text) { return text.empty() ? Node() : Node(text); }

Node place_record(const Place& place) {
  if (!place.file) return {};
  return Node::mapping({{"file", *place.file},
                        {"line", number_or_null(place.line)},
                        {"column", number_or_null(place.column)},
                        {"endLine", number_or_null(place.end_line)},
                        {"endColumn", number_or_null(place.end_column)}});
}

Node finding_record(const Diagnostic& found) {
  Node related = Node::sequence();
  for (const Diagnostic::Related& each : found.related) {
    related.push_back(Node::mapping({{"place", place_record(each.place)}, {"message", each.message}}));
  }
  return Node::mapping({{"severity", to_string(found.severity)},
                        {"code", found.code},
                        {"place", place_record(found.place)},
                        {"path", text_or_null(found.path)},
                        {"object", text_or_null(found.object)},
                        {"message", found.message},
                        {"why", text_or_null(found.why)},
                        {"fix", text_or_null(found.fix)},
                        {"related", std::move(related)}});
}

std::string_view sarif_level(Severity severity) noexcept {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "note";
  }
  return "error";
}

/// A file name as a relative URI: percent-encoded, "/" kept; "-" is standard input.
std::string uri_of(std::string_view file) {
  if (file == "-") return "stdin";
  constexpr char k_digits[] = "0123456789ABCDEF";
  std::string uri;
  for (const char c : file) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                          c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain) {
      uri += c;
    } else {
      uri += '%';
      uri += k_digits[byte >> 4U];
      uri += k_digits[byte & 15U];
    }
  }
  // An absolute path alone is no URI of its own.
  return uri.starts_with('/') ? "file://" + uri : uri;
}

Node sarif_location(const Place& place, std::string_view object, std::string_view path) {
  Node location = Node::mapping();
  if (place.file) {
    Node physical = Node::mapping({{"artifactLocation", Node::mapping({{"uri", uri_of(*place.file)}})}});
    if (place.line != 0) {
      Node region = Node::mapping({{"startLine", std::int64_t{place.line}}});
      if (place.column != 0) region.set("startColumn", std::int64_t{place.column});
      if (place.column != 0 && place.end_line >= place.line && place.end_column != 0) {
        region.set("endLine", std::int64_t{place.end_line}).set("endColumn", std::int64_t{place.end_column});
      }
      physical.set("region", std::move(region));
    }
    location.set("physicalLocation", std::move(physical));
  }
  if (!object.empty() || !path.empty()) {
    Node logical = Node::mapping({{"kind", "object"}});
    logical.set("fullyQualifiedName", std::string(object) + (path.empty() ? "" : ":") + std::string(path));
    location.set("logicalLocations", Node::sequence({std::move(logical)}));
  }
  return location;
}

Node sarif_rule(std::string_view id) {
  Node rule = Node::mapping({{"id", id}});
  if (const Rule* known = find_rule(id)) {
    rule.set("shortDescription", Node::mapping({{"text", known->summary}}));
    rule.set("fullDescription", Node::mapping({{"text", known->why}}));
    rule.set("help", Node::mapping({{"text", std::string(known->fix) + "\nSource: " + std::string(known->source)}}));
    rule.set("defaultConfiguration", Node::mapping({{"level", sarif_level(known->severity)}}));
  }
  return rule;
}

}  // namespace

document::Node report_json(const Findings& findings) {
  Node list = Node::sequence();
  for (const Diagnostic& found : findings.diagnostics) list.push_back(finding_record(found));
  const auto count = [&](Severity severity) { return static_cast<std::int64_t>(findings.count(severity)); };
  return Node::mapping({{"schema", "mlk.dev/validate/v1"},
                        {"objects", static_cast<std::int64_t>(findings.objects)},
                        {"unchecked", static_cast<std::int64_t>(findings.unchecked)},
                        {"errors", count(Severity::error)},
                        {"warnings", count(Severity::warning)},
                        {"infos", count(Severity::info)},
                        {"findings", std::move(list)}});
}

document::Node report_sarif(const Findings& findings, std::string_view tool_version) {
  std::set<std::string> ids;
  for (const Diagnostic& found : findings.diagnostics) ids.insert(found.code);
  Node rules_found = Node::sequence();
  for (const std::string& id : ids) rules_found.push_back(sarif_rule(id));
  Node results = Node::sequence();
  for (const Diagnostic& found : findings.diagnostics) {
    const auto index = std::distance(ids.begin(), ids.find(found.code));
    std::string message = found.message;
    if (!found.fix.empty()) message += ". Fix: " + found.fix;
    Node result = Node::mapping({{"ruleId", found.code},
                                 {"ruleIndex", static_cast<std::int64_t>(index)},
                                 {"level", sarif_level(found.severity)},
                                 {"message", Node::mapping({{"text", message}})}});
    Node location = sarif_location(found.place, found.object, found.path);
    if (!location.empty()) result.set("locations", Node::sequence({std::move(location)}));
    results.push_back(std::move(result));
  }
  Node driver = Node::mapping({{"name", "mlk"}, {"version", tool_version}, {"rules", std::move(rules_found)}});
  Node run = Node::mapping({{"tool", Node::mapping({{"driver", std::move(driver)}})},
                            {"columnKind", "unicodeCodePoints"},
                            {"results", std::move(results)}});
  return Node::mapping({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                        {"version", "2.1.0"},
                        {"runs", Node::sequence({std::move(run)})}});
}

}  // namespace mlk::inline v0::validation
