#include "sample_run.hpp"

#include <mlk/training/obstacle.hpp>

using namespace mlk::training;
using namespace std::chrono_literals;

namespace {

std::vector<Obstacle> obstacles_of(const std::vector<mlk::kube::Pod>& pods,
                                   const std::vector<mlk::kube::Event>& events = {}) {
  const auto job = sample::job();
  return find_obstacles(derive_run(job, pods), pods, events);
}

Obstacle only(const std::vector<Obstacle>& obstacles) {
  REQUIRE(obstacles.size() == 1);
  return obstacles.front();
}

std::string quota_message(const std::string& asked, const std::string& used, const std::string& limited) {
  return "Error creating: pods \"x-0-abcde\" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=" +
         asked + ", used: requests.nvidia.com/gpu=" + used + ", limited: requests.nvidia.com/gpu=" + limited;
}

}  // namespace

TEST_CASE("obstacle: a run that is on its way has none", "[training][obstacle]") {
  CHECK(obstacles_of({sample::running(0), sample::waiting(1, "ContainerCreating", "")}).empty());
}

TEST_CASE("obstacle: an image that isn't there is watched for a little", "[training][obstacle]") {
  const auto reason = GENERATE("ErrImagePull", "ImagePullBackOff");
  const Obstacle obstacle =
      only(obstacles_of({sample::waiting(0, reason, "failed to resolve reference \"x\": x: not found"),
                         sample::waiting(1, reason, "failed to resolve reference \"x\": x: not found")}));
  CHECK(obstacle.kind == ObstacleKind::image);
  CHECK(obstacle.patience == Patience::little);
  CHECK(obstacle.ranks == std::vector<std::int64_t>{0, 1});
  CHECK(obstacle.fix == "push the image, or correct its name in mlk.yaml");
}

TEST_CASE("obstacle: a registry that doesn't answer gets some time, a refusal names the pull secret",
          "[training][obstacle]") {
  CHECK(
      only(obstacles_of({sample::running(0), sample::waiting(1, "ErrImagePull", "dial tcp: i/o timeout")})).patience ==
      Patience::some);
  const Obstacle refused =
      only(obstacles_of({sample::running(0), sample::waiting(1, "ErrImagePull", "401 Unauthorized: unauthorized")}));
  CHECK(refused.patience == Patience::little);
  CHECK(refused.fix.find("pull-secrets") != std::string::npos);
}

TEST_CASE("obstacle: a malformed image name is hopeless at once", "[training][obstacle]") {
  CHECK(only(obstacles_of({sample::running(0), sample::waiting(1, "InvalidImageName", "")})).patience ==
        Patience::none);
}

TEST_CASE("obstacle: a Secret that is missing is watched for a little", "[training][obstacle]") {
  const Obstacle obstacle = only(obstacles_of(
      {sample::running(0), sample::waiting(1, "CreateContainerConfigError", "secret \"missing\" not found")}));
  CHECK(obstacle.kind == ObstacleKind::config);
  CHECK(obstacle.patience == Patience::little);
  CHECK(obstacle.message == "secret \"missing\" not found");
}

TEST_CASE("obstacle: a quota that can't ever hold the whole run is hopeless", "[training][obstacle][quota]") {
  // Each pod of 8 fits into 12, both together don't: a run needs all of its ranks.
  const auto limited = GENERATE("4", "12");
  const Obstacle obstacle = only(obstacles_of({}, {sample::refused(quota_message("8", "0", limited))}));
  CHECK(obstacle.kind == ObstacleKind::quota);
  CHECK(obstacle.patience == Patience::none);
  CHECK(obstacle.ranks.size() == 2);
  CHECK(obstacle.message ==
        "quota 'gpus' allows " + std::string(limited) + " requests.nvidia.com/gpu and 2 pods ask for 8 each");
}

TEST_CASE("obstacle: a quota that is in use is waited for", "[training][obstacle][quota]") {
  const Obstacle obstacle = only(obstacles_of({}, {sample::refused(quota_message("8", "16", "16"))}));
  CHECK(obstacle.patience == Patience::endless);
  CHECK(obstacle.message == "quota 'gpus': 16 of 16 requests.nvidia.com/gpu are in use and a pod asks for 8");
}

TEST_CASE("obstacle: a refusal from before the last pod was made is history", "[training][obstacle][quota]") {
  auto made = sample::running(0);
  made.meta.created = sample::at(10);
  CHECK(obstacles_of({made}, {sample::refused(quota_message("8", "0", "4"), 5)}).empty());
  CHECK(obstacles_of({made}, {sample::refused(quota_message("8", "0", "4"), 10)}).size() == 1);
}

TEST_CASE("obstacle: when all pods are there, refusals of earlier say nothing", "[training][obstacle][quota]") {
  CHECK(obstacles_of({sample::running(0), sample::running(1)}, {sample::refused(quota_message("8", "0", "4"), 50)})
            .empty());
}

