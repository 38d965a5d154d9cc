#include "driver.hpp"

#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::serving {

namespace {

using document::Node;
using namespace std::chrono_literals;
namespace types = kube::types;

/// The journal is written this often during a pause, so a driver that dies costs at most this much of it.
constexpr Milliseconds k_pause_saved_every = 5s;
constexpr Milliseconds k_look_at_least_every = 1s;
constexpr std::size_t k_history_limit = 10;

bool goes_forward(Phase phase) {
  return phase == Phase::preparing || phase == Phase::stepping || phase == Phase::promoting;
}

std::string worst_problem(const RevisionState& state) {
  if (state.problems.empty()) return {};
  const PodProblem& worst = state.problems.front();
  std::string text = worst.pod.empty() ? worst.reason : fmt::format("pod {}: {}", worst.pod, worst.reason);
  if (!worst.message.empty()) text += ": " + worst.message;
  return text;
}

/// A Deployment as it begins: everything but the pods, which come step by step.
Node without_pods(Node deployment) {
  deployment.at("spec").set("replicas", 0);
  return deployment;
}

/// As generated, but with the number of pods that is there: nothing starts or stops by this.
Node with_replicas_of(Node deployment, const Node& live) {
  if (deployment["spec"].find("replicas") != nullptr) {
    deployment.at("spec").set("replicas", live["spec"]["replicas"].int_or(0));
  }
  return deployment;
}

}  // namespace

Ending ending_of(const Journal& journal) {
  Ending ending;
  ending.phase = journal.phase;
  ending.is_paused = waits_for_somebody(journal);
  ending.stable = journal.stable;
  ending.target = journal.target;
  ending.reason = journal.reason;
  return ending;
}

bool waits_for_somebody(const Journal& journal) noexcept {
  if (journal.request != Request::none) return false;
  if (journal.phase != Phase::pausing) return journal.is_held && !is_end(journal.phase) && !journal.reason.empty();
  return journal.is_held || journal.steps[journal.step].waits_for_promote;
}

Driver::Driver(const Tools& tools, Lease& lease)
    : m_tools(tools), m_lease(lease), m_fence(tools.client, lease, tools.namespace_name) {}

Result<Driver::JournalRead> Driver::read() {
  JournalRead read;
  MLK_TRY(read.config_map,
          m_tools.client.get(types::configmaps, m_tools.namespace_name, journal_name(m_tools.service)));
  MLK_TRY(read.journal, read_journal(read.config_map));
  return read;
}

Result<void> Driver::write(const JournalRead& read, const Journal& next) {
  const Node whole = to_config_map(next, m_tools.service, m_tools.namespace_name, "");
  return m_fence.patch(types::configmaps, read.config_map, Node::mapping({{"data", whole["data"]}}));
}

Result<Ending> Driver::run() {
  MLK_TRY(const JournalRead begin, read());
  MLK_TRY(const Observed seen, observe(m_tools.client, m_tools.namespace_name, m_tools.service, begin.journal));
  MLK_CHECK(m_fence.raise(seen));
  MLK_CHECK(write(begin, begin.journal));

  kube::WatchOptions options;
  options.label_selector = workload::service_selector(m_tools.service);
  kube::WatchHandler wake;
  wake.on_event = [this](const kube::WatchEvent&) { m_is_dirty = true; };
  m_watches.push_back(m_tools.client.watch(types::deployments, m_tools.namespace_name, options, wake));
  m_watches.push_back(m_tools.client.watch(types::pods, m_tools.namespace_name, options, wake));
  kube::WatchOptions journal_options;
  journal_options.name = journal_name(m_tools.service);
  m_watches.push_back(m_tools.client.watch(types::configmaps, m_tools.namespace_name, journal_options, wake));

  for (;;) {
    if (m_tools.stop.stop_requested()) return interrupted("the rollout goes on where it stands when it is run again");
    MLK_CHECK(m_lease.keep());
    auto ending = tick();
    // Something changed between the look and the move: look again.
    if (!ending && (kube::is_conflict(ending.error()))) continue;
    if (!ending) return std::move(ending).error();
    if (*ending) return **std::move(ending);
  }
}

Result<std::optional<Ending>> Driver::tick() {
  m_is_dirty = false;
  MLK_TRY(JournalRead now, read());
  if (is_end(now.journal.phase) || waits_for_somebody(now.journal)) return std::optional(ending_of(now.journal));
  if (now.journal.request != Request::none) {
    MLK_CHECK(write(now, with_request_taken(now.journal)));
    return std::optional<Ending>();
  }
  MLK_TRY(const Observed seen, observe(m_tools.client, m_tools.namespace_name, m_tools.service, now.journal));
  return act(now, seen);
}

