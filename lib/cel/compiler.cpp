#include "compiler.hpp"

#include "collections.hpp"

#include <mlk/cel/schema.hpp>

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace mlk::inline v0::cel {

Program::Code::Code(std::string text) : source(std::move(text)), constants_run(std::size_t{64} << 20U) {}
Program::Code::~Code() = default;

namespace {

bool is_conversion(std::string_view function) {
  static constexpr std::array<std::string_view, 10> names = {"bool", "bytes",  "double",    "duration", "dyn",
                                                             "int",  "string", "timestamp", "uint",     "type"};
  return std::find(names.begin(), names.end(), function) != names.end();
}

class Generator {
 public:
  Generator(const Ast& ast, const CheckedAst& checked, Program::Code& code, Issues& issues)
      : m_ast(ast), m_checked(checked), m_code(code), m_issues(issues) {}

  std::uint32_t visit(ExprId id) {
    const auto& expr = m_ast[id];
    switch (expr.kind) {
      case ExprKind::literal:
        return constant(literal(expr.literal), 0);
      case ExprKind::ident:
        return name(id);
      case ExprKind::select:
        return select(id, expr);
      case ExprKind::call:
        return call(id, expr);
      case ExprKind::list:
        return list(expr);
      case ExprKind::map:
        return map(expr);
      case ExprKind::fold:
        return fold(id, expr);
      case ExprKind::failed:
      case ExprKind::message:
        break;
    }
    return constant(Cell(), 0);
  }

 private:
  const Checked& note(ExprId id) const { return m_checked.notes[id]; }
  Run& run() { return m_code.constants_run; }

  std::uint32_t add(Step step) {
    m_code.steps.push_back(step);
    return static_cast<std::uint32_t>(m_code.steps.size() - 1);
  }

  std::uint32_t add(Step step, const std::vector<std::uint32_t>& args, const std::vector<bool>& optional = {}) {
    step.first_arg = static_cast<std::uint32_t>(m_code.args.size());
    step.arg_count = static_cast<std::uint32_t>(args.size());
    m_code.args.insert(m_code.args.end(), args.begin(), args.end());
    for (std::size_t i = 0; i < args.size(); ++i) m_code.optional_args.push_back(i < optional.size() && optional[i]);
    return add(step);
  }

  std::uint32_t constant(const Cell& value, std::uint64_t cost) {
    Step step;
    step.index = static_cast<std::uint32_t>(m_code.constants.size());
    step.fixed_cost = static_cast<std::uint32_t>(std::min<std::uint64_t>(cost, UINT32_MAX));
    m_code.constants.push_back(value);
    return add(step);
  }

  const Cell* constant_of(std::uint32_t step) const {
    const auto& made = m_code.steps[step];
    return made.op == Op::constant ? &m_code.constants[made.index] : nullptr;
  }

  Cell literal(const Literal& value) {
    switch (value.index()) {
      case 0:
        return Cell();
      case 1:
        return cell(std::get<bool>(value));
      case 2:
        return cell(std::get<std::int64_t>(value));
      case 3:
        return cell(std::get<std::uint64_t>(value));
      case 4:
        return cell(std::get<double>(value));
      case 5:
        return run().string(std::get<std::string>(value));
      default:
        return run().bytes(std::get<BytesLiteral>(value).value);
    }
  }

  std::uint32_t name(ExprId id) {
    const auto& found = note(id);
    if (found.name == NameKind::type) {
      return constant(text_cell(CellKind::type, run().string(found.type_name).view()), 0);
    }
    Step step;
    step.op = found.name == NameKind::local ? Op::local : Op::variable;
    step.is_attribute = true;
    step.index = found.slot;
    if (step.op == Op::variable) m_code.used[found.slot] = true;
    return add(step);
  }

  std::uint32_t field(const std::string& escaped) {
    const auto known = std::find_if(m_code.names.begin(), m_code.names.end(),
                                    [&](const Name& name) { return name.escaped == escaped; });
    if (known != m_code.names.end()) return static_cast<std::uint32_t>(known - m_code.names.begin());
    m_code.names.push_back({escaped, unescape_field(escaped).value_or(escaped)});
    return static_cast<std::uint32_t>(m_code.names.size() - 1);
  }

  std::uint32_t select(ExprId id, const Expr& expr) {
    if (note(id).name != NameKind::none) return name(id);
    const auto operand = visit(expr.args[0]);
    Step step;
    step.op = expr.is_test ? Op::has : expr.is_optional ? Op::optional_select : Op::select;
    step.is_attribute = !expr.is_test;
    step.index = field(expr.name);
    return add(step, {operand});
  }

  std::vector<std::uint32_t> visit_args(const Expr& expr, std::size_t first) {
    std::vector<std::uint32_t> args;
    for (std::size_t i = first; i < expr.args.size(); ++i) args.push_back(visit(expr.args[i]));
    return args;
  }

  std::uint32_t call(ExprId id, const Expr& expr) {
    const auto args = visit_args(expr, note(id).is_qualified ? 1 : 0);
    Step step;
    if (expr.name == "_&&_" || expr.name == "_||_") {
      step.op = expr.name == "_&&_" ? Op::logical_and : Op::logical_or;
      return add(step, args);
    }
    if (expr.name == "_?_:_" || expr.name == "_[_]" || expr.name == "_[?_]") {
      step.op = expr.name == "_?_:_" ? Op::conditional : expr.name == "_[_]" ? Op::index : Op::optional_index;
      step.is_attribute = true;
      return add(step, args);
    }
    if (note(id).overloads.front()->function == nullptr) {
      step.op = expr.name == "or" ? Op::or_optional : Op::or_value;
      return add(step, args);
    }
    return strict_call(id, expr, args);
  }

  std::uint32_t strict_call(ExprId id, const Expr& expr, const std::vector<std::uint32_t>& args) {
    const auto& overloads = note(id).overloads;
    if (const auto folded = fold_constants(expr, overloads, args)) return *folded;
    Step step;
    step.op = Op::call;
    step.cost = overloads.front()->cost.pick(overloads.size() == 1);
    if (const auto set = constant_set(expr, overloads, args)) {
      step.op = Op::in_set;
      step.index = *set;
      return add(step, {args[0]});
    }
    step.index = static_cast<std::uint32_t>(m_code.overloads.size());
    m_code.overloads.insert(m_code.overloads.end(), overloads.begin(), overloads.end());
    // What is still open when a call is checked takes the first type that fits, which the value may not have: then
    // the other overloads get their turn, as with cel-go.
    for (const auto& other : *note(id).function) {
      const bool fits = other.is_member == overloads.front()->is_member && other.kinds.size() == args.size();
      if (fits && std::find(overloads.begin(), overloads.end(), &other) == overloads.end()) {
        m_code.overloads.push_back(&other);
      }
    }
    step.overloads = static_cast<std::uint16_t>(m_code.overloads.size() - step.index);
    keep_regex(expr, args);
    return add(step, args);
  }

  void keep_regex(const Expr& expr, const std::vector<std::uint32_t>& args) {
    if (expr.name != "matches" && expr.name != "find" && expr.name != "findAll") return;
    const auto* pattern = args.size() > 1 ? constant_of(args[1]) : nullptr;
    if (pattern == nullptr || !pattern->is(CellKind::string)) return;
    auto regex = compile_regex(pattern->view());
    if (regex->ok()) m_code.regexes.emplace_back(pattern->view(), std::move(regex));
  }

  /// A call whose arguments are constants, evaluated now. What fails is left to the evaluation, but for conversions.
  std::optional<std::uint32_t> fold_constants(const Expr& expr, const std::vector<const Overload*>& overloads,
                                              const std::vector<std::uint32_t>& args) {
    std::vector<Cell> values;
    std::uint64_t cost = 0;
    for (const auto arg : args) {
      const auto* value = constant_of(arg);
      if (value == nullptr) return std::nullopt;
      values.push_back(*value);
      cost += m_code.steps[arg].fixed_cost;
    }
    const auto fits = [&](const Overload* overload) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        if ((overload->kinds[i] >> static_cast<unsigned>(values[i].kind) & 1U) == 0) return false;
      }
      return true;
    };
    const auto chosen = std::find_if(overloads.begin(), overloads.end(), fits);
    if (chosen == overloads.end()) return std::nullopt;
    const bool conversion = is_conversion(expr.name) && !expr.is_member && values.size() == 1 && cost == 0;
    // lists.range(1000000000) would fill the memory with what no evaluation may ever want.
    if (expr.name == "range") return std::nullopt;
    const auto result = (*chosen)->function(run(), values);
    if (result.is_failure()) {
      if (conversion) m_issues.add(expr.offset, std::string(result.view()));
      return std::nullopt;
    }
    const bool is_set = expr.name == "@in" && overloads.size() == 1 && m_ast[expr.args[1]].kind == ExprKind::list;
    if (conversion || (is_set && cost == 0)) return constant(result, 0);
    return constant(result, cost + call_cost(run(), (*chosen)->cost.pick(overloads.size() == 1), values, result));
  }

  /// x in ['a', 'b']: looked up instead of compared one by one. Kubernetes takes nothing for it.
  std::optional<std::uint32_t> constant_set(const Expr& expr, const std::vector<const Overload*>& overloads,
                                            const std::vector<std::uint32_t>& args) {
    if (expr.name != "@in" || overloads.size() != 1 || m_ast[expr.args[1]].kind != ExprKind::list) return std::nullopt;
    const auto* items = constant_of(args[1]);
    if (items == nullptr || list_size(*items) == 0) return std::nullopt;
    MapBuilder set(run());
    for (std::size_t i = 0; i < list_size(*items); ++i) {
      const auto item = list_item(run(), *items, i);
      if (!is_key(item)) return std::nullopt;
      set.add(item, cell(true));
    }
    const auto map = set.finish();
    if (map.is_failure()) return std::nullopt;
    m_code.constants.push_back(map);
    return static_cast<std::uint32_t>(m_code.constants.size() - 1);
  }

  bool are_constants(const std::vector<std::uint32_t>& args) const {
    return std::all_of(args.begin(), args.end(), [&](std::uint32_t arg) {
      return m_code.steps[arg].op == Op::constant && m_code.steps[arg].fixed_cost == 0;
    });
  }

  std::uint32_t list(const Expr& expr) {
    const auto args = visit_args(expr, 0);
    const bool optional =
        std::find(expr.optional_args.begin(), expr.optional_args.end(), true) != expr.optional_args.end();
    if (!optional && are_constants(args)) {
      std::vector<Cell> items;
      items.reserve(args.size());
      for (const auto arg : args) items.push_back(*constant_of(arg));
      return constant(run().list(items), 0);
    }
    Step step;
    step.op = Op::list;
    return add(step, args, expr.optional_args);
  }

  std::uint32_t map(const Expr& expr) {
    const auto args = visit_args(expr, 0);
    std::vector<bool> optional(args.size());
    for (std::size_t i = 0; i < expr.optional_args.size(); ++i) optional[2 * i + 1] = expr.optional_args[i];
    if (std::find(optional.begin(), optional.end(), true) == optional.end() && are_constants(args)) {
      MapBuilder builder(run());
      bool failed = false;
      for (std::size_t i = 0; i + 1 < args.size(); i += 2) {
        failed = builder.add(*constant_of(args[i]), *constant_of(args[i + 1])).is_failure() || failed;
      }
      if (!failed) return constant(builder.finish(), 0);
    }
    Step step;
    step.op = Op::map;
    return add(step, args, optional);
  }

  std::uint32_t fold(ExprId id, const Expr& expr) {
    const auto args = visit_args(expr, 0);
    Step step;
    step.op = Op::fold;
    step.fold = expr.fold;
    step.has_two_variables = !expr.name2.empty();
    step.index = note(id).slot;
    if (expr.fold == FoldKind::sort_by) {
      const auto& overloads = note(id).overloads;
      step.function = overloads.front()->function;
      step.cost = overloads.front()->cost.pick(overloads.size() == 1);
    }
    return add(step, args);
  }

  const Ast& m_ast;
  const CheckedAst& m_checked;
  Program::Code& m_code;
  Issues& m_issues;
};

}  // namespace

std::shared_ptr<const Program::Code> generate(const Ast& ast, const CheckedAst& checked, const Environment& environment,
                                              std::string_view source, Issues& issues) {
  auto code = std::make_shared<Program::Code>(std::string(source));
  code->constants_run.begin(UINT64_MAX / 2, std::size_t{64} << 20U, {});
  code->type = checked.notes[ast.root].type;
  code->locals = checked.locals;
  code->variables = environment.variables();
  code->used.resize(code->variables.size());
  code->root = Generator(ast, checked, *code, issues).visit(ast.root);
  if (code->constants_run.is_stopped()) issues.add(0, "the expression's constants need too much memory");
  return code;
}

}  // namespace mlk::inline v0::cel
