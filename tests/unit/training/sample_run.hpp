#pragma once

#include <mlk/core/time.hpp>
#include <mlk/kube/object.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

/// A run of two nodes, "tune-x7k2", put together by hand.
namespace sample {

inline mlk::SystemTime at(int second) {
  const auto base = mlk::parse_rfc3339("2026-11-21T06:30:00Z");
  REQUIRE(base);
  return *base + std::chrono::seconds(second);
}

inline mlk::kube::Job job(int nodes = 2) {
  mlk::kube::Job job;
  job.meta.name = "tune-x7k2";
  job.meta.namespace_name = "nlp";
  job.meta.uid = "job-uid";
  job.meta.created = at(0);
  job.meta.labels = {{"mlk.dev/kind", "job"}, {"mlk.dev/section", "tune"}};
  job.completions = nodes;
  job.parallelism = nodes;
  job.completion_mode = "Indexed";
  return job;
}

inline mlk::kube::Job failed_job(int second, std::string reason = "BackoffLimitExceeded", int nodes = 2) {
  mlk::kube::Job failed = job(nodes);
  failed.conditions = {{"FailureTarget", "True", reason, "Job has reached the specified backoff limit", at(second)},
                       {"Failed", "True", reason, "Job has reached the specified backoff limit", at(second + 1)}};
  return failed;
}

inline mlk::kube::Pod pod(int rank, std::string phase) {
  mlk::kube::Pod pod;
  pod.meta.name = "tune-x7k2-" + std::to_string(rank) + "-abcde";
  pod.meta.namespace_name = "nlp";
  pod.meta.uid = "pod-" + std::to_string(rank);
  pod.meta.created = at(1);
  pod.meta.annotations = {{"batch.kubernetes.io/job-completion-index", std::to_string(rank)}};
  pod.containers.push_back({"main", "trainer:1", false, false, {}, {}});
  pod.phase = std::move(phase);
  return pod;
}

inline mlk::kube::Pod placed(int rank, std::string phase) {
  mlk::kube::Pod placed = pod(rank, std::move(phase));
  placed.node_name = "gpu-a-0" + std::to_string(rank + 1);
  return placed;
}

inline mlk::kube::Pod running(int rank) {
  mlk::kube::Pod running = placed(rank, "Running");
  mlk::kube::ContainerStatus status;
  status.name = "main";
  status.state.phase = mlk::kube::ContainerState::Phase::running;
  status.state.started = at(2);
  running.statuses = {status};
  return running;
}

inline mlk::kube::Pod ended(int rank, int exit_code, int second, std::string reason) {
  mlk::kube::Pod ended = placed(rank, exit_code == 0 ? "Succeeded" : "Failed");
  mlk::kube::ContainerStatus status;
  status.name = "main";
  status.state.phase = mlk::kube::ContainerState::Phase::terminated;
  status.state.exit_code = exit_code;
  status.state.reason = std::move(reason);
  status.state.started = at(2);
  status.state.finished = at(second);
  ended.statuses = {status};
  return ended;
}

inline mlk::kube::Pod waiting(int rank, std::string reason, std::string message) {
  mlk::kube::Pod waiting = placed(rank, "Pending");
  mlk::kube::ContainerStatus status;
  status.name = "main";
  status.image = "trainer:1";
  status.state.phase = mlk::kube::ContainerState::Phase::waiting;
  status.state.reason = std::move(reason);
  status.state.message = std::move(message);
  waiting.statuses = {status};
  return waiting;
}

inline mlk::kube::Pod unschedulable(int rank, std::string message) {
  mlk::kube::Pod unplaced = pod(rank, "Pending");
  unplaced.conditions = {{"PodScheduled", "False", "Unschedulable", std::move(message), at(1)}};
  return unplaced;
}

inline mlk::kube::Event refused(std::string message, int second = 2) {
  mlk::kube::Event event;
  event.type = "Warning";
  event.reason = "FailedCreate";
  event.message = std::move(message);
  event.last_seen = at(second);
  return event;
}

}  // namespace sample
