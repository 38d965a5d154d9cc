#include "words.hpp"

#include <mlk/training/run.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>

namespace mlk::training {

namespace {

using Phase = kube::ContainerState::Phase;

constexpr std::string_view k_index = "batch.kubernetes.io/job-completion-index";
constexpr std::array<std::string_view, 6> k_run_states = {"Suspended", "Waiting",  "Starting",
                                                          "Running",   "Complete", "Failed"};
constexpr std::array<std::string_view, 6> k_rank_states = {"Absent",  "Pending",   "Starting",
                                                           "Running", "Succeeded", "Failed"};

const kube::Condition* true_condition(const kube::Job& job, std::string_view type) noexcept {
  const kube::Condition* found = kube::find_condition(job.conditions, type);
  return found != nullptr && found->is_true() ? found : nullptr;
}

/// When the Job gave up: what ends after that was ended by its controller.
std::optional<SystemTime> gave_up_at(const kube::Job& job) noexcept {
  for (const std::string_view type : {"FailureTarget", "Failed"}) {
    if (const kube::Condition* condition = true_condition(job, type)) return condition->changed;
  }
  return std::nullopt;
}

bool is_disrupted(const kube::Pod& pod) noexcept {
  const kube::Condition* disrupted = kube::find_condition(pod.conditions, "DisruptionTarget");
  return disrupted != nullptr && disrupted->is_true();
}

/// The container that failed first in a pod, or a null pointer.
const kube::ContainerStatus* first_failed(const kube::Pod& pod) noexcept {
  const kube::ContainerStatus* first = nullptr;
  for (const kube::ContainerStatus& status : pod.statuses) {
    if (status.state.phase != Phase::terminated || status.state.exit_code == 0) continue;
    if (first == nullptr || status.state.finished < first->state.finished) first = &status;
  }
  return first;
}

std::optional<SystemTime> end_of(const kube::Pod& pod) noexcept {
  std::optional<SystemTime> end;
  for (const kube::ContainerStatus& status : pod.statuses) {
    if (status.state.phase == Phase::terminated && (!end || status.state.finished > end)) end = status.state.finished;
  }
  if (end) return end;
  const kube::Condition* ready = kube::find_condition(pod.conditions, "Ready");
  return ready != nullptr ? ready->changed : std::nullopt;
}

struct Suspect {
  Failure failure;
  bool is_replaced = false;  ///< evicted or preempted: the Job doesn't count it
  bool is_victim = false;    ///< ended after the Job had given up
  bool is_deleted = false;

