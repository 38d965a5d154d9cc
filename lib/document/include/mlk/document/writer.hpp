#pragma once

#include <mlk/document/node.hpp>

#include <string>
#include <vector>

namespace mlk::inline v0::document {

/// Block-style YAML that ends with a line break. Every string that YAML 1.1 or 1.2 would read as something else is
/// double-quoted, so that it comes back as the same string from any reader.
MLK_API std::string write_yaml(const Node& node);
/// Several documents, each begun with "---".
MLK_API std::string write_yaml_stream(const std::vector<Node>& nodes);

/// JSON; `indent` 0 gives one line. Strings are escaped, invalid UTF-8 is replaced.
MLK_API std::string write_json(const Node& node, int indent = 2);

}  // namespace mlk::inline v0::document
