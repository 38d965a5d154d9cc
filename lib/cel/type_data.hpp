#pragma once

#include <mlk/cel/type.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

/// x-kubernetes-list-type: what equality and + mean for a list.
enum class ListKind : std::uint8_t { atomic, set, map };

struct Field {
  Type type;
  std::string escaped;  ///< as an expression names it; empty when it can't
};

/// What a type is, and how a document's value becomes one of it.
struct TypeData {
  TypeKind kind = TypeKind::dyn;
  std::string name;
  std::vector<Type> parameters;
  std::uint32_t size = 1;  ///< this and the parameters all the way down; what nests by sharing grows without bound
  std::map<std::string, Field, std::less<>> fields;             ///< object: by the name in documents
  std::map<std::string, std::string, std::less<>> field_names;  ///< object: escaped to the name in documents

  // From a schema alone:
  bool is_from_schema = false;
  bool is_nullable = false;
  bool is_int_or_string = false;
  ListKind list_kind = ListKind::atomic;
  std::vector<std::string> list_keys;
};

inline std::uint32_t size_with(const std::vector<Type>& parameters) {
  std::uint64_t size = 1;
  for (const auto& parameter : parameters) size += parameter.data().size;
  return static_cast<std::uint32_t>(size < 1'000'000 ? size : 1'000'000);
}

/// A type that is the same but for what `change` does to its data.
template <class Change>
Type with_data(const Type& type, Change change) {
  auto data = std::make_shared<TypeData>(type.data());
  change(*data);
  data->size = size_with(data->parameters);
  return Type(std::shared_ptr<const TypeData>(std::move(data)));
}

}  // namespace mlk::inline v0::cel
