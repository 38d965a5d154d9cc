#include "field.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mlk::project {

using document::Node;

namespace {

void check_format(const Node& node, Format format, Reader& reader) {
  if (format == Format::any || node.is_null() || node.is_mapping() || node.is_sequence() || reader.is_opaque(node)) {
    return;
  }
  if (const auto reason = mismatch(format, node.scalar_text())) {
    reader.error("project-value", node.place(), fmt::format("{} {}", reader.quote(node), *reason));
  }
}

void check_range(const Node& node, const FieldOptions& options, Reader& reader) {
  const auto value = reader.resolved(node).as_int();
  if (!value || (*value >= options.min && *value <= options.max)) return;
  const std::string range = options.max == std::numeric_limits<std::int64_t>::max()
                                ? fmt::format("{} is the least", options.min)
                                : fmt::format("it goes from {} to {}", options.min, options.max);
  reader.error("project-value", node.place(), fmt::format("{} is out of range: {}", reader.quote(node), range));
}

/// Numbers and booleans may be among the types: they are taken as text.
bool is_text(const Node& schema) {
  const Node& type = schema["type"];
  return type == Node("string") || type[0] == Node("string");
}

}  // namespace

void check_options(const Node& node, const FieldOptions& options, bool is_clean, Reader& reader) {
  if (is_clean) {
    check_format(node, options.format, reader);
    check_range(node, options, reader);
    for (std::size_t i = 0; i < node.items().size(); ++i) {
      const Reader::Step step(reader, i, node.items()[i].place());
      check_format(node.items()[i], options.format, reader);
    }
  }
  if (options.key_format == Format::any && options.format == Format::any) return;
  for (const auto& entry : node.entries()) {
    const Reader::Step step(reader, entry.key, entry.key_place);
    if (const auto reason = mismatch(options.key_format, entry.key)) {
      reader.error("project-value", entry.key_place, fmt::format("'{}' {}", printable(entry.key), *reason));
    }
    if (is_clean) check_format(entry.value, options.format, reader);
  }
}

Node with_options(const Node& schema, const FieldOptions& options, std::string_view doc) {
  Node out = Node::mapping();
  out.set("description", doc);
  for (const auto& entry : schema.entries()) out.set(entry.key, entry.value);
  if (const auto form = pattern_of(options.format); !form.empty()) {
    const std::string pattern = fmt::format("{}|\\$\\{{env:", form);
    if (is_text(out)) out.set("pattern", pattern);
    if (is_text(out["items"])) out.at("items").set("pattern", pattern);
  }
  if (const auto keys = pattern_of(options.key_format); !keys.empty() && out["type"] == Node("object")) {
    out.set("propertyNames", Node::mapping({{"pattern", keys}}));
  }
  if (options.min != std::numeric_limits<std::int64_t>::min()) out.set("minimum", options.min);
  if (options.max != std::numeric_limits<std::int64_t>::max()) out.set("maximum", options.max);
  if (!options.default_text.empty()) out.set("default", default_node(options.default_text));
  return out;
}

Node or_null(Node schema) {
  return Node::mapping({{"anyOf", Node::sequence({std::move(schema), Node::mapping({{"type", "null"}})})}});
}

Node default_node(std::string_view text) {
  if (text == "true" || text == "false") return Node(text == "true");
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status == std::errc() && end == text.data() + text.size()) return Node(number);
  return Node(text);
}

void report_unknown_keys(const Node& map, const std::vector<std::string>& known, Reader& reader) {
  for (const auto& entry : map.entries()) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const Reader::Step step(reader, entry.key, entry.key_place);
    const auto match = nearest(entry.key, known);
    reader.error("project-unknown-key", entry.key_place,
                 fmt::format("unknown key '{}'{}", printable(entry.key), did_you_mean(entry.key, known)),
                 match ? fmt::format("write '{}'", *match) : fmt::format("known here: {}", join(known, ", ")));
  }
}

Node object_schema(Node properties, const std::vector<std::string>& required) {
  Node out = Node::mapping({{"type", "object"}, {"additionalProperties", false}});
  out.set("properties", std::move(properties));
  if (!required.empty()) {
    Node names = Node::sequence();
    for (const auto& name : required) names.push_back(name);
    out.set("required", std::move(names));
  }
  return out;
}

}  // namespace mlk::project
