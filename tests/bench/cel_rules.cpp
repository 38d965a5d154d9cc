// How many rules a second one thread evaluates: cel_rules [seconds a rule]. Prints nanoseconds a rule.
#include <mlk/cel/program.hpp>
#include <mlk/cel/schema.hpp>
#include <mlk/document/reader.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace mlk;
using namespace mlk::cel;

namespace {

constexpr const char* k_schema = R"(
type: object
properties:
  minReplicas: {type: integer}
  maxReplicas: {type: integer}
  name: {type: string}
  items: {type: array, items: {type: object, properties: {name: {type: string}, kind: {type: string}}}}
)";

constexpr const char* k_self = R"(
minReplicas: 1
maxReplicas: 3
name: model
items: [{name: a, kind: Pod}, {name: bc, kind: Job}, {name: def, kind: Pod}, {name: ghij, kind: Job}]
)";

document::Node read(const char* yaml) { return *document::read_yaml_one(yaml, "bench", document::Schema::kubernetes); }

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 0.5;
  Environment environment;
  const auto slot = environment.declare("self", *schema_type(read(k_schema), false, "self"));
  const auto node = read(k_self);
  Bindings bindings(environment);
  bindings.set(slot, node);
  Evaluator evaluator;
  for (const auto* rule : {"self.minReplicas <= self.maxReplicas", "self.items.all(x, x.name.matches('^[a-z]+$'))",
                           "self.items.all(x, x.kind in ['Pod', 'Job'])",
                           "!has(self.name) || self.name.size() < 64 && self.minReplicas > 0"}) {
    const auto compiled = compile(environment, rule);
    if (!compiled.program) return 1;
    const auto begin = std::chrono::steady_clock::now();
    std::size_t rounds = 0;
    double taken = 0;
    do {
      for (int i = 0; i < 1000; ++i) {
        const auto holds = evaluator.test(*compiled.program, bindings);
        if (!holds || !*holds) return 1;
      }
      rounds += 1000;
      taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    } while (taken < seconds);
    std::printf("%8.0f ns  cost %3llu  %s\n", taken * 1e9 / static_cast<double>(rounds),
                static_cast<unsigned long long>(evaluator.cost()), rule);
  }
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 2000; ++i) {
    if (!compile(environment, "self.items.all(x, x.name.matches('^[a-z]+$'))").program) return 1;
  }
  const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%8.0f ns  to compile the second\n", taken * 1e9 / 2000);
}
