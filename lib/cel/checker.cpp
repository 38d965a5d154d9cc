#include "checker.hpp"

#include "type_data.hpp"
#include "unify.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::cel {
namespace {

/// Types that nest by sharing grow without bound; beyond this they are taken as dyn.
constexpr std::uint32_t k_largest_type = 2000;

class Checker {
 public:
  Checker(const Ast& ast, const Environment& environment, Issues& issues)
      : m_ast(ast), m_environment(environment), m_issues(issues) {
    m_out.notes.resize(ast.exprs.size());
  }

  CheckedAst run() {
    visit(m_ast.root);
    for (auto& note : m_out.notes) note.type = m_substitution.apply(note.type, true);
    return std::move(m_out);
  }

 private:
  struct Local {
    std::string name;
    Type type;
    std::uint32_t slot;
  };

  const Type& type_of(ExprId id) const { return m_out.notes[id].type; }
  Type known(ExprId id) const { return m_substitution.apply(type_of(id), false); }

  void set(ExprId id, Type type) {
    if (type.data().size > k_largest_type) type = Type::dyn();
    m_out.notes[id].type = std::move(type);
  }

  void report(ExprId id, std::string message) { m_issues.add(m_ast[id].offset, std::move(message)); }

  void mismatch(ExprId id, const Type& expected, const Type& found) {
    report(id, fmt::format("expected type '{}' but found '{}'", m_substitution.apply(expected, true).to_string(),
                           m_substitution.apply(found, true).to_string()));
  }

  void visit(ExprId id) {
    const auto& expr = m_ast[id];
    switch (expr.kind) {
      case ExprKind::failed:
        set(id, Type::error());
        break;
      case ExprKind::literal:
        set(id, literal_type(expr.literal));
        break;
      case ExprKind::ident:
        ident(id, expr);
        break;
      case ExprKind::select:
        select(id, expr);
        break;
      case ExprKind::call:
        call(id, expr);
        break;
      case ExprKind::list:
        list(id, expr);
        break;
      case ExprKind::map:
        map(id, expr);
        break;
      case ExprKind::message:
        message(id, expr);
        break;
      case ExprKind::fold:
        fold(id, expr);
        break;
    }
  }

  static Type literal_type(const Literal& literal) {
    switch (literal.index()) {
      case 0:
        return Type::null();
      case 1:
        return Type::boolean();
      case 2:
        return Type::integer();
      case 3:
        return Type::uinteger();
      case 4:
        return Type::floating();
      case 5:
        return Type::string();
      default:
        return Type::bytes();
    }
  }

  // Names

  /// "a.b.c" for a chain of plain selections, else nothing.
  std::optional<std::string> qualified_name(ExprId id) const {
    const auto& expr = m_ast[id];
    if (expr.kind == ExprKind::ident) return expr.name;
    if (expr.kind != ExprKind::select || expr.is_optional || expr.is_test) return std::nullopt;
    auto prefix = qualified_name(expr.args[0]);
    if (!prefix || prefix->size() > 1000) return std::nullopt;
    return *prefix + "." + expr.name;
  }

  std::vector<std::string> candidates(std::string_view name) const {
    if (!name.empty() && name.front() == '.') return {std::string(name.substr(1))};
    std::vector<std::string> names;
    for (std::string container = m_environment.container(); !container.empty();) {
      names.push_back(container + "." + std::string(name));
      const auto dot = container.rfind('.');
      container.resize(dot == std::string::npos ? 0 : dot);
    }
    names.emplace_back(name);
    return names;
  }

  /// Whether a name was found, and noted.
  bool resolve(ExprId id, std::string_view name) {
    const auto local = std::find_if(m_locals.rbegin(), m_locals.rend(), [&](const Local& l) { return l.name == name; });
    if (local != m_locals.rend()) {
      m_out.notes[id].name = NameKind::local;
      m_out.notes[id].slot = local->slot;
      set(id, local->type);
      return true;
    }
    for (const auto& candidate : candidates(name)) {
      if (const auto slot = m_environment.find(candidate)) {
        m_out.notes[id].name = NameKind::variable;
        m_out.notes[id].slot = static_cast<std::uint32_t>(*slot);
        set(id, m_environment.variables()[*slot].type);
        return true;
      }
      const auto type = named_types().find(candidate);
      if (type != named_types().end()) {
        m_out.notes[id].name = NameKind::type;
        m_out.notes[id].type_name = candidate;
        set(id, type->second.kind() == TypeKind::type ? type->second : Type::type_of(type->second));
        return true;
      }
    }
    return false;
  }

