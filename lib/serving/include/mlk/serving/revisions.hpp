#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/serving/journal.hpp>
#include <mlk/workload/service.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::serving {

/// How a revision's rollout ended.
enum class Outcome : std::uint8_t { under_way, done, undone, failed };
std::string_view to_string(Outcome outcome) noexcept;

/// One entry of a service's history: a ControllerRevision that holds the objects of a revision.
struct Revision {
  RevisionRef ref;
  std::string name;  ///< of the ControllerRevision
  std::string model;
  std::string model_digest;
  std::string image;
  Outcome outcome = Outcome::under_way;
  std::string reason;
  std::optional<SystemTime> created;
  std::optional<SystemTime> ended;
  document::Node object;  ///< the ControllerRevision itself
};

/// All revisions of a service, newest number last.
Result<std::vector<Revision>> list_revisions(kube::Client& client, std::string_view namespace_name,
                                             std::string_view service);

/// Keeps a revision: a new ControllerRevision, or the one that is there with the next number, as when a Deployment goes
/// back to an earlier template.
Result<RevisionRef> keep_revision(kube::Client& client, std::string_view namespace_name,
                                  const workload::ServiceObjects& objects, const std::vector<Revision>& known);

/// Notes how it ended.
Result<void> note_outcome(kube::Client& client, std::string_view namespace_name, const Revision& revision,
                          Outcome outcome, std::string_view reason, SystemTime now);

/// The objects of a kept revision, trusted with nothing: each must be of a kind that a service is made of, bear the
/// names and the namespace of this service, pass validation, and the pod template must have the hash that its name
/// says.
Result<workload::ServiceObjects> objects_of(const Revision& revision, std::string_view service,
                                            std::string_view namespace_name);

/// Takes away what is older than the newest `limit` revisions, but never those named.
Result<void> prune_revisions(kube::Client& client, std::string_view namespace_name,
                             const std::vector<Revision>& revisions, std::size_t limit,
                             const std::vector<std::string>& kept_hashes);

}  // namespace mlk::serving
