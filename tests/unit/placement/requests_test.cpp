#include <mlk/document/reader.hpp>
#include <mlk/placement/inventory.hpp>
#include <mlk/placement/workload.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::placement;

namespace {

document::Node yaml(std::string_view text) {
  return document::read_yaml_one(text, "test", document::Schema::kubernetes).value();
}

Resources requests(std::string_view spec) { return read_pod_request(yaml(spec)).value().requests; }

}  // namespace

TEST_CASE("request: containers are added up, a limit without a request is one", "[placement][request]") {
  const auto all = requests(R"(
containers:
- resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 2Gi, nvidia.com/gpu: 2}}
- resources: {requests: {cpu: 1}, limits: {nvidia.com/gpu: 1}}
)");
  CHECK(amount(all, "cpu") == 1500);
  CHECK(amount(all, "memory") == std::int64_t{1} << 30);
  CHECK(amount(all, "nvidia.com/gpu") == 3);
}

TEST_CASE("request: an init container counts by itself, on top of the sidecars before it", "[placement][request]") {
  const auto all = requests(R"(
initContainers:
- {name: first, resources: {requests: {cpu: 5}}}
- {name: sidecar, restartPolicy: Always, resources: {requests: {cpu: 1}}}
- {name: second, resources: {requests: {cpu: 4500m}}}
containers:
- resources: {requests: {cpu: 2}}
)");
  CHECK(amount(all, "cpu") == 5500);
}

TEST_CASE("request: sidecars run beside the containers", "[placement][request]") {
  CHECK(amount(requests(R"(
initContainers:
- {name: sidecar, restartPolicy: Always, resources: {requests: {cpu: 1}}}
containers:
- resources: {requests: {cpu: 2}}
)"),
               "cpu") == 3000);
}

TEST_CASE("request: pod-level resources replace cpu and memory, then overhead is added", "[placement][request]") {
  const auto all = requests(R"(
resources: {requests: {cpu: 4}}
overhead: {cpu: 250m, memory: 1Mi}
containers:
- resources: {requests: {cpu: 2, memory: 1Mi}, limits: {nvidia.com/gpu: 1}}
)");
  CHECK(amount(all, "cpu") == 4250);
  CHECK(amount(all, "memory") == 2 << 20);
  CHECK(amount(all, "nvidia.com/gpu") == 1);
}

TEST_CASE("request: a malformed quantity is an error that names container and resource", "[placement][request]") {
  const auto read = read_pod_request(yaml("containers: [{name: main, resources: {requests: {cpu: lots}}}]"));
  REQUIRE_FALSE(read);
  CHECK(read.error().what.find("container 'main'") != std::string::npos);
  CHECK(read.error().what.find("cpu") != std::string::npos);
  CHECK(read.error().what.find("lots") != std::string::npos);
}

TEST_CASE("inventory: nodes and what bound pods hold", "[placement][inventory]") {
  const auto inventory =
      read_inventory({yaml(R"(
kind: Node
metadata: {name: b, labels: {zone: eu}}
spec: {taints: [{key: nvidia.com/gpu, value: present, effect: NoSchedule}], unschedulable: true}
status:
  allocatable: {cpu: "8", memory: 32Gi, pods: "110", nvidia.com/gpu: "8"}
  conditions: [{type: Ready, status: "False"}]
)"),
                      yaml("{kind: Node, metadata: {name: a}, status: {capacity: {cpu: 2}}}"), yaml(R"(
kind: Pod
metadata: {name: p, namespace: n}
spec: {nodeName: b, containers: [{name: c, resources: {limits: {nvidia.com/gpu: 3}, requests: {cpu: 500m}}}]}
status: {phase: Running}
)"),
                      yaml("{kind: Pod, metadata: {name: q}, spec: {nodeName: b}, status: {phase: Succeeded}}"),
                      yaml("{kind: Pod, metadata: {name: r}, spec: {containers: []}}")});
  REQUIRE(inventory);
  REQUIRE(inventory->nodes.size() == 2);
  CHECK(inventory->nodes[0].name == "a");
  CHECK(inventory->nodes[0].is_ready);
  CHECK(inventory->nodes[0].free("cpu") == 2000);
  const ClusterNode* b = inventory->find("b");
  REQUIRE(b != nullptr);
  CHECK(b->is_unschedulable);
  CHECK_FALSE(b->is_ready);
  CHECK(b->free("nvidia.com/gpu") == 5);
  CHECK(b->free("cpu") == 7500);
  CHECK(b->free("pods") == 109);
  CHECK(to_string(b->taints.front()) == "nvidia.com/gpu=present:NoSchedule");
  CHECK(inventory->find("c") == nullptr);
}

