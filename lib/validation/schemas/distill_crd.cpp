#include "distill.hpp"

#include <algorithm>

namespace mlk::inline v0::validation::schema {

using document::Node;

namespace {

KindDef read_names(const Node& spec, const Node& version) {
  const Node& names = spec["names"];
  KindDef kind;
  kind.group = spec["group"].string_or();
  kind.version = version["name"].string_or();
  kind.kind = names["kind"].string_or();
  kind.list_kind = names["listKind"].string_or(kind.kind + "List");
  kind.plural = names["plural"].string_or();
  for (const Node& name : names["shortNames"].items()) kind.short_names.push_back(name.string_or());
  kind.is_namespaced = spec["scope"].string_or() == "Namespaced";
  kind.is_storage = version["storage"].bool_or(false);
  kind.is_deprecated = version["deprecated"].bool_or(false);
  kind.deprecation_warning = version["deprecationWarning"].string_or();
  return kind;
}

}  // namespace

void distill_crd(Model& model, SystemDef& system, const Node& crd) {
  if (crd["kind"].string_or() != "CustomResourceDefinition") return;
  const Node& spec = crd["spec"];
  Distiller distiller(model.types, Distiller::Dialect::crd);
  for (const Node& version : spec["versions"].items()) {
    KindDef kind = read_names(spec, version);
    if (kind.kind.empty() || kind.group.empty()) return;
    const Node* schema = version.find({"schema", "openAPIV3Schema"});
    // apiextensions v1beta1 kept one schema for all versions.
    if (schema == nullptr) schema = spec.find({"validation", "openAPIV3Schema"});
    if (version["served"].bool_or(true) && schema != nullptr) {
      ServedDef served;
      served.type = distiller.distill(*schema, kind.version + "." + kind.kind);
      kind.served.push_back(served);
    }
    // Of several the last one counts, but one that isn't served takes nothing away: another channel serves it.
    const auto same = std::find_if(system.kinds.begin(), system.kinds.end(), [&](const KindDef& other) {
      return other.group == kind.group && other.version == kind.version && other.kind == kind.kind;
    });
    if (same == system.kinds.end()) {
      system.kinds.push_back(std::move(kind));
    } else if (!kind.served.empty() || same->served.empty()) {
      *same = std::move(kind);
    }
  }
}

}  // namespace mlk::inline v0::validation::schema
