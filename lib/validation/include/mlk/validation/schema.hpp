#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/result.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What Kubernetes' kinds look like: structural schemas of the built-ins and of many systems' custom resources, read
/// from packs that are mapped into memory. Nothing is parsed or copied when a pack is opened; every view below points
/// into the mapping and is valid as long as the Pack (or the Catalogue that holds it) lives. Immutable after opening,
/// so any number of threads may read. A damaged pack is refused, or reads as missing values; it never crashes.
namespace mlk::inline v0::validation::schema {

/// What a value has to be, before its bounds.
enum class Base : std::uint8_t {
  any,  ///< no type said: any JSON value (mostly in value validations)
  boolean,
  integer,
  number,
  string,
  array,
  object,
  int_or_string,  ///< x-kubernetes-int-or-string
  quantity,       ///< resource.Quantity of a built-in: a string or a number
  recursive,      ///< only inside the compiler; never seen in a pack
};

/// x-kubernetes-list-type; `none` behaves as atomic.
enum class ListType : std::uint8_t { none, atomic, set, map };

/// "object", "int-or-string", …: the word that distilled sources and messages use.
MLK_API std::string_view to_string(Base base) noexcept;

class Type;
struct PackData;

/// One x-kubernetes-validations entry; what is absent is empty.
struct Rule {
  std::string_view rule;
  std::string_view message;
  std::string_view message_expression;
  std::string_view field_path;
  std::string_view reason;
  bool has_optional_old_self = false;
};

/// A list inside a pack, read by index.
template <class T>
class List {
 public:
  List() = default;
  List(const PackData* data, std::uint32_t at) noexcept : m_data(data), m_at(at) {}
  std::size_t size() const noexcept;
  bool empty() const noexcept { return m_at == 0 || size() == 0; }
  /// The item at `index`; an empty value when there is none.
  T operator[](std::size_t index) const noexcept;

 private:
  const PackData* m_data = nullptr;
  std::uint32_t m_at = 0;
};

struct Field;

/// A view of one type: two words, copied freely. A null Type (of a field that doesn't exist) answers with nothing.
class MLK_API Type {
 public:
  Type() = default;
  Type(const PackData* data, std::uint32_t at) noexcept : m_data(at == 0 ? nullptr : data), m_at(at) {}

  explicit operator bool() const noexcept { return m_data != nullptr; }
  /// Equal types of one pack are one type: a key for caches.
  friend bool operator==(Type a, Type b) noexcept { return a.m_data == b.m_data && a.m_at == b.m_at; }
  /// Some order, for maps.
  friend bool operator<(Type a, Type b) noexcept {
    return a.m_data == b.m_data ? a.m_at < b.m_at : std::less<>()(a.m_data, b.m_data);
  }
  std::uint32_t id() const noexcept { return m_at; }

  Base base() const noexcept;
  bool is_nullable() const noexcept;
  /// x-kubernetes-preserve-unknown-fields, or a built-in that holds any object.
  bool preserves_unknown() const noexcept;
  /// x-kubernetes-embedded-resource: apiVersion, kind and metadata are those of an object of its own.
  bool is_embedded_resource() const noexcept;
  bool has_unique_items() const noexcept;
  /// x-kubernetes-map-type: atomic.
  bool is_map_atomic() const noexcept;
  ListType list_type() const noexcept;
  bool is_minimum_exclusive() const noexcept;
  bool is_maximum_exclusive() const noexcept;

  /// Empty when there is none. The text is one and the same (same address) wherever a pack uses it.
  std::string_view format() const noexcept;
  std::string_view pattern() const noexcept;
  /// Allowed values, each as JSON text.
  List<std::string_view> enum_values() const noexcept;
  std::optional<double> minimum() const noexcept;
  std::optional<double> maximum() const noexcept;
  std::optional<double> multiple_of() const noexcept;
  /// Bounds on sizes; larger than 2147483646 they are left out.
  std::optional<std::uint32_t> min_length() const noexcept;
  std::optional<std::uint32_t> max_length() const noexcept;
  std::optional<std::uint32_t> min_items() const noexcept;
  std::optional<std::uint32_t> max_items() const noexcept;
  std::optional<std::uint32_t> min_properties() const noexcept;
  std::optional<std::uint32_t> max_properties() const noexcept;

