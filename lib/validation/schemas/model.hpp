#pragma once

#include <mlk/core/result.hpp>
#include <mlk/validation/schema.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

/// Schemas while they are made: read from CRDs and OpenAPI, or from distilled sources; written to either form of
/// output.
namespace mlk::inline v0::validation::schema {

/// A type by its number in a TypePool.
using TypeId = std::uint32_t;
constexpr TypeId k_no_type = UINT32_MAX;

struct FieldDef {
  std::string name;
  TypeId type = k_no_type;
  bool is_required = false;
  std::string default_json;
};

struct RuleDef {
  std::string rule;
  std::string message;
  std::string message_expression;
  std::string field_path;
  std::string reason;
  bool has_optional_old_self = false;
};

struct TypeDef {
  Base base = Base::any;
  bool is_nullable = false;
  bool preserves_unknown = false;
  bool is_embedded_resource = false;
  bool has_unique_items = false;
  bool is_map_atomic = false;
  bool is_minimum_exclusive = false;
  bool is_maximum_exclusive = false;
  ListType list_type = ListType::none;
  std::string format;
  std::string pattern;
  std::string name;  ///< of a recursive type: which one it stands for
  std::vector<std::string> enum_values;
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::optional<double> multiple_of;
  std::optional<std::int64_t> min_length;
  std::optional<std::int64_t> max_length;
  std::optional<std::int64_t> min_items;
  std::optional<std::int64_t> max_items;
  std::optional<std::int64_t> min_properties;
  std::optional<std::int64_t> max_properties;
  TypeId items = k_no_type;
  TypeId additional = k_no_type;
  TypeId negated = k_no_type;
  std::vector<FieldDef> fields;       ///< sorted by name
  std::vector<std::string> required;  ///< names that aren't fields, sorted
  std::vector<std::string> list_keys;
  std::vector<TypeId> all_of;
  std::vector<TypeId> any_of;
  std::vector<TypeId> one_of;
  std::vector<RuleDef> rules;

  /// Every type that this one refers to, in a fixed order.
  std::vector<TypeId> children() const;
};

/// Types, each kept once: what is equal in structure gets the same number.
class TypePool {
 public:
  /// `hint` names the type in a distilled source when it is the first to be said.
  TypeId intern(TypeDef type, std::string_view hint = {});
  const TypeDef& operator[](TypeId id) const { return m_types[id]; }
  std::size_t size() const noexcept { return m_types.size(); }
  const std::string& hint(TypeId id) const { return m_hints[id]; }
  /// Gives a type the name of its definition instead of its hint; the first name stays.
  void name(TypeId id, std::string_view definition);

  /// What a recursive name stands for; k_no_type when nothing yet.
  TypeId bound(const std::string& name) const;
  void bind(const std::string& name, TypeId id) { m_bound[name] = id; }
  const std::map<std::string, TypeId>& bindings() const noexcept { return m_bound; }

 private:
  std::vector<TypeDef> m_types;
  std::vector<std::string> m_hints;
  std::vector<bool> m_is_named;
  std::unordered_map<std::string, TypeId> m_known;
  std::map<std::string, TypeId> m_bound;
};

/// A type over a span of Kubernetes versions; {0, 255} for custom resources.
struct ServedDef {
  MinorRange minors{0, 255};
  TypeId type = k_no_type;
};

struct KindDef {
  std::string group;
  std::string version;
  std::string kind;
  std::string list_kind;
  std::string plural;
  std::vector<std::string> short_names;
  std::string deprecation_warning;
  bool is_namespaced = false;
  bool is_deprecated = false;
  bool is_storage = false;
  std::vector<ServedDef> served;  ///< by minor version; empty: known and not served
};

struct SystemDef {
  std::string name;
  std::string module;
  std::vector<std::string> versions;
  std::string path;
  std::string licence;
  bool is_builtin = false;
  std::vector<KindDef> kinds;
  std::map<std::string, std::vector<ServedDef>> named;  ///< types that are no kinds: "meta.v1.ObjectMeta"
};

/// The life of a built-in API; minor versions, 0 where there is none.
struct LifecycleDef {
  std::string api_version;
  std::string kind;
  unsigned introduced = 0;
  unsigned deprecated = 0;
  unsigned removed = 0;
  std::string replacement;
};

struct Model {
  TypePool types;
  std::vector<SystemDef> systems;
  std::vector<LifecycleDef> lifecycle;
};

/// Adds `minor` to the spans: the last one grows when it has this type and ends just before.
void add_served(std::vector<ServedDef>& served, unsigned minor, TypeId type);
/// By group, version and kind; the order of distilled sources.
void sort_kinds(SystemDef& system);

}  // namespace mlk::inline v0::validation::schema