  auto order() const noexcept {
    return std::tuple(is_replaced, is_victim, failure.time.value_or(SystemTime::max()), is_deleted, failure.rank);
  }
};

std::optional<Suspect> suspect_of(const kube::Job& job, const kube::Pod& pod, std::int64_t rank) {
  const kube::ContainerStatus* failed = first_failed(pod);
  if (failed == nullptr && pod.phase != "Failed") return std::nullopt;
  Suspect suspect;
  Failure& failure = suspect.failure;
  failure.rank = rank;
  failure.pod = pod.meta.name;
  failure.node = pod.node_name;
  if (failed != nullptr) {
    failure.container = failed->name;
    failure.exit_code = failed->state.exit_code;
    failure.reason = fit_message(failed->state.reason);
    failure.message = fit_message(failed->state.message);
    failure.time = failed->state.finished;
  } else {
    failure.reason = fit_message(pod.reason);
    failure.message = fit_message(pod.message);
    failure.time = end_of(pod);
  }
  const std::optional<SystemTime> gave_up = gave_up_at(job);
  suspect.is_deleted = pod.meta.deleted.has_value();
  suspect.is_replaced = is_disrupted(pod);
  suspect.is_victim = gave_up && failure.time && *failure.time > *gave_up;
  return suspect;
}

bool gave_up_for_a_pod(const kube::Job& job) noexcept {
  const kube::Condition* target = true_condition(job, "FailureTarget");
  const kube::Condition* failed = target != nullptr ? target : true_condition(job, "Failed");
  return failed == nullptr || failed->reason != "DeadlineExceeded";
}

std::optional<Failure> find_cause(const kube::Job& job, const std::vector<const kube::Pod*>& pods,
                                  const std::map<const kube::Pod*, std::int64_t>& ranks) {
  std::optional<Suspect> cause;
  for (const kube::Pod* pod : pods) {
    std::optional<Suspect> suspect = suspect_of(job, *pod, ranks.at(pod));
    if (!suspect) continue;
    // When time ran out, who was ended for it isn't the cause.
    if (!gave_up_for_a_pod(job) && (suspect->is_deleted || suspect->is_victim)) continue;
    if (!cause || suspect->order() < cause->order()) cause = std::move(suspect);
  }
  if (!cause) return std::nullopt;
  return cause->failure;
}

RankState rank_state(const kube::Pod& pod) noexcept {
  if (pod.phase == "Succeeded") return RankState::succeeded;
  if (pod.phase == "Failed") return RankState::failed;
  if (pod.phase == "Running") return RankState::running;
  return pod.node_name.empty() ? RankState::pending : RankState::starting;
}

/// Why a pod that waits does so.
void note_waiting(Rank& rank, const kube::Pod& pod) {
  const kube::Condition* scheduled = kube::find_condition(pod.conditions, "PodScheduled");
  if (scheduled != nullptr && scheduled->status == "False") {
    rank.reason = fit_message(scheduled->reason);
    rank.message = fit_message(scheduled->message);
  }
  for (const kube::ContainerStatus& status : pod.statuses) {
    if (status.state.phase != Phase::waiting || status.state.reason.empty()) continue;
    const bool says_more = rank.reason.empty() || rank.reason == "PodInitializing";
    if (!says_more) continue;
    rank.reason = fit_message(status.state.reason);
    rank.message = fit_message(status.state.message);
  }
}

void note_main_container(Rank& rank, const kube::Pod& pod) {
  for (const kube::ContainerStatus& status : pod.statuses) {
    if (status.is_init) continue;
    rank.restarts += status.restarts;
    const kube::ContainerState& state = status.state;
    if (state.started && (!rank.started || *state.started < *rank.started)) rank.started = state.started;
    if (state.phase != Phase::terminated) continue;
    if (!rank.exit_code || *rank.exit_code == 0) rank.exit_code = state.exit_code;
    if (rank.reason.empty()) rank.reason = fit_message(state.reason);
    if (rank.message.empty()) rank.message = fit_message(state.message);
  }
}

Rank rank_from(const kube::Pod& pod, std::int64_t number) {
  Rank rank;
  rank.rank = number;
  rank.state = rank_state(pod);
  rank.pod = pod.meta.name;
  rank.pod_uid = pod.meta.uid;
  rank.node = pod.node_name;
  if (rank.state == RankState::pending || rank.state == RankState::starting) note_waiting(rank, pod);
  if (rank.state == RankState::failed) {
    if (const kube::ContainerStatus* failed = first_failed(pod)) {
      rank.exit_code = failed->state.exit_code;
      rank.reason = fit_message(failed->state.reason);
      rank.message = fit_message(failed->state.message);
    } else {
      rank.reason = fit_message(pod.reason);
      rank.message = fit_message(pod.message);
    }
  }
  note_main_container(rank, pod);
  if (pod.is_finished()) rank.finished = end_of(pod);
  return rank;
}

/// Whether `a` tells more about its rank than `b`: the newer attempt, and the one that isn't on its way out.
bool is_newer(const kube::Pod& a, const kube::Pod& b) noexcept {
  if (a.meta.created != b.meta.created) return a.meta.created > b.meta.created;
  if (a.meta.deleted.has_value() != b.meta.deleted.has_value()) return !a.meta.deleted;
  return !a.is_finished() && b.is_finished();
}

void derive_ranks(Run& run, const kube::Job& job, const std::vector<kube::Pod>& pods) {
  run.ranks.resize(static_cast<std::size_t>(run.nodes));
  for (std::int64_t i = 0; i < run.nodes; ++i) run.ranks[static_cast<std::size_t>(i)].rank = i;

  std::vector<const kube::Pod*> known;
  std::map<const kube::Pod*, std::int64_t> ranks;
  std::map<std::int64_t, const kube::Pod*> latest;
  std::map<std::int64_t, std::int64_t> attempts;
  std::int64_t without_index = 0;
  for (const kube::Pod& pod : pods) {
    // A Job that was patched out of Indexed mode numbers nothing: its pods are told apart by order.
    const std::int64_t rank = rank_of(pod).value_or(without_index++);
    if (rank < 0 || rank >= run.nodes) continue;
    known.push_back(&pod);
    ranks[&pod] = rank;
    ++attempts[rank];
    const kube::Pod*& newest = latest[rank];
    if (newest == nullptr || is_newer(pod, *newest)) newest = &pod;
  }
  for (const auto& [number, pod] : latest) {
    Rank rank = rank_from(*pod, number);
    rank.restarts += attempts[number] - 1;
    run.ranks[static_cast<std::size_t>(number)] = std::move(rank);
  }
  run.first_failure = find_cause(job, known, ranks);
}

/// What the pods say while the Job hasn't ended.
RunState live_state(const Run& run) noexcept {
  const std::int64_t begun =
      run.count(RankState::running) + run.count(RankState::succeeded) + run.count(RankState::failed);
  // Peers of a rank that failed are taken away before the Job says that it failed: that isn't a new start.
  if (begun == run.nodes || run.count(RankState::failed) > 0) return RunState::running;
  return begun > 0 || run.count(RankState::starting) > 0 ? RunState::starting : RunState::waiting;
}

}  // namespace

std::string_view to_string(RunState state) noexcept { return k_run_states[static_cast<std::size_t>(state)]; }

bool is_end(RunState state) noexcept { return state == RunState::complete || state == RunState::failed; }

std::string_view to_string(RankState state) noexcept { return k_rank_states[static_cast<std::size_t>(state)]; }

std::string describe(const Failure& failure) {
  std::string text = fmt::format("rank {} failed first: ", failure.rank);
  if (failure.exit_code) {
    text += fmt::format("exit code {}", *failure.exit_code);
    if (!failure.reason.empty() && failure.reason != "Error") text += fmt::format(" ({})", failure.reason);
  } else {
    text += failure.reason.empty() ? "its pod was ended from outside" : failure.reason;
  }
  text += fmt::format(" in pod {}", failure.pod);
  if (!failure.node.empty()) text += fmt::format(" on {}", failure.node);
  return text;
}

std::int64_t Run::count(RankState rank_state) const noexcept {
  return std::count_if(ranks.begin(), ranks.end(), [&](const Rank& rank) { return rank.state == rank_state; });
}

Milliseconds Run::age(SystemTime now) const noexcept {
  const std::optional<SystemTime> begin = started ? started : created;
  if (!begin) return Milliseconds{0};
  return std::max(Milliseconds{0}, std::chrono::duration_cast<Milliseconds>(ended.value_or(now) - *begin));
}

std::optional<std::int64_t> rank_of(const kube::Pod& pod) noexcept {
  std::string_view text = pod.meta.annotation(k_index);
  if (text.empty()) text = pod.meta.label(k_index);
  std::int64_t rank = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), rank);
  if (text.empty() || failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return rank;
}

