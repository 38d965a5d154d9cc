#pragma once

#include "observe.hpp"

#include <mlk/serving/lease.hpp>

#include <string>
#include <string_view>

namespace mlk::serving {

/// Writes on behalf of one driver, so that a driver that slept through a takeover can do no harm:
/// - nothing is written unless the Lease was renewed within its duration, by our own clock; where it is due, it is
///   renewed first, which fails for whoever lost it;
/// - an object that is there is written only as it was read (its resource version goes along), and only if no later
///   driver has left its mark on it;
/// - an object that isn't there is created, never put over one that appeared meanwhile.
/// A driver that takes over first leaves its mark on every object (raise), which outdates whatever an earlier one read.
class Fence {
 public:
  Fence(kube::Client& client, Lease& lease, std::string namespace_name)
      : m_client(client), m_lease(lease), m_namespace(std::move(namespace_name)) {}

  /// Leaves this driver's mark on all that is there.
  Result<void> raise(const Observed& seen);

  Result<void> patch(const kube::ResourceType& type, const document::Node& read, document::Node change);
  /// Server-side apply over `read`, or a new object where there is none.
  Result<void> apply(const kube::ResourceType& type, const std::optional<document::Node>& read, document::Node object);
  /// Creates; that it is there already is fine.
  Result<void> create(const kube::ResourceType& type, const document::Node& object);
  Result<void> remove(const kube::ResourceType& type, const document::Node& read);

  const std::string& namespace_name() const noexcept { return m_namespace; }

 private:
  Result<void> check(const document::Node* read);

  kube::Client& m_client;
  Lease& m_lease;
  std::string m_namespace;
};

}  // namespace mlk::serving
