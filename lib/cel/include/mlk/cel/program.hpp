#pragma once

#include <mlk/cel/environment.hpp>
#include <mlk/cel/issue.hpp>
#include <mlk/cel/type.hpp>
#include <mlk/cel/value.hpp>
#include <mlk/core/api.hpp>
#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

// The Common Expression Language as Kubernetes 1.36 has it: rules of CRDs, ValidatingAdmissionPolicy, DRA selectors.
//
//   Environment environment;
//   environment.declare("self", *schema_type(schema, false, "spec"));
//   auto compiled = compile(environment, "self.minReplicas <= self.maxReplicas");
//   Evaluator evaluator;                      // one a thread; programs are shared
//   Bindings bindings(environment);
//   bindings.set("self", node);
//   Result<bool> holds = evaluator.test(*compiled.program, bindings);
//
// What an expression would cost at most, for any input, isn't estimated: the API server does that when it takes a CRD.

/// An expression that is ready to be evaluated: immutable, cheap to copy, to be used by any number of threads at once.
class MLK_API Program {
 public:
  struct Code;
  explicit Program(std::shared_ptr<const Code> code) : m_code(std::move(code)) {}

  Type type() const;
  std::string_view source() const noexcept;
  /// Whether the expression names a variable: a rule that names oldSelf holds for updates alone.
  bool uses(std::string_view variable) const noexcept;

  const Code& code() const noexcept { return *m_code; }

 private:
  std::shared_ptr<const Code> m_code;
};

/// A program, or everything that is wrong with the expression.
struct Compilation {
  std::optional<Program> program;
  std::vector<Issue> issues;
};

/// Parses, checks types and compiles. Never throws, whatever the text; at most 100,000 characters, 250 levels deep.
MLK_API Compilation compile(const Environment& environment, std::string_view expression);

/// The same; the Error carries a diagnostic with line and column (of the expression) for each mistake, code cel-syntax.
MLK_API Result<Program> compile_one(const Environment& environment, std::string_view expression);

/// What the variables of an environment stand for. What is bound has to outlive the evaluations; nothing is copied.
class MLK_API Bindings {
 public:
  explicit Bindings(const Environment& environment);

  /// By name or slot. A document is read as the declared type says. Names that aren't declared are ignored.
  void set(std::string_view name, const document::Node& node);
  void set(std::size_t slot, const document::Node& node) noexcept;
  void set(std::string_view name, Value value);
  /// Evaluated when it is first used, with these bindings, at most once an evaluation: variables of a policy.
  void set(std::string_view name, const Program& program);
  /// Its value can't be known here; neither can anything that depends on it (Error code cel-unknown).
  void set_unknown(std::string_view name);
  void clear(std::string_view name);

  struct Slot {
    enum class Kind : std::uint8_t { unbound, unknown, node, value, program } kind = Kind::unbound;
    const document::Node* node = nullptr;
    const Program* program = nullptr;
    Value value;
  };
  const std::vector<Slot>& slots() const noexcept { return m_slots; }

 private:
  Slot* find(std::string_view name);

  std::vector<std::string> m_names;
  std::vector<Slot> m_slots;
};

/// Kubernetes' limits. A caller that evaluates many rules of one object takes each one's cost from
/// `k_object_cost_budget`.
inline constexpr std::uint64_t k_call_cost_limit = 1'000'000;
inline constexpr std::uint64_t k_object_cost_budget = 10'000'000;

struct Limits {
  std::uint64_t cost = k_call_cost_limit;
  std::size_t memory = std::size_t{64} << 20U;
};

/// Evaluates programs. Keeps its memory from one to the next, so use one a thread for many.
class MLK_API Evaluator {
 public:
  explicit Evaluator(Limits limits = {});
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;

  /// Codes of failures: cel-evaluation (as "division by zero"), cel-limit (cost or memory), cel-unknown,
  /// cel-interrupted.
  Result<Value> evaluate(const Program& program, const Bindings& bindings, const std::stop_token& stop = {});
  /// The same for a rule; anything but a bool is a failure.
  Result<bool> test(const Program& program, const Bindings& bindings, const std::stop_token& stop = {});
  /// What a messageExpression says. Nothing where Kubernetes falls back to the rule's own message: it failed, isn't a
  /// string, is blank, has a line break, or is longer than 5 KiB.
  std::optional<std::string> message(const Program& program, const Bindings& bindings,
                                     const std::stop_token& stop = {});
  /// Of the last evaluation, in Kubernetes' units.
  std::uint64_t cost() const noexcept;

  void set_limits(Limits limits) noexcept;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace mlk::inline v0::cel
