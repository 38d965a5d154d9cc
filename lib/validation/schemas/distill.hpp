#pragma once

#include "model.hpp"

#include <mlk/document/node.hpp>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mlk::inline v0::validation::schema {

/// Turns OpenAPI v3 and CRD schemas into types: structure only, prose is dropped.
class Distiller {
 public:
  /// How an unnamed object is meant: CRDs prune what they don't declare, built-ins that declare nothing hold anything.
  enum class Dialect : std::uint8_t { crd, builtin };

  Distiller(TypePool& types, Dialect dialect) : m_types(types), m_dialect(dialect) {}

  /// `components.schemas` of an OpenAPI document, which references are looked up in; forgets what was there before.
  void use_definitions(const document::Node* definitions);
  /// A definition by its name; null pointer when the document has none such.
  const document::Node* find_definition(std::string_view name) const;

  /// `path` names the type where it has no name of its own.
  TypeId distill(const document::Node& schema, const std::string& path);
  TypeId distill_definition(const std::string& name);

 private:
  TypeDef read(const document::Node& schema, const std::string& path);
  void read_bounds(TypeDef& type, const document::Node& schema) const;
  void read_extensions(TypeDef& type, const document::Node& schema) const;
  void read_fields(TypeDef& type, const document::Node& schema, const std::string& path);
  void read_junctors(TypeDef& type, const document::Node& schema, const std::string& path);
  TypeId value_validation(const document::Node& schema, const std::string& path);
  std::string read_default(const document::Node& schema) const;

  TypePool& m_types;
  Dialect m_dialect;
  std::unordered_map<std::string_view, const document::Node*> m_definitions;
  std::unordered_map<std::string, TypeId> m_done;
  std::unordered_map<std::string, std::string> m_open;  ///< definitions being read → the name that stands for them
  std::set<std::string> m_seen_open;                    ///< of these, the ones that were referred to meanwhile
};

/// Adds every served version of a CRD (v1 or v1beta1); what is no CRD, or a patch of one, adds nothing.
void distill_crd(Model& model, SystemDef& system, const document::Node& crd);

/// The same for each document of a text, and for the items of a List.
Result<void> distill_text(Model& model, SystemDef& system, std::string_view text, std::string_view file);

/// Adds what one Kubernetes release serves. `folder` is the release's tree with api/openapi-spec/v3 and api/discovery.
/// Releases are added from the oldest to the newest.
Result<void> distill_release(Model& model, SystemDef& system, const std::string& folder, unsigned minor);

/// Reads zz_generated.prerelease-lifecycle.go of k8s.io/api: when built-ins came, were deprecated and went.
Result<std::vector<LifecycleDef>> distill_lifecycle(const std::string& folder);

}  // namespace mlk::inline v0::validation::schema
