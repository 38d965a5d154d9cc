#pragma once

#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>
#include <mlk/kube/client.hpp>

#include <string>
#include <string_view>

namespace mlk::kube {

/// What a server-side apply would change about one object.
struct Difference {
  std::string object;      ///< "Deployment/sentiment-x7k2bq94zd"
  bool exists = false;     ///< in the cluster, already
  document::Node live;     ///< as it is, without what the server keeps for itself; null where it doesn't exist
  document::Node applied;  ///< as it would be
  std::string text;        ///< both as YAML in a unified diff; empty when nothing would change

  bool is_empty() const noexcept { return text.empty(); }
};

/// Compares an object with the cluster by a dry run of a server-side apply, so that the server's defaults and admission
/// count on both sides. Fields of other managers are taken over in the dry run: the difference shows them. An object
/// without a namespace is looked for in `default_namespace`. Left out are status, managedFields and what the server
/// counts: uid, resourceVersion, generation, creationTimestamp.
Result<Difference> compare_with_live(Client& client, const document::Node& object, std::string_view default_namespace);

/// An object without what only the server writes.
document::Node without_server_fields(document::Node object);

}  // namespace mlk::kube
