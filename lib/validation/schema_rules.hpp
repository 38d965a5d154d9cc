#pragma once

#include "finder.hpp"

#include <mlk/cel/program.hpp>
#include <mlk/document/node.hpp>
#include <mlk/validation/schema.hpp>

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mlk::inline v0::validation {

/// A schema's x-kubernetes-validations, ready to be evaluated.
struct CompiledRule {
  schema::Rule rule;
  cel::Environment environment;
  std::optional<cel::Program> program;  ///< none where the rule can't be compiled: the API server knows more then
  std::optional<cel::Program> message;
};

/// The rules in CEL of the schemas that one run meets, each compiled once.
class RuleBook {
 public:
  /// Whether there are any in the type or below it.
  bool has_rules(schema::Type type);
  const std::vector<CompiledRule>& rules_of(schema::Type type, bool is_root);

 private:
  std::map<schema::Type, bool> m_has_rules;
  std::map<std::pair<schema::Type, bool>, std::vector<CompiledRule>> m_rules;
};

/// Evaluates the rules of an object's schema on it, as the API server does when it is created: what is left out is
/// filled in first, and rules that compare with an older state (oldSelf) aren't looked at.
void check_rules(document::View object, schema::Type type, RuleBook& book, Finder& finder);

}  // namespace mlk::inline v0::validation
