#pragma once

#include <mlk/serving/journal.hpp>
#include <mlk/serving/steps.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mlk::serving {

/// What stands in a pod's way.
struct PodProblem {
  std::string pod;
  std::string reason;   ///< "ImagePullBackOff", "Unschedulable"
  std::string message;  ///< as the cluster says it, fit for a terminal
  std::int64_t restarts = 0;
};

/// One revision's pods, as the cluster has them.
struct RevisionState {
  std::string hash;
  bool exists = false;  ///< its Deployment is there
  std::int64_t wanted = 0;
  std::int64_t current = 0;
  std::int64_t ready = 0;        ///< available, of this template, as of the latest change
  std::string deployment_fault;  ///< why the Deployment says that it makes no progress; else empty
  std::vector<PodProblem> problems;
};

/// A service as the cluster has it.
struct Snapshot {
  RevisionState stable;
  RevisionState target;
  std::vector<std::string> leftovers;  ///< Deployments of other revisions, by name
  std::string service_revision;        ///< what the stable Service selects; empty: every revision
  bool has_autoscaler = false;
  std::optional<std::int64_t> canary_percent;  ///< on the route; none: the canary isn't named
  bool is_route_settled = true;                ///< the gateway has taken the route's latest form
  std::string route_fault;                     ///< why it hasn't
};

/// The next thing to do. Each is idempotent, and each leads to a snapshot from which the next one follows; so a driver
/// may die after any of them.
namespace move {

struct Wait {
  std::string why;  ///< "2/5 ready"
  std::optional<Milliseconds> at_most;
};
/// Makes what isn't there: stable Service, policies, route, the canary's Service, the target's Deployment without pods;
/// takes leftovers away.
struct Prepare {};
struct Scale {
  bool is_target = true;
  std::int64_t replicas = 0;
};
/// Sets the canary's share on the route; none: the route names the stable Service alone.
struct Weigh {
  std::optional<std::int64_t> canary_percent;
};
/// Points the stable Service at a revision.
struct Swap {
  bool to_target = true;
};
/// Points the autoscaler at a revision.
struct MoveAutoscaler {};
/// Applies a revision's objects as they are at rest, and takes the other revision's Deployment and the canary's Service
/// away.
struct Settle {
  bool on_target = true;
};
/// Takes the target away where there is nothing to go back to.
struct Remove {};
/// Writes the journal.
struct Record {
  Journal journal;
};

}  // namespace move

using Move = std::variant<move::Wait, move::Prepare, move::Scale, move::Weigh, move::Swap, move::MoveAutoscaler,
                          move::Settle, move::Remove, move::Record>;

/// Whether there is another revision to share with, and to go back to.
bool has_way_back(const Journal& journal) noexcept;

/// The next move. Pure; `selects_revision` says whether the stable Service at rest selects one revision's pods.
Move decide(const Journal& journal, const Snapshot& now, bool selects_revision);

/// The journal after somebody's request was taken up.
Journal with_request_taken(Journal journal);

/// Turns a rollout around, or ends it where there is nothing to go back to.
Journal with_failure(Journal journal, std::string reason);

/// A fault that won't pass, as a sentence; nothing while there is hope. `seen_for` says how long the same problems have
/// been there.
std::optional<std::string> lasting_fault(const RevisionState& target, Milliseconds seen_for);

}  // namespace mlk::serving
