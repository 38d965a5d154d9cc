#include "words.hpp"

#include <mlk/core/quantity.hpp>
#include <mlk/core/text.hpp>
#include <mlk/training/obstacle.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mlk::training {

namespace {

using Phase = kube::ContainerState::Phase;

constexpr std::array<std::string_view, 5> k_kinds = {"refused", "quota", "image", "config", "unschedulable"};

bool has(std::string_view text, std::string_view part) noexcept { return text.find(part) != std::string_view::npos; }

template <std::size_t N>
bool has_any(std::string_view text, const std::array<std::string_view, N>& parts) noexcept {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return has(text, part); });
}

/// What a registry says when asking again won't help.
constexpr std::array<std::string_view, 9> k_definite_refusals = {
    "not found",          "manifest unknown", "does not exist", "unauthorized",         "authorization failed",
    "insufficient_scope", "denied",           "403 Forbidden",  "no match for platform"};

/// Causes of a node's refusal that pass by themselves.
constexpr std::array<std::string_view, 10> k_passing_refusals = {
    "unschedulable", "not-ready", "not ready",     "unreachable",   "pressure",
    "volume",        "Volume",    "uninitialized", "disk conflict", "network-unavailable"};

/// What the scheduler says about nodes, without its thoughts on preemption.
std::string scheduler_words(std::string_view message) {
  for (const std::string_view mark : {" no new claims to deallocate", " preemption:"}) {
    if (const std::size_t at = message.find(mark); at != std::string_view::npos) message = message.substr(0, at);
  }
  while (message.ends_with('.') || message.ends_with(',')) message.remove_suffix(1);
  return fit_message(message);
}

/// The registry's own words out of a kubelet's: "Back-off pulling image "x": ErrImagePull: …".
std::string_view registry_words(std::string_view message) noexcept {
  constexpr std::string_view mark = "ErrImagePull: ";
  const std::size_t at = message.find(mark);
  return at == std::string_view::npos ? message : message.substr(at + mark.size());
}

struct ImageAnswer {
  Patience patience = Patience::some;
  std::string fix;
};

ImageAnswer judge_image(std::string_view reason, std::string_view message) {
  if (reason == "InvalidImageName") {
    return {Patience::none, "correct 'image' in mlk.yaml: registry/repository:tag or registry/repository@sha256:…"};
  }
  if (reason == "ErrImageNeverPull") {
    return {Patience::none, "put the image on the nodes, or allow it to be pulled (imagePullPolicy)"};
  }
  if (!has_any(message, k_definite_refusals)) return {Patience::some, "check that the nodes reach the registry"};
  if (has(message, "unauthorized") || has(message, "denied") || has(message, "authorization failed") ||
      has(message, "insufficient_scope") || has(message, "403 Forbidden")) {
    return {Patience::little, "give the job a pull secret ('pull-secrets' in mlk.yaml) that may read the repository"};
  }
  return {Patience::little, "push the image, or correct its name in mlk.yaml"};
}

bool is_image_reason(std::string_view reason) noexcept {
  return reason == "ErrImagePull" || reason == "ImagePullBackOff" || reason == "InvalidImageName" ||
         reason == "ErrImageNeverPull" || reason == "ImageInspectError" || reason == "RegistryUnavailable";
}

bool is_config_reason(std::string_view reason) noexcept {
  return reason == "CreateContainerConfigError" || reason == "CreateContainerError" || reason == "RunContainerError";
}

std::optional<Obstacle> obstacle_of_container(const kube::ContainerStatus& status) {
  const kube::ContainerState& state = status.state;
  if (state.phase != Phase::waiting) return std::nullopt;
  Obstacle obstacle;
  obstacle.reason = fit_message(state.reason);
  obstacle.message = fit_message(state.message);
  if (is_image_reason(state.reason)) {
    obstacle.kind = ObstacleKind::image;
    obstacle.message = fit_message(registry_words(state.message));
    ImageAnswer answer = judge_image(state.reason, state.message);
    obstacle.patience = answer.patience;
    obstacle.fix = std::move(answer.fix);
    if (obstacle.message.empty()) obstacle.message = fmt::format("image '{}' can't be pulled", printable(status.image));
    return obstacle;
  }
  if (is_config_reason(state.reason)) {
    obstacle.kind = ObstacleKind::config;
    obstacle.patience = Patience::little;
    obstacle.fix = has(state.message, "not found") ? "create what is missing, or correct its name in mlk.yaml"
                                                   : "correct the job's settings in mlk.yaml and submit it again";
    return obstacle;
  }
  return std::nullopt;
}

