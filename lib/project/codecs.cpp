#include "codecs.hpp"

#include <charconv>
#include <cmath>

namespace mlk::project {

using document::Kind;
using document::Node;

namespace {

/// A type, or a text that holds `${env:…}`.
Node or_env(Node schema) {
  Node expanded = Node::mapping({{"type", "string"}, {"pattern", "\\$\\{env:"}});
  return Node::mapping({{"anyOf", Node::sequence({std::move(schema), std::move(expanded)})}});
}

Node string_schema(std::string_view pattern) {
  Node schema = Node::mapping({{"type", "string"}});
  if (!pattern.empty()) schema.set("pattern", pattern);
  return schema;
}

/// How wide the value stands in the file; 0 where that isn't known.
std::size_t width_of(const Place& place) {
  return place.is_known() && place.line == place.end_line ? place.end_column - place.column : 0;
}

/// Reads a text by a parser of core; whole numbers have no unit and are refused by name.
template <class T, class Parse>
void read_amount(const Node& given, Reader& reader, T& out, std::string_view wanted, std::string_view unit,
                 Parse parse) {
  const Node node = reader.resolved(given);
  const std::string text = node.scalar_text();
  if (node.is_null() || node.is_mapping() || node.is_sequence() || node.kind() == Kind::boolean) {
    reader.wrong_kind(wanted, given);
    return;
  }
  if (reader.is_opaque(given)) return;
  const bool has_unit = text.find_first_not_of("0123456789.+-_") != std::string::npos;
  if (!has_unit && !unit.empty() && node.as_int() != 0) {
    reader.error("project-value", given.place(), fmt::format("{} has no unit", reader.quote(given)),
                 fmt::format("write for example {}{}", text, unit));
    return;
  }
  auto value = node.as_int() == 0 ? Result<T>(T{}) : parse(text);
  if (!value) {
    reader.wrong_value(given, value.error());
  } else if (*value < T{}) {
    reader.error("project-value", given.place(), fmt::format("{} is negative", reader.quote(given)));
  } else {
    out = *value;
  }
}

}  // namespace

void Codec<std::string>::read(const Node& node, Reader& reader, std::string& out) {
  switch (node.kind()) {
    case Kind::string:
      out = *node.as_string();
      return;
    case Kind::boolean:
    case Kind::integer:
    case Kind::floating: {
      out = node.scalar_text();
      const std::size_t width = width_of(node.place());
      if (width == out.size() || (width == 0 && node.kind() != Kind::floating)) return;
      reader.error("project-type", node.place(),
                   fmt::format("a string is wanted here, and YAML reads the number {}", out), "put it in quotes");
      return;
    }
    case Kind::null:
    case Kind::sequence:
    case Kind::mapping:
      reader.wrong_kind("a string", node);
  }
}
Node Codec<std::string>::schema(SchemaMode) {
  return Node::mapping({{"type", Node::sequence({"string", "number", "boolean"})}});
}

void Codec<bool>::read(const Node& node, Reader& reader, bool& out) {
  const auto value = reader.resolved(node).as_bool();
  if (!value) return reader.wrong_kind("true or false", node);
  out = *value;
}
Node Codec<bool>::schema(SchemaMode) { return or_env(Node::mapping({{"type", "boolean"}})); }

void Codec<std::int64_t>::read(const Node& node, Reader& reader, std::int64_t& out) {
  const auto value = reader.resolved(node).as_int();
  if (!value) return reader.wrong_kind("a whole number", node);
  out = *value;
}
Node Codec<std::int64_t>::schema(SchemaMode) { return or_env(Node::mapping({{"type", "integer"}})); }

void Codec<Bytes>::read(const Node& node, Reader& reader, Bytes& out) {
  read_amount(node, reader, out, "an amount such as 16Gi", "Gi",
              [](std::string_view text) { return parse_bytes(text); });
}
Node Codec<Bytes>::schema(SchemaMode) {
  return Node::mapping({{"anyOf", Node::sequence({string_schema("^[0-9.]+([kMGTPE]i?|m)$|\\$\\{env:"),
                                                  Node::mapping({{"const", 0}})})}});
}

void Codec<Millicores>::read(const Node& node, Reader& reader, Millicores& out) {
  read_amount(node, reader, out, "a number of cores such as 4 or 500m", "",
              [](std::string_view text) { return parse_millicores(text); });
}
Node Codec<Millicores>::schema(SchemaMode) {
  return Node::mapping({{"anyOf", Node::sequence({Node::mapping({{"type", "number"}, {"minimum", 0}}),
                                                  string_schema("^[0-9.]+m?$|\\$\\{env:")})}});
}

void Codec<Milliseconds>::read(const Node& node, Reader& reader, Milliseconds& out) {
  read_amount(node, reader, out, "a duration such as 90s or 1h30m", "s",
              [](std::string_view text) { return parse_duration(text); });
}
Node Codec<Milliseconds>::schema(SchemaMode) {
  return Node::mapping({{"anyOf", Node::sequence({string_schema("^([0-9.]+(ms|s|m|h|d))+$|\\$\\{env:"),
                                                  Node::mapping({{"const", 0}})})}});
}

void Codec<Percent>::read(const Node& node, Reader& reader, Percent& out) {
  read_amount(node, reader, out, "a percentage such as 25%", "%",
              [](std::string_view text) { return parse_percent(text); });
}
Node Codec<Percent>::schema(SchemaMode) {
  return Node::mapping(
      {{"anyOf", Node::sequence({string_schema("^[0-9.]+ ?%$|\\$\\{env:"), Node::mapping({{"const", 0}})})}});
}

void Codec<CountOrPercent>::read(const Node& given, Reader& reader, CountOrPercent& out) {
  const Node node = reader.resolved(given);
  if (node.as_int() && *node.as_int() >= 0) {
    out.count = node.as_int();
    return;
  }
  if (!node.is_string()) return reader.wrong_kind("a number of replicas, or a percentage such as 25%", given);
  auto percent = parse_percent(*node.as_string());
  if (!percent) return reader.wrong_value(given, percent.error());
  out.percent = *percent;
}
Node Codec<CountOrPercent>::schema(SchemaMode) {
  return Node::mapping({{"anyOf", Node::sequence({Node::mapping({{"type", "integer"}, {"minimum", 0}}),
                                                  string_schema("^[0-9.]+ ?%$|\\$\\{env:")})}});
}

void Codec<Limit>::read(const Node& given, Reader& reader, Limit& out) {
  const Node node = reader.resolved(given);
  if (const auto number = node.as_double()) {
    out = {*number, LimitUnit::number};
    return;
  }
  if (!node.is_string()) return reader.wrong_kind("a limit such as 1%, 800ms or 5", given);
  if (const auto percent = parse_percent(*node.as_string())) {
    out = {percent->count, LimitUnit::percent};
  } else if (const auto duration = parse_duration(*node.as_string())) {
    out = {static_cast<double>(duration->count()), LimitUnit::duration};
  } else if (!reader.is_opaque(given)) {
    reader.error("project-value", given.place(), fmt::format("{} is no limit", reader.quote(given)),
                 "write for example 1%, 800ms or 5");
  }
}
Node Codec<Limit>::schema(SchemaMode) {
  return Node::mapping({{"anyOf", Node::sequence({Node::mapping({{"type", "number"}}), string_schema({})})}});
}

std::optional<std::pair<std::string, std::string>> split_pair(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) return {};
  return std::pair(parts[0], parts[1]);
}

