#include <mlk/document/reader.hpp>
#include <mlk/platform/doctor.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using platform::CheckState;

namespace {

kube::Node node(std::string runtime, std::string kubelet = "v1.36.3") {
  kube::Node out;
  out.container_runtime = std::move(runtime);
  out.kubelet_version = std::move(kubelet);
  return out;
}

std::optional<document::Node> gateway(std::string_view status) {
  return *document::read_json("{\"status\": {\"conditions\": [{\"type\": \"Programmed\", \"status\": \"" +
                              std::string(status) + "\", \"reason\": \"Invalid\"}]}}");
}

}  // namespace

TEST_CASE("doctor: image volumes need 1.35, are unknown behind the gate and missing before it", "[platform][doctor]") {
  CHECK(platform::judge_version({1, 36, "v1.36.3"}, true).state == CheckState::ok);
  CHECK(platform::judge_version({1, 34, "v1.34.0"}, true).state == CheckState::unknown);
  const auto old = platform::judge_version({1, 30, "v1.30.1"}, true);
  CHECK(old.state == CheckState::missing);
  CHECK(old.fix == "upgrade the cluster to Kubernetes 1.35 or later");
  CHECK(platform::judge_version({1, 30, "v1.30.1"}, false).state == CheckState::ok);
}

TEST_CASE("doctor: a node mounts images by its containerd and its kubelet", "[platform][doctor]") {
  using platform::judge_runtimes;
  CHECK(judge_runtimes({node("containerd://2.1.4")}, true).state == CheckState::ok);
  CHECK(judge_runtimes({node("containerd://1.7.27")}, true).state == CheckState::missing);
  CHECK(judge_runtimes({node("containerd://2.1.4"), node("containerd://2.0.0")}, true).state == CheckState::warning);
  CHECK(judge_runtimes({node("containerd://2.1.4", "v1.32.0")}, true).state == CheckState::missing);
  CHECK(judge_runtimes({node("containerd://2.1.4", "v1.34.0")}, true).state == CheckState::unknown);
  CHECK(judge_runtimes({}, true).state == CheckState::missing);
}

TEST_CASE("doctor: a runtime that tells nothing is unknown, never guessed", "[platform][doctor]") {
  for (const char* runtime : {"", "cri-o://1.33.0", "containerd://", "containerd://x.y"}) {
    INFO(runtime);
    CHECK(platform::judge_runtimes({node(runtime)}, true).state == CheckState::unknown);
  }
}

TEST_CASE("doctor: GPUs are missing only where the file asks for some", "[platform][doctor]") {
  kube::Node carrier = node("containerd://2.1.4");
  carrier.allocatable = {{"cpu", "8"}, {"nvidia.com/gpu", "8"}};
  carrier.meta.labels = {{"nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3"}};
  CHECK(platform::judge_gpus({carrier, carrier, node("")}, true).finding == "16 × NVIDIA-H100-80GB-HBM3 on 2 nodes");
  CHECK(platform::judge_gpus({node("")}, true).state == CheckState::missing);
  CHECK(platform::judge_gpus({node("")}, false).state == CheckState::ok);
}

TEST_CASE("doctor: a gateway is judged by what its controller says", "[platform][doctor]") {
  const project::ObjectRef name{"infra", "public"};
  CHECK(platform::judge_gateway(name, gateway("True")).state == CheckState::ok);
  CHECK(platform::judge_gateway(name, gateway("False")).finding == "isn't Programmed: Invalid");
  CHECK(platform::judge_gateway(name, gateway("Unknown")).state == CheckState::unknown);
  CHECK(platform::judge_gateway(name, document::Node::mapping()).state == CheckState::unknown);
  CHECK(platform::judge_gateway(name, std::nullopt).state == CheckState::missing);
}
