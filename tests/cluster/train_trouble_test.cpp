#include "train_room.hpp"

using namespace mlk;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

test::Ended follow(const TrainRoom& room, std::vector<std::string> more = {}) {
  std::vector<std::string> args = {"submit", "--name", "tune-1", "--follow", "--give-up-after", "1s"};
  args.insert(args.end(), more.begin(), more.end());
  return room.train(std::move(args));
}

/// A node with eight GPUs that takes only pods which ask for it: a test that fills it disturbs nobody.
class OwnNode {
 public:
  explicit OwnNode(const test::Bed& bed) : m_bed(bed), m_name(test::unique_name("gpu-own")) {
    const std::string sizes = R"({cpu: "96", memory: 1Ti, pods: "110", nvidia.com/gpu: "8"})";
    const auto made = bed.kubectl(
        {"apply", "-f", "-"},
        "{apiVersion: v1, kind: Node, metadata: {name: " + m_name + ", labels: {own: " + m_name +
            ", nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3}, annotations: {kwok.x-k8s.io/node: fake}}, spec: "
            "{taints: [{key: own, value: " +
            m_name + ", effect: NoSchedule}]}, status: {allocatable: " + sizes + ", capacity: " + sizes + "}}");
    CAPTURE(made.err);
    REQUIRE(made.code == 0);
  }
  ~OwnNode() { m_bed.kubectl({"delete", "node", m_name, "--wait=false"}); }
  OwnNode(const OwnNode&) = delete;
  OwnNode& operator=(const OwnNode&) = delete;

  const std::string& name() const { return m_name; }

 private:
  const test::Bed& m_bed;
  std::string m_name;
};

}  // namespace

TEST_CASE("train trouble: an image that is never there is given up, with the registry's words", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {"{kwok.test/state: image-pull}"});
  const auto ended = follow(room);
  CAPTURE(ended.out, ended.err);
  CHECK(ended.code == 6);
  CHECK(has(ended.err, "can't go on: "));
  CHECK(has(ended.err, "registry.example.com/shop/trainer:1.4: not found"));
  CHECK(has(ended.err, "mlk train delete tune-1"));
  // It stays, to be looked at.
  const auto explained = room.train({"explain"});
  CAPTURE(explained.out);
  CHECK(has(explained.out, "← in the way"));
  CHECK(has(explained.out, "push the image"));
}

TEST_CASE("train trouble: a Secret that isn't there is given up", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {"{kwok.test/state: config-error}"});
  const auto ended = follow(room);
  CAPTURE(ended.err);
  CHECK(ended.code == 6);
  CHECK(has(ended.err, "CreateContainerConfigError"));
  CHECK(has(ended.err, "secret \"missing\" not found"));
}

TEST_CASE("train trouble: a quota that can't hold the run ends it at once", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed);
  // Rank 0 fits, rank 1 doesn't: all or nothing.
  REQUIRE(room.kubectl({"create", "quota", "gpus", "--hard=requests.nvidia.com/gpu=1"}).code == 0);
  SECTION("submit sees it in the plan") {
    const auto ended = follow(room);
    CAPTURE(ended.err);
    CHECK(ended.code == 4);
    CHECK(room.get("jobs")["items"].empty());
  }
  SECTION("without a plan the Job's events tell") {
    const auto ended = follow(room, {"--no-plan"});
    CAPTURE(ended.err);
    CHECK(ended.code == 6);
    CHECK(has(ended.err, "quota 'gpus' allows 1 requests.nvidia.com/gpu and 2 pods ask for 1 each"));
    const auto explained = room.train({"explain"});
    CAPTURE(explained.out);
    CHECK(has(explained.out, "1 of 2 pods created: exceeded quota"));
    CHECK(has(explained.out, "quota 'gpus'"));
  }
}

TEST_CASE("train trouble: a policy that refuses the pods ends it at once", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  auto job = TrainRoom::Job{};
  job.more = "    service-account: nobody\n";
  const TrainRoom room(bed, job);
  const auto ended = follow(room);
  CAPTURE(ended.err);
  CHECK(ended.code == 6);
  CHECK(has(ended.err, "serviceaccount \"nobody\" not found"));
}