  void undeclared(ExprId id, std::string_view name) {
    report(id, fmt::format("undeclared reference to '{}' (in container '{}')", name, m_environment.container()));
    set(id, Type::error());
  }

  void ident(ExprId id, const Expr& expr) {
    if (!resolve(id, expr.name)) undeclared(id, expr.name);
  }

  void select(ExprId id, const Expr& expr) {
    if (!expr.is_optional && !expr.is_test) {
      // Only where the first name is no local: those hide everything.
      if (const auto name = qualified_name(id); name && !starts_with_local(*name) && resolve(id, *name)) return;
    }
    visit(expr.args[0]);
    auto type = field_type(id, expr);
    set(id, expr.is_test ? Type::boolean() : std::move(type));
  }

  bool starts_with_local(std::string_view name) const {
    const auto first = name.substr(0, name.find('.'));
    return std::any_of(m_locals.begin(), m_locals.end(), [&](const Local& l) { return l.name == first; });
  }

  Type field_type(ExprId id, const Expr& expr) {
    const auto operand = known(expr.args[0]);
    const bool was_optional = is_optional_type(operand);
    const auto target = was_optional ? operand.parameters()[0] : operand;
    Type result = Type::dyn();
    switch (target.kind()) {
      case TypeKind::map:
        result = target.parameters()[1];
        break;
      case TypeKind::object:
        if (const auto* field = target.find_field(expr.name)) {
          result = *field;
        } else {
          report(id, fmt::format("undefined field '{}'", expr.name));
          result = Type::error();
        }
        break;
      case TypeKind::parameter:
        m_substitution.is_assignable(Type::dyn(), target);
        break;
      default:
        if (!is_dyn_or_error(target)) {
          report(id, fmt::format("type '{}' does not support field selection", target.to_string()));
        }
    }
    return was_optional || expr.is_optional ? Type::optional(std::move(result)) : result;
  }

  // Calls

  void call(ExprId id, const Expr& expr) {
    if (expr.is_member) {
      if (const auto prefix = qualified_name(expr.args[0])) {
        for (const auto& name : candidates(*prefix + "." + expr.name)) {
          const auto* overloads = starts_with_local(*prefix) ? nullptr : FunctionTable::instance().find(name);
          if (overloads == nullptr) continue;
          m_out.notes[id].is_qualified = true;
          for (std::size_t i = 1; i < expr.args.size(); ++i) visit(expr.args[i]);
          resolve_overload(id, expr, name, *overloads, 1);
          return;
        }
      }
    }
    for (const auto arg : expr.args) visit(arg);
    const auto names = expr.is_member ? std::vector<std::string>{expr.name} : candidates(expr.name);
    for (const auto& name : names) {
      if (const auto* overloads = FunctionTable::instance().find(name)) {
        resolve_overload(id, expr, name, *overloads, 0);
        return;
      }
    }
    undeclared(id, expr.name);
  }

  void logical(ExprId id, const Expr& expr, const Overload& overload) {
    for (const auto arg : expr.args) {
      if (!m_substitution.is_assignable(Type::boolean(), type_of(arg))) mismatch(arg, Type::boolean(), type_of(arg));
    }
    m_out.notes[id].overloads = {&overload};
    set(id, Type::boolean());
  }

