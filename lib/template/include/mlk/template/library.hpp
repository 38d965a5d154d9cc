#pragma once

#include <mlk/core/result.hpp>
#include <mlk/template/template.hpp>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::templates {

/// A template's text: one that is built in, or the user's own from `.mlk/templates`.
struct Source {
  std::string name;  ///< "job/job", the path below the templates' folder without ".yaml"
  std::string file;  ///< for places: what the user would open, or "mlk:job/job.yaml" for one that is built in
  std::string text;
};

/// The templates in a folder, "job/job.yaml" as "job/job", by name in order; none where the folder isn't there.
Result<std::vector<Source>> read_folder(const std::filesystem::path& folder);

/// A template that is part of the program.
struct Embedded {
  std::string_view name;
  std::string_view text;
};

/// All built-in templates, by name in order.
std::span<const Embedded> embedded();

/// Finds templates by name, the user's own before the built-in ones, and parses each when it is first asked for.
/// Belongs to one thread.
class Library {
 public:
  Library() = default;
  explicit Library(std::vector<Source> own);

  /// The parsed template; unknown names are an error that names the nearest. The pointer lives as long as the library.
  Result<const Template*> find(std::string_view name);

  /// Renders the named template.
  Result<document::Node> render(std::string_view name, const document::Node& values);

  struct Listed {
    std::string name;
    std::string file;
    bool is_own = false;       ///< comes from `.mlk/templates`
    bool is_override = false;  ///< and stands in for a built-in one
  };
  /// Every template by name, in order.
  std::vector<Listed> list() const;
  /// The text of a template, for `mlk template show` and `eject`.
  Result<std::string> text(std::string_view name) const;

 private:
  std::map<std::string, Source, std::less<>> m_own;
  std::map<std::string, Template, std::less<>> m_parsed;
};

}  // namespace mlk::templates