  /// Of a list: its items. Of a map with arbitrary keys: its values. Null when not said.
  Type items() const noexcept;
  Type additional() const noexcept;

  /// Fields in the order of their names.
  std::size_t field_count() const noexcept;
  Field field(std::size_t index) const noexcept;
  /// By name, through a hash table; a Field whose type is null when there is none.
  Field find_field(std::string_view name) const noexcept;
  /// Names that have to be there, sorted, whether or not they are among the fields.
  List<std::string_view> required() const noexcept;
  /// x-kubernetes-list-map-keys.
  List<std::string_view> list_keys() const noexcept;

  /// Value validations.
  List<Type> all_of() const noexcept;
  List<Type> any_of() const noexcept;
  List<Type> one_of() const noexcept;
  Type negated() const noexcept;
  List<Rule> rules() const noexcept;

 private:
  const PackData* m_data = nullptr;
  std::uint32_t m_at = 0;
};

/// A field of an object; `default_json` is empty where nothing is filled in.
struct Field {
  std::string_view name;
  Type type;
  std::string_view default_json;
  bool is_required = false;

  explicit operator bool() const noexcept { return static_cast<bool>(type); }
};

template <>
MLK_API std::size_t List<std::string_view>::size() const noexcept;
template <>
MLK_API std::size_t List<Type>::size() const noexcept;
template <>
MLK_API std::size_t List<Rule>::size() const noexcept;
template <>
MLK_API std::string_view List<std::string_view>::operator[](std::size_t index) const noexcept;
template <>
MLK_API Type List<Type>::operator[](std::size_t index) const noexcept;
template <>
MLK_API Rule List<Rule>::operator[](std::size_t index) const noexcept;

/// Minor versions of Kubernetes (31 is 1.31), both ends included.
struct MinorRange {
  std::uint8_t first = 0;
  std::uint8_t last = 0;
  bool holds(unsigned minor) const noexcept { return first <= minor && minor <= last; }
};

/// Where schemas come from.
struct SystemInfo {
  std::string_view name;     ///< "kueue"
  std::string_view module;   ///< Go module, or the files that were imported
  std::string_view version;  ///< of the module; several, with commas, for Kubernetes
  std::string_view path;     ///< inside the module
  std::string_view licence;  ///< SPDX id, empty when unknown
  bool is_imported = false;
};

/// One kind at one version.
struct KindInfo {
  std::string_view group;  ///< empty for the core group
  std::string_view version;
  std::string_view kind;
  std::string_view list_kind;
  std::string_view plural;
  std::string_view short_names;          ///< with commas
  std::string_view deprecation_warning;  ///< of a CRD version marked deprecated
  bool is_namespaced = false;
  bool is_deprecated = false;      ///< by its CRD
  bool is_storage = false;         ///< the version that is stored
  bool is_served = false;          ///< false for a version that a CRD knows and doesn't serve
  std::vector<MinorRange> minors;  ///< built-ins: where it is served; empty for custom resources (everywhere)
  SystemInfo system;

