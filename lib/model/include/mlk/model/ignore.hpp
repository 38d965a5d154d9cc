#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mlk::model {

/// Patterns as .gitignore has them: `*`, `?`, `[abc]`, `**`, a leading or inner `/` anchors at the folder, a trailing
/// `/` means folders only, `!` takes a file in again, `#` begins a comment; the last pattern that matches decides.
class IgnoreRules {
 public:
  /// With the rules that always hold (see inspect_folder) and those of a .mlkignore's text.
  explicit IgnoreRules(std::string_view text);

  /// `path` is relative to the folder, with '/'.
  bool matches(std::string_view path, bool is_folder) const;

 private:
  struct Rule {
    std::string pattern;
    bool takes_in = false;
    bool folders_only = false;
    bool anchored = false;
  };
  void add(std::string_view line);
  std::vector<Rule> m_rules;
};

}  // namespace mlk::model
