#include "unify.hpp"

#include "type_data.hpp"

#include <algorithm>

namespace mlk::inline v0::cel {
namespace {

bool is_nullable(const Type& type) {
  return type.kind() == TypeKind::null || type.kind() == TypeKind::opaque || type.kind() == TypeKind::object ||
         type.kind() == TypeKind::duration || type.kind() == TypeKind::timestamp;
}

bool is_equal_or_less_specific(const Type& a, const Type& b) {
  if (a.kind() == TypeKind::dyn || a.kind() == TypeKind::parameter) return true;
  if (b.kind() == TypeKind::dyn || b.kind() == TypeKind::parameter) return false;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case TypeKind::opaque:
    case TypeKind::list:
    case TypeKind::map:
      return a.name() == b.name() && std::equal(a.parameters().begin(), a.parameters().end(), b.parameters().begin(),
                                                b.parameters().end(), is_equal_or_less_specific);
    case TypeKind::type:
      return true;
    default:
      return a == b;
  }
}

}  // namespace

bool is_dyn_or_error(const Type& type) { return type.kind() == TypeKind::dyn || type.kind() == TypeKind::error; }

bool is_optional_type(const Type& type) { return type.kind() == TypeKind::opaque && type.name() == "optional_type"; }

Type most_general(const Type& a, const Type& b) { return is_equal_or_less_specific(a, b) ? a : b; }

Type replace_parameters(const Type& type, const std::map<std::string, Type, std::less<>>& by) {
  if (type.kind() == TypeKind::parameter) {
    const auto found = by.find(type.name());
    return found == by.end() ? type : found->second;
  }
  if (type.parameters().empty()) return type;
  std::vector<Type> parameters;
  bool changed = false;
  for (const auto& parameter : type.parameters()) {
    parameters.push_back(replace_parameters(parameter, by));
    changed = changed || &parameters.back().data() != &parameter.data();
  }
  if (!changed) return type;
  return with_data(type, [&](TypeData& data) { data.parameters = std::move(parameters); });
}

Type Substitution::fresh() { return Type::parameter("_var" + std::to_string(m_fresh++)); }

bool Substitution::is_assignable(const Type& to, const Type& from) { return settle(assign(to, from)); }

bool Substitution::are_assignable(const std::vector<Type>& to, const std::vector<Type>& from) {
  return settle(assign_all(to, from));
}

bool Substitution::settle(bool success) {
  if (!success) {
    for (auto step = m_undo.rbegin(); step != m_undo.rend(); ++step) {
      if (step->second) {
        m_map.insert_or_assign(step->first, std::move(*step->second));
      } else {
        m_map.erase(step->first);
      }
    }
  }
  m_undo.clear();
  return success;
}

void Substitution::set(std::string_view parameter, const Type& type) {
  const auto found = m_map.find(parameter);
  if (found == m_map.end()) {
    m_undo.emplace_back(parameter, std::nullopt);
    m_map.emplace(parameter, type);
  } else {
    m_undo.emplace_back(parameter, found->second);
    found->second = type;
  }
}

Type Substitution::apply(const Type& type, bool open_to_dyn) const {
  if (type.kind() == TypeKind::parameter) {
    const auto found = m_map.find(type.name());
    if (found != m_map.end()) return apply(found->second, open_to_dyn);
    return open_to_dyn ? Type::dyn() : type;
  }
  if (type.parameters().empty()) return type;
  std::vector<Type> parameters;
  bool changed = false;
  for (const auto& parameter : type.parameters()) {
    parameters.push_back(apply(parameter, open_to_dyn));
    changed = changed || &parameters.back().data() != &parameter.data();
  }
  if (!changed) return type;
  return with_data(type, [&](TypeData& data) { data.parameters = std::move(parameters); });
}

bool Substitution::assign(const Type& to, const Type& from) {
  if (from.kind() == TypeKind::parameter) {
    const auto [is_valid, was_bound] = bind(to, from);
    if (is_valid) return true;
    if (was_bound) return false;
  }
  if (to.kind() == TypeKind::parameter) return bind(from, to).is_valid;
  if (is_dyn_or_error(to) || is_dyn_or_error(from)) return true;
  if (to.kind() == TypeKind::null) return is_nullable(from);
  if (from.kind() == TypeKind::null) return is_nullable(to);
  if (to.kind() != from.kind()) return false;
  switch (to.kind()) {
    case TypeKind::type:
      return true;
    case TypeKind::list:
    case TypeKind::map:
    case TypeKind::opaque:
      return to.name() == from.name() && assign_all(to.parameters(), from.parameters());
    default:
      return to.name() == from.name();
  }
}

bool Substitution::assign_all(const std::vector<Type>& to, const std::vector<Type>& from) {
  return std::equal(to.begin(), to.end(), from.begin(), from.end(),
                    [&](const Type& a, const Type& b) { return assign(a, b); });
}

Substitution::Outcome Substitution::bind(const Type& type, const Type& parameter) {
  if (type == parameter) return {true, true};
  if (const auto found = m_map.find(parameter.name()); found != m_map.end()) {
    const auto bound = found->second;
    if (type == bound) return {true, true};
    if (!assign(type, bound)) return {false, true};
    const auto general = most_general(type, bound);
    if (is_free_of(parameter, general)) set(parameter.name(), general);
    return {true, true};
  }
  if (!is_free_of(parameter, type)) return {false, false};
  set(parameter.name(), type);
  return {true, false};
}

bool Substitution::is_free_of(const Type& parameter, const Type& within) const {
  if (within == parameter) return false;
  if (within.kind() == TypeKind::parameter) {
    const auto found = m_map.find(within.name());
    return found == m_map.end() || is_free_of(parameter, found->second);
  }
  return std::all_of(within.parameters().begin(), within.parameters().end(),
                     [&](const Type& inner) { return is_free_of(parameter, inner); });
}

}  // namespace mlk::inline v0::cel
