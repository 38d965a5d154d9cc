#include "driver.hpp"
#include "observe.hpp"

#include <mlk/core/text.hpp>
#include <mlk/serving/rollout.hpp>
#include <mlk/serving/steps.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::serving {

namespace {

using document::Node;
using namespace std::chrono_literals;
namespace types = kube::types;

struct Kept {
  std::optional<Journal> journal;
  std::optional<Node> config_map;

  bool is_under_way() const noexcept { return journal && !is_end(journal->phase); }
};

Result<Kept> read_kept(kube::Client& client, std::string_view namespace_name, std::string_view service) {
  Kept kept;
  MLK_TRY(kept.config_map, client.find(types::configmaps, namespace_name, journal_name(service)));
  if (kept.config_map) {
    MLK_TRY(kept.journal, read_journal(*kept.config_map));
  }
  return kept;
}

Sharing sharing_of(const workload::ServiceObjects& objects) {
  if (!objects.selects_revision) return Sharing::replicas;
  return objects.route && objects.canary_service ? Sharing::route : Sharing::swap;
}

/// How many pods the service has by itself: what an autoscaler made of it, else what is asked for.
std::int64_t whole_size(const Observed& seen, const workload::ServiceObjects& objects) {
  if (!objects.autoscaler || !seen.snapshot.stable.exists) return objects.min_replicas;
  return std::clamp(seen.snapshot.stable.wanted, objects.min_replicas, objects.max_replicas);
}

Journal first_journal(const RevisionRef& stable, const RevisionRef& target, const workload::ServiceObjects& objects,
                      const project::Rollout& settings, std::int64_t replicas) {
  Journal journal;
  journal.stable = stable;
  journal.target = target;
  journal.sharing = sharing_of(objects);
  journal.strategy = project::to_string(settings.strategy.value);
  journal.replicas = replicas;
  journal.steps = steps_of(settings, journal.sharing, replicas);
  journal.undoes_on_failure = settings.on_failure.value == project::OnFailure::undo;
  journal.progress_deadline = settings.progress_deadline.value;
  return journal;
}

Error other_target(const Kept& kept, const Holder& holder, std::string_view service) {
  std::string by =
      holder.identity.empty() ? "nobody drives it" : fmt::format("'{}' drives it", printable(holder.identity));
  if (!holder.identity.empty() && holder.since) by += fmt::format(" since {}", format_rfc3339(*holder.since));
  return Error(ErrorKind::conflict,
               fmt::format("a rollout of '{}' to revision {} is under way", service, kept.journal->target.number))
      .because(fmt::format("it is {} and {}", to_string(kept.journal->phase), by))
      .fixed_by(
          fmt::format("wait for it with --if-running=wait, replace it with --if-running=supersede, or end it with "
                      "'mlk serve abort {}'",
                      service));
}

/// Watches a rollout that somebody else drives: until it ends or waits for somebody (an Ending), or until the Lease is
/// ours because that one fell silent (nothing).
Result<std::optional<Ending>> watch_or_take(const Tools& tools, Lease& lease) {
  for (;;) {
    MLK_TRY(const bool is_ours, lease.acquire(0ms, tools.stop));
    if (is_ours) return std::optional<Ending>();
    MLK_TRY(View view, look(tools.client, tools.clock, tools.namespace_name, tools.service));
    if (tools.on_view) tools.on_view(view);
    if (!view.is_under_way() || waits_for_somebody(*view.journal)) return std::optional(ending_of(*view.journal));
    if (!tools.clock.sleep_for(500ms, tools.stop)) {
      return interrupted("the rollout goes on without this watcher");
    }
  }
}

/// Drives with the Lease in hand, and gives it back however that ends.
Result<Ending> drive(const Tools& tools, Lease& lease) {
  auto ending = [&] {
    Driver driver(tools, lease);
    return driver.run();
  }();
  // What remains must be said even after a stop was asked for: it is one short request.
  tools.client.set_stop({});
  lease.release();
  tools.client.set_stop(tools.stop);
  return ending;
}

Lease lease_for(const Tools& tools) {
  return Lease(tools.client, tools.clock, tools.namespace_name, tools.service, make_identity(), tools.lease_duration);
}

/// Writes the journal of a new rollout, with the Lease in hand.
Result<void> begin(const Tools& tools, Lease& lease, const workload::ServiceObjects& objects,
                   const project::Rollout& settings, const Kept& kept) {
  const RevisionRef stable = kept.journal ? kept.journal->stable : RevisionRef{};
  Journal probe;
  probe.stable = stable;
  probe.target.hash = objects.revision;
  MLK_TRY(const Observed seen, observe(tools.client, tools.namespace_name, tools.service, probe));
  Fence fence(tools.client, lease, tools.namespace_name);
  MLK_CHECK(fence.raise(seen));
  MLK_TRY(const auto known, list_revisions(tools.client, tools.namespace_name, tools.service));
  MLK_TRY(const RevisionRef target, keep_revision(tools.client, tools.namespace_name, objects, known));
  const Journal journal = first_journal(stable, target, objects, settings, whole_size(seen, objects));
  const Node config_map = to_config_map(journal, tools.service, tools.namespace_name, "");
  if (!kept.config_map) return fence.create(types::configmaps, config_map);
  return fence.patch(types::configmaps, *kept.config_map, Node::mapping({{"data", config_map["data"]}}));
}

/// Ends what is under way with another target, as `if_running` says.
Result<void> clear_the_way(const Tools& tools, const Kept& kept, IfRunning if_running) {
  if (if_running == IfRunning::wait) {
    MLK_TRY(const Ending ending, go_on(tools));
    if (!ending.is_paused) return {};
  } else if (if_running == IfRunning::supersede) {
    MLK_CHECK(ask(tools, Request::abort));
    MLK_TRY(const Ending ending, go_on(tools));
    if (is_end(ending.phase)) return {};
  }
  Lease lease = lease_for(tools);
  MLK_TRY(const Holder holder, lease.read());
  return other_target(kept, holder, tools.service);
}

}  // namespace

