#include "checker.hpp"
#include "code.hpp"
#include "compiler.hpp"
#include "evaluation.hpp"
#include "parser.hpp"
#include "values.hpp"

#include <mlk/cel/program.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::cel {

Type Program::type() const { return m_code->type; }
std::string_view Program::source() const noexcept { return m_code->source; }

bool Program::uses(std::string_view variable) const noexcept {
  for (std::size_t i = 0; i < m_code->variables.size(); ++i) {
    if (m_code->variables[i].name == variable) return m_code->used[i];
  }
  return false;
}

Compilation compile(const Environment& environment, std::string_view expression) {
  Issues issues(expression);
  Compilation out;
  const SyntaxOptions syntax{environment.allows_bind(), environment.allows_quoted_identifiers()};
  if (const auto ast = parse(expression, syntax, issues)) {
    if (const auto checked = check(*ast, environment, issues)) {
      check_literals(*ast, *checked, environment, issues);
      if (issues.empty()) {
        auto code = generate(*ast, *checked, environment, expression, issues);
        if (issues.empty()) out.program.emplace(std::move(code));
      }
    }
  }
  out.issues = issues.take();
  return out;
}

Result<Program> compile_one(const Environment& environment, std::string_view expression) {
  auto compiled = compile(environment, expression);
  if (compiled.program) return *std::move(compiled.program);
  Error error(ErrorKind::failed, fmt::format("the expression is wrong: {}", compiled.issues.front().message));
  error.code = "cel-syntax";
  for (auto& issue : compiled.issues) {
    Diagnostic diagnostic;
    diagnostic.code = "cel-syntax";
    diagnostic.place.line = issue.line;
    diagnostic.place.column = issue.column;
    diagnostic.message = std::move(issue.message);
    error.diagnostics.push_back(std::move(diagnostic));
  }
  return error;
}

Bindings::Bindings(const Environment& environment) : m_slots(environment.variables().size()) {
  for (const auto& variable : environment.variables()) m_names.push_back(variable.name);
}

Bindings::Slot* Bindings::find(std::string_view name) {
  const auto found = std::find(m_names.begin(), m_names.end(), name);
  return found == m_names.end() ? nullptr : &m_slots[static_cast<std::size_t>(found - m_names.begin())];
}

void Bindings::set(std::size_t slot, const document::Node& node) noexcept {
  if (slot >= m_slots.size()) return;
  m_slots[slot].kind = Slot::Kind::node;
  m_slots[slot].node = &node;
}

void Bindings::set(std::string_view name, const document::Node& node) {
  if (auto* slot = find(name)) {
    slot->kind = Slot::Kind::node;
    slot->node = &node;
  }
}

void Bindings::set(std::string_view name, Value value) {
  if (auto* slot = find(name)) {
    slot->kind = Slot::Kind::value;
    slot->value = std::move(value);
  }
}

void Bindings::set(std::string_view name, const Program& program) {
  if (auto* slot = find(name)) {
    slot->kind = Slot::Kind::program;
    slot->program = &program;
  }
}

void Bindings::set_unknown(std::string_view name) {
  if (auto* slot = find(name)) slot->kind = Slot::Kind::unknown;
}

void Bindings::clear(std::string_view name) {
  if (auto* slot = find(name)) *slot = Slot();
}

struct Evaluator::State {
  explicit State(Limits given) : limits(given), run(given.memory) {}
  Limits limits;
  Run run;
};

Evaluator::Evaluator(Limits limits) : m_state(std::make_unique<State>(limits)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

std::uint64_t Evaluator::cost() const noexcept { return m_state->run.cost(); }
void Evaluator::set_limits(Limits limits) noexcept { m_state->limits = limits; }

namespace {

Error failure(const Run& run, const Cell& cell) {
  if (run.is_stopped()) {
    const bool interrupted = run.why_stopped() == "operation interrupted";
    return Error(interrupted ? ErrorKind::interrupted : ErrorKind::failed, std::string(run.why_stopped()))
        .coded(interrupted ? "cel-interrupted" : "cel-limit");
  }
  if (cell.is(CellKind::unknown)) {
    return Error(ErrorKind::failed, fmt::format("the value of '{}' isn't known here", cell.view()))
        .coded("cel-unknown");
  }
  return Error(ErrorKind::failed, std::string(cell.view())).coded("cel-evaluation");
}

Cell start(Run& run, const Limits& limits, const Program& program, const Bindings& bindings,
           const std::stop_token& stop) {
  run.begin(limits.cost, limits.memory, stop);
  if (run.is_stop_requested()) return run.stopped_cell();
  return Evaluation(program.code(), bindings, run).result();
}

}  // namespace

Result<Value> Evaluator::evaluate(const Program& program, const Bindings& bindings, const std::stop_token& stop) {
  auto& run = m_state->run;
  const auto cell = start(run, m_state->limits, program, bindings, stop);
  if (cell.is_failure() || run.is_stopped()) return failure(run, cell);
  auto value = to_value(run, cell);
  if (run.is_stopped()) return failure(run, cell);
  return value;
}

Result<bool> Evaluator::test(const Program& program, const Bindings& bindings, const std::stop_token& stop) {
  auto& run = m_state->run;
  const auto cell = start(run, m_state->limits, program, bindings, stop);
  if (cell.is_failure() || run.is_stopped()) return failure(run, cell);
  if (!cell.is(CellKind::boolean)) {
    return Error(ErrorKind::failed, fmt::format("the rule gives {}, not a bool", type_name(cell)))
        .coded("cel-evaluation");
  }
  return cell.boolean;
}

std::optional<std::string> Evaluator::message(const Program& program, const Bindings& bindings,
                                              const std::stop_token& stop) {
  constexpr std::size_t k_longest_message = 5 * 1024;
  auto value = evaluate(program, bindings, stop);
  if (!value || value->kind != ValueKind::string || value->text.size() > k_longest_message) return std::nullopt;
  const bool is_blank = value->text.find_first_not_of(" \t\r\n\v\f") == std::string::npos;
  if (is_blank || value->text.find('\n') != std::string::npos) return std::nullopt;
  return std::move(value->text);
}

}  // namespace mlk::inline v0::cel
