#include <mlk/cel/program.hpp>
#include <mlk/cel/schema.hpp>
#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

using namespace mlk;
using namespace mlk::cel;

namespace {

struct Count {
  std::size_t rules = 0;
  std::size_t refused = 0;
};

void compile_rule(const Environment& environment, const document::Node& rule, Count& count) {
  for (const auto* key : {"rule", "messageExpression"}) {
    const auto* text = rule.find(key);
    if (text == nullptr) continue;
    ++count.rules;
    const auto compiled = compile(environment, text->string_or());
    if (compiled.program) continue;
    ++count.refused;
    WARN(to_string(compiled.issues.front(), text->string_or()));
  }
}

/// Every rule, in an environment where self is of the type of the schema that it stands in.
void walk(const document::Node& schema, bool is_root, Count& count) {
  if (const auto* rules = schema.find("x-kubernetes-validations")) {
    const auto type = schema_type(schema, is_root, "self");
    REQUIRE(type);
    Environment environment;
    environment.declare("self", *type);
    for (const auto& rule : rules->items()) {
      environment.declare("oldSelf", rule["optionalOldSelf"].bool_or(false) ? Type::optional(*type) : *type);
      compile_rule(environment, rule, count);
    }
  }
  const auto embedded = [](const document::Node& node) {
    return node["x-kubernetes-embedded-resource"].bool_or(false);
  };
  for (const auto& property : schema["properties"].entries()) walk(property.value, embedded(property.value), count);
  for (const auto* key : {"items", "additionalProperties"}) {
    if (const auto* inner = schema.find(key); inner != nullptr && inner->is_mapping())
      walk(*inner, embedded(*inner), count);
  }
}

}  // namespace

TEST_CASE("cel: the rules of published CRDs compile", "[cel][crd]") {
  const char* folder = std::getenv("MLK_CRDS");
  if (folder == nullptr) {
    WARN("skipped: MLK_CRDS names no folder of CRDs");
    return;
  }
  Count count;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml" && entry.path().extension() != ".yml") continue;
    const auto text = read_file(entry.path());
    if (!text || text->find("CustomResourceDefinition") == std::string::npos) continue;
    for (const auto& crd : document::read_yaml(*text, entry.path().string(), document::Schema::kubernetes).nodes) {
      for (const auto& version : crd["spec"]["versions"].items()) {
        INFO(entry.path());
        walk(version["schema"]["openAPIV3Schema"], true, count);
      }
    }
  }
  CAPTURE(count.rules);
  CHECK(count.refused == 0);
  if (std::getenv("MLK_CEL_SUMMARY") != nullptr) WARN(count.rules << " rules");
}
