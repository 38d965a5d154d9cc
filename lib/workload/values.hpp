#pragma once

#include <mlk/core/diagnostic.hpp>
#include <mlk/core/error.hpp>
#include <mlk/document/node.hpp>
#include <mlk/project/project.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// From typed settings to the nodes that templates are filled with: each keeps the place in mlk.yaml that it comes
/// from.
namespace mlk::workload {

/// What is wrong with a section, collected, so that the user sees all of it at once.
class Problems {
 public:
  /// `section` is what paths begin with: "jobs.finetune".
  explicit Problems(std::string section) : m_section(std::move(section)) {}

  void error(std::string_view code, const Place& place, std::string_view key, std::string message, std::string why,
             std::string fix);
  void warn(std::string_view code, const Place& place, std::string_view key, std::string message, std::string why,
            std::string fix);
  /// Takes over the diagnostics of a failure, or makes one of it.
  void add(Error error, const Place& place);

  bool has_errors() const noexcept { return has_error(m_found); }
  std::vector<Diagnostic> take() && { return std::move(m_found); }
  /// The failure that stands for everything found.
  Error failure() &&;

 private:
  void report(Severity severity, std::string_view code, const Place& place, std::string_view key, std::string message,
              std::string why, std::string fix);

  std::string m_section;
  std::vector<Diagnostic> m_found;
};

/// A node that stands at a place, and everything in it too; one that has a place of its own keeps it.
document::Node located(document::Node node, const Place& place);

/// A text with its place; null where it is empty.
document::Node text_node(const project::Text& text);
/// The same text, given though it may be empty.
document::Node value_node(const project::Text& text);
document::Node list_node(const project::TextList& list);
document::Node number_node(const project::Located<std::int64_t>& number);
/// Whole seconds, rounded up; null where there is none.
document::Node seconds_node(const project::Maybe<Milliseconds>& duration);
/// Null instead of an empty list or map, so that a template leaves its key out.
document::Node or_null(document::Node node);

}  // namespace mlk::workload