Result<Ending> roll_out(const Tools& tools, const workload::ServiceObjects& objects, const project::Rollout& settings,
                        IfRunning if_running) {
  MLK_TRY(Kept kept, read_kept(tools.client, tools.namespace_name, tools.service));
  if (kept.is_under_way()) {
    const bool is_same = kept.journal->target.hash == objects.revision && kept.journal->phase != Phase::undoing;
    if (is_same && if_running != IfRunning::fail) return go_on(tools);
    MLK_CHECK(clear_the_way(tools, kept, if_running));
  }
  Lease lease = lease_for(tools);
  // A driver that just ended gives the Lease back; one that died holds it for its duration.
  MLK_TRY(const Holder before, lease.read());
  MLK_TRY(const bool is_ours, lease.acquire(before.duration + 5s, tools.stop));
  MLK_TRY(kept, read_kept(tools.client, tools.namespace_name, tools.service));
  if (!is_ours || kept.is_under_way()) {
    lease.release();
    if (kept.is_under_way()) return other_target(kept, lease.holder(), tools.service);
    return Error(ErrorKind::conflict,
                 fmt::format("'{}' holds the Lease of '{}'", printable(lease.holder().identity), tools.service))
        .because("it renews it, so it is alive")
        .fixed_by(fmt::format("run 'mlk serve status {}' to see what it does", tools.service));
  }
  if (auto begun = begin(tools, lease, objects, settings, kept); !begun) {
    lease.release();
    return std::move(begun).error();
  }
  return drive(tools, lease);
}

Result<Ending> go_on(const Tools& tools) {
  MLK_TRY(const Kept kept, read_kept(tools.client, tools.namespace_name, tools.service));
  if (!kept.journal) {
    return Error(ErrorKind::not_found, fmt::format("service '{}' was never rolled out in namespace '{}'", tools.service,
                                                   tools.namespace_name))
        .fixed_by(fmt::format("run 'mlk serve rollout {}'", tools.service));
  }
  if (is_end(kept.journal->phase)) return ending_of(*kept.journal);
  Lease lease = lease_for(tools);
  MLK_TRY(auto ending, watch_or_take(tools, lease));
  if (ending) return *std::move(ending);
  return drive(tools, lease);
}

Result<void> ask(const Tools& tools, Request request) {
  constexpr int k_tries = 20;
  for (int attempt = 0; attempt < k_tries; ++attempt) {
    MLK_TRY(const Kept kept, read_kept(tools.client, tools.namespace_name, tools.service));
    if (!kept.is_under_way()) {
      return Error(ErrorKind::conflict, fmt::format("no rollout of '{}' is under way", tools.service))
          .because(kept.journal ? fmt::format("the last one is {}", to_string(kept.journal->phase))
                                : std::string("there was none so far"))
          .fixed_by(fmt::format("run 'mlk serve status {}' to see it, or 'mlk serve undo {}' to go back a revision",
                                tools.service, tools.service));
    }
    Journal next = *kept.journal;
    next.request = request;
    const Node config_map = to_config_map(next, tools.service, tools.namespace_name, "");
    kube::PatchOptions options;
    options.resource_version = (*kept.config_map)["metadata"]["resourceVersion"].string_or();
    const auto written = tools.client.merge_patch(types::configmaps, tools.namespace_name, journal_name(tools.service),
                                                  Node::mapping({{"data", config_map["data"]}}), options);
    if (written) return {};
    if (!kube::is_conflict(written.error())) return written.error();
  }
  return Error(ErrorKind::unavailable, "the rollout's journal keeps changing").fixed_by("try again");
}

