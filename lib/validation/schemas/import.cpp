#include "compile.hpp"
#include "distill.hpp"

#include <mlk/document/reader.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::validation::schema {

Result<void> distill_text(Model& model, SystemDef& system, std::string_view text, std::string_view file) {
  auto documents = document::read_yaml(text, file, document::Schema::kubernetes);
  if (has_error(documents.diagnostics)) {
    return Error(ErrorKind::failed, fmt::format("'{}' can't be read", file)).with(std::move(documents.diagnostics));
  }
  for (const document::Node& node : documents.nodes) {
    distill_crd(model, system, node);
    for (const document::Node& item : node["items"].items()) distill_crd(model, system, item);
  }
  return {};
}

Result<std::string> compile_crds(const std::vector<CrdText>& texts, const std::string& name) {
  Model model;
  SystemDef system;
  system.name = name;
  for (const CrdText& each : texts) MLK_CHECK(distill_text(model, system, each.text, each.file));
  if (system.kinds.empty()) {
    return Error(ErrorKind::failed, "no CustomResourceDefinition was found")
        .because("files with 'kind: CustomResourceDefinition' and versions are read");
  }
  system.module = texts.size() == 1 ? texts.front().file : fmt::format("{} files", texts.size());
  sort_kinds(system);
  model.systems.push_back(std::move(system));
  return compile(model);
}

}  // namespace mlk::inline v0::validation::schema
