#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/project/project.hpp>
#include <mlk/serving/lease.hpp>
#include <mlk/serving/revisions.hpp>
#include <mlk/serving/view.hpp>
#include <mlk/workload/service.hpp>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace mlk::serving {

/// What a rollout is driven with.
struct Tools {
  kube::Client& client;
  Clock& clock;
  std::stop_token stop;
  std::string namespace_name;
  std::string service;
  /// Told of every look at the service; may be empty.
  std::function<void(const View&)> on_view;
  /// How long this driver's Lease lasts without a renewal: the longest time until another may go on after it died.
  std::chrono::seconds lease_duration = Lease::k_usual_duration;
};

/// How a rollout left the hands of whoever waited for it.
struct Ending {
  Phase phase = Phase::finished;
  bool is_paused = false;  ///< it waits for somebody: held by request, or at a step that waits for promote
  RevisionRef stable;      ///< what serves now
  RevisionRef target;
  std::string reason;
};

/// What to do about a rollout that is under way already, with another target.
enum class IfRunning : std::uint8_t { go_on, supersede, wait, fail };

/// Takes a service to `objects`: keeps them as a revision, writes the journal and drives it to its end. The same target
/// goes on where it stands: driven from here when nobody drives, watched while somebody does, taken over when that one
/// falls silent. Errors: conflict when another target is under way, and when the rollout is taken over from here.
Result<Ending> roll_out(const Tools& tools, const workload::ServiceObjects& objects, const project::Rollout& settings,
                        IfRunning if_running);

/// Goes on with whatever is under way until it ends or waits for somebody.
Result<Ending> go_on(const Tools& tools);

/// Leaves a request in the journal for whoever drives. Nothing under way: conflict.
Result<void> ask(const Tools& tools, Request request);

/// Takes a service at rest back to an earlier revision: the one before, or the one with that number.
Result<Ending> go_back(const Tools& tools, std::optional<std::int64_t> number, IfRunning if_running);

/// The revision that go_back would take.
Result<Revision> earlier_revision(kube::Client& client, std::string_view namespace_name, std::string_view service,
                                  std::optional<std::int64_t> number);

/// What a rollout to these objects would do, for people: the journal as it would begin.
Result<Journal> plan_rollout(kube::Client& client, std::string_view namespace_name,
                             const workload::ServiceObjects& objects, const project::Rollout& settings);

/// Takes a service away with everything that mlk made for it. Returns what it removed: "Deployment/sentiment-x".
Result<std::vector<std::string>> remove_service(kube::Client& client, std::string_view namespace_name,
                                                std::string_view service, bool dry_run);

}  // namespace mlk::serving