Result<std::optional<Ending>> Driver::act(const JournalRead& read, const Observed& seen) {
  Journal journal = read.journal;
  if (auto failure = find_failure(journal, seen.snapshot)) {
    if (journal.phase == Phase::undoing) {
      return Error(ErrorKind::workload_failed, fmt::format("going back makes no progress: {}", *failure))
          .because("the stable revision's pods don't come back")
          .fixed_by(fmt::format("mend what keeps them away, then run 'mlk serve abort {}' again", m_tools.service));
    }
    if (journal.undoes_on_failure || !has_way_back(journal)) {
      MLK_CHECK(write(read, with_failure(journal, *std::move(failure))));
    } else {
      journal.is_held = true;
      journal.reason = *std::move(failure);
      MLK_CHECK(write(read, journal));
    }
    return std::optional<Ending>();
  }
  count_pause(journal);
  MLK_TRY(const workload::ServiceObjects* target, objects_for(journal.target.hash));
  const Move next = decide(journal, seen.snapshot, target->selects_revision);
  show(journal, seen.snapshot, next);
  if (const auto* wait = std::get_if<move::Wait>(&next)) {
    if (m_pause_unsaved >= k_pause_saved_every) {
      MLK_CHECK(write(read, journal));
      m_pause_unsaved = 0ms;
    }
    MLK_CHECK(wait_for_change(std::min(wait->at_most.value_or(k_look_at_least_every), k_look_at_least_every)));
    return std::optional<Ending>();
  }
  MLK_CHECK(perform(next, read, seen));
  return std::optional<Ending>();
}

void Driver::count_pause(Journal& journal) {
  if (journal.phase != Phase::pausing) {
    m_pause_of.clear();
    return;
  }
  const SteadyTime now = m_tools.clock.steady();
  const std::string pause_of = fmt::format("{}/{}", journal.target.hash, journal.step);
  if (pause_of != m_pause_of) {
    m_pause_of = pause_of;
    m_pause_unsaved = 0ms;
  } else {
    m_pause_unsaved += std::chrono::duration_cast<Milliseconds>(now - *m_pause_counted_to);
  }
  m_pause_counted_to = now;
  journal.paused_for += m_pause_unsaved;
}

std::optional<std::string> Driver::find_failure(const Journal& journal, const Snapshot& now) {
  if (!goes_forward(journal.phase) && journal.phase != Phase::undoing) {
    m_progress.clear();
    return {};
  }
  const SteadyTime moment = m_tools.clock.steady();
  const std::string progress =
      fmt::format("{} {} {} {} {} {} {} {} {} {}", to_string(journal.phase), journal.step, now.target.wanted,
                  now.target.ready, now.stable.wanted, now.stable.ready, now.service_revision,
                  now.canary_percent.value_or(-1), now.is_route_settled, now.target.exists);
  if (progress != m_progress) {
    m_progress = progress;
    m_progress_since = moment;
  }
  const RevisionState& revision = journal.phase == Phase::undoing ? now.stable : now.target;
  const std::string problem = revision.problems.empty() ? std::string() : revision.problems.front().reason;
  if (problem != m_problem) {
    m_problem = problem;
    m_problem_since = moment;
  }
  if (goes_forward(journal.phase)) {
    const auto seen_for = m_problem_since ? std::chrono::duration_cast<Milliseconds>(moment - *m_problem_since) : 0ms;
    if (auto fault = lasting_fault(now.target, seen_for)) return fault;
  }
  if (moment - *m_progress_since < journal.progress_deadline) return {};
  std::string reason = fmt::format("no progress for {}: {}/{} ready", format_duration(journal.progress_deadline),
                                   revision.ready, revision.wanted);
  if (const std::string worst = worst_problem(revision); !worst.empty()) {
    reason += "; " + worst;
  } else if (revision.ready < revision.current) {
    reason += "; the other pods run, but never became ready";
  }
  if (!now.is_route_settled) reason += "; " + now.route_fault;
  return reason;
}

Result<const workload::ServiceObjects*> Driver::objects_for(const std::string& hash) {
  if (const auto known = m_objects.find(hash); known != m_objects.end()) return &known->second;
  MLK_TRY(m_revisions, list_revisions(m_tools.client, m_tools.namespace_name, m_tools.service));
  const auto revision =
      std::find_if(m_revisions.begin(), m_revisions.end(), [&](const Revision& r) { return r.ref.hash == hash; });
  if (revision == m_revisions.end()) {
    return Error(ErrorKind::not_found,
                 fmt::format("revision '{}' of service '{}' isn't kept any more", hash, m_tools.service))
        .because("its ControllerRevision was deleted")
        .fixed_by(
            fmt::format("run 'mlk serve rollout {} --if-running=supersede' with mlk.yaml at hand", m_tools.service));
  }
  MLK_TRY(auto objects, objects_of(*revision, m_tools.service, m_tools.namespace_name));
  return &m_objects.emplace(hash, std::move(objects)).first->second;
}

