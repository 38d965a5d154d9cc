#pragma once

#include "bundle.hpp"
#include "finder.hpp"

#include <mlk/validation/rules.hpp>

#include <span>

namespace mlk::inline v0::validation {

/// A rule with the check that finds it; none where reading or the shapes find it.
struct RuleEntry {
  Rule rule;
  void (*check)(const Bundle& bundle, Finder& finder) = nullptr;
};

std::span<const RuleEntry> yaml_rules() noexcept;
std::span<const RuleEntry> shape_rules() noexcept;
std::span<const RuleEntry> structure_rules() noexcept;
std::span<const RuleEntry> gpu_rules() noexcept;
std::span<const RuleEntry> serving_rules() noexcept;
std::span<const RuleEntry> security_rules() noexcept;

/// Runs every check of the table.
void run_checks(const Bundle& bundle, Finder& finder);

}  // namespace mlk::inline v0::validation
