#include "source.hpp"
#include "source_line.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <unordered_map>
#include <unordered_set>

namespace mlk::inline v0::validation::schema {

namespace {

constexpr std::size_t k_deepest = 200;

Error unexpected(std::string_view what) { return Error(ErrorKind::failed, fmt::format("unexpected '{}'", what)); }

Result<double> read_number(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || end != copy.c_str() + copy.size()) return unexpected(text);
  return value;
}

// "1.31" as 31.
Result<unsigned> read_minor(std::string_view text) {
  unsigned minor = 0;
  if (!text.starts_with("1.")) return unexpected(text);
  const auto [end, failure] = std::from_chars(text.data() + 2, text.data() + text.size(), minor);
  if (failure != std::errc() || end != text.data() + text.size() || minor > 254) return unexpected(text);
  return minor;
}

Base base_of(std::string_view word, bool& is_known) {
  for (int each = 0; each < static_cast<int>(Base::recursive); ++each) {
    if (to_string(static_cast<Base>(each)) == word) return static_cast<Base>(each);
  }
  is_known = false;
  return Base::any;
}

using Attribute = SourceLine::Attribute;

Result<bool> read_flag(TypeDef& type, const Attribute& attribute) {
  static const std::unordered_map<std::string_view, bool TypeDef::*> flags{
      {"nullable", &TypeDef::is_nullable},
      {"preserve", &TypeDef::preserves_unknown},
      {"embedded", &TypeDef::is_embedded_resource},
      {"unique", &TypeDef::has_unique_items},
      {"atomic", &TypeDef::is_map_atomic},
      {"exclusiveMinimum", &TypeDef::is_minimum_exclusive},
      {"exclusiveMaximum", &TypeDef::is_maximum_exclusive}};
  const auto at = flags.find(attribute.key);
  if (at == flags.end()) return false;
  type.*(at->second) = true;
  return true;
}

Result<bool> read_bound(TypeDef& type, const Attribute& attribute) {
  static const std::unordered_map<std::string_view, std::optional<double> TypeDef::*> numbers{
      {"minimum", &TypeDef::minimum}, {"maximum", &TypeDef::maximum}, {"multipleOf", &TypeDef::multiple_of}};
  static const std::unordered_map<std::string_view, std::optional<std::int64_t> TypeDef::*> sizes{
      {"minLength", &TypeDef::min_length},         {"maxLength", &TypeDef::max_length},
      {"minItems", &TypeDef::min_items},           {"maxItems", &TypeDef::max_items},
      {"minProperties", &TypeDef::min_properties}, {"maxProperties", &TypeDef::max_properties}};
  if (const auto at = numbers.find(attribute.key); at != numbers.end()) {
    MLK_TRY(type.*(at->second), read_number(attribute.value));
    return true;
  }
  if (const auto at = sizes.find(attribute.key); at != sizes.end()) {
    MLK_TRY(const double value, read_number(attribute.value));
    if (!(value >= -9e18 && value <= 9e18)) return unexpected(attribute.value);
    type.*(at->second) = static_cast<std::int64_t>(value);
    return true;
  }
  return false;
}

Result<void> read_attribute(TypeDef& type, const Attribute& attribute) {
  MLK_TRY(const bool is_flag, read_flag(type, attribute));
  if (is_flag) return {};
  MLK_TRY(const bool is_bound, read_bound(type, attribute));
  if (is_bound) return {};
  if (attribute.key == "format") {
    MLK_TRY(type.format, read_word(attribute.value));
  } else if (attribute.key == "pattern") {
    MLK_TRY(type.pattern, read_word(attribute.value));
  } else if (attribute.key == "enum") {
    MLK_TRY(type.enum_values, read_json_items(attribute.value));
  } else if (attribute.key == "required") {
    MLK_TRY(type.required, read_words(attribute.value));
  } else if (attribute.key == "keys") {
    MLK_TRY(type.list_keys, read_words(attribute.value));
  } else if (attribute.key == "list") {
    if (attribute.value == "set") type.list_type = ListType::set;
    if (attribute.value == "map") type.list_type = ListType::map;
    if (attribute.value == "atomic") type.list_type = ListType::atomic;
    if (type.list_type == ListType::none) return unexpected(attribute.value);
  } else {
    return unexpected(attribute.key);
  }
  return {};
}

Result<RuleDef> read_rule(SourceLine& line) {
  RuleDef rule;
  MLK_TRY(rule.rule, read_word(line.word()));
  while (!line.at_end()) {
    const Attribute attribute = line.attribute();
    MLK_TRY(std::string value, read_word(attribute.value));
    if (attribute.key == "message") {
      rule.message = std::move(value);
    } else if (attribute.key == "messageExpression") {
      rule.message_expression = std::move(value);
    } else if (attribute.key == "fieldPath") {
      rule.field_path = std::move(value);
    } else if (attribute.key == "reason") {
      rule.reason = std::move(value);
    } else if (attribute.key == "optionalOldSelf") {
      rule.has_optional_old_self = true;
    } else {
      return unexpected(attribute.key);
    }
  }
  return rule;
}

class Reader {
 public:
  Reader(Model& model, std::string_view text) : m_model(model) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      m_lines.push_back(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }

  std::size_t line() const noexcept { return m_at + 1; }

  Result<void> read() {
    if (m_lines.empty() || m_lines[0] != "mlk-schemas 1") {
      return Error(ErrorKind::failed, "this is no distilled source that this version reads")
          .because("its first line isn't 'mlk-schemas 1'");
    }
    for (std::size_t at = 0; at < m_lines.size(); ++at) {
      if (!m_lines[at].starts_with("type ")) continue;
      SourceLine line(m_lines[at]);
      line.word();
      m_named.emplace(line.word(), at);
    }
    for (m_at = 1; m_at < m_lines.size();) MLK_CHECK(read_top());
    // A recursive name stands for the type that is written under it.
    for (const std::string& name : m_recursive) {
      MLK_TRY(const TypeId id, named(name));
      m_model.types.bind(name, id);
    }
    if (!m_system.name.empty()) m_model.systems.push_back(std::move(m_system));
    return {};
  }

 private:
  Result<void> read_top() {
    SourceLine line(m_lines[m_at]);
    if (line.at_end() || m_lines[m_at].starts_with('#')) {
      ++m_at;
      return {};
    }
    const std::string_view key = line.word();
    if (key == "kind") return read_kind(line);
    if (key == "named") {
      ++m_at;
      return read_spans(m_system.named[std::string(line.rest())]);
    }
    if (key == "life") return read_life(line);
    if (key == "type") {
      // Read when something refers to it.
      do ++m_at;
      while (m_at < m_lines.size() && m_lines[m_at].starts_with(' '));
      return {};
    }
    const std::string value(line.rest());
    if (key == "system") {
      m_system.name = value;
    } else if (key == "module") {
      m_system.module = value;
    } else if (key == "version") {
      m_system.versions.push_back(value);
    } else if (key == "path") {
      m_system.path = value;
    } else if (key == "licence") {
      m_system.licence = value;
    } else if (key == "builtin") {
      m_system.is_builtin = true;
    } else {
      return unexpected(key);
    }
    ++m_at;
    return {};
  }

  Result<void> read_kind(SourceLine& line) {
    KindDef kind;
    const std::string_view api_version = line.word();
    const auto slash = api_version.find('/');
    kind.group = slash == std::string_view::npos ? "" : std::string(api_version.substr(0, slash));
    kind.version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
    kind.kind = line.word();
    while (!line.at_end()) {
      const Attribute attribute = line.attribute();
      if (attribute.key == "namespaced" || attribute.key == "cluster") {
        kind.is_namespaced = attribute.key == "namespaced";
      } else if (attribute.key == "plural") {
        MLK_TRY(kind.plural, read_word(attribute.value));
      } else if (attribute.key == "list") {
        MLK_TRY(kind.list_kind, read_word(attribute.value));
      } else if (attribute.key == "short") {
        MLK_TRY(kind.short_names, read_words(attribute.value));
      } else if (attribute.key == "storage") {
        kind.is_storage = true;
      } else if (attribute.key == "deprecated") {
        kind.is_deprecated = true;
      } else if (attribute.key == "warning") {
        MLK_TRY(kind.deprecation_warning, read_word(attribute.value));
      } else {
        return unexpected(attribute.key);
      }
    }
    ++m_at;
    MLK_CHECK(read_spans(kind.served));
    m_system.kinds.push_back(std::move(kind));
    return {};
  }

  Result<void> read_spans(std::vector<ServedDef>& served) {
    while (m_at < m_lines.size() && m_lines[m_at].starts_with(' ')) {
      SourceLine line(m_lines[m_at]);
      const std::string_view range = line.word();
      ServedDef each;
      if (range != "*") {
        const auto dash = range.find('-');
        if (dash == std::string_view::npos) return unexpected(range);
        MLK_TRY(const unsigned first, read_minor(range.substr(0, dash)));
        MLK_TRY(const unsigned last, read_minor(range.substr(dash + 1)));
        each.minors = {static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(last)};
      }
      std::string no_default;
      MLK_TRY(each.type, read_expression(line, no_default, 1));
      served.push_back(each);
    }
    return {};
  }

