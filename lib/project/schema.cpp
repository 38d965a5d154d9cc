#include "codecs.hpp"
#include "file.hpp"

#include <mlk/document/writer.hpp>
#include <mlk/project/schema.hpp>

namespace mlk::project {

using document::Node;

document::Node schema() {
  Node root = Node::mapping({{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "mlk.yaml"}});
  const Node whole = schema_of_fields<File>(SchemaMode::whole);
  for (const auto& entry : whole.entries()) root.set(entry.key, entry.value);
  root.at({"properties", "mlk"}) =
      Node::mapping({{"description", whole["properties"]["mlk"]["description"]}, {"const", "v1"}});

  Node overlay = schema_of_fields<File>(SchemaMode::overlay);
  for (const auto* fixed : {"mlk", "name", "default-environment"}) overlay.at("properties").erase(fixed);
  Node environments =
      Node::mapping({{"description", "What differs, by environment; null removes"}, {"type", "object"}});
  environments.set("additionalProperties", std::move(overlay));
  root.at("properties").set("environments", std::move(environments));
  return root;
}

std::string schema_json() { return document::write_json(schema(), 2) + "\n"; }

}  // namespace mlk::project
