#include <mlk/document/tree.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/kube/difference.hpp>

#include <fmt/format.h>

namespace mlk::kube {

document::Node without_server_fields(document::Node object) {
  object.erase("status");
  if (document::Node* metadata = object.find("metadata")) {
    for (const std::string_view key :
         {"managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"}) {
      metadata->erase(key);
    }
    // What a controller counts there changes with every run of it.
    if (document::Node* annotations = metadata->find("annotations")) {
      annotations->erase("deployment.kubernetes.io/revision");
      if (annotations->empty()) metadata->erase("annotations");
    }
  }
  return object;
}

Result<Difference> compare_with_live(Client& client, const document::Node& object, std::string_view default_namespace) {
  const std::string kind = object["kind"].string_or();
  const std::string name = object["metadata"]["name"].string_or();
  Difference difference;
  difference.object = fmt::format("{}/{}", kind, name);
  MLK_TRY(const ResourceType type, client.find_type(object["apiVersion"].string_or(), kind));
  const std::string namespace_name =
      type.namespaced ? object["metadata"]["namespace"].string_or(default_namespace) : std::string();
  MLK_TRY(const auto live, client.find(type, namespace_name, name));
  ApplyOptions options;
  options.dry_run = true;
  options.force = true;
  MLK_TRY(document::Node applied, client.apply(type, namespace_name, object, options));
  difference.exists = live.has_value();
  difference.applied = without_server_fields(std::move(applied));
  std::string before;
  if (live) {
    difference.live = without_server_fields(*live);
    before = document::write_yaml(difference.live);
  }
  difference.text = document::unified_diff(before, document::write_yaml(difference.applied),
                                           "live/" + difference.object, "mlk/" + difference.object);
  return difference;
}

}  // namespace mlk::kube
