#pragma once

#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::document {

/// How plain scalars become values.
enum class Schema : std::uint8_t {
  kubernetes,  ///< as sigs.k8s.io/yaml reads manifests: yes, on, 0644, 1_000 are a bool and numbers; JSON streams too
  core,        ///< YAML 1.2 core: on, no, 0644 are text
};

/// What a text held: the documents that could be read, and everything that is wrong with the rest. A broken document
/// doesn't hide those after it: the text is split at `---` first.
struct Documents {
  std::vector<Node> nodes;  ///< empty and comment-only documents are left out
  std::vector<Diagnostic> diagnostics;
};

/// Reads all documents of a text. `file` is the name for places. Codes: yaml-syntax, yaml-separator, duplicate-key,
/// yaml-alias-bomb, yaml-depth, yaml-key, yaml-number, yaml-encoding. Never throws, whatever the text.
MLK_API Documents read_yaml(std::string_view text, std::string_view file, Schema schema);

/// Reads exactly one document; several, none, or any diagnostic of severity error is a failure that carries them all.
MLK_API Result<Node> read_yaml_one(std::string_view text, std::string_view file, Schema schema);

/// Reads one JSON text, without places (they cost time and API answers need none).
MLK_API Result<Node> read_json(std::string_view text);

}  // namespace mlk::inline v0::document
