#include "collections.hpp"
#include "functions.hpp"

#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

bool is_zero(const Cell& value) {
  switch (value.kind) {
    case CellKind::null:
      return true;
    case CellKind::boolean:
      return !value.boolean;
    case CellKind::integer:
    case CellKind::uinteger:
    case CellKind::duration:
      return value.integer == 0;
    case CellKind::floating:
      return value.floating == 0;
    case CellKind::string:
    case CellKind::bytes:
      return value.size == 0;
    case CellKind::timestamp:
      return value.integer == -62135596800 && value.extra == 0;
    case CellKind::list:
      return list_size(value) == 0;
    case CellKind::map:
      return map_size(value) == 0;
    case CellKind::optional:
      return value.extra == 0;
    default:
      return false;
  }
}

Cell of(Run& run, Args args) { return run.optional(args[0]); }
Cell of_non_zero(Run& run, Args args) { return is_zero(args[0]) ? Run::none() : run.optional(args[0]); }
Cell none(Run&, Args) { return Run::none(); }
Cell has_value(Run&, Args args) { return cell(args[0].extra != 0); }

Cell value(Run&, Args args) { return args[0].extra != 0 ? *args[0].value : error_cell("optional.none() dereference"); }

Cell first(Run& run, Args args) {
  return list_size(args[0]) == 0 ? Run::none() : run.optional(list_item(run, args[0], 0));
}

Cell last(Run& run, Args args) {
  const auto size = list_size(args[0]);
  return size == 0 ? Run::none() : run.optional(list_item(run, args[0], size - 1));
}

Cell unwrap(Run& run, Args args) {
  ListBuilder out(run);
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const auto item = list_item(run, args[0], i);
    if (!item.is(CellKind::optional)) return no_such_overload();
    if (item.extra != 0) out.add(*item.value);
  }
  return out.finish();
}

constexpr std::array k_declarations = {
    Declaration{"optional.of", "optional_of", false, "V", "optional(V)", of},
    Declaration{"optional.ofNonZeroValue", "optional_ofNonZeroValue", false, "V", "optional(V)", of_non_zero},
    Declaration{"optional.none", "optional_none", false, "", "optional(V)", none},
    Declaration{"value", "optional_value", true, "optional(V)", "V", value},
    Declaration{"hasValue", "optional_hasValue", true, "optional(V)", "bool", has_value},
    Declaration{"or", "optional_or_optional", true, "optional(V), optional(V)", "optional(V)", nullptr},
    Declaration{"orValue", "optional_orValue_value", true, "optional(V), V", "V", nullptr},
    Declaration{"first", "list_first", true, "list(V)", "optional(V)", first},
    Declaration{"last", "list_last", true, "list(V)", "optional(V)", last},
    Declaration{"optional.unwrap", "optional_unwrap", false, "list(optional(V))", "list(V)", unwrap},
    Declaration{"unwrapOpt", "optional_unwrapOpt", true, "list(optional(V))", "list(V)", unwrap},
};

}  // namespace

std::span<const Declaration> optional_functions() { return k_declarations; }

}  // namespace mlk::inline v0::cel
