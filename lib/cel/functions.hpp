#pragma once

#include "cell.hpp"
#include "cost.hpp"
#include "run.hpp"

#include <mlk/cel/type.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

/// What a function does with arguments that fit one of its overloads and are no failures.
using Function = Cell (*)(Run&, std::span<const Cell>);

/// One way to call a function, as the libraries declare it.
struct Declaration {
  std::string_view name;
  std::string_view id;
  bool is_member;
  std::string_view parameters;  ///< "list(A), A"
  std::string_view result;
  Function function;  ///< null pointer where the evaluator does it itself: it isn't strict
};

struct Overload {
  std::string_view id;
  bool is_member = false;
  std::vector<Type> parameters;
  Type result;
  std::vector<std::string> type_parameters;
  std::vector<std::uint32_t> kinds;  ///< a bit a CellKind: what each argument may be at run time
  Function function = nullptr;
  CostRules cost;
};

/// All functions of the language and of Kubernetes' libraries.
class FunctionTable {
 public:
  static const FunctionTable& instance();
  /// Null pointer for a name that nobody declares.
  const std::vector<Overload>* find(std::string_view name) const;

 private:
  FunctionTable();
  void add(std::span<const Declaration> declarations);

  std::map<std::string, std::vector<Overload>, std::less<>> m_functions;
};

/// Types that have a name in expressions: int, string, net.IP, …
const std::map<std::string, Type, std::less<>>& named_types();

std::span<const Declaration> operator_functions();
std::span<const Declaration> conversion_functions();
std::span<const Declaration> text_functions();
std::span<const Declaration> time_functions();
std::span<const Declaration> string_functions();
std::span<const Declaration> list_functions();
std::span<const Declaration> set_functions();
std::span<const Declaration> regex_functions();
std::span<const Declaration> url_functions();
std::span<const Declaration> network_functions();
std::span<const Declaration> quantity_functions();
std::span<const Declaration> semver_functions();
std::span<const Declaration> format_functions();
std::span<const Declaration> optional_functions();

}  // namespace mlk::inline v0::cel
