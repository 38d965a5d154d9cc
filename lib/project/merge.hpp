#pragma once

#include "reader.hpp"

#include <mlk/project/load.hpp>

#include <memory>
#include <string>
#include <vector>

namespace mlk::project {

using FileName = std::shared_ptr<const std::string>;

/// The whole tree's places get another file name object of the same text: by it an overlay's values are told from the
/// base's later, wherever they end up.
FileName relabel(document::Node& node);

/// "a.b=value" on top of the tree. The value is text unless it is a YAML number, boolean, null (which removes), or
/// begins with a quote or bracket.
void apply_set(document::Node& root, const std::string& text, std::vector<Diagnostic>& diagnostics);
/// "a.b=path": the file's text as a string.
void apply_set_file(document::Node& root, const std::string& text, std::vector<Diagnostic>& diagnostics);

/// Expands `${env:VAR}` and `${env:VAR:-default}` in every text of the tree; anything else with a `$` stays, and so do
/// texts that can't be expanded.
Expanded expand(document::Node& root, const EnvLookup& env, std::vector<Diagnostic>& diagnostics);

/// NAME=value lines of the files, before what `env` says.
EnvLookup with_env_files(const EnvLookup& env, const std::vector<std::filesystem::path>& files,
                         std::vector<Diagnostic>& diagnostics);

}  // namespace mlk::project