RunState state_of(const kube::Job& job) noexcept {
  if (job.is_complete()) return RunState::complete;
  if (job.is_failed()) return RunState::failed;
  if (job.suspended) return RunState::suspended;
  const std::int64_t nodes = job.completions.value_or(job.parallelism.value_or(1));
  const std::int64_t begun = std::int64_t{job.ready} + job.succeeded;
  if (begun >= nodes) return RunState::running;
  return begun > 0 ? RunState::starting : RunState::waiting;
}

Run derive_run(const kube::Job& job, const std::vector<kube::Pod>& pods) {
  // As many as anybody runs; a number out of an object is never trusted to size memory.
  constexpr std::int32_t most_nodes = 100'000;
  Run run;
  run.name = job.meta.name;
  run.namespace_name = job.meta.namespace_name;
  run.uid = job.meta.uid;
  run.section = job.meta.label(workload::k_label_section);
  run.run_id = job.meta.annotation(workload::k_annotation_run_id);
  run.nodes = std::clamp(job.completions.value_or(job.parallelism.value_or(1)), 0, most_nodes);
  run.created = job.meta.created;
  run.started = job.started;
  derive_ranks(run, job, pods);

  run.state = state_of(job);
  if (!is_end(run.state) && run.state != RunState::suspended) run.state = live_state(run);
  if (run.state == RunState::complete) run.ended = job.completed;
  if (const kube::Condition* failed = true_condition(job, "Failed")) {
    run.reason = fit_message(failed->reason);
    run.message = fit_message(failed->message);
    run.ended = failed->changed;
  }
  return run;
}

}  // namespace mlk::training
