#include "collections.hpp"
#include "evaluation.hpp"

#include <array>

namespace mlk::inline v0::cel {

// What each round costs is what cel-go's expansion of the macro costs: reading the accumulator, the operator that
// joins, a list of one around each item.

std::size_t Evaluation::items(const Cell& range) const {
  return range.is(CellKind::list) ? list_size(range) : map_size(range);
}

bool Evaluation::enter(const Step& s, const Cell& range, std::size_t i) {
  if (!m_run.step()) return false;
  auto& first = m_locals[s.index];
  if (range.is(CellKind::map)) {
    const auto entry = map_entry(m_run, range, i);
    if (!entry.fits) return false;
    first.value = entry.key;
    if (s.has_two_variables) m_locals[s.index + 1].value = entry.value;
  } else if (s.has_two_variables) {
    first.value = cell(static_cast<std::int64_t>(i));
    m_locals[s.index + 1].value = list_item(m_run, range, i);
  } else {
    first.value = list_item(m_run, range, i);
  }
  return true;
}

Cell Evaluation::fold(const Step& s) {
  if (s.fold == FoldKind::bind) return bind(s);
  if (s.fold == FoldKind::opt_map || s.fold == FoldKind::opt_flat_map) return optional_map(s);
  if (s.fold == FoldKind::sort_by) return sort_by(s);
  const auto range = eval(arg(s, 0));
  if (range.is_failure()) return range;
  if (!range.is(CellKind::list) && !range.is(CellKind::map)) return no_such_overload();
  Cell result;
  switch (s.fold) {
    case FoldKind::all:
    case FoldKind::exists:
      result = quantify(s, range);
      break;
    case FoldKind::exists_one:
      result = exists_one(s, range);
      break;
    case FoldKind::map:
    case FoldKind::filter:
      result = transform_list(s, range);
      break;
    default:
      result = transform_map(s, range);
      break;
  }
  return m_run.is_stopped() ? m_run.stopped_cell() : result;
}

Cell Evaluation::quantify(const Step& s, const Cell& range) {
  const bool absorbing = s.fold == FoldKind::exists;
  const std::uint64_t condition_cost = absorbing ? 3 : 2;
  Cell result = cell(!absorbing);
  for (std::size_t i = 0; i < items(range); ++i) {
    if (!enter(s, range, i)) {
      if (m_run.is_stopped()) break;
      continue;
    }
    m_run.charge(condition_cost);
    if (result.is(CellKind::boolean) && result.boolean == absorbing) break;
    m_run.charge(1);
    auto holds = eval(arg(s, 1));
    if (holds.is(CellKind::boolean)) {
      if (holds.boolean == absorbing) result = holds;
      continue;
    }
    if (!holds.is_failure()) holds = no_such_overload();
    if (!result.is_failure() || holds.is(CellKind::unknown)) result = holds;
  }
  m_run.charge(1);
  return result;
}

Cell Evaluation::exists_one(const Step& s, const Cell& range) {
  std::size_t count = 0;
  Cell failed;
  for (std::size_t i = 0; i < items(range); ++i) {
    if (!enter(s, range, i)) {
      if (m_run.is_stopped()) break;
      continue;
    }
    if (passes(s, failed)) {
      ++count;
      m_run.charge(2);
    }
  }
  m_run.charge(2);
  return failed.is_failure() ? failed : cell(count == 1);
}

bool Evaluation::passes(const Step& s, Cell& failed) {
  const auto holds = eval(arg(s, 1));
  if (holds.is(CellKind::boolean)) return holds.boolean;
  if (!failed.is_failure()) failed = holds.is_failure() ? holds : no_such_overload();
  return false;
}

Cell Evaluation::transform_list(const Step& s, const Cell& range) {
  ListBuilder out(m_run);
  Cell failed;
  const bool is_filter = s.fold == FoldKind::filter;
  const bool has_filter = is_filter || s.arg_count == 3;
  for (std::size_t i = 0; i < items(range); ++i) {
    if (!enter(s, range, i)) {
      if (m_run.is_stopped()) break;
      continue;
    }
    if (has_filter && !passes(s, failed)) continue;
    m_run.charge(is_filter ? 13 : 12);
    const auto item = is_filter ? m_locals[s.index].value : eval(arg(s, s.arg_count - 1));
    if (item.is_failure() && !failed.is_failure()) failed = item;
    if (!failed.is_failure()) out.add(item);
  }
  m_run.charge(1);
  return failed.is_failure() ? failed : out.finish();
}

Cell Evaluation::transform_map(const Step& s, const Cell& range) {
  MapBuilder out(m_run);
  Cell failed;
  const auto put = [&](const Cell& key, const Cell& value) {
    if (failed.is_failure()) return;
    const auto added = out.add(key, value, MapBuilder::Repeated::fails);
    if (added.is_failure()) failed = added;
  };
  for (std::size_t i = 0; i < items(range); ++i) {
    if (!enter(s, range, i)) {
      if (m_run.is_stopped()) break;
      continue;
    }
    if (s.arg_count == 3 && !passes(s, failed)) continue;
    m_run.charge(s.fold == FoldKind::transform_map ? 3 : 2);
    const auto value = eval(arg(s, s.arg_count - 1));
    if (s.fold == FoldKind::transform_map) {
      put(m_locals[s.index].value, value);
    } else if (value.is(CellKind::map)) {
      for (std::size_t e = 0; e < map_size(value); ++e) {
        const auto entry = map_entry(m_run, value, e);
        if (entry.fits) put(entry.key, entry.value);
      }
    } else if (!failed.is_failure()) {
      failed = value.is_failure() ? value : no_such_overload();
    }
  }
  m_run.charge(1);
  return failed.is_failure() ? failed : out.finish();
}

Cell Evaluation::bind(const Step& s) {
  m_locals[s.index].pending = arg(s, 0);
  m_locals[s.index].pending_cost = 0;
  const auto result = eval(arg(s, 1));
  m_locals[s.index].pending.reset();
  return result;
}

Cell Evaluation::optional_map(const Step& s) {
  const auto before = m_run.cost();
  const auto target = eval(arg(s, 0));
  if (target.is_failure()) return target;
  if (!target.is(CellKind::optional)) return no_such_overload();
  const auto target_cost = m_run.cost() - before;
  m_run.charge(1);
  if (target.extra == 0) {
    m_run.charge(1);
    return target;
  }
  // The expansion names the target twice, and reads it the second time where the variable is first used.
  m_locals[s.index].value = *target.value;
  m_locals[s.index].pending_cost = target_cost + 1;
  const auto result = eval(arg(s, 1));
  m_locals[s.index].pending_cost = 0;
  if (s.fold == FoldKind::opt_flat_map || result.is_failure()) return result;
  m_run.charge(1);
  return m_run.optional(result);
}

Cell Evaluation::sort_by(const Step& s) {
  const auto range = eval(arg(s, 0));
  if (range.is_failure()) return range;
  if (!range.is(CellKind::list)) return no_such_overload();
  m_run.charge(2);
  ListBuilder keys(m_run);
  Cell failed;
  for (std::size_t i = 0; i < list_size(range); ++i) {
    if (!enter(s, range, i)) break;
    m_run.charge(12);
    const auto key = eval(arg(s, 1));
    if (key.is_failure() && !failed.is_failure()) failed = key;
    if (!failed.is_failure()) keys.add(key);
  }
  m_run.charge(1);
  if (m_run.is_stopped()) return m_run.stopped_cell();
  if (failed.is_failure()) return failed;
  const std::array args = {range, keys.finish()};
  if (args[1].is_failure()) return args[1];
  const auto result = s.function(m_run, args);
  m_run.charge(call_cost(m_run, s.cost, args, result));
  return result;
}

}  // namespace mlk::inline v0::cel