  void resolve_overload(ExprId id, const Expr& expr, std::string_view name, const std::vector<Overload>& overloads,
                        std::size_t first_arg) {
    if (name == "_&&_" || name == "_||_") return logical(id, expr, overloads.front());
    const bool is_member = expr.is_member && first_arg == 0;
    std::vector<Type> args;
    for (std::size_t i = first_arg; i < expr.args.size(); ++i) args.push_back(type_of(expr.args[i]));
    m_out.notes[id].function = &overloads;
    std::optional<Type> result;
    for (const auto& overload : overloads) {
      if (overload.is_member != is_member || overload.parameters.size() != args.size()) continue;
      std::map<std::string, Type, std::less<>> fresh;
      for (const auto& parameter : overload.type_parameters) fresh.emplace(parameter, m_substitution.fresh());
      std::vector<Type> parameters;
      for (const auto& parameter : overload.parameters) parameters.push_back(replace_parameters(parameter, fresh));
      if (!m_substitution.are_assignable(args, parameters)) continue;
      m_out.notes[id].overloads.push_back(&overload);
      auto type = m_substitution.apply(replace_parameters(overload.result, fresh), false);
      if (!result) {
        result = std::move(type);
      } else if (result->kind() != TypeKind::dyn && !(*result == type)) {
        result = Type::dyn();
      }
    }
    if (result) return set(id, std::move(*result));
    report(id, fmt::format("found no matching overload for '{}' applied to '{}'", name, signature(args, is_member)));
    set(id, Type::error());
  }

  std::string signature(const std::vector<Type>& args, bool is_member) const {
    std::string text;
    for (std::size_t i = is_member ? 1 : 0; i < args.size(); ++i) {
      if (!text.empty()) text += ", ";
      text += m_substitution.apply(args[i], true).to_string();
    }
    text = "(" + text + ")";
    return is_member ? m_substitution.apply(args[0], true).to_string() + "." + text : text;
  }

  // Literals

  /// Items of several types make it dyn here; check_literals refuses them where that isn't allowed.
  Type join(const std::optional<Type>& before, const Type& current) {
    if (!before) return current;
    if (m_substitution.is_assignable(*before, current)) {
      if (current.kind() == TypeKind::null) return *before;
      return before->kind() == TypeKind::null ? current : most_general(*before, current);
    }
    return Type::dyn();
  }

  /// The type of [?x]'s or {?k: x}'s item: what the optional holds.
  Type unwrapped(ExprId id, bool is_optional_entry) {
    auto type = known(id);
    if (!is_optional_entry) return type;
    if (is_optional_type(type)) return type.parameters()[0];
    if (type.kind() != TypeKind::dyn) mismatch(id, Type::optional(type), type);
    return type;
  }

  void list(ExprId id, const Expr& expr) {
    std::optional<Type> item;
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
      visit(expr.args[i]);
      item = join(item, unwrapped(expr.args[i], expr.optional_args[i]));
    }
    set(id, Type::list(item ? std::move(*item) : m_substitution.fresh()));
  }

  void map(ExprId id, const Expr& expr) {
    std::optional<Type> key;
    std::optional<Type> value;
    for (std::size_t i = 0; i + 1 < expr.args.size(); i += 2) {
      visit(expr.args[i]);
      key = join(key, type_of(expr.args[i]));
      visit(expr.args[i + 1]);
      value = join(value, unwrapped(expr.args[i + 1], expr.optional_args[i / 2]));
    }
    if (!key) {
      key = m_substitution.fresh();
      value = m_substitution.fresh();
    }
    set(id, Type::map(std::move(*key), std::move(*value)));
  }

  void message(ExprId id, const Expr& expr) {
    for (const auto arg : expr.args) visit(arg);
    // Kubernetes lets rules make lists and maps, never objects.
    undeclared(id, expr.name);
  }

  // Comprehensions

  struct Variables {
    Type first;
    Type second;
  };

  Variables range_variables(ExprId range, bool two) {
    auto type = known(range);
    switch (type.kind()) {
      case TypeKind::list: {
        const auto& item = type.parameters()[0];
        return two ? Variables{Type::integer(), item} : Variables{item, Type::dyn()};
      }
      case TypeKind::map:
        return {type.parameters()[0], type.parameters()[1]};
      case TypeKind::dyn:
      case TypeKind::error:
      case TypeKind::parameter:
        m_substitution.is_assignable(Type::dyn(), type);
        return {Type::dyn(), Type::dyn()};
      default:
        report(range,
               fmt::format("expression of type '{}' cannot be range of a comprehension (must be list, map, or dynamic)",
                           type.to_string()));
        return {Type::error(), Type::error()};
    }
  }

  void expect_bool(ExprId id) {
    if (!m_substitution.is_assignable(Type::boolean(), type_of(id))) mismatch(id, Type::boolean(), type_of(id));
  }