std::optional<Obstacle> obstacle_of_pod(const kube::Pod& pod) {
  const kube::Condition* scheduled = kube::find_condition(pod.conditions, "PodScheduled");
  if (pod.node_name.empty() && scheduled != nullptr && scheduled->status == "False") {
    Obstacle obstacle;
    obstacle.kind = ObstacleKind::unschedulable;
    obstacle.reason = fit_message(scheduled->reason);
    obstacle.message = scheduler_words(scheduled->message);
    if (scheduled->reason == "SchedulingGated") {
      obstacle.message = fmt::format("held by scheduling gate {}", printable(join(pod.scheduling_gates, ", ")));
    } else if (is_never_by_scheduler(scheduled->message)) {
      obstacle.patience = Patience::little;
      obstacle.message += "; no node would take it even if others made room";
      obstacle.fix = "ask for less, or for other GPUs ('nodes', 'gpus' in mlk.yaml)";
    }
    return obstacle;
  }
  for (const kube::ContainerStatus& status : pod.statuses) {
    if (auto obstacle = obstacle_of_container(status)) return obstacle;
  }
  return std::nullopt;
}

std::int64_t milli_of(std::string_view quantity) noexcept {
  const auto value = parse_quantity_milli(quantity);
  return value ? *value : 0;
}

Obstacle obstacle_of_quota(const QuotaRefusal& refusal, std::int64_t nodes) {
  Obstacle obstacle;
  obstacle.kind = ObstacleKind::quota;
  obstacle.reason = "exceeded quota";
  obstacle.fix = fmt::format("wait until others finish, or ask for more in quota '{}'", refusal.quota);
  std::vector<std::string> texts;
  for (const QuotaRefusal::Item& item : refusal.items) {
    const std::int64_t limited = milli_of(item.limited);
    // The ranks of a run work together or not at all, so all of them have to fit at once.
    if (milli_of(item.requested) * nodes > limited) {
      obstacle.patience = Patience::none;
      obstacle.message = fmt::format("quota '{}' allows {} {} and {} ask for {} each", refusal.quota, item.limited,
                                     item.resource, counted(nodes, "pod"), item.requested);
      obstacle.fix =
          fmt::format("ask for less ('nodes', 'gpus' in mlk.yaml), or for more in quota '{}'", refusal.quota);
      return obstacle;
    }
    texts.push_back(fmt::format("{} of {} {} are in use and a pod asks for {}", item.used, item.limited, item.resource,
                                item.requested));
  }
  obstacle.message = fmt::format("quota '{}': {}", refusal.quota, join(texts, "; "));
  return obstacle;
}

/// What follows 'pods "x" is forbidden: '.
std::string_view without_preamble(std::string_view message) noexcept {
  constexpr std::string_view creating = "Error creating: ";
  if (message.starts_with(creating)) message.remove_prefix(creating.size());
  return message;
}

Obstacle obstacle_of_refusal(std::string_view message) {
  Obstacle obstacle;
  obstacle.kind = ObstacleKind::refused;
  obstacle.reason = "FailedCreate";
  obstacle.message = fit_message(without_preamble(message));
  const bool is_trouble = has(message, "failed calling webhook") || has(message, "Internal error") ||
                          has(message, "timeout") || has(message, "connection refused");
  const bool may_appear = has(message, "error looking up service account");
  obstacle.patience = is_trouble ? Patience::some : may_appear ? Patience::little : Patience::none;
  obstacle.fix = is_trouble   ? "ask whoever runs the cluster about the webhook"
                 : may_appear ? "create the service account, or correct 'service-account' in mlk.yaml"
                              : "correct the job in mlk.yaml, or ask whoever set the policy";
  const bool is_refusal = has(message, "forbidden") || has(message, "is invalid") || has(message, "denied the request");
  if (!is_trouble && !may_appear && !is_refusal) obstacle.patience = Patience::some;
  return obstacle;
}

/// The latest reason why the Job couldn't make a pod, while it has too few.
std::optional<Obstacle> obstacle_of_job(const Run& run, const std::vector<kube::Pod>& pods,
                                        const std::vector<kube::Event>& events) {
  if (is_end(run.state) || run.count(RankState::absent) == 0) return std::nullopt;
  std::optional<SystemTime> last_made;
  for (const kube::Pod& pod : pods) last_made = std::max(last_made, pod.meta.created);
  const kube::Event* latest = nullptr;
  for (const kube::Event& event : events) {
    // A pod was made since: that refusal is history.
    if (event.reason != "FailedCreate" || event.last_seen < last_made) continue;
    if (latest == nullptr || event.last_seen >= latest->last_seen) latest = &event;
  }
  if (latest == nullptr) return std::nullopt;
  const auto quota = parse_quota_refusal(latest->message);
  Obstacle obstacle = quota ? obstacle_of_quota(*quota, run.nodes) : obstacle_of_refusal(latest->message);
  for (const Rank& rank : run.ranks) {
    if (rank.state == RankState::absent) obstacle.ranks.push_back(rank.rank);
  }
  return obstacle;
}

std::string_view after(std::string_view text, std::string_view mark) noexcept {
  const std::size_t at = text.find(mark);
  return at == std::string_view::npos ? std::string_view() : text.substr(at + mark.size());
}

