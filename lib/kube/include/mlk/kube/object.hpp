#pragma once

#include <mlk/core/time.hpp>
#include <mlk/document/node.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::kube {

using StringPairs = std::vector<std::pair<std::string, std::string>>;

/// The value under a key, or empty.
std::string_view value_of(const StringPairs& pairs, std::string_view key) noexcept;

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool is_controller = false;
};

/// The part of metadata that every object has.
struct ObjectMeta {
  std::string name;
  std::string namespace_name;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  std::optional<SystemTime> created;
  std::optional<SystemTime> deleted;  ///< deletionTimestamp: it is going away
  StringPairs labels;
  StringPairs annotations;
  std::vector<OwnerReference> owners;

  std::string_view label(std::string_view key) const noexcept { return value_of(labels, key); }
  std::string_view annotation(std::string_view key) const noexcept { return value_of(annotations, key); }
  /// The owner with controller: true, or a null pointer.
  const OwnerReference* controller() const noexcept;
};

struct Condition {
  std::string type;
  std::string status;  ///< "True", "False", "Unknown"
  std::string reason;
  std::string message;
  std::optional<SystemTime> changed;

  bool is_true() const noexcept { return status == "True"; }
};

/// The condition of that type, or a null pointer.
const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) noexcept;

struct Job {
  ObjectMeta meta;
  std::optional<std::int32_t> parallelism;
  std::optional<std::int32_t> completions;
  std::optional<std::int32_t> backoff_limit;
  bool suspended = false;
  std::string completion_mode;  ///< "Indexed", "NonIndexed"
  std::int32_t active = 0;
  std::int32_t ready = 0;
  std::int32_t succeeded = 0;
  std::int32_t failed = 0;
  std::string completed_indexes;  ///< "0-2,5"
  std::string failed_indexes;
  std::optional<SystemTime> started;
  std::optional<SystemTime> completed;
  std::vector<Condition> conditions;

  bool is_complete() const noexcept;
  bool is_failed() const noexcept;
  bool is_finished() const noexcept { return is_complete() || is_failed(); }
};

struct ContainerState {
  enum class Phase : std::uint8_t { unknown, waiting, running, terminated };

  Phase phase = Phase::unknown;
  std::string reason;
  std::string message;
  std::int32_t exit_code = 0;  ///< of a terminated container
  std::int32_t signal = 0;
  std::optional<SystemTime> started;
  std::optional<SystemTime> finished;
};

struct ContainerStatus {
  std::string name;
  bool ready = false;
  bool is_init = false;
  std::int32_t restarts = 0;
  std::string image;
  ContainerState state;
  ContainerState last_state;
};

/// Quantities as they were written, by resource name: {"cpu", "500m"}, {"nvidia.com/gpu", "8"}.
using ResourceList = StringPairs;

struct Container {
  std::string name;
  std::string image;
  bool is_init = false;
  bool is_sidecar = false;  ///< an init container with restartPolicy: Always
  ResourceList requests;
  ResourceList limits;
};

struct Toleration {
  std::string key;
  std::string operation;  ///< "Exists", "Equal", or empty (Equal)
  std::string value;
  std::string effect;
};

struct Pod {
  ObjectMeta meta;
  std::string node_name;
  std::string scheduler_name;
  std::string priority_class;
  std::optional<std::int32_t> priority;
  std::string host_name;
  std::string restart_policy;
  std::vector<Container> containers;  ///< init containers first
  ResourceList overhead;
  StringPairs node_selector;
  std::vector<Toleration> tolerations;
  std::vector<std::string> scheduling_gates;
  std::string phase;  ///< "Pending", "Running", "Succeeded", "Failed", "Unknown"
  std::string reason;
  std::string message;
  std::string host_ip;
  std::string pod_ip;
  std::optional<SystemTime> started;
  std::vector<Condition> conditions;
  std::vector<ContainerStatus> statuses;  ///< init containers first

  /// Whether it is done: Succeeded or Failed. It holds no resources of its node then.
  bool is_finished() const noexcept { return phase == "Succeeded" || phase == "Failed"; }
  bool is_ready() const noexcept;
  /// What the scheduler counts for a resource, in thousandths: the larger of the sum over containers (sidecars
  /// included) and the highest init container, plus overhead. A quantity that can't be read counts as zero.
  std::int64_t requested_milli(std::string_view resource) const;
  /// Every resource name that the pod asks for, each once.
  std::vector<std::string> requested_names() const;
};

struct Taint {
  std::string key;
  std::string value;
  std::string effect;
};

struct Node {
  ObjectMeta meta;
  bool unschedulable = false;
  std::vector<Taint> taints;
  ResourceList capacity;
  ResourceList allocatable;
  std::vector<Condition> conditions;
  std::string kubelet_version;
  std::string container_runtime;
  std::string os_image;
  std::string architecture;

  bool is_ready() const noexcept;
};

/// An event about an object, as `kubectl describe` shows it.
struct Event {
  std::string type;  ///< "Normal", "Warning"
  std::string reason;
  std::string message;
  std::string object_kind;
  std::string object_name;
  std::string object_uid;
  std::string source;
  std::int32_t count = 1;
  std::optional<SystemTime> first_seen;
  std::optional<SystemTime> last_seen;
};

/// The same from an object in JSON or YAML form; what is missing or of another type stays empty.
ObjectMeta meta_from(const document::Node& object);
Job job_from(const document::Node& object);
Pod pod_from(const document::Node& object);
Node node_from(const document::Node& object);
Event event_from(const document::Node& object);
std::vector<Condition> conditions_from(const document::Node& conditions);

}  // namespace mlk::kube
