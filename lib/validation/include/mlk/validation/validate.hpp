#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/diagnostic.hpp>
#include <mlk/document/node.hpp>
#include <mlk/validation/schema.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::validation {

struct Options {
  std::vector<std::string> disabled;  ///< ids of rules that stay silent
  /// Schemas of the kinds that the tables here don't have; none are needed. Has to outlive the call.
  const schema::Catalogue* schemas = nullptr;
  unsigned minor = 0;  ///< of the Kubernetes that the manifests are for: 35 is 1.35, 0 the newest one known
};

/// What a look at some objects found.
struct Findings {
  std::vector<Diagnostic> diagnostics;  ///< sorted by file, line, column, severity, code; no two the same
  std::size_t objects = 0;              ///< looked at, a List's items counted one by one
  std::size_t unchecked = 0;            ///< of a kind that isn't known here: not checked, and said so

  MLK_API std::size_t count(Severity severity) const noexcept;
  /// Whether there is any at least this severe.
  MLK_API bool has(Severity least) const noexcept;
};

/// Checks manifests that belong together (a selector is compared with the pods of the same bundle): structure, names,
/// labels, ports and quantities of the known kinds, and the ML rules. Each finding stands where its value stands.
MLK_API Findings validate(const std::vector<document::Node>& objects, const Options& options = {});

/// A text of manifests, by the name that the places in it carry.
struct Source {
  std::string file;
  std::string text;
};

/// Reads manifests as Kubernetes does and validates them, all files as one bundle; what can't be parsed and duplicate
/// keys are findings too.
MLK_API Findings validate_texts(const std::vector<Source>& sources, const Options& options = {});
MLK_API Findings validate_text(std::string_view text, std::string_view file, const Options& options = {});

/// Adds what something else found about the same objects (the reader, the project); they stay sorted.
MLK_API void add(Findings& findings, std::vector<Diagnostic> more);

}  // namespace mlk::inline v0::validation