void Codec<SecretKey>::read(const Node& node, Reader& reader, SecretKey& out) {
  if (!node.is_string()) return reader.wrong_kind("a reference 'secret/key'", node);
  if (reader.is_opaque(node)) return;
  const auto pair = split_pair(*node.as_string());
  const auto is_key = [](std::string_view key) {
    return key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
           std::string_view::npos;
  };
  if (!pair || mismatch(Format::subdomain, pair->first) || !is_key(pair->second)) {
    // The text may be the secret itself, put here by mistake: it is not repeated.
    reader.error("project-secret", node.place(), "this is no reference to a key of a Secret",
                 "write secret-name/key; the value itself belongs into the Secret");
    return;
  }
  out = {pair->first, pair->second};
}
Node Codec<SecretKey>::schema(SchemaMode) { return string_schema("^[^/]+/[^/]+$|\\$\\{env:"); }

void Codec<ObjectRef>::read(const Node& node, Reader& reader, ObjectRef& out) {
  if (!node.is_string()) return reader.wrong_kind("a name, or namespace/name", node);
  if (reader.is_opaque(node)) return;
  const auto pair = split_pair(*node.as_string());
  out = pair ? ObjectRef{pair->first, pair->second} : ObjectRef{{}, std::string(*node.as_string())};
  const bool is_good = !mismatch(Format::subdomain, out.name) &&
                       (out.namespace_name.empty() || !mismatch(Format::label, out.namespace_name));
  if (!is_good) {
    reader.error("project-value", node.place(),
                 fmt::format("{} is no name, and no namespace/name", reader.quote(node)));
  }
}
Node Codec<ObjectRef>::schema(SchemaMode) { return string_schema("^([^/]+/)?[^/]+$"); }

