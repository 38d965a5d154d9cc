#include "rule_groups.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::validation {

namespace {

constexpr std::span<const RuleEntry> (*k_groups[])() noexcept = {yaml_rules, shape_rules,   structure_rules,
                                                                 gpu_rules,  serving_rules, security_rules};

std::string indented(std::string_view text) {
  std::string out;
  for (const std::string& line : split(trim(text), '\n')) out += line.empty() ? "\n" : "    " + line + "\n";
  return out;
}

}  // namespace

std::span<const Rule> rules() noexcept {
  // Made once from the groups' tables and never changed.
  static const std::vector<Rule> k_sorted = [] {
    std::vector<Rule> all;
    for (const auto group : k_groups) {
      for (const RuleEntry& entry : group()) all.push_back(entry.rule);
    }
    std::sort(all.begin(), all.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; });
    return all;
  }();
  return k_sorted;
}

const Rule* find_rule(std::string_view id) noexcept {
  const auto all = rules();
  const auto found = std::lower_bound(all.begin(), all.end(), id,
                                      [](const Rule& rule, std::string_view wanted) { return rule.id < wanted; });
  return found != all.end() && found->id == id ? &*found : nullptr;
}

std::vector<std::string> rule_ids() {
  std::vector<std::string> ids;
  for (const Rule& rule : rules()) ids.emplace_back(rule.id);
  return ids;
}

std::string explain(const Rule& rule) {
  std::string text = fmt::format("{} ({}, {})\n{}\n\nwhy: {}\nfix: {}\n", rule.id, to_string(rule.severity), rule.group,
                                 rule.summary, rule.why, rule.fix);
  text += "\nfinds:\n" + indented(rule.bad);
  text += "\ninstead:\n" + indented(rule.good);
  text += fmt::format("\nsource: {}\n", rule.source);
  return text;
}

void run_checks(const Bundle& bundle, Finder& finder) {
  for (const auto group : k_groups) {
    for (const RuleEntry& entry : group()) {
      if (entry.check != nullptr) entry.check(bundle, finder);
    }
  }
}

}  // namespace mlk::inline v0::validation