  void fold(ExprId id, const Expr& expr) {
    visit(expr.args[0]);
    const bool two = !expr.name2.empty();
    const auto variables = fold_variables(expr, two);
    const auto depth = m_locals.size();
    m_out.notes[id].slot = m_out.locals;
    m_locals.push_back({expr.name, variables.first, m_out.locals++});
    if (two) m_locals.push_back({expr.name2, variables.second, m_out.locals++});
    for (std::size_t i = 1; i < expr.args.size(); ++i) visit(expr.args[i]);
    m_locals.resize(depth);
    set(id, fold_type(id, expr));
  }

  Variables fold_variables(const Expr& expr, bool two) {
    const auto range = expr.args[0];
    if (expr.fold == FoldKind::bind) return {type_of(range), Type::dyn()};
    if (expr.fold != FoldKind::opt_map && expr.fold != FoldKind::opt_flat_map) return range_variables(range, two);
    auto type = known(range);
    if (is_optional_type(type)) return {type.parameters()[0], Type::dyn()};
    if (!is_dyn_or_error(type)) {
      report(range, fmt::format("found no matching overload for 'hasValue' applied to '{}.()'", type.to_string()));
    }
    return {Type::dyn(), Type::dyn()};
  }

  Type fold_type(ExprId id, const Expr& expr) {
    const auto last = expr.args.back();
    if (expr.args.size() == 3) expect_bool(expr.args[1]);
    switch (expr.fold) {
      case FoldKind::all:
      case FoldKind::exists:
      case FoldKind::exists_one:
        expect_bool(last);
        return Type::boolean();
      case FoldKind::map:
        return Type::list(known(last));
      case FoldKind::filter: {
        expect_bool(last);
        return Type::list(fold_item(expr.args[0]));
      }
      case FoldKind::transform_map: {
        const auto range = known(expr.args[0]);
        if (range.kind() == TypeKind::list) return Type::map(Type::integer(), known(last));
        if (range.kind() == TypeKind::map) return Type::map(range.parameters()[0], known(last));
        return Type::map(Type::dyn(), known(last));
      }
      case FoldKind::transform_map_entry: {
        auto entry = known(last);
        if (entry.kind() == TypeKind::map) return entry;
        if (!is_dyn_or_error(entry)) mismatch(last, Type::map(Type::dyn(), Type::dyn()), entry);
        return Type::map(Type::dyn(), Type::dyn());
      }
      case FoldKind::bind:
        return known(last);
      case FoldKind::sort_by:
        return sort_by_type(id, expr);
      case FoldKind::opt_map:
        return Type::optional(known(last));
      case FoldKind::opt_flat_map: {
        auto type = known(last);
        if (!is_optional_type(type) && !is_dyn_or_error(type)) mismatch(last, Type::optional(Type::dyn()), type);
        return type;
      }
    }
    return Type::dyn();
  }

  /// What a single variable ranges over.
  Type fold_item(ExprId range) const {
    auto type = known(range);
    return type.kind() == TypeKind::list || type.kind() == TypeKind::map ? type.parameters()[0] : Type::dyn();
  }

  Type sort_by_type(ExprId id, const Expr& expr) {
    const auto* overloads = FunctionTable::instance().find("@sortByAssociatedKeys");
    const auto key = Type::list(known(expr.args[1]));
    for (const auto& overload : *overloads) {
      if (m_substitution.is_assignable(overload.parameters[1], key)) m_out.notes[id].overloads.push_back(&overload);
    }
    const auto range = known(expr.args[0]);
    if (m_out.notes[id].overloads.empty() || (range.kind() != TypeKind::list && !is_dyn_or_error(range))) {
      report(id, fmt::format("found no matching overload for 'sortBy' applied to '{}.({})'", range.to_string(),
                             key.parameters()[0].to_string()));
    }
    return range.kind() == TypeKind::list ? range : Type::dyn();
  }

  const Ast& m_ast;
  const Environment& m_environment;
  Issues& m_issues;
  CheckedAst m_out;
  Substitution m_substitution;
  std::vector<Local> m_locals;
};

}  // namespace

std::optional<CheckedAst> check(const Ast& ast, const Environment& environment, Issues& issues) {
  auto checked = Checker(ast, environment, issues).run();
  if (!issues.empty()) return std::nullopt;
  return checked;
}

}  // namespace mlk::inline v0::cel
