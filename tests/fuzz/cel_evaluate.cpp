#include <mlk/cel/program.hpp>
#include <mlk/document/reader.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace mlk;
using namespace mlk::cel;

// An expression that compiles is evaluated over a fixed document, and ends within its limits; twice gives the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto self = document::read_json(
      R"({"a": {"b": {"c": 1}}, "l": [1, 2, 3], "m": {"k": 1, "j": 2}, "s": "abc\u00e9", "n": 5, "d": 1.5,
          "t": true, "z": null, "names": ["ab", "cd"], "time": "2026-01-02T03:04:05Z", "ip": "10.0.0.1"})");
  static const document::Node x(3);
  static const Environment environment = [] {
    Environment made;
    made.declare("self", Type::dyn());
    made.declare("x", Type::integer());
    made.allow_bind().allow_mixed_literals();
    return made;
  }();
  const auto compiled = compile(environment, {reinterpret_cast<const char*>(data), size});
  if (!compiled.program) return 0;
  Bindings bindings(environment);
  bindings.set("self", *self);
  bindings.set("x", x);
  Evaluator evaluator({.cost = 20'000, .memory = std::size_t{4} << 20U});
  const auto first = evaluator.evaluate(*compiled.program, bindings);
  const auto cost = evaluator.cost();
  const auto second = evaluator.evaluate(*compiled.program, bindings);
  if (first.has_value() != second.has_value() || evaluator.cost() != cost) __builtin_trap();
  if (first && to_string(*first) != to_string(*second)) __builtin_trap();
  return 0;
}
