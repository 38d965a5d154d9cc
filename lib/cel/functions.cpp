#include "functions.hpp"

#include <algorithm>
#include <set>

namespace mlk::inline v0::cel {
namespace {

/// Reads "map(K, list(int))".
class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : m_text(text) {}

  std::vector<Type> list() {
    std::vector<Type> types;
    skip_spaces();
    while (!m_text.empty() && m_text.front() != ')') {
      types.push_back(type());
      skip_spaces();
      if (!m_text.empty() && m_text.front() == ',') m_text.remove_prefix(1);
      skip_spaces();
    }
    return types;
  }

  Type type() {
    const auto name = m_text.substr(0, m_text.find_first_of("(), "));
    m_text.remove_prefix(name.size());
    std::vector<Type> parameters;
    if (!m_text.empty() && m_text.front() == '(') {
      m_text.remove_prefix(1);
      parameters = list();
      m_text.remove_prefix(1);
    }
    if (name == "list") return Type::list(parameters[0]);
    if (name == "map") return Type::map(parameters[0], parameters[1]);
    if (name == "optional") return Type::optional(parameters[0]);
    if (name == "type") return Type::type_of(parameters[0]);
    if (name.size() == 1) return Type::parameter(std::string(name));
    static const std::map<std::string, Type, std::less<>> names = {
        {"dyn", Type::dyn()},
        {"bool", Type::boolean()},
        {"int", Type::integer()},
        {"uint", Type::uinteger()},
        {"double", Type::floating()},
        {"string", Type::string()},
        {"bytes", Type::bytes()},
        {"timestamp", Type::timestamp()},
        {"duration", Type::duration()},
        {"quantity", Type::opaque("kubernetes.Quantity")},
        {"url", Type::opaque("kubernetes.URL")},
        {"ip", Type::opaque("net.IP")},
        {"cidr", Type::opaque("net.CIDR")},
        {"semver", Type::opaque("kubernetes.Semver")},
        {"format", Type::opaque("kubernetes.NamedFormat")},
    };
    return names.at(std::string(name));
  }

 private:
  void skip_spaces() { m_text.remove_prefix(std::min(m_text.find_first_not_of(' '), m_text.size())); }

  std::string_view m_text;
};

constexpr std::uint32_t k_any = ~std::uint32_t{0};
constexpr std::uint32_t bit(CellKind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }

std::uint32_t kinds_of(const Type& type) {
  switch (type.kind()) {
    case TypeKind::null:
      return bit(CellKind::null);
    case TypeKind::boolean:
      return bit(CellKind::boolean);
    case TypeKind::integer:
      return bit(CellKind::integer);
    case TypeKind::uinteger:
      return bit(CellKind::uinteger);
    case TypeKind::floating:
      return bit(CellKind::floating);
    case TypeKind::string:
      return bit(CellKind::string);
    case TypeKind::bytes:
      return bit(CellKind::bytes);
    case TypeKind::timestamp:
      return bit(CellKind::timestamp);
    case TypeKind::duration:
      return bit(CellKind::duration);
    case TypeKind::list:
      return bit(CellKind::list);
    case TypeKind::map:
    case TypeKind::object:
      return bit(CellKind::map);
    case TypeKind::type:
      return bit(CellKind::type);
    case TypeKind::opaque:
      break;
    default:
      return k_any;
  }
  if (type.name() == "optional_type") return bit(CellKind::optional);
  if (type.name() == "kubernetes.Quantity") return bit(CellKind::quantity);
  if (type.name() == "kubernetes.URL") return bit(CellKind::url);
  if (type.name() == "net.IP") return bit(CellKind::ip);
  if (type.name() == "net.CIDR") return bit(CellKind::cidr);
  if (type.name() == "kubernetes.Semver") return bit(CellKind::semver);
  if (type.name() == "kubernetes.NamedFormat") return bit(CellKind::format);
  return k_any;
}

void collect_parameters(const Type& type, std::set<std::string>& names) {
  if (type.kind() == TypeKind::parameter) names.emplace(type.name());
  for (const auto& inner : type.parameters()) collect_parameters(inner, names);
}

}  // namespace

FunctionTable::FunctionTable() {
  for (const auto declarations :
       {operator_functions(), conversion_functions(), text_functions(), time_functions(), string_functions(),
        list_functions(), set_functions(), regex_functions(), url_functions(), network_functions(),
        quantity_functions(), semver_functions(), format_functions(), optional_functions()}) {
    add(declarations);
  }
}

void FunctionTable::add(std::span<const Declaration> declarations) {
  for (const auto& declaration : declarations) {
    Overload overload;
    overload.id = declaration.id;
    overload.is_member = declaration.is_member;
    overload.parameters = TypeReader(declaration.parameters).list();
    overload.result = TypeReader(declaration.result).type();
    overload.function = declaration.function;
    overload.cost = cost_rules(declaration.name, declaration.id);
    std::set<std::string> names;
    for (const auto& parameter : overload.parameters) {
      overload.kinds.push_back(kinds_of(parameter));
      collect_parameters(parameter, names);
    }
    collect_parameters(overload.result, names);
    overload.type_parameters.assign(names.begin(), names.end());
    m_functions[std::string(declaration.name)].push_back(std::move(overload));
  }
}

const FunctionTable& FunctionTable::instance() {
  static const FunctionTable table;
  return table;
}

const std::vector<Overload>* FunctionTable::find(std::string_view name) const {
  const auto found = m_functions.find(name);
  return found == m_functions.end() ? nullptr : &found->second;
}

const std::map<std::string, Type, std::less<>>& named_types() {
  static const std::map<std::string, Type, std::less<>> types = {
      {"bool", Type::boolean()},
      {"bytes", Type::bytes()},
      {"double", Type::floating()},
      {"dyn", Type::dyn()},
      {"google.protobuf.Duration", Type::duration()},
      {"google.protobuf.Timestamp", Type::timestamp()},
      {"int", Type::integer()},
      {"kubernetes.NamedFormat", Type::opaque("kubernetes.NamedFormat")},
      {"kubernetes.Quantity", Type::opaque("kubernetes.Quantity")},
      {"kubernetes.Semver", Type::opaque("kubernetes.Semver")},
      {"kubernetes.URL", Type::opaque("kubernetes.URL")},
      {"list", Type::list(Type::dyn())},
      {"map", Type::map(Type::dyn(), Type::dyn())},
      {"net.CIDR", Type::opaque("net.CIDR")},
      {"net.IP", Type::opaque("net.IP")},
      {"null_type", Type::null()},
      {"optional_type", Type::optional(Type::dyn())},
      {"string", Type::string()},
      {"type", Type::type_of(Type::dyn())},
      {"uint", Type::uinteger()},
  };
  return types;
}

}  // namespace mlk::inline v0::cel
