#pragma once

#include <mlk/kube/client.hpp>
#include <mlk/serving/decide.hpp>
#include <mlk/serving/lease.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::serving {

/// A service as people look at it: its rollout, its two revisions, who drives.
struct View {
  std::string service;
  std::string namespace_name;
  std::optional<Journal> journal;  ///< none: never rolled out by mlk
  Snapshot snapshot;
  Holder driver;           ///< nobody when nothing is under way
  bool is_driven = false;  ///< whether the driver shows signs of life
  std::string waits_for;   ///< "2/5 ready"; empty while it works
  std::optional<Milliseconds> pause_left;

  bool is_under_way() const noexcept { return journal && !is_end(journal->phase); }
  /// The new revision's share of the traffic, as the route says or as the numbers of ready pods make it.
  Percent target_share() const noexcept;
};

/// Reads a service as it is now. Not there at all: not_found.
Result<View> look(kube::Client& client, const Clock& clock, std::string_view namespace_name, std::string_view service);

/// One line a service for lists: every service in a namespace (empty: in all) that mlk has rolled out.
struct ServiceLine {
  std::string name;
  std::string namespace_name;
  std::optional<Journal> journal;
  std::int64_t wanted = 0;
  std::int64_t ready = 0;
};
Result<std::vector<ServiceLine>> list_services(kube::Client& client, std::string_view namespace_name);

}  // namespace mlk::serving
