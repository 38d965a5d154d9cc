#include <mlk/document/reader.hpp>
#include <mlk/placement/plan.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <random>

using namespace mlk;
using namespace mlk::placement;

namespace {

ClusterNode gpu_node(std::string name, std::int64_t gpus, std::int64_t used = 0,
                     std::string product = "NVIDIA-H100-80GB-HBM3") {
  ClusterNode node;
  node.name = std::move(name);
  node.labels = {{"kubernetes.io/hostname", node.name}};
  if (!product.empty()) node.labels["nvidia.com/gpu.product"] = std::move(product);
  node.allocatable = {{"cpu", 64'000}, {"memory", std::int64_t{512} << 30}, {"pods", 110}};
  if (gpus > 0) node.allocatable["nvidia.com/gpu"] = gpus;
  if (used > 0) node.used["nvidia.com/gpu"] = used;
  return node;
}

Inventory cluster(std::vector<ClusterNode> nodes) {
  Inventory inventory;
  std::sort(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  inventory.nodes = std::move(nodes);
  return inventory;
}

Workload gang(std::string name, std::int64_t replicas, std::int64_t gpus) {
  Workload workload;
  workload.name = std::move(name);
  workload.name_space = "nlp";
  workload.replicas = replicas;
  workload.is_gang = true;
  workload.pod.requests = {{"cpu", 1000}, {"nvidia.com/gpu", gpus}};
  return workload;
}

PodRequest with_terms(std::string_view terms) {
  const auto spec =
      document::read_yaml_one(fmt::format("affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: "
                                          "{{nodeSelectorTerms: {}}}}}}}",
                                          terms),
                              "test", document::Schema::kubernetes);
  return read_pod_request(spec.value()).value();
}

Answer one(const Inventory& inventory, const Workload& workload) { return plan(inventory, {workload}).front(); }

}  // namespace

TEST_CASE("plan: a gang that finds room for all its pods fits, and says where", "[placement][plan]") {
  const Answer answer = one(cluster({gpu_node("a", 8), gpu_node("b", 8), gpu_node("c", 8, 1)}), gang("job/t", 2, 8));
  CHECK(answer.verdict == Verdict::fits);
  CHECK(answer.placed == 2);
  REQUIRE(answer.assignments.size() == 2);
  CHECK(answer.assignments[0].node == "a");
  CHECK(answer.assignments[1].node == "b");
  CHECK(answer.reason == "2 pods on 2 nodes");
}

TEST_CASE("plan: a gang takes nothing where one of its pods finds no room", "[placement][plan]") {
  const auto answers =
      plan(cluster({gpu_node("a", 8), gpu_node("b", 8, 2)}), {gang("job/t", 2, 8), gang("job/s", 1, 8)});
  CHECK(answers[0].verdict == Verdict::waits);
  CHECK(answers[0].placed == 0);
  CHECK(answers[0].assignments.empty());
  CHECK(answers[0].reason == "1 of 2 pods find room now: 1 node: 2 GPUs short");
  CHECK(answers[1].verdict == Verdict::fits);
}

TEST_CASE("plan: what doesn't fit an empty cluster never fits", "[placement][plan]") {
  const Answer big = one(cluster({gpu_node("a", 8, 8), gpu_node("b", 4)}), gang("job/t", 1, 16));
  CHECK(big.verdict == Verdict::never);
  CHECK(big.reason ==
        "even with nothing else running 0 of 1 pod would be placed: 1 node: 8 GPUs short; 1: 12 GPUs short");
  const Answer many = one(cluster({gpu_node("a", 8), gpu_node("b", 8)}), gang("job/t", 3, 8));
  CHECK(many.verdict == Verdict::never);
  CHECK(many.reason == "even with nothing else running 2 of 3 pods would be placed");
}

TEST_CASE("plan: cordoned and unready nodes make a workload wait, not fail for ever", "[placement][plan]") {
  ClusterNode cordoned = gpu_node("a", 8);
  cordoned.is_unschedulable = true;
  cordoned.taints = {{"node.kubernetes.io/unschedulable", "", "NoSchedule"}};
  ClusterNode broken = gpu_node("b", 8);
  broken.is_ready = false;
  broken.taints = {{"node.kubernetes.io/not-ready", "", "NoSchedule"}};
  const Answer answer = one(cluster({cordoned, broken}), gang("job/t", 2, 8));
  CHECK(answer.verdict == Verdict::waits);
  CHECK(describe(answer.refusals) == "1 node: cordoned; 1: not ready");
}

TEST_CASE("plan: an untolerated taint is named, tolerated it is none", "[placement][plan]") {
  ClusterNode node = gpu_node("a", 8);
  node.taints = {{"dedicated", "serving", "NoSchedule"}, {"soft", "", "PreferNoSchedule"}};
  Workload workload = gang("job/t", 1, 8);
  const Answer refused = one(cluster({node}), workload);
  CHECK(refused.verdict == Verdict::never);
  CHECK(describe(refused.refusals) == "1 node: untolerated taint dedicated=serving:NoSchedule");
  workload.pod.tolerations = {{"dedicated", "Equal", "serving", ""}};
  CHECK(one(cluster({node}), workload).verdict == Verdict::fits);
}

TEST_CASE("plan: a GPU model is matched by its affinity, and others are named", "[placement][plan]") {
  Workload workload = gang("job/t", 1, 1);
  workload.pod.required_terms =
      with_terms("[{matchExpressions: [{key: nvidia.com/gpu.product, operator: In, values: [NVIDIA-L4]}]}]")
          .required_terms;
  const Inventory inventory =
      cluster({gpu_node("a", 8), gpu_node("b", 8), gpu_node("c", 1, 0, "NVIDIA-L4"), gpu_node("d", 0, 0, "")});
  const Answer answer = one(inventory, workload);
  CHECK(answer.verdict == Verdict::fits);
  CHECK(answer.assignments.front().node == "c");
  CHECK(describe(answer.refusals) == "2 nodes: other GPUs (h100); 1: no GPUs");
}

TEST_CASE("plan: every selector operator, as the scheduler reads it", "[placement][plan]") {
  ClusterNode node = gpu_node("a", 8);
  node.labels["zone"] = "eu";
  node.labels["rank"] = "5";
  const Inventory inventory = cluster({node});
  const auto fits = [&](std::string_view expression) {
    return !feasible_nodes(inventory, with_terms(fmt::format("[{{matchExpressions: [{}]}}]", expression))).empty();
  };
  CHECK(fits("{key: zone, operator: In, values: [us, eu]}"));
  CHECK_FALSE(fits("{key: zone, operator: In, values: [us]}"));
  CHECK_FALSE(fits("{key: missing, operator: In, values: [us]}"));
  CHECK(fits("{key: zone, operator: NotIn, values: [us]}"));
  CHECK_FALSE(fits("{key: zone, operator: NotIn, values: [eu]}"));
  CHECK(fits("{key: missing, operator: NotIn, values: [eu]}"));
  CHECK(fits("{key: zone, operator: Exists}"));
  CHECK_FALSE(fits("{key: missing, operator: Exists}"));
  CHECK(fits("{key: missing, operator: DoesNotExist}"));
  CHECK_FALSE(fits("{key: zone, operator: DoesNotExist}"));
  CHECK(fits("{key: rank, operator: Gt, values: [\"4\"]}"));
  CHECK_FALSE(fits("{key: rank, operator: Gt, values: [\"5\"]}"));
  CHECK(fits("{key: rank, operator: Lt, values: [\"6\"]}"));
  CHECK_FALSE(fits("{key: zone, operator: Gt, values: [\"4\"]}"));
  CHECK_FALSE(fits("{key: zone, operator: Exists}, {key: missing, operator: Exists}"));
  CHECK_FALSE(
      feasible_nodes(inventory, with_terms("[{matchFields: [{key: metadata.name, operator: In, values: [a]}]}]"))
          .empty());
  CHECK(feasible_nodes(inventory, with_terms("[{matchFields: [{key: metadata.name, operator: In, values: [b]}]}]"))
            .empty());
  CHECK(feasible_nodes(inventory, with_terms("[{}]")).empty());
  CHECK(feasible_nodes(inventory, with_terms("[]")).empty());
  CHECK(feasible_nodes(inventory, with_terms("[{}, {matchExpressions: [{key: zone, operator: Exists}]}]")).size() == 1);
}

TEST_CASE("plan: the pod count of a node is a limit too", "[placement][plan]") {
  ClusterNode node = gpu_node("a", 8);
  node.allocatable["pods"] = 2;
  node.used["pods"] = 1;
  const Answer answer = one(cluster({node}), gang("job/t", 2, 1));
  CHECK(answer.verdict == Verdict::waits);
}

TEST_CASE("plan: packs the tightest nodes, and keeps pods without GPUs off GPU nodes", "[placement][plan]") {
  const Inventory inventory = cluster({gpu_node("a", 8), gpu_node("b", 8, 4), gpu_node("c", 0, 0, "")});
  CHECK(one(inventory, gang("job/t", 2, 2)).assignments.front().node == "b");
  Workload plain;
  plain.name = "deployment/web";
  plain.replicas = 3;
  plain.pod.requests = {{"cpu", 1000}};
  const Answer answer = one(inventory, plain);
  REQUIRE(answer.assignments.size() == 1);
  CHECK(answer.assignments.front().node == "c");
  CHECK(answer.assignments.front().pods == 3);
}

TEST_CASE("plan: workloads are planned in order, each on what those before it leave", "[placement][plan]") {
  const auto answers = plan(cluster({gpu_node("a", 8)}), {gang("job/first", 1, 6), gang("job/second", 1, 4)});
  CHECK(answers[0].verdict == Verdict::fits);
  CHECK(answers[1].verdict == Verdict::waits);
  CHECK(answers[1].refusals.front().most_free == 2);
}

TEST_CASE("plan: replicas of a service are placed one by one", "[placement][plan]") {
  Workload service = gang("deployment/s", 3, 4);
  service.is_gang = false;
  const Answer answer = one(cluster({gpu_node("a", 8), gpu_node("b", 8, 8)}), service);
  CHECK(answer.verdict == Verdict::waits);
  CHECK(answer.placed == 2);
  CHECK(answer.assignments.size() == 1);
}

TEST_CASE("plan: hidden pods make a fit unknown, but neither a wait nor a never", "[placement][plan]") {
  Inventory inventory = cluster({gpu_node("a", 8, 4)});
  inventory.sees_all_pods = false;
  inventory.unknown = {"pods outside 'nlp' are hidden from you"};
  const Answer answer = one(inventory, gang("job/t", 1, 4));
  CHECK(answer.verdict == Verdict::unknown);
  CHECK(answer.unknown == inventory.unknown);
  CHECK(answer.reason == "1 pod on 1 node by what is visible");
  CHECK(one(inventory, gang("job/t", 1, 8)).verdict == Verdict::waits);
  CHECK(one(inventory, gang("job/t", 1, 9)).verdict == Verdict::never);
}

TEST_CASE("plan: without the right to list nodes everything is unknown but a quota", "[placement][plan]") {
  Inventory inventory;
  inventory.sees_nodes = false;
  inventory.unknown = {"nodes are hidden from you"};
  CHECK(one(inventory, gang("job/t", 1, 1)).verdict == Verdict::unknown);
  inventory.quotas = {{"nlp", "gpus", {{"requests.nvidia.com/gpu", 4}}, {}}};
  const Answer answer = one(inventory, gang("job/t", 2, 8));
  CHECK(answer.verdict == Verdict::never);
  CHECK(answer.reason == "quota 'nlp/gpus' allows 4 requests.nvidia.com/gpu, 16 asked");
}

TEST_CASE("plan: a quota in use makes a workload wait, another namespace's doesn't", "[placement][plan]") {
  Inventory inventory = cluster({gpu_node("a", 8)});
  inventory.quotas = {{"nlp", "gpus", {{"requests.nvidia.com/gpu", 16}}, {{"requests.nvidia.com/gpu", 12}}},
                      {"other", "gpus", {{"requests.nvidia.com/gpu", 0}}, {}}};
  const Answer answer = one(inventory, gang("job/t", 1, 8));
  CHECK(answer.verdict == Verdict::waits);
  CHECK(answer.placed == 0);
  CHECK(answer.reason == "quota 'nlp/gpus' has 4 of 16 requests.nvidia.com/gpu left, 8 asked");
  CHECK(one(inventory, gang("job/t", 1, 4)).verdict == Verdict::fits);
  const auto two = plan(inventory, {gang("job/t", 1, 4), gang("job/s", 1, 1)});
  CHECK(two[1].verdict == Verdict::waits);
}

TEST_CASE("plan: an empty cluster never fits anything, and nothing asked always fits", "[placement][plan]") {
  CHECK(one(Inventory{}, gang("job/t", 1, 1)).verdict == Verdict::never);
  CHECK(one(Inventory{}, gang("job/t", 0, 1)).verdict == Verdict::fits);
}

TEST_CASE("plan: an answer as data has every key", "[placement][plan]") {
  const auto node = to_document(one(cluster({gpu_node("a", 8, 2)}), gang("job/t", 1, 8)));
  CHECK(node["workload"].string_or() == "job/t");
  CHECK(node["verdict"].string_or() == "waits");
  CHECK(node["wantedPods"].as_int() == 1);
  CHECK(node["placedPods"].as_int() == 0);
  CHECK(node["nodes"].is_sequence());
  const auto& refusal = node["refusals"][std::size_t{0}];
  CHECK(refusal["kind"].string_or() == "resource");
  CHECK(refusal["subject"].string_or() == "nvidia.com/gpu");
  CHECK(refusal["text"].string_or() == "2 GPUs short");
  CHECK(refusal["asked"].as_int() == 8);
  CHECK(refusal["mostFree"].as_int() == 6);
  CHECK(refusal["nodes"][std::size_t{0}].string_or() == "a");
}

TEST_CASE("plan: no node is ever over-committed, whatever is asked", "[placement][plan]") {
  std::mt19937 random(42);
  const auto pick = [&](int most) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(most + 1)); };
  for (int round = 0; round < 200; ++round) {
    std::vector<ClusterNode> nodes;
    for (int i = 0; i < 10; ++i) nodes.push_back(gpu_node(fmt::format("n{}", i), pick(8), pick(4)));
    const Inventory inventory = cluster(std::move(nodes));
    std::vector<Workload> workloads;
    for (int i = 0; i < 6; ++i) {
      workloads.push_back(gang(fmt::format("job/{}", i), pick(6), pick(8)));
      workloads.back().is_gang = pick(1) == 1;
    }
    Inventory after = inventory;
    for (std::size_t i = 0; const Answer& answer : plan(inventory, workloads)) {
      std::int64_t placed = 0;
      for (const Assignment& each : answer.assignments) {
        placed += each.pods;
        CHECK(each.pods > 0);
        PodUsage usage{each.node, "nlp", answer.workload, {}};
        for (const auto& [name, value] : workloads[i].pod.requests) usage.requests[name] = value * each.pods;
        after.add(usage);
      }
      CHECK(placed == answer.placed);
      if (answer.verdict == Verdict::fits) CHECK(placed == answer.wanted);
      if (workloads[i].is_gang) CHECK((placed == 0 || placed == answer.wanted));
      ++i;
    }
    for (std::size_t i = 0; i < after.nodes.size(); ++i) {
      for (const auto& [name, total] : after.nodes[i].allocatable) {
        CHECK(amount(after.nodes[i].used, name) <= std::max(total, amount(inventory.nodes[i].used, name)));
      }
    }
  }
}