Result<Revision> earlier_revision(kube::Client& client, std::string_view namespace_name, std::string_view service,
                                  std::optional<std::int64_t> number) {
  MLK_TRY(const Kept kept, read_kept(client, namespace_name, service));
  MLK_TRY(const auto revisions, list_revisions(client, namespace_name, service));
  const RevisionRef now = kept.journal ? kept.journal->stable : RevisionRef{};
  for (auto revision = revisions.rbegin(); revision != revisions.rend(); ++revision) {
    const bool is_meant = number ? revision->ref.number == *number
                                 : revision->outcome == Outcome::done && revision->ref.number < now.number;
    if (is_meant) return *revision;
  }
  return Error(ErrorKind::not_found, number ? fmt::format("service '{}' has no revision {}", service, *number)
                                            : fmt::format("service '{}' has no earlier revision that served", service))
      .fixed_by(fmt::format("run 'mlk serve history {}' to see those that are kept", service));
}

Result<Ending> go_back(const Tools& tools, std::optional<std::int64_t> number, IfRunning if_running) {
  MLK_TRY(const Revision revision, earlier_revision(tools.client, tools.namespace_name, tools.service, number));
  MLK_TRY(const auto objects, objects_of(revision, tools.service, tools.namespace_name));
  project::Rollout settings;
  settings.strategy.value = objects.selects_revision ? project::Strategy::blue_green : project::Strategy::rolling;
  settings.progress_deadline.value = 10min;
  return roll_out(tools, objects, settings, if_running);
}

Result<Journal> plan_rollout(kube::Client& client, std::string_view namespace_name,
                             const workload::ServiceObjects& objects, const project::Rollout& settings) {
  MLK_TRY(const Kept kept, read_kept(client, namespace_name, objects.name));
  MLK_TRY(const auto revisions, list_revisions(client, namespace_name, objects.name));
  const RevisionRef stable = kept.journal ? kept.journal->stable : RevisionRef{};
  Journal probe;
  probe.stable = stable;
  probe.target.hash = objects.revision;
  MLK_TRY(const Observed seen, observe(client, namespace_name, objects.name, probe));
  RevisionRef target{objects.revision, revisions.empty() ? 1 : revisions.back().ref.number + 1};
  if (stable.hash == objects.revision) target.number = stable.number;
  return first_journal(stable, target, objects, settings, whole_size(seen, objects));
}

Result<std::vector<std::string>> remove_service(kube::Client& client, std::string_view namespace_name,
                                                std::string_view service, bool dry_run) {
  struct Group {
    const kube::ResourceType& type;
    std::string_view label;
  };
  // What takes traffic goes first, the pods then, and the journal last, so that a second run finds what is left.
  const Group groups[] = {{types::http_routes, workload::k_label_service},
                          {types::horizontal_pod_autoscalers, workload::k_label_service},
                          {types::services, workload::k_label_service},
                          {types::deployments, workload::k_label_service},
                          {types::pod_disruption_budgets, workload::k_label_service},
                          {types::network_policies, workload::k_label_service},
                          {types::controller_revisions, workload::k_label_service},
                          {types::leases, workload::k_label_section},
                          {types::configmaps, workload::k_label_section}};
  std::vector<std::string> removed;
  for (const Group& group : groups) {
    kube::ListOptions options;
    options.label_selector =
        fmt::format("{}={},{}={}", workload::k_label_managed_by, workload::k_field_manager, group.label, service);
    if (group.label == workload::k_label_section) {
      options.label_selector += fmt::format(",{}={}", workload::k_label_kind, workload::k_kind_service);
    }
    std::vector<std::string> names;
    const auto listed = client.list_metadata(group.type, namespace_name, options, [&](kube::ObjectMeta&& meta) {
      names.push_back(std::move(meta.name));
      return true;
    });
    if (!listed && kube::is_not_found(listed.error())) continue;  // the type isn't served here
    if (!listed) return listed.error();
    for (const auto& name : names) {
      kube::DeleteOptions delete_options;
      delete_options.dry_run = dry_run;
      const auto done = client.remove(group.type, namespace_name, name, delete_options);
      if (!done && !kube::is_not_found(done.error())) return done.error();
      removed.push_back(fmt::format("{}/{}", group.type.kind, name));
    }
  }
  return removed;
}

}  // namespace mlk::serving