TEST_CASE("train trouble: what no node can ever take is refused to an administrator before it is sent",
          "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  auto job = TrainRoom::Job{};
  job.gpus = "h100:64";
  const TrainRoom room(bed, job, true);
  const auto refused = follow(room);
  CAPTURE(refused.err);
  CHECK(refused.code == 4);
  CHECK(has(refused.err, "can never be placed"));
  CHECK(room.get("jobs")["items"].empty());

  const auto forced = follow(room, {"--no-plan"});
  CAPTURE(forced.err);
  CHECK(forced.code == 4);
  const auto explained = room.train({"explain"});
  CAPTURE(explained.out);
  CHECK(has(explained.out, "2 of 2 pods can't be placed"));
  CHECK(has(explained.out, "56 GPUs short"));
}

TEST_CASE("train trouble: a user who sees no nodes learns it from the scheduler", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  auto job = TrainRoom::Job{};
  job.gpus = "h100:64";
  const TrainRoom room(bed, job);
  const auto ended = follow(room);
  CAPTURE(ended.err);
  CHECK(ended.code == 4);
  CHECK(has(ended.err, "unknown (nodes are hidden from you)"));
  CHECK(has(ended.err, " Insufficient nvidia.com/gpu"));
  const auto explained = room.train({"explain"});
  CAPTURE(explained.out);
  CHECK(has(explained.out, "unknown: nodes are hidden from you"));
}

TEST_CASE("train trouble: a full node is waited for", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const OwnNode node(bed);
  auto job = TrainRoom::Job{};
  job.nodes = 1;
  job.gpus = "h100:8";
  job.annotations = "{kwok.test/run-forever: \"true\"}";
  job.more = "    node-selector: {own: " + node.name() + "}\n    tolerations: [{key: own, value: " + node.name() +
             ", effect: NoSchedule}]\n";
  const TrainRoom room(bed, job, true);
  const auto first = room.train({"submit", "--name", "tune-1"});
  CAPTURE(first.err);
  REQUIRE(first.code == 0);
  CHECK(room.train({"wait", "tune-1", "--for", "running", "--timeout", "60s"}).code == 0);
  const auto ended = room.train({"submit", "--name", "tune-2", "--follow", "--timeout", "4s", "--give-up-after", "1s"});
  CAPTURE(ended.err);
  CHECK(ended.code == 5);
  CHECK(has(ended.err, "waits: "));
  CHECK(has(ended.err, "1 of 1 pod can't go on: Unschedulable"));
  const auto explained = room.train({"explain", "tune-2"});
  CAPTURE(explained.out);
  CHECK(has(explained.out, "1 of 1 pod can't be placed"));
  CHECK(has(explained.out, "plan: waits: "));
}

TEST_CASE("train trouble: a namespace that isn't the user's is refused with the right that is missing",
          "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed);
  const std::string other = bed.text("cluster.namespaces.other");
  const auto listed = room.train({"list", "-n", other});
  CAPTURE(listed.err);
  CHECK(listed.code == 9);
  CHECK(has(listed.err, "'dev' may not list jobs.batch in namespace '" + other + "'"));
  CHECK(has(listed.err, "verbs: [\"list\"]"));
  const auto refused = room.train({"submit", "--name", "tune-1", "-n", other});
  CAPTURE(refused.err);
  CHECK(refused.code == 9);
  CHECK(has(refused.err, "may not create jobs.batch in namespace '" + other + "'"));
  CHECK(room.train({"list", "-A"}).code == 9);
}

TEST_CASE("train trouble: a server that isn't there is unavailable, not silent", "[train]") {
  const test::Mlk mlk;
  mlk.write("kubeconfig", R"(apiVersion: v1
kind: Config
current-context: nowhere
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody, namespace: nlp}}]
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: nobody, user: {}}]
)");
  const auto ended = mlk.run({"train", "list", "--kubeconfig", "kubeconfig"});
  CAPTURE(ended.err);
  CHECK(ended.code == 12);
  CHECK(has(ended.err, "127.0.0.1:9"));
}
