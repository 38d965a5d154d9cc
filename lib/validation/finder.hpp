#pragma once

#include "spot.hpp"

#include <mlk/validation/validate.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::validation {

/// Collects what one run finds. Severity, and why and fix where a check says nothing more exact, come from the rule.
class Finder {
 public:
  explicit Finder(const Options& options) : m_options(options) {}

  /// What a check has to say about one value.
  struct Words {
    std::string message;
    std::string why;
    std::string fix;
  };

  void report(std::string_view code, const Spot& spot, Words words);
  void report(std::string_view code, document::View object, const document::Path& path, const Place& place,
              Words words);
  /// As report, with another place that belongs to it.
  void report_with(std::string_view code, const Spot& spot, const Spot& related, std::string related_message,
                   Words words);

  std::size_t count() const noexcept { return m_found.size(); }
  std::vector<Diagnostic> take() { return std::move(m_found); }

 private:
  const Options& m_options;
  std::vector<Diagnostic> m_found;
};

}  // namespace mlk::inline v0::validation
