#pragma once

#include "values.hpp"

#include <mlk/document/node.hpp>
#include <mlk/project/project.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::workload {

/// `patch:` of a section: the way out, applied to the generated objects last.
class Patches {
 public:
  Patches(const std::vector<project::Patch>& patches, Problems& problems);

  /// Applies, in the order of the file, those that are meant for this object: of its kind, and of its name or of
  /// `section` where they name one. What names the object may not be changed.
  void apply(document::Node& object, std::string_view section);

  /// Reports each patch that no object was there for; `kinds` are those of the objects that there were.
  void report_unused(const std::vector<std::string>& kinds);

 private:
  const std::vector<project::Patch>& m_patches;
  std::vector<bool> m_used;
  Problems& m_problems;
};

/// Kubernetes' strategic merge: maps merge, null removes, lists whose items have a merge key (containers by name,
/// mounts by path, …) merge item by item, other lists are replaced; `$patch: delete` removes an item or map, `$patch:
/// replace` replaces one. `is_builtin` false (custom resources): every list is replaced.
Result<void> strategic_merge(document::Node& base, const document::Node& patch, bool is_builtin);

}  // namespace mlk::workload
