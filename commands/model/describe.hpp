#pragma once

#include <mlk/document/node.hpp>
#include <mlk/model/folder.hpp>
#include <mlk/oci/manifest.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::commands {

/// "22.7 M", "7.2 B", "512".
std::string count_text(std::uint64_t count);

/// "BertModel · safetensors · 22.7 M parameters · F32 · apache-2.0": what is known, in one line.
std::string facts_text(const model::Facts& facts);
document::Node facts_record(const model::Facts& facts);
/// The facts that an image's annotations hold.
model::Facts facts_of(const oci::Annotations& annotations);

/// Lines "  name  value" with the values under each other.
std::string fields_text(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace mlk::commands