  Result<void> read_life(SourceLine& line) {
    LifecycleDef life;
    life.api_version = line.word();
    life.kind = line.word();
    while (!line.at_end()) {
      const Attribute attribute = line.attribute();
      if (attribute.key == "replacement") {
        MLK_TRY(life.replacement, read_word(attribute.value));
        continue;
      }
      MLK_TRY(const unsigned minor, read_minor(attribute.value));
      if (attribute.key == "introduced") life.introduced = minor;
      if (attribute.key == "deprecated") life.deprecated = minor;
      if (attribute.key == "removed") life.removed = minor;
    }
    m_model.lifecycle.push_back(std::move(life));
    ++m_at;
    return {};
  }

  Result<TypeId> named(const std::string& name) {
    if (const auto done = m_done.find(name); done != m_done.end()) return done->second;
    const auto at = m_named.find(name);
    if (at == m_named.end()) return Error(ErrorKind::failed, fmt::format("type '{}' isn't in this file", name));
    if (!m_open.insert(name).second) {
      return Error(ErrorKind::failed, fmt::format("type '{}' holds itself", name)).because("a cycle is written with ^");
    }
    const std::size_t back = m_at;
    m_at = at->second;
    SourceLine line(m_lines[m_at]);
    line.word();
    line.word();
    std::string no_default;
    MLK_TRY(const TypeId id, read_expression(line, no_default, 0));
    m_at = back;
    m_open.erase(name);
    m_done.emplace(name, id);
    return id;
  }

  // Reads the rest of the line and the deeper lines below it, and stands behind them.
  Result<TypeId> read_expression(SourceLine& line, std::string& default_json, std::size_t depth) {
    if (depth > k_deepest) return Error(ErrorKind::failed, "the types are nested too deeply");
    if (line.take('@') || line.rest().starts_with('^')) {
      const bool is_recursive = line.take('^');
      const std::string name(line.word());
      MLK_CHECK(read_default(line, default_json));
      if (is_recursive) {
        m_recursive.insert(name);
        TypeDef type;
        type.base = Base::recursive;
        type.name = name;
        ++m_at;
        return m_model.types.intern(std::move(type));
      }
      MLK_TRY(const TypeId id, named(name));
      ++m_at;
      return id;
    }
    TypeDef type;
    bool is_known = true;
    const std::string_view word = line.word();
    type.base = base_of(word, is_known);
    if (!is_known) return unexpected(word);
    while (!line.at_end()) {
      const Attribute attribute = line.attribute();
      if (attribute.key == "default") {
        default_json = attribute.value;
      } else {
        MLK_CHECK(read_attribute(type, attribute));
      }
    }
    ++m_at;
    while (m_at < m_lines.size()) {
      SourceLine below(m_lines[m_at]);
      if (below.depth() <= depth) break;
      if (below.depth() != depth + 1) return Error(ErrorKind::failed, "the line stands too deep");
      MLK_CHECK(read_member(type, below, depth + 1));
    }
    return m_model.types.intern(std::move(type));
  }

  static Result<void> read_default(SourceLine& line, std::string& default_json) {
    if (line.at_end()) return {};
    const Attribute attribute = line.attribute();
    if (attribute.key != "default") return unexpected(attribute.key);
    default_json = attribute.value;
    return {};
  }

  Result<void> read_member(TypeDef& type, SourceLine& line, std::size_t depth) {
    std::string default_json;
    if (line.take('.')) {
      FieldDef field;
      std::string_view name = line.word();
      field.is_required = name.ends_with('!');
      if (field.is_required) name.remove_suffix(1);
      MLK_TRY(field.name, read_word(name));
      MLK_TRY(field.type, read_expression(line, field.default_json, depth));
      type.fields.push_back(std::move(field));
      return {};
    }
    const std::string_view word = line.word();
    if (word == "rule") {
      MLK_TRY(RuleDef rule, read_rule(line));
      type.rules.push_back(std::move(rule));
      ++m_at;
      return {};
    }
    MLK_TRY(const TypeId id, read_expression(line, default_json, depth));
    if (word == "[]") {
      type.items = id;
    } else if (word == "{}") {
      type.additional = id;
    } else if (word == "all") {
      type.all_of.push_back(id);
    } else if (word == "any") {
      type.any_of.push_back(id);
    } else if (word == "one") {
      type.one_of.push_back(id);
    } else if (word == "not") {
      type.negated = id;
    } else {
      return unexpected(word);
    }
    return {};
  }

  Model& m_model;
  SystemDef m_system;
  std::vector<std::string_view> m_lines;
  std::size_t m_at = 0;
  std::unordered_map<std::string, std::size_t> m_named;
  std::unordered_map<std::string, TypeId> m_done;
  std::unordered_set<std::string> m_open;
  std::unordered_set<std::string> m_recursive;
};

}  // namespace

Result<void> read_source(Model& model, std::string_view text, std::string_view file) {
  Reader reader(model, text);
  if (auto done = reader.read(); !done) {
    return std::move(done).error().within(fmt::format("reading '{}' line {}", file, reader.line()));
  }
  return {};
}

}  // namespace mlk::inline v0::validation::schema