TEST_CASE("inventory: what is over-committed has nothing free", "[placement][inventory]") {
  ClusterNode node;
  node.allocatable = {{"cpu", 1000}};
  node.used = {{"cpu", 1500}};
  CHECK(node.free("cpu") == 0);
  CHECK(node.free("memory") == 0);
}

TEST_CASE("inventory: GPUs by pool and model", "[placement][inventory]") {
  Inventory inventory;
  const auto add = [&](std::string name, std::string pool, std::string product, std::int64_t used, bool is_cordoned) {
    ClusterNode node;
    node.name = std::move(name);
    node.labels = {{"cloud.google.com/gke-nodepool", std::move(pool)}, {"nvidia.com/gpu.product", std::move(product)}};
    node.allocatable = {{"nvidia.com/gpu", 8}, {"cpu", 1}};
    node.used = {{"nvidia.com/gpu", used}};
    node.is_unschedulable = is_cordoned;
    inventory.nodes.push_back(std::move(node));
  };
  add("a", "train", "NVIDIA-H100-80GB-HBM3", 2, false);
  add("b", "train", "NVIDIA-H100-80GB-HBM3", 8, false);
  add("c", "train", "NVIDIA-H100-80GB-HBM3", 0, true);
  add("d", "odd", "Brand-New", 0, false);
  const auto pools = gpu_pools(inventory);
  REQUIRE(pools.size() == 2);
  CHECK(pools[0].pool == "odd");
  CHECK(pools[0].model == "Brand-New");
  CHECK(pools[1].model == "h100");
  CHECK(pools[1].nodes == 3);
  CHECK(pools[1].total == 24);
  CHECK(pools[1].used == 10);
  CHECK(pools[1].largest_free == 6);
  CHECK(pools[1].unavailable == 8);
}

TEST_CASE("workloads: replicas, gangs, and what an autoscaler starts with", "[placement][workload]") {
  const auto read = read_workloads({yaml(R"(
kind: Job
metadata: {name: tune, namespace: nlp}
spec: {completionMode: Indexed, completions: 2, parallelism: 4, template: {spec: {containers: []}}}
)"),
                                    yaml(R"(
kind: Deployment
metadata: {name: serve}
spec: {template: {spec: {containers: []}}}
)"),
                                    yaml(R"(
kind: HorizontalPodAutoscaler
metadata: {name: serve}
spec: {minReplicas: 3, scaleTargetRef: {kind: Deployment, name: serve}}
)"),
                                    yaml("{kind: Service, metadata: {name: serve}}"),
                                    yaml("{kind: StatefulSet, metadata: {name: cache}, spec: {replicas: 2}}")});
  REQUIRE(read);
  REQUIRE(read->size() == 3);
  CHECK((*read)[0].name == "job/tune");
  CHECK((*read)[0].name_space == "nlp");
  CHECK((*read)[0].replicas == 2);
  CHECK((*read)[0].is_gang);
  CHECK((*read)[1].name == "deployment/serve");
  CHECK((*read)[1].replicas == 3);
  CHECK_FALSE((*read)[1].is_gang);
  CHECK((*read)[2].replicas == 2);
}

TEST_CASE("tolerations: keys, operators and effects as the scheduler matches them", "[placement][workload]") {
  const Taint taint{"gpu", "yes", "NoSchedule"};
  CHECK(tolerates({"gpu", "Equal", "yes", "NoSchedule"}, taint));
  CHECK(tolerates({"gpu", "", "yes", ""}, taint));
  CHECK(tolerates({"gpu", "Exists", "", ""}, taint));
  CHECK(tolerates({"", "Exists", "", ""}, taint));
  CHECK_FALSE(tolerates({"", "Equal", "yes", ""}, taint));
  CHECK_FALSE(tolerates({"gpu", "Equal", "no", ""}, taint));
  CHECK_FALSE(tolerates({"gpu", "Exists", "", "NoExecute"}, taint));
  CHECK_FALSE(tolerates({"gpu", "Lt", "5", ""}, taint));
}
