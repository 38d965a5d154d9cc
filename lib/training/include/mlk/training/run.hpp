#pragma once

#include <mlk/core/time.hpp>
#include <mlk/kube/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A run is one submission of a job of mlk.yaml: a batch/v1 Job and its pods, one a node. Rank n is completion index n.
namespace mlk::training {

enum class RunState : std::uint8_t {
  suspended,
  waiting,   ///< no pod has begun
  starting,  ///< some ranks run, but not all
  running,
  complete,
  failed,
};
std::string_view to_string(RunState state) noexcept;  ///< "Waiting"
/// Whether nothing happens any more.
bool is_end(RunState state) noexcept;

enum class RankState : std::uint8_t {
  absent,    ///< its pod isn't there: not created yet, refused, or gone
  pending,   ///< no node yet
  starting,  ///< on a node, not running yet
  running,
  succeeded,
  failed,
};
std::string_view to_string(RankState state) noexcept;  ///< "Pending"

/// How a rank came to fail.
struct Failure {
  std::int64_t rank = 0;
  std::string pod;
  std::string node;
  std::string container;
  std::optional<std::int32_t> exit_code;  ///< absent: the pod was ended from outside (evicted, node lost)
  std::string reason;                     ///< "OOMKilled", "Error", "Evicted"
  std::string message;
  std::optional<SystemTime> time;
};
/// "rank 1 failed first: exit code 137 (OOMKilled) in pod x-1-abcde on gpu-a-02"
std::string describe(const Failure& failure);

/// One rank by its latest pod.
struct Rank {
  std::int64_t rank = 0;
  RankState state = RankState::absent;
  std::string pod;
  std::string pod_uid;
  std::string node;
  std::string reason;   ///< why it waits or how it ended: "ImagePullBackOff", "OOMKilled"; may be empty
  std::string message;  ///< in the cluster's words, fit for a terminal
  std::optional<std::int32_t> exit_code;
  std::int64_t restarts = 0;  ///< pods before this one, and restarts of its container
  std::optional<SystemTime> started;
  std::optional<SystemTime> finished;
};

struct Run {
  std::string name;
  std::string namespace_name;
  std::string uid;
  std::string section;
  std::string run_id;
  RunState state = RunState::waiting;
  std::string reason;   ///< the Job's own for its end: "BackoffLimitExceeded"
  std::string message;  ///< and in words
  std::int64_t nodes = 1;
  std::optional<SystemTime> created;
  std::optional<SystemTime> started;
  std::optional<SystemTime> ended;
  std::vector<Rank> ranks;  ///< one for each node, by rank
  std::optional<Failure> first_failure;

  std::int64_t count(RankState rank_state) const noexcept;
  /// From the start (or the submission) to the end, or to `now`.
  Milliseconds age(SystemTime now) const noexcept;
};

/// What a Job says of itself, without its pods.
RunState state_of(const kube::Job& job) noexcept;

/// The Job with its pods, pods that are gone but were seen included: they may hold the cause of a failure.
/// The failure to blame is the earliest end with an exit code that isn't 0; of several in one second the one that
/// nobody had asked to go, then the lowest rank. Pods that were evicted or preempted (the Job replaces them), and pods
/// that ended after the Job had given up, are blamed only when there is no other.
Run derive_run(const kube::Job& job, const std::vector<kube::Pod>& pods);

/// The completion index of a pod, if it has one.
std::optional<std::int64_t> rank_of(const kube::Pod& pod) noexcept;

}  // namespace mlk::training