Result<void> Driver::perform(const Move& next, const JournalRead& read, const Observed& seen) {
  const Journal& journal = read.journal;
  const auto deployment_of = [&](bool is_target) -> const Node& {
    const auto& hash = is_target ? journal.target.hash : journal.stable.hash;
    return seen.deployments.at(workload::revision_name(m_tools.service, hash));
  };
  struct Performer {
    Driver& driver;
    const JournalRead& read;
    const Observed& seen;
    decltype(deployment_of)& deployment;

    Result<void> operator()(const move::Wait&) const { return {}; }
    Result<void> operator()(const move::Prepare&) const { return driver.prepare(read.journal, seen); }
    Result<void> operator()(const move::Scale& scale) const {
      const auto& hash = scale.is_target ? read.journal.target.hash : read.journal.stable.hash;
      if (!seen.deployments.contains(workload::revision_name(driver.m_tools.service, hash))) {
        return driver.prepare(read.journal, seen);
      }
      return driver.m_fence.patch(types::deployments, deployment(scale.is_target),
                                  Node::mapping({{"spec", Node::mapping({{"replicas", scale.replicas}})}}));
    }
    Result<void> operator()(const move::Weigh& weigh) const {
      const bool is_back = read.journal.phase == Phase::undoing;
      MLK_TRY(const auto* objects, driver.objects_for(is_back ? read.journal.stable.hash : read.journal.target.hash));
      if (!objects->route) return {};
      Node route = *objects->route;
      const std::int64_t port = objects->service["spec"]["ports"][std::size_t{0}]["port"].int_or(80);
      for (auto& rule : route.at({"spec", "rules"}).items_mutable()) {
        rule.set("backendRefs", workload::route_backends(driver.m_tools.service, port, weigh.canary_percent));
      }
      return driver.m_fence.apply(types::http_routes, seen.route, std::move(route));
    }
    Result<void> operator()(const move::Swap& swap) const {
      MLK_TRY(const auto* objects,
              driver.objects_for(swap.to_target ? read.journal.target.hash : read.journal.stable.hash));
      return driver.m_fence.apply(types::services, seen.service, objects->service);
    }
    Result<void> operator()(const move::MoveAutoscaler&) const {
      MLK_TRY(const auto* objects, driver.objects_for(read.journal.target.hash));
      if (!objects->autoscaler) return driver.m_fence.remove(types::horizontal_pod_autoscalers, *seen.autoscaler);
      return driver.m_fence.apply(types::horizontal_pod_autoscalers, seen.autoscaler, *objects->autoscaler);
    }
    Result<void> operator()(const move::Settle& settle) const { return driver.settle(read, seen, settle.on_target); }
    Result<void> operator()(const move::Remove&) const { return driver.remove_target(read, seen); }
    Result<void> operator()(const move::Record& record) const { return driver.write(read, record.journal); }
  };
  return std::visit(Performer{*this, read, seen, deployment_of}, next);
}

Result<void> Driver::prepare(const Journal& journal, const Observed& seen) {
  MLK_TRY(const auto* objects, objects_for(journal.target.hash));
  if (!seen.service) MLK_CHECK(m_fence.create(types::services, objects->service));
  if (!seen.disruption_budget) {
    MLK_CHECK(m_fence.create(types::pod_disruption_budgets, objects->disruption_budget));
  }
  if (!seen.network_policy) MLK_CHECK(m_fence.create(types::network_policies, objects->network_policy));
  if (!seen.route && objects->route) MLK_CHECK(m_fence.create(types::http_routes, *objects->route));
  for (const auto& name : seen.snapshot.leftovers) {
    MLK_CHECK(m_fence.remove(types::deployments, seen.deployments.at(name)));
  }
  if (has_way_back(journal)) {
    // While shares follow the numbers of pods, an autoscaler would undo each step.
    if (journal.sharing == Sharing::replicas && seen.autoscaler) {
      MLK_CHECK(m_fence.remove(types::horizontal_pod_autoscalers, *seen.autoscaler));
    }
    const bool wants_all = journal.sharing == Sharing::replicas;
    if (seen.service && seen.snapshot.service_revision.empty() != wants_all) {
      const Node selected = wants_all ? Node() : Node(journal.stable.hash);
      const Node selector = Node::mapping({{workload::k_label_revision, selected}});
      MLK_CHECK(m_fence.patch(types::services, *seen.service,
                              Node::mapping({{"spec", Node::mapping({{"selector", selector}})}})));
    }
    if (journal.sharing == Sharing::route && objects->canary_service) {
      MLK_CHECK(m_fence.apply(types::services, seen.canary_service, *objects->canary_service));
    }
  }
  // Last, because it is what tells that everything else is there.
  return m_fence.create(types::deployments, without_pods(objects->deployment));
}