TEST_CASE("obstacle: what admission refuses is hopeless, a webhook in trouble isn't", "[training][obstacle]") {
  const Obstacle refused = only(obstacles_of(
      {}, {sample::refused("Error creating: pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\"")}));
  CHECK(refused.kind == ObstacleKind::refused);
  CHECK(refused.patience == Patience::none);
  CHECK(refused.message.starts_with("pods \"x\" is forbidden"));
  CHECK(
      only(obstacles_of({}, {sample::refused("Error creating: Internal error occurred: failed calling webhook \"a\"")}))
          .patience == Patience::some);
  CHECK(only(obstacles_of({}, {sample::refused("Error creating: pods \"x\" is forbidden: error looking up service "
                                               "account nlp/trainer: serviceaccount \"trainer\" not found")}))
            .patience == Patience::little);
}

TEST_CASE("obstacle: full nodes are waited for", "[training][obstacle]") {
  const Obstacle obstacle = only(obstacles_of(
      {sample::running(0), sample::unschedulable(1,
                                                 "0/16 nodes are available: 16 Insufficient nvidia.com/gpu. "
                                                 "preemption: 0/16 nodes are available: 16 No preemption victims "
                                                 "found for incoming pod.")}));
  CHECK(obstacle.kind == ObstacleKind::unschedulable);
  CHECK(obstacle.patience == Patience::endless);
  CHECK(obstacle.pod == "tune-x7k2-1-abcde");
}

TEST_CASE("obstacle: the scheduler's words for never", "[training][obstacle]") {
  CHECK(is_never_by_scheduler(
      "0/16 nodes are available: 12 Insufficient nvidia.com/gpu, 4 node(s) had untolerated taint(s). no new claims to "
      "deallocate, preemption: 0/16 nodes are available: 16 Preemption is not helpful for scheduling."));
  SECTION("some node could make room") {
    CHECK_FALSE(is_never_by_scheduler(
        "0/16 nodes are available: 16 Insufficient nvidia.com/gpu. preemption: 0/16 nodes are available: 12 No "
        "preemption victims found for incoming pod, 4 Preemption is not helpful for scheduling."));
  }
  SECTION("nodes that may come back") {
    CHECK_FALSE(is_never_by_scheduler(
        "0/2 nodes are available: 2 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is "
        "not helpful for scheduling."));
  }
  SECTION("anything else") {
    CHECK_FALSE(is_never_by_scheduler(""));
    CHECK_FALSE(is_never_by_scheduler("0/x Preemption is not helpful for scheduling"));
    CHECK_FALSE(is_never_by_scheduler("no nodes available to schedule pods"));
    CHECK_FALSE(is_never_by_scheduler("0/0 nodes: 0 Preemption is not helpful for scheduling"));
  }
}

TEST_CASE("obstacle: a node that an autoscaler makes is hope", "[training][obstacle]") {
  mlk::kube::Event event;
  event.reason = "TriggeredScaleUp";
  CHECK(is_scaling_up({event}));
  event.reason = "NotTriggerScaleUp";
  CHECK_FALSE(is_scaling_up({event}));
}

TEST_CASE("obstacle: patience ends by its kind", "[training][obstacle]") {
  const PatienceLimits limits{30s, 300s};
  CHECK(is_over(Patience::none, 0ms, limits));
  CHECK_FALSE(is_over(Patience::little, 29s, limits));
  CHECK(is_over(Patience::little, 30s, limits));
  CHECK_FALSE(is_over(Patience::some, 299s, limits));
  CHECK(is_over(Patience::some, 300s, limits));
  CHECK_FALSE(is_over(Patience::endless, 24h, limits));
}

TEST_CASE("obstacle: the most hopeless comes first", "[training][obstacle]") {
  const auto found = obstacles_of({sample::unschedulable(0, "0/1 nodes are available: 1 Insufficient cpu."),
                                   sample::waiting(1, "InvalidImageName", "")});
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == ObstacleKind::image);
}

TEST_CASE("quota refusal: several resources and decimals are read", "[training][quota]") {
  const auto refusal = parse_quota_refusal(
      "pods \"x\" is forbidden: exceeded quota: team, requested: limits.memory=64Gi,requests.cpu=500m, used: "
      "limits.memory=0,requests.cpu=7500m, limited: limits.memory=32Gi,requests.cpu=8");
  REQUIRE(refusal);
  CHECK(refusal->quota == "team");
  REQUIRE(refusal->items.size() == 2);
  CHECK(refusal->items[1].resource == "requests.cpu");
  CHECK(refusal->items[1].used == "7500m");
  CHECK(refusal->items[1].limited == "8");
}

TEST_CASE("quota refusal: other messages are none", "[training][quota]") {
  CHECK_FALSE(parse_quota_refusal(""));
  CHECK_FALSE(parse_quota_refusal("exceeded quota: "));
  CHECK_FALSE(parse_quota_refusal("exceeded quota: x, requested: "));
  CHECK_FALSE(parse_quota_refusal("pods \"x\" is forbidden: violates PodSecurity"));
}
