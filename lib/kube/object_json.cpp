#include <mlk/kube/object.hpp>

#include <limits>

namespace mlk::kube {
namespace {

using Tree = document::Node;

std::string text(const Tree& map, std::string_view key) { return map[key].string_or(); }

/// Counts come from whoever wrote the object: one that doesn't fit is taken as absent.
std::int32_t number(const Tree& map, std::string_view key, std::int32_t other = 0) {
  const auto value = map[key].as_int();
  if (!value || *value < std::numeric_limits<std::int32_t>::min() ||
      *value > std::numeric_limits<std::int32_t>::max()) {
    return other;
  }
  return static_cast<std::int32_t>(*value);
}

std::optional<std::int32_t> maybe_number(const Tree& map, std::string_view key) {
  if (!map[key].as_int()) return std::nullopt;
  return number(map, key);
}

std::optional<SystemTime> time_of(const Tree& map, std::string_view key) {
  const auto value = map[key].as_string();
  if (!value) return std::nullopt;
  const auto parsed = parse_rfc3339(*value);
  return parsed ? std::optional<SystemTime>(*parsed) : std::nullopt;
}

StringPairs pairs(const Tree& map) {
  StringPairs out;
  out.reserve(map.size());
  for (const auto& entry : map.entries()) out.emplace_back(entry.key, entry.value.scalar_text());
  return out;
}

ContainerState state_from(const Tree& state) {
  ContainerState out;
  if (const Tree* waiting = state.find("waiting")) {
    out.phase = ContainerState::Phase::waiting;
    out.reason = text(*waiting, "reason");
    out.message = text(*waiting, "message");
  } else if (const Tree* running = state.find("running")) {
    out.phase = ContainerState::Phase::running;
    out.started = time_of(*running, "startedAt");
  } else if (const Tree* ended = state.find("terminated")) {
    out.phase = ContainerState::Phase::terminated;
    out.reason = text(*ended, "reason");
    out.message = text(*ended, "message");
    out.exit_code = number(*ended, "exitCode");
    out.signal = number(*ended, "signal");
    out.started = time_of(*ended, "startedAt");
    out.finished = time_of(*ended, "finishedAt");
  }
  return out;
}

void add_statuses(Pod& pod, const Tree& statuses, bool is_init) {
  for (const auto& item : statuses.items()) {
    ContainerStatus status;
    status.name = text(item, "name");
    status.ready = item["ready"].bool_or(false);
    status.is_init = is_init;
    status.restarts = number(item, "restartCount");
    status.image = text(item, "image");
    status.state = state_from(item["state"]);
    status.last_state = state_from(item["lastState"]);
    pod.statuses.push_back(std::move(status));
  }
}

void add_containers(Pod& pod, const Tree& containers, bool is_init) {
  for (const auto& item : containers.items()) {
    Container container;
    container.name = text(item, "name");
    container.image = text(item, "image");
    container.is_init = is_init;
    container.is_sidecar = is_init && text(item, "restartPolicy") == "Always";
    container.requests = pairs(item["resources"]["requests"]);
    container.limits = pairs(item["resources"]["limits"]);
    pod.containers.push_back(std::move(container));
  }
}

void read_pod_spec(Pod& pod, const Tree& spec) {
  pod.node_name = text(spec, "nodeName");
  pod.scheduler_name = text(spec, "schedulerName");
  pod.priority_class = text(spec, "priorityClassName");
  pod.priority = maybe_number(spec, "priority");
  pod.host_name = text(spec, "hostname");
  pod.restart_policy = text(spec, "restartPolicy");
  add_containers(pod, spec["initContainers"], true);
  add_containers(pod, spec["containers"], false);
  pod.overhead = pairs(spec["overhead"]);
  pod.node_selector = pairs(spec["nodeSelector"]);
  for (const auto& item : spec["tolerations"].items()) {
    pod.tolerations.push_back({text(item, "key"), text(item, "operator"), text(item, "value"), text(item, "effect")});
  }
  for (const auto& gate : spec["schedulingGates"].items()) pod.scheduling_gates.push_back(text(gate, "name"));
}

void read_pod_status(Pod& pod, const Tree& status) {
  pod.phase = text(status, "phase");
  pod.reason = text(status, "reason");
  pod.message = text(status, "message");
  pod.host_ip = text(status, "hostIP");
  pod.pod_ip = text(status, "podIP");
  pod.started = time_of(status, "startTime");
  pod.conditions = conditions_from(status["conditions"]);
  add_statuses(pod, status["initContainerStatuses"], true);
  add_statuses(pod, status["containerStatuses"], false);
}

}  // namespace

ObjectMeta meta_from(const Tree& object) {
  const Tree& meta = object["metadata"];
  ObjectMeta out;
  out.name = text(meta, "name");
  out.namespace_name = text(meta, "namespace");
  out.uid = text(meta, "uid");
  out.resource_version = text(meta, "resourceVersion");
  out.generation = meta["generation"].int_or(0);
  out.created = time_of(meta, "creationTimestamp");
  out.deleted = time_of(meta, "deletionTimestamp");
  out.labels = pairs(meta["labels"]);
  out.annotations = pairs(meta["annotations"]);
  for (const auto& owner : meta["ownerReferences"].items()) {
    out.owners.push_back({text(owner, "apiVersion"), text(owner, "kind"), text(owner, "name"), text(owner, "uid"),
                          owner["controller"].bool_or(false)});
  }
  return out;
}

std::vector<Condition> conditions_from(const Tree& conditions) {
  std::vector<Condition> out;
  for (const auto& item : conditions.items()) {
    out.push_back({text(item, "type"), text(item, "status"), text(item, "reason"), text(item, "message"),
                   time_of(item, "lastTransitionTime")});
  }
  return out;
}

Job job_from(const Tree& object) {
  const Tree& spec = object["spec"];
  const Tree& status = object["status"];
  Job job;
  job.meta = meta_from(object);
  job.parallelism = maybe_number(spec, "parallelism");
  job.completions = maybe_number(spec, "completions");
  job.backoff_limit = maybe_number(spec, "backoffLimit");
  job.suspended = spec["suspend"].bool_or(false);
  job.completion_mode = text(spec, "completionMode");
  job.active = number(status, "active");
  job.ready = number(status, "ready");
  job.succeeded = number(status, "succeeded");
  job.failed = number(status, "failed");
  job.completed_indexes = text(status, "completedIndexes");
  job.failed_indexes = text(status, "failedIndexes");
  job.started = time_of(status, "startTime");
  job.completed = time_of(status, "completionTime");
  job.conditions = conditions_from(status["conditions"]);
  return job;
}

Pod pod_from(const Tree& object) {
  Pod pod;
  pod.meta = meta_from(object);
  read_pod_spec(pod, object["spec"]);
  read_pod_status(pod, object["status"]);
  return pod;
}

Node node_from(const Tree& object) {
  const Tree& status = object["status"];
  Node node;
  node.meta = meta_from(object);
  node.unschedulable = object["spec"]["unschedulable"].bool_or(false);
  for (const auto& taint : object["spec"]["taints"].items()) {
    node.taints.push_back({text(taint, "key"), text(taint, "value"), text(taint, "effect")});
  }
  node.capacity = pairs(status["capacity"]);
  node.allocatable = pairs(status["allocatable"]);
  node.conditions = conditions_from(status["conditions"]);
  const Tree& info = status["nodeInfo"];
  node.kubelet_version = text(info, "kubeletVersion");
  node.container_runtime = text(info, "containerRuntimeVersion");
  node.os_image = text(info, "osImage");
  node.architecture = text(info, "architecture");
  return node;
}

Event event_from(const Tree& object) {
  Event event;
  event.type = text(object, "type");
  event.reason = text(object, "reason");
  event.message = text(object, "message");
  const Tree& about = object["involvedObject"];
  event.object_kind = text(about, "kind");
  event.object_name = text(about, "name");
  event.object_uid = text(about, "uid");
  event.source = text(object["source"], "component");
  if (event.source.empty()) event.source = text(object, "reportingComponent");
  event.count = number(object, "count", 1);
  event.first_seen = time_of(object, "firstTimestamp");
  event.last_seen = time_of(object, "lastTimestamp");
  // Events of the newer API carry eventTime and a series instead of the two time stamps.
  const auto event_time = time_of(object, "eventTime");
  if (!event.first_seen) event.first_seen = event_time ? event_time : time_of(object["metadata"], "creationTimestamp");
  if (const Tree* series = object.find("series"); series != nullptr && series->is_mapping()) {
    event.count = number(*series, "count", event.count);
    event.last_seen = time_of(*series, "lastObservedTime");
  }
  if (!event.last_seen) event.last_seen = event.first_seen;
  return event;
}

}  // namespace mlk::kube