Result<void> Driver::apply_around(const workload::ServiceObjects& objects, const Observed& seen) {
  MLK_CHECK(m_fence.apply(types::services, seen.service, objects.service));
  MLK_CHECK(m_fence.apply(types::pod_disruption_budgets, seen.disruption_budget, objects.disruption_budget));
  MLK_CHECK(m_fence.apply(types::network_policies, seen.network_policy, objects.network_policy));
  if (objects.route) {
    MLK_CHECK(m_fence.apply(types::http_routes, seen.route, *objects.route));
  } else if (seen.route) {
    MLK_CHECK(m_fence.remove(types::http_routes, *seen.route));
  }
  if (objects.autoscaler) {
    MLK_CHECK(m_fence.apply(types::horizontal_pod_autoscalers, seen.autoscaler, *objects.autoscaler));
  } else if (seen.autoscaler) {
    MLK_CHECK(m_fence.remove(types::horizontal_pod_autoscalers, *seen.autoscaler));
  }
  return {};
}

Result<void> Driver::settle(const JournalRead& read, const Observed& seen, bool on_target) {
  const RevisionRef& ref = on_target ? read.journal.target : read.journal.stable;
  MLK_TRY(const auto* objects, objects_for(ref.hash));
  const auto live = seen.deployments.find(objects->deployment_name);
  if (live != seen.deployments.end()) {
    // Without an autoscaler the section's own number holds. It is patched, not applied: an autoscaler that has gone
    // still counts as the field's owner. What else there is to do follows when the change is seen.
    const Node& wanted = objects->deployment["spec"]["replicas"];
    if (!objects->autoscaler && !wanted.is_null() && !(live->second["spec"]["replicas"] == wanted)) {
      return m_fence.patch(types::deployments, live->second,
                           Node::mapping({{"spec", Node::mapping({{"replicas", wanted}})}}));
    }
    MLK_CHECK(m_fence.apply(types::deployments, live->second, with_replicas_of(objects->deployment, live->second)));
  }
  MLK_CHECK(apply_around(*objects, seen));
  for (const auto& [name, deployment] : seen.deployments) {
    if (name != objects->deployment_name) MLK_CHECK(m_fence.remove(types::deployments, deployment));
  }
  if (seen.canary_service) MLK_CHECK(m_fence.remove(types::services, *seen.canary_service));
  return end(read, on_target ? Phase::finished : Phase::undone);
}

Result<void> Driver::remove_target(const JournalRead& read, const Observed& seen) {
  for (const auto& [name, deployment] : seen.deployments) MLK_CHECK(m_fence.remove(types::deployments, deployment));
  return end(read, Phase::failed);
}

Result<void> Driver::end(const JournalRead& read, Phase phase) {
  MLK_CHECK(objects_for(read.journal.target.hash));
  const auto revision = std::find_if(m_revisions.begin(), m_revisions.end(),
                                     [&](const Revision& r) { return r.ref.hash == read.journal.target.hash; });
  const Outcome outcome = phase == Phase::finished ? Outcome::done
                          : phase == Phase::undone ? Outcome::undone
                                                   : Outcome::failed;
  if (revision != m_revisions.end()) {
    MLK_CHECK(note_outcome(m_tools.client, m_tools.namespace_name, *revision, outcome, read.journal.reason,
                           m_tools.clock.system()));
  }
  Journal ended = read.journal;
  ended.phase = phase;
  if (phase == Phase::finished) ended.stable = ended.target;
  MLK_CHECK(write(read, ended));
  return prune_revisions(m_tools.client, m_tools.namespace_name, m_revisions, k_history_limit,
                         {ended.stable.hash, ended.target.hash});
}

Result<void> Driver::wait_for_change(Milliseconds at_most) {
  const auto waited = m_tools.client.run_until([this] { return m_is_dirty || m_tools.stop.stop_requested(); }, at_most);
  if (!waited && waited.error().kind != ErrorKind::timed_out) return waited.error();
  return {};
}

void Driver::show(const Journal& journal, const Snapshot& now, const Move& next) {
  if (!m_tools.on_view) return;
  View view;
  view.service = m_tools.service;
  view.namespace_name = m_tools.namespace_name;
  view.journal = journal;
  view.snapshot = now;
  view.driver = m_lease.holder();
  view.is_driven = true;
  if (const auto* wait = std::get_if<move::Wait>(&next)) {
    view.waits_for = wait->why;
    view.pause_left = wait->at_most;
  }
  m_tools.on_view(view);
}

}  // namespace mlk::serving
