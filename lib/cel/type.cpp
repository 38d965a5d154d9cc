#include "type_data.hpp"

#include <mlk/cel/schema.hpp>
#include <mlk/cel/type.hpp>

#include <array>

namespace mlk::inline v0::cel {
namespace {

Type make(TypeKind kind, std::string name, std::vector<Type> parameters = {}) {
  auto data = std::make_shared<TypeData>();
  data->kind = kind;
  data->name = std::move(name);
  data->parameters = std::move(parameters);
  data->size = size_with(data->parameters);
  return Type(std::shared_ptr<const TypeData>(std::move(data)));
}

const Type& simple(TypeKind kind) {
  static const std::array<Type, 11> types = {
      make(TypeKind::error, "!error!"),
      make(TypeKind::dyn, "dyn"),
      make(TypeKind::null, "null_type"),
      make(TypeKind::boolean, "bool"),
      make(TypeKind::integer, "int"),
      make(TypeKind::uinteger, "uint"),
      make(TypeKind::floating, "double"),
      make(TypeKind::string, "string"),
      make(TypeKind::bytes, "bytes"),
      make(TypeKind::timestamp, "google.protobuf.Timestamp"),
      make(TypeKind::duration, "google.protobuf.Duration"),
  };
  return types[static_cast<std::size_t>(kind)];
}

}  // namespace

Type::Type() : Type(dyn()) {}
Type Type::dyn() { return simple(TypeKind::dyn); }
Type Type::error() { return simple(TypeKind::error); }
Type Type::null() { return simple(TypeKind::null); }
Type Type::boolean() { return simple(TypeKind::boolean); }
Type Type::integer() { return simple(TypeKind::integer); }
Type Type::uinteger() { return simple(TypeKind::uinteger); }
Type Type::floating() { return simple(TypeKind::floating); }
Type Type::string() { return simple(TypeKind::string); }
Type Type::bytes() { return simple(TypeKind::bytes); }
Type Type::timestamp() { return simple(TypeKind::timestamp); }
Type Type::duration() { return simple(TypeKind::duration); }
Type Type::list(Type item) { return make(TypeKind::list, "list", {std::move(item)}); }
Type Type::map(Type key, Type value) { return make(TypeKind::map, "map", {std::move(key), std::move(value)}); }
Type Type::optional(Type value) { return opaque("optional_type", {std::move(value)}); }
Type Type::opaque(std::string name, std::vector<Type> parameters) {
  return make(TypeKind::opaque, std::move(name), std::move(parameters));
}
Type Type::type_of(Type named) { return make(TypeKind::type, "type", {std::move(named)}); }
Type Type::parameter(std::string name) { return make(TypeKind::parameter, std::move(name)); }

Type Type::object(std::string name, const std::vector<std::pair<std::string, Type>>& fields) {
  auto data = std::make_shared<TypeData>();
  data->kind = TypeKind::object;
  data->name = std::move(name);
  for (const auto& [field, type] : fields) {
    auto escaped = escape_field(field).value_or("");
    if (!escaped.empty()) data->field_names.emplace(escaped, field);
    data->fields.insert_or_assign(field, Field{type, std::move(escaped)});
  }
  return Type(std::shared_ptr<const TypeData>(std::move(data)));
}

TypeKind Type::kind() const noexcept { return m_data->kind; }
std::string_view Type::name() const noexcept { return m_data->name; }
const std::vector<Type>& Type::parameters() const noexcept { return m_data->parameters; }

const Type* Type::find_field(std::string_view escaped) const noexcept {
  const auto name = m_data->field_names.find(escaped);
  // A keyword may stand for itself: self.namespace as well as self.__namespace__.
  const auto field = m_data->fields.find(name != m_data->field_names.end() ? std::string_view(name->second) : escaped);
  if (field == m_data->fields.end()) return nullptr;
  if (name == m_data->field_names.end() && field->second.escaped != "__" + std::string(escaped) + "__") return nullptr;
  return &field->second.type;
}

std::string Type::to_string() const {
  if (kind() == TypeKind::timestamp) return "timestamp";
  if (kind() == TypeKind::duration) return "duration";
  if (kind() == TypeKind::null) return "null";
  std::string text(name());
  if (parameters().empty()) return text;
  text += '(';
  for (std::size_t i = 0; i < parameters().size(); ++i) {
    if (i > 0) text += ", ";
    text += parameters()[i].to_string();
  }
  text += ')';
  return text;
}

bool operator==(const Type& a, const Type& b) noexcept {
  if (a.m_data == b.m_data) return true;
  return a.kind() == b.kind() && a.name() == b.name() && a.parameters() == b.parameters();
}

}  // namespace mlk::inline v0::cel
