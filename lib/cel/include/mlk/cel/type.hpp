#pragma once

#include <mlk/core/api.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::inline v0::cel {

enum class TypeKind : std::uint8_t {
  error,  ///< of an expression that is wrong already
  dyn,
  null,
  boolean,
  integer,
  uinteger,
  floating,
  string,
  bytes,
  timestamp,
  duration,
  list,       ///< parameter: the items
  map,        ///< parameters: keys, values
  object,     ///< a name and fields; two are the same when their names are
  opaque,     ///< a name and parameters: optional_type(T), kubernetes.Quantity, …
  type,       ///< parameter: the type that it names
  parameter,  ///< A in list(A)
};

struct TypeData;

/// A CEL type: an immutable value that is cheap to copy.
class MLK_API Type {
 public:
  Type();  ///< dyn
  static Type dyn();
  static Type error();
  static Type null();
  static Type boolean();
  static Type integer();
  static Type uinteger();
  static Type floating();
  static Type string();
  static Type bytes();
  static Type timestamp();
  static Type duration();
  static Type list(Type item);
  static Type map(Type key, Type value);
  static Type optional(Type value);
  static Type opaque(std::string name, std::vector<Type> parameters = {});
  static Type type_of(Type named);
  static Type parameter(std::string name);
  /// Fields by the names that they have in documents; expressions see them escaped (see escape_field).
  /// Fields whose name can't be escaped are out of an expression's reach.
  static Type object(std::string name, const std::vector<std::pair<std::string, Type>>& fields);

  TypeKind kind() const noexcept;
  /// "int", "list", "optional_type", or an object's name.
  std::string_view name() const noexcept;
  const std::vector<Type>& parameters() const noexcept;
  /// The type of an object's field, as an expression names it; null pointer when there is none.
  const Type* find_field(std::string_view escaped) const noexcept;
  /// "list(map(string, int))"
  std::string to_string() const;

  /// The same type, parameters included; objects are compared by name.
  friend MLK_API bool operator==(const Type& a, const Type& b) noexcept;

  const TypeData& data() const noexcept { return *m_data; }
  explicit Type(std::shared_ptr<const TypeData> data) : m_data(std::move(data)) {}

 private:
  std::shared_ptr<const TypeData> m_data;
};

}  // namespace mlk::inline v0::cel