/// "a=1,b=2" up to `end`.
std::vector<std::pair<std::string, std::string>> read_amounts(std::string_view text, std::string_view end) {
  if (const std::size_t at = text.find(end); !end.empty() && at != std::string_view::npos) text = text.substr(0, at);
  std::vector<std::pair<std::string, std::string>> amounts;
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) continue;
    amounts.emplace_back(trim(std::string_view(part).substr(0, equals)),
                         trim(std::string_view(part).substr(equals + 1)));
  }
  return amounts;
}

std::string amount_of(const std::vector<std::pair<std::string, std::string>>& amounts, std::string_view resource) {
  for (const auto& [name, amount] : amounts) {
    if (name == resource) return amount;
  }
  return "0";
}

}  // namespace

std::string_view to_string(ObstacleKind kind) noexcept { return k_kinds[static_cast<std::size_t>(kind)]; }

std::optional<QuotaRefusal> parse_quota_refusal(std::string_view message) {
  std::string_view rest = after(message, "exceeded quota: ");
  const std::size_t comma = rest.find(", requested: ");
  if (rest.empty() || comma == std::string_view::npos) return std::nullopt;
  QuotaRefusal refusal;
  refusal.quota = printable(rest.substr(0, comma));
  const auto requested = read_amounts(after(rest, "requested: "), ", used: ");
  const auto used = read_amounts(after(rest, ", used: "), ", limited: ");
  const auto limited = read_amounts(after(rest, ", limited: "), {});
  for (const auto& [resource, amount] : requested) {
    refusal.items.push_back({printable(resource), printable(amount), printable(amount_of(used, resource)),
                             printable(amount_of(limited, resource))});
  }
  if (refusal.items.empty()) return std::nullopt;
  return refusal;
}

bool is_never_by_scheduler(std::string_view message) {
  // "0/16 nodes are available: 4 node(s) had untolerated taint(s), 12 Insufficient nvidia.com/gpu. preemption: 0/16
  // nodes are available: 16 Preemption is not helpful for scheduling."
  constexpr std::string_view no_help = " Preemption is not helpful for scheduling";
  const std::size_t at = message.find(no_help);
  if (at == std::string_view::npos || !message.starts_with("0/")) return false;
  std::size_t nodes = 0;
  const char* const end = message.data() + message.size();
  if (std::from_chars(message.data() + 2, end, nodes).ec != std::errc() || nodes == 0) return false;
  std::size_t digits = at;
  while (digits > 0 && message[digits - 1] >= '0' && message[digits - 1] <= '9') --digits;
  std::size_t helpless = 0;
  if (std::from_chars(message.data() + digits, message.data() + at, helpless).ec != std::errc()) return false;
  const std::string_view reasons = message.substr(0, message.find("preemption:"));
  return helpless == nodes && !has_any(reasons, k_passing_refusals);
}

bool is_scaling_up(const std::vector<kube::Event>& pod_events) {
  return std::any_of(pod_events.begin(), pod_events.end(), [](const kube::Event& event) {
    return event.reason == "TriggeredScaleUp" || event.reason == "Nominated";
  });
}

bool is_over(Patience patience, Milliseconds seen_for, const PatienceLimits& limits) noexcept {
  switch (patience) {
    case Patience::none:
      return true;
    case Patience::little:
      return seen_for >= limits.little;
    case Patience::some:
      return seen_for >= limits.some;
    case Patience::endless:
      break;
  }
  return false;
}

std::vector<Obstacle> find_obstacles(const Run& run, const std::vector<kube::Pod>& pods,
                                     const std::vector<kube::Event>& job_events) {
  std::vector<Obstacle> obstacles;
  if (is_end(run.state) || run.state == RunState::suspended) return obstacles;
  if (auto obstacle = obstacle_of_job(run, pods, job_events)) obstacles.push_back(*std::move(obstacle));
  for (const Rank& rank : run.ranks) {
    if (rank.state != RankState::pending && rank.state != RankState::starting) continue;
    const auto pod =
        std::find_if(pods.begin(), pods.end(), [&](const kube::Pod& each) { return each.meta.uid == rank.pod_uid; });
    if (pod == pods.end() || pod->meta.deleted) continue;
    auto obstacle = obstacle_of_pod(*pod);
    if (!obstacle) continue;
    const auto same = std::find_if(obstacles.begin(), obstacles.end(), [&](const Obstacle& known) {
      return known.kind == obstacle->kind && known.patience == obstacle->patience;
    });
    if (same != obstacles.end()) {
      same->ranks.push_back(rank.rank);
      continue;
    }
    obstacle->ranks = {rank.rank};
    obstacle->pod = rank.pod;
    obstacles.push_back(*std::move(obstacle));
  }
  std::stable_sort(obstacles.begin(), obstacles.end(),
                   [](const Obstacle& a, const Obstacle& b) { return a.patience < b.patience; });
  return obstacles;
}

}  // namespace mlk::training
