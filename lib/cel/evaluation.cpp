#include "evaluation.hpp"

#include "collections.hpp"
#include "values.hpp"

#include <fmt/format.h>

#include <array>

namespace mlk::inline v0::cel {
namespace {

constexpr std::size_t k_most_args = 4;
/// Programs that are bound to variables of programs, one within the other.
constexpr std::size_t k_most_programs = 64;

/// Of two failures the unknown one counts, else the first.
const Cell& worse(const Cell& a, const Cell& b) { return b.is(CellKind::unknown) && !a.is(CellKind::unknown) ? b : a; }

Cell no_such_key(Run& run, std::string_view key) { return run.error(fmt::format("no such key: {}", key)); }

}  // namespace

Evaluation::Evaluation(const Program::Code& code, const Bindings& bindings, Run& run, std::size_t depth)
    : m_code(code),
      m_bindings(bindings),
      m_run(run),
      m_depth(depth),
      m_outer_regexes(run.use_regexes(&code.regexes)),
      m_locals(code.locals) {}

Evaluation::~Evaluation() { m_run.use_regexes(m_outer_regexes); }

Cell Evaluation::eval(std::uint32_t index) {
  if (m_run.is_stopped()) return m_run.stopped_cell();
  const auto& s = step(index);
  switch (s.op) {
    case Op::constant:
      if (s.fixed_cost != 0) m_run.charge(s.fixed_cost);
      return m_code.constants[s.index];
    case Op::variable:
      m_run.charge(1);
      return variable(s.index);
    case Op::local:
      m_run.charge(1);
      return local(s.index);
    case Op::select:
    case Op::optional_select:
      return select(s);
    case Op::has:
      return has(s);
    case Op::index:
    case Op::optional_index:
      return this->index(s);
    case Op::call:
      return call(s);
    case Op::in_set:
      return in_set(s);
    case Op::logical_and:
      return logical(s, false);
    case Op::logical_or:
      return logical(s, true);
    case Op::conditional:
      return conditional(s);
    case Op::list:
      return list(s);
    case Op::map:
      return map(s);
    case Op::fold:
      return fold(s);
    case Op::or_optional:
    case Op::or_value:
      return optional_or(s);
  }
  return no_such_overload();
}

Cell Evaluation::variable(std::uint32_t slot) {
  const auto& slots = m_bindings.slots();
  if (slot < slots.size() && slots[slot].kind == Bindings::Slot::Kind::node) {
    return from_document(m_run, *slots[slot].node, &m_code.variables[slot].type.data());
  }
  if (m_variables.empty()) m_variables.resize(m_code.variables.size());
  if (!m_variables[slot]) m_variables[slot] = bound(slot);
  return *m_variables[slot];
}

Cell Evaluation::bound(std::uint32_t slot) {
  const auto& name = m_code.variables[slot].name;
  if (slot >= m_bindings.slots().size()) return m_run.error("no such attribute(s): " + name);
  const auto& bound = m_bindings.slots()[slot];
  switch (bound.kind) {
    case Bindings::Slot::Kind::unknown: {
      auto unknown = m_run.error(name);
      unknown.kind = CellKind::unknown;
      return unknown;
    }
    case Bindings::Slot::Kind::value:
      return to_cell(m_run, bound.value);
    case Bindings::Slot::Kind::program: {
      if (m_depth >= k_most_programs) return m_run.error("variables that name each other: " + name);
      return Evaluation(bound.program->code(), m_bindings, m_run, m_depth + 1).result();
    }
    default:
      return m_run.error("no such attribute(s): " + name);
  }
}

Cell Evaluation::local(std::uint32_t slot) {
  if (m_locals[slot].pending) {
    const auto pending = *m_locals[slot].pending;
    m_locals[slot].pending.reset();
    m_locals[slot].value = eval(pending);
  }
  if (m_locals[slot].pending_cost != 0) m_run.charge(std::exchange(m_locals[slot].pending_cost, 0));
  return m_locals[slot].value;
}

Cell Evaluation::select(const Step& s) {
  auto operand = eval(arg(s, 0));
  if (operand.is_failure()) return operand;
  if (!step(arg(s, 0)).is_attribute) m_run.charge(1);
  bool optional = s.op == Op::optional_select;
  if (operand.is(CellKind::optional)) {
    if (operand.extra == 0) return operand;
    optional = true;
    operand = *operand.value;
  }
  const auto& name = m_code.names[s.index];
  if (!operand.is(CellKind::map)) {
    m_run.charge(1);
    return no_such_key(m_run, name.escaped);
  }
  const auto found = map_find_field(m_run, operand, name.escaped, name.name);
  if (optional && !found) return Run::none();
  m_run.charge(1);
  if (!found) return no_such_key(m_run, name.escaped);
  return optional && !found->is_failure() ? m_run.optional(*found) : *found;
}

Cell Evaluation::has(const Step& s) {
  auto operand = eval(arg(s, 0));
  if (operand.is_failure()) return operand;
  if (!step(arg(s, 0)).is_attribute) m_run.charge(1);
  if (operand.is(CellKind::optional)) {
    if (operand.extra == 0) return cell(false);
    operand = *operand.value;
  }
  if (operand.is(CellKind::list)) return no_such_overload();
  if (!operand.is(CellKind::map)) return cell(false);
  const auto& name = m_code.names[s.index];
  const auto found = map_find_field(m_run, operand, name.escaped, name.name);
  return found && found->is_failure() ? *found : cell(found.has_value());
}

Cell Evaluation::find_index(const Cell& operand, const Cell& key, bool optional) {
  if (operand.is(CellKind::list)) {
    std::int64_t at = -1;
    if (key.is(CellKind::integer)) {
      at = key.integer;
    } else if (key.is(CellKind::uinteger)) {
      at = static_cast<std::int64_t>(std::min<std::uint64_t>(key.uinteger, INT64_MAX));
    } else if (key.is(CellKind::floating) && key.floating >= 0 && key.floating < 1e15 &&
               static_cast<double>(static_cast<std::int64_t>(key.floating)) == key.floating) {
      at = static_cast<std::int64_t>(key.floating);
    } else if (!key.is_number()) {
      return no_such_overload();
    } else {
      return error_cell("unsupported index value in list");
    }
    if (at >= 0 && static_cast<std::uint64_t>(at) < list_size(operand)) {
      return list_item(m_run, operand, static_cast<std::size_t>(at));
    }
    return optional ? Run::none() : m_run.error(fmt::format("index out of bounds: {}", at));
  }
  if (!operand.is(CellKind::map)) return no_such_overload();
  if (!is_key(key)) return m_run.error(fmt::format("unsupported key type: {}", type_name(key)));
  const auto found = map_find(m_run, operand, key);
  if (found) return *found;
  if (optional) return Run::none();
  return no_such_key(m_run, display(m_run, key));
}

Cell Evaluation::index(const Step& s) {
  auto operand = eval(arg(s, 0));
  if (operand.is_failure()) return operand;
  if (!step(arg(s, 0)).is_attribute) m_run.charge(1);
  const auto key = eval(arg(s, 1));
  if (key.is_failure()) return key;
  bool optional = s.op == Op::optional_index;
  if (operand.is(CellKind::optional)) {
    if (operand.extra == 0) return operand;
    optional = true;
    operand = *operand.value;
  }
  const auto found = find_index(operand, key, optional);
  const bool is_missing = optional && found.is(CellKind::optional) && found.extra == 0;
  if (!is_missing && !step(arg(s, 1)).is_attribute) m_run.charge(1);
  return optional && !is_missing && !found.is_failure() ? m_run.optional(found) : found;
}

Cell Evaluation::dispatch(const Step& s, std::span<const Cell> args) {
  for (std::size_t o = 0; o < s.overloads; ++o) {
    const auto& overload = *m_code.overloads[s.index + o];
    bool fits = true;
    for (std::size_t i = 0; i < args.size(); ++i) {
      fits = fits && (overload.kinds[i] >> static_cast<unsigned>(args[i].kind) & 1U) != 0;
    }
    if (!fits) continue;
    const auto result = overload.function(m_run, args);
    m_run.charge(s.cost == CostRule::unit ? 1 : call_cost(m_run, s.cost, args, result));
    return result;
  }
  m_run.charge(1);
  return no_such_overload();
}

Cell Evaluation::call(const Step& s) {
  std::array<Cell, k_most_args> args;
  const Cell* failed = nullptr;
  for (std::size_t i = 0; i < s.arg_count; ++i) {
    args[i] = eval(arg(s, i));
    if (args[i].is_failure()) failed = failed == nullptr ? &args[i] : &worse(*failed, args[i]);
  }
  if (m_run.is_stopped()) return m_run.stopped_cell();
  if (failed != nullptr) {
    m_run.charge(1);
    return *failed;
  }
  return dispatch(s, {args.data(), s.arg_count});
}

Cell Evaluation::in_set(const Step& s) {
  const auto value = eval(arg(s, 0));
  if (value.is_failure()) return value;
  const auto& set = m_code.constants[s.index];
  return cell(is_key(value) && find_entry(*set.map, set.extra, value) != nullptr);
}

Cell Evaluation::logical(const Step& s, bool absorbing) {
  Cell failed;
  for (std::size_t i = 0; i < s.arg_count; ++i) {
    auto term = eval(arg(s, i));
    if (term.is(CellKind::boolean)) {
      if (term.boolean == absorbing) return term;
      continue;
    }
    if (m_run.is_stopped()) return m_run.stopped_cell();
    if (!term.is_failure()) term = no_such_overload();
    failed = failed.is_failure() ? worse(failed, term) : term;
  }
  return failed.is_failure() ? failed : cell(!absorbing);
}

Cell Evaluation::conditional(const Step& s) {
  const auto condition = eval(arg(s, 0));
  if (condition.is_failure()) return condition;
  if (!condition.is(CellKind::boolean)) return no_such_overload();
  const auto branch = arg(s, condition.boolean ? 1 : 2);
  const auto result = eval(branch);
  // The cost model takes the whole for one attribute, so that a name in a branch costs one less.
  const auto& chosen = step(branch);
  if (chosen.is_attribute && chosen.op != Op::conditional && m_run.cost() > 0 && !m_run.is_stopped()) {
    m_run.set_cost(m_run.cost() - 1);
  }
  return result;
}

Cell Evaluation::list(const Step& s) {
  ListBuilder items(m_run);
  m_run.charge(10);
  for (std::size_t i = 0; i < s.arg_count; ++i) {
    const auto item = eval(arg(s, i));
    if (item.is_failure()) return item;
    if (!is_optional_arg(s, i)) {
      items.add(item);
    } else if (!item.is(CellKind::optional)) {
      return no_such_overload();
    } else if (item.extra != 0) {
      items.add(*item.value);
    }
  }
  return items.finish();
}

Cell Evaluation::map(const Step& s) {
  MapBuilder entries(m_run);
  m_run.charge(30);
  for (std::size_t i = 0; i + 1 < s.arg_count; i += 2) {
    const auto key = eval(arg(s, i));
    if (key.is_failure()) return key;
    auto value = eval(arg(s, i + 1));
    if (value.is_failure()) return value;
    if (is_optional_arg(s, i + 1)) {
      if (!value.is(CellKind::optional)) return no_such_overload();
      if (value.extra == 0) continue;
      value = Cell(*value.value);
    }
    if (const auto failed = entries.add(key, value); failed.is_failure()) return failed;
  }
  return entries.finish();
}

Cell Evaluation::optional_or(const Step& s) {
  const auto first = eval(arg(s, 0));
  if (first.is_failure()) return first;
  if (!first.is(CellKind::optional)) return no_such_overload();
  if (first.extra != 0) return s.op == Op::or_value ? *first.value : first;
  return eval(arg(s, 1));
}

}  // namespace mlk::inline v0::cel
