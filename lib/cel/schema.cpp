#include "type_data.hpp"

#include <mlk/cel/schema.hpp>

#include <algorithm>
#include <array>

namespace mlk::inline v0::cel {
namespace {

using document::Node;

constexpr std::size_t k_max_schema_depth = 128;

bool flag(const Node& schema, std::string_view key) { return schema[key].bool_or(false); }
std::string_view text(const Node& schema, std::string_view key) {
  return schema[key].as_string().value_or(std::string_view());
}

std::optional<Type> convert(const Node& schema, bool is_resource_root, std::string_view name, std::size_t depth);

std::optional<Type> list_type(const Node& schema, std::string_view name, std::size_t depth) {
  const auto* items = schema.find("items");
  if (items == nullptr) return std::nullopt;
  auto item = convert(*items, flag(*items, "x-kubernetes-embedded-resource"), std::string(name) + ".@idx", depth + 1);
  if (!item) return std::nullopt;
  return with_data(Type::list(std::move(*item)), [&](TypeData& data) {
    const auto kind = text(schema, "x-kubernetes-list-type");
    data.list_kind = kind == "map" ? ListKind::map : kind == "set" ? ListKind::set : ListKind::atomic;
    for (const auto& key : schema["x-kubernetes-list-map-keys"].items()) data.list_keys.push_back(key.string_or());
  });
}

void add_object_meta(std::vector<std::pair<std::string, Type>>& fields, std::string_view name) {
  const auto put = [&](std::string_view field, Type type) {
    std::erase_if(fields, [&](const auto& entry) { return entry.first == field; });
    fields.emplace_back(field, std::move(type));
  };
  const auto plain = with_data(Type::string(), [](TypeData& data) { data.is_from_schema = true; });
  put("apiVersion", plain);
  put("kind", plain);
  put("metadata", with_data(Type::object(std::string(name) + ".metadata", {{"name", plain}, {"generateName", plain}}),
                            [](TypeData& data) { data.is_from_schema = true; }));
}

std::optional<Type> object_type(const Node& schema, bool is_resource_root, std::string_view name, std::size_t depth) {
  const auto* additional = schema.find("additionalProperties");
  if (additional != nullptr && additional->is_mapping()) {
    auto value = convert(*additional, flag(*additional, "x-kubernetes-embedded-resource"), std::string(name) + ".@elem",
                         depth + 1);
    if (!value) return std::nullopt;
    return Type::map(Type::string(), std::move(*value));
  }
  std::vector<std::pair<std::string, Type>> fields;
  for (const auto& [key, place, property] : schema["properties"].entries()) {
    auto type =
        convert(property, flag(property, "x-kubernetes-embedded-resource"), std::string(name) + "." + key, depth + 1);
    if (type) fields.emplace_back(key, std::move(*type));
  }
  if (is_resource_root) add_object_meta(fields, name);
  return Type::object(std::string(name), fields);
}

Type string_type(const Node& schema) {
  const auto format = text(schema, "format");
  if (format == "byte") return Type::bytes();
  if (format == "duration") return Type::duration();
  if (format == "date" || format == "date-time") return Type::timestamp();
  return Type::string();
}

std::optional<Type> convert(const Node& schema, bool is_resource_root, std::string_view name, std::size_t depth) {
  if (depth > k_max_schema_depth) return std::nullopt;
  std::optional<Type> type;
  const bool int_or_string = flag(schema, "x-kubernetes-int-or-string");
  const auto kind = text(schema, "type");
  if (int_or_string) {
    type = Type::dyn();
  } else if (kind == "array") {
    type = list_type(schema, name, depth);
  } else if (kind == "object") {
    type = object_type(schema, is_resource_root, name, depth);
  } else if (kind == "string") {
    type = string_type(schema);
  } else if (kind == "boolean") {
    type = Type::boolean();
  } else if (kind == "number") {
    type = Type::floating();
  } else if (kind == "integer") {
    type = Type::integer();
  }
  if (!type) return std::nullopt;
  return with_data(*type, [&](TypeData& data) {
    data.is_from_schema = true;
    data.is_nullable = flag(schema, "nullable");
    data.is_int_or_string = int_or_string;
  });
}

constexpr std::array<std::string_view, 21> k_keywords = {
    "true", "false",  "null", "in",   "as",      "break",     "const",  "continue", "else", "for",  "function",
    "if",   "import", "let",  "loop", "package", "namespace", "return", "var",      "void", "while"};

bool is_keyword(std::string_view word) {
  return std::find(k_keywords.begin(), k_keywords.end(), word) != k_keywords.end();
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> k_escapes = {
    {{"__", "underscores"}, {".", "dot"}, {"-", "dash"}, {"/", "slash"}}};

}  // namespace

std::optional<Type> schema_type(const Node& schema, bool is_resource_root, std::string_view name) {
  return convert(schema, is_resource_root, name, 0);
}

std::optional<std::string> escape_field(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return std::nullopt;
  if (is_keyword(name)) return "__" + std::string(name) + "__";
  std::string out;
  while (!name.empty()) {
    const auto escape = std::find_if(k_escapes.begin(), k_escapes.end(),
                                     [&](const auto& pair) { return name.substr(0, pair.first.size()) == pair.first; });
    if (escape != k_escapes.end()) {
      out += "__";
      out += escape->second;
      out += "__";
      name.remove_prefix(escape->first.size());
      continue;
    }
    const char c = name.front();
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain) return std::nullopt;
    out += c;
    name.remove_prefix(1);
  }
  return out;
}

std::optional<std::string> unescape_field(std::string_view escaped) {
  std::string out;
  for (std::size_t at = 0; at < escaped.size();) {
    // "__word__", where the word has no underscore
    const auto end = escaped.substr(at, 2) == "__" ? escaped.find('_', at + 2) : std::string_view::npos;
    if (end == std::string_view::npos || end == at + 2 || escaped.substr(end, 2) != "__") {
      out += escaped[at++];
      continue;
    }
    const auto word = escaped.substr(at + 2, end - at - 2);
    const auto escape =
        std::find_if(k_escapes.begin(), k_escapes.end(), [&](const auto& pair) { return pair.second == word; });
    if (escape != k_escapes.end()) {
      out += escape->first;
    } else if (is_keyword(word) && word.size() + 4 == escaped.size()) {
      out += word;
    } else {
      return std::nullopt;
    }
    at = end + 2;
  }
  return out;
}

}  // namespace mlk::inline v0::cel