void Codec<RouteAuth>::read(const Node& node, Reader& reader, RouteAuth& out) {
  if (node.as_string() == "none") {
    out.is_none = true;
    return;
  }
  if (!node.is_mapping()) {
    if (reader.is_opaque(node)) return;
    reader.error("project-type", node.place(), "'none' or {api-key: secret/key} is wanted here");
    return;
  }
  report_unknown_keys(node, {"api-key"}, reader);
  for (const auto& entry : node.entries()) {
    if (entry.key != "api-key") continue;
    const Reader::Step step(reader, entry.key, entry.key_place);
    Codec<SecretKey>::read(entry.value, reader, out.api_key.emplace());
  }
  if (node.empty()) reader.error("project-missing", node.place(), "'api-key' is missing");
}
Node Codec<RouteAuth>::schema(SchemaMode mode) {
  Node key = Node::mapping({{"api-key", Codec<SecretKey>::schema(mode)}});
  return Node::mapping(
      {{"anyOf", Node::sequence({Node::mapping({{"const", "none"}}), object_schema(std::move(key), {"api-key"})})}});
}

void Codec<ScaleMetric>::read(const Node& node, Reader& reader, ScaleMetric& out) {
  out.place = node.place();
  const auto known = Codec<ScaleMeasure>::known();
  if (!node.is_mapping()) return reader.wrong_kind("a map such as {cpu: 70%}", node);
  report_unknown_keys(node, known, reader);
  if (node.size() != 1) {
    reader.error("project-value", node.place(), "one measure a metric is wanted", "write each as an item of its own");
    return;
  }
  const auto& entry = node.entries().front();
  const Reader::Step step(reader, entry.key, entry.key_place);
  for (const auto& word : words_of(ScaleMeasure{})) {
    if (word.text != entry.key) continue;
    out.measure = word.value;
    if (word.value != ScaleMeasure::queue) {
      Percent percent;
      Codec<Percent>::read(entry.value, reader, percent);
      out.target = percent.count;
      return;
    }
    const auto target = reader.resolved(entry.value).as_double();
    if (!target || *target <= 0) return reader.wrong_kind("a number of waiting requests", entry.value);
    out.target = *target;
  }
}
Node Codec<ScaleMetric>::schema(SchemaMode mode) {
  Node properties = Node::mapping();
  for (const auto& word : words_of(ScaleMeasure{})) {
    properties.set(word.text, word.value == ScaleMeasure::queue ? Node::mapping({{"type", "number"}})
                                                                : Codec<Percent>::schema(mode));
  }
  return object_schema(std::move(properties), {}).set("minProperties", 1).set("maxProperties", 1);
}

void Codec<Scale>::read(const Node& node, Reader& reader, Scale& out) {
  const auto count = reader.resolved(node).as_int();
  if (!count) return MapCodec<Scale>::read(node, reader, out);
  out.place = node.place();
  out.min = {*count, node.place()};
  if (*count < 0) {
    reader.error("project-value", node.place(), fmt::format("{} is out of range: 0 is the least", reader.quote(node)));
  }
}
Node Codec<Scale>::schema(SchemaMode mode) {
  return Node::mapping({{"anyOf", Node::sequence({Codec<std::int64_t>::schema(mode), MapCodec<Scale>::schema(mode)})}});
}

void Codec<Engine>::read(const Node& node, Reader& reader, Engine& out) {
  if (!node.is_string()) return MapCodec<Engine>::read(node, reader, out);
  out.place = node.place();
  Codec<Located<EngineName>>::read(node, reader, out.name);
}
Node Codec<Engine>::schema(SchemaMode mode) {
  return Node::mapping({{"anyOf", Node::sequence({Codec<EngineName>::schema(mode), MapCodec<Engine>::schema(mode)})}});
}

void report_unknown_word(const Node& node, const std::vector<std::string>& known, Reader& reader) {
  if (reader.is_opaque(node)) return;
  if (!node.is_string()) return reader.wrong_kind(fmt::format("one of {}", join(known, ", ")), node);
  reader.error("project-value", node.place(),
               fmt::format("{} isn't known here{}", reader.quote(node), did_you_mean(*node.as_string(), known)),
               fmt::format("write one of {}", join(known, ", ")));
}

Node words_schema(const std::vector<std::string>& known) {
  Node words = Node::sequence();
  for (const auto& word : known) words.push_back(word);
  Node schema = Node::mapping();
  schema.set("enum", std::move(words));
  return or_env(std::move(schema));
}

}  // namespace mlk::project
