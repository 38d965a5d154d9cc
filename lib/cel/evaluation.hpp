#pragma once

#include "code.hpp"
#include "run.hpp"

#include <mlk/cel/program.hpp>

#include <optional>
#include <vector>

namespace mlk::inline v0::cel {

/// One evaluation of one program.
class Evaluation {
 public:
  Evaluation(const Program::Code& code, const Bindings& bindings, Run& run, std::size_t depth = 0);
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  Cell result() { return eval(m_code.root); }

 private:
  /// A variable of a comprehension. What cel.bind() binds is evaluated when it is first read.
  struct Local {
    Cell value;
    std::optional<std::uint32_t> pending;
    std::uint64_t pending_cost = 0;
  };

  Cell eval(std::uint32_t index);
  const Step& step(std::uint32_t index) const { return m_code.steps[index]; }
  std::uint32_t arg(const Step& s, std::size_t i) const { return m_code.args[s.first_arg + i]; }
  bool is_optional_arg(const Step& s, std::size_t i) const { return m_code.optional_args[s.first_arg + i]; }

  Cell variable(std::uint32_t slot);
  Cell bound(std::uint32_t slot);
  Cell local(std::uint32_t slot);
  Cell select(const Step& s);
  Cell has(const Step& s);
  Cell index(const Step& s);
  Cell find_index(const Cell& operand, const Cell& key, bool optional);
  Cell call(const Step& s);
  Cell dispatch(const Step& s, std::span<const Cell> args);
  Cell in_set(const Step& s);
  Cell logical(const Step& s, bool absorbing);
  Cell conditional(const Step& s);
  Cell list(const Step& s);
  Cell map(const Step& s);
  Cell optional_or(const Step& s);

  // Comprehensions, in folds.cpp
  Cell fold(const Step& s);
  Cell quantify(const Step& s, const Cell& range);
  Cell exists_one(const Step& s, const Cell& range);
  Cell transform_list(const Step& s, const Cell& range);
  Cell transform_map(const Step& s, const Cell& range);
  Cell bind(const Step& s);
  Cell optional_map(const Step& s);
  Cell sort_by(const Step& s);
  std::size_t items(const Cell& range) const;
  /// Puts an item of the range into the variables; false when there is nothing to visit, or all was stopped.
  bool enter(const Step& s, const Cell& range, std::size_t i);
  /// Whether an item passes the filter; nothing when the filter failed, which `failed` then holds.
  bool passes(const Step& s, Cell& failed);

  const Program::Code& m_code;
  const Bindings& m_bindings;
  Run& m_run;
  std::size_t m_depth;
  const KnownRegexes* m_outer_regexes;
  std::vector<Local> m_locals;
  std::vector<std::optional<Cell>> m_variables;
};

}  // namespace mlk::inline v0::cel
