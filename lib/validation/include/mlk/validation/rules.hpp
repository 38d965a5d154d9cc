#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/diagnostic.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::validation {

/// What a finding's code stands for.
struct Rule {
  std::string_view id;
  Severity severity = Severity::error;
  std::string_view group;    ///< "yaml", "structure", "gpu", "serving", "security"
  std::string_view summary;  ///< one line
  std::string_view why;
  std::string_view fix;
  std::string_view source;  ///< where the knowledge comes from
  std::string_view bad;     ///< a manifest that it finds
  std::string_view good;    ///< the same, mended
};

/// All rules, sorted by id.
MLK_API std::span<const Rule> rules() noexcept;
/// A null pointer when there is none.
MLK_API const Rule* find_rule(std::string_view id) noexcept;
MLK_API std::vector<std::string> rule_ids();
/// The rule as text to read: what, why, fix, both examples, source.
MLK_API std::string explain(const Rule& rule);

}  // namespace mlk::inline v0::validation