  /// "apps/v1", "v1".
  MLK_API std::string api_version() const;
};

enum class Lookup : std::uint8_t {
  found,
  unknown_group,    ///< nothing of this API group is known
  unknown_kind,     ///< the group is known, the kind isn't
  unknown_version,  ///< the kind is known in other versions
  not_served_yet,   ///< a later Kubernetes serves it: see `introduced`
  not_served,       ///< its CRD knows the version and doesn't serve it
  removed,          ///< an earlier Kubernetes served it: see `removed`
};

/// What is known of an apiVersion and kind at one minor version of Kubernetes.
struct Match {
  Lookup status = Lookup::unknown_group;
  Type type;                     ///< with `found`; for a list kind the type of its items
  std::optional<KindInfo> kind;  ///< whenever the pack has the kind at this apiVersion
  bool is_builtin = false;
  bool is_list = false;          ///< it is the list kind of `kind`
  bool is_deprecated = false;    ///< at this minor version
  unsigned introduced = 0;       ///< minor version; 0: not known
  unsigned deprecated = 0;       ///< minor version from which it is deprecated; 0: never, or not known
  unsigned removed = 0;          ///< minor version that no longer serves it; 0: none known
  std::string_view replacement;  ///< "apps/v1 Deployment", or empty
};

/// One opened pack.
class MLK_API Pack {
 public:
  /// Maps a file. Refused with an error that says why: not a pack, cut short, damaged index, or of a newer format.
  /// Reads the header and the index only, some tens of kilobytes; verify() reads the rest.
  static Result<Pack> open(const std::filesystem::path& path);
  /// The same over bytes in memory, which are copied.
  static Result<Pack> from_bytes(std::string_view bytes);

  Pack(Pack&&) noexcept;
  Pack& operator=(Pack&&) noexcept;
  ~Pack();

  /// Compares the checksum of everything: an error names the file. A few milliseconds.
  Result<void> verify() const;

  std::vector<SystemInfo> systems() const;
  std::vector<KindInfo> kinds() const;
  /// Distinct types, and bytes in all.
  std::size_t type_count() const noexcept;
  std::size_t size() const noexcept;
  /// Minor versions of the built-ins; {0, 0} when the pack has none.
  MinorRange minors() const noexcept;
  /// Its systems are shown as imported.
  void mark_imported() noexcept;

 private:
  friend class Catalogue;
  explicit Pack(std::unique_ptr<PackData> data) noexcept;
  std::unique_ptr<PackData> m_data;
};

/// All packs together. What is added later wins.
class MLK_API Catalogue {
 public:
  void add(Pack pack);
  bool empty() const noexcept { return m_packs.empty(); }

  /// "apps/v1", "Deployment" at Kubernetes 1.`minor`; 0 stands for the newest. Versions outside those of the pack are
  /// answered with the nearest schema, and with what is known of removals at the version itself.
  Match find(std::string_view api_version, std::string_view kind, unsigned minor = 0) const;
  /// metadata of every object; null without a pack of built-ins.
  Type object_meta(unsigned minor = 0) const noexcept;

  /// For "did you mean": versions of a kind, newest pack first; kinds at an apiVersion; every apiVersion.
  std::vector<std::string> versions_of(std::string_view group, std::string_view kind) const;
  std::vector<std::string> kinds_of(std::string_view api_version) const;
  std::vector<std::string> api_versions() const;

  std::vector<SystemInfo> systems() const;
  /// Every kind; one that a later pack replaces is left out.
  std::vector<KindInfo> kinds() const;
  MinorRange minors() const noexcept;

 private:
  std::vector<Pack> m_packs;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The pack that mlk comes with: in $MLK_DATA_DIR, else in share/mlk beside or above this library. An error says where
/// it was looked for.
MLK_API Result<std::filesystem::path> find_builtin_pack(const Environment& env);
/// Where imports lie: $XDG_DATA_HOME/mlk/schemas, or ~/.local/share/mlk/schemas; empty when neither is known.
MLK_API std::filesystem::path import_folder(const Environment& env);

/// The pack that mlk comes with and every import over it, in the order of their times.
MLK_API Result<Catalogue> load_catalogue(const Environment& env);

/// CRDs as a pack of one system. `texts` are YAML or JSON, by the name of their files; documents that are no CRDs are
/// passed over. An error when a text can't be read, or when there is no CRD at all.
struct CrdText {
  std::string file;
  std::string text;
};
MLK_API Result<std::string> compile_crds(const std::vector<CrdText>& texts, const std::string& system);

}  // namespace mlk::inline v0::validation::schema
