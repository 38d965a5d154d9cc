#pragma once

#include <mlk/cel/type.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::inline v0::cel {

/// What type parameters stand for, as far as an expression has told so far. The rules are cel-go's.
class Substitution {
 public:
  Type fresh();
  bool is_assignable(const Type& to, const Type& from);
  bool are_assignable(const std::vector<Type>& to, const std::vector<Type>& from);
  /// The type with everything known put in; what is still open becomes dyn on request.
  Type apply(const Type& type, bool open_to_dyn) const;

 private:
  bool assign(const Type& to, const Type& from);
  bool assign_all(const std::vector<Type>& to, const std::vector<Type>& from);
  struct Outcome {
    bool is_valid;
    bool was_bound;
  };
  Outcome bind(const Type& type, const Type& parameter);
  bool is_free_of(const Type& parameter, const Type& within) const;
  void set(std::string_view parameter, const Type& type);
  /// Keeps what was learned on success, else takes it back.
  bool settle(bool success);

  std::map<std::string, Type, std::less<>> m_map;
  // What to take back when an attempt fails: copying the map for each attempt would be quadratic.
  std::vector<std::pair<std::string, std::optional<Type>>> m_undo;
  std::size_t m_fresh = 0;
};

bool is_dyn_or_error(const Type& type);
bool is_optional_type(const Type& type);
/// The more general of two types that can be assigned to each other.
Type most_general(const Type& a, const Type& b);
/// `type` with parameters replaced by name.
Type replace_parameters(const Type& type, const std::map<std::string, Type, std::less<>>& by);

}  // namespace mlk::inline v0::cel
