#include "train_room.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <set>

using namespace mlk;
using document::Node;

namespace {

/// The environment that a container of this pod would get.
test::Variables environment_of(const Node& pod) {
  test::Variables env;
  for (const Node& variable : pod["spec"]["containers"][std::size_t{0}]["env"].items()) {
    std::string value = variable["value"].string_or();
    if (const Node* field = variable.find({"valueFrom", "fieldRef", "fieldPath"})) {
      // metadata.annotations['x'], or labels for what the Job's controller adds.
      const std::string path = field->string_or();
      const std::size_t quote = path.find('\'');
      REQUIRE(quote != std::string::npos);
      const std::string_view map = path.starts_with("metadata.labels[") ? "labels" : "annotations";
      value = pod["metadata"][map][path.substr(quote + 1, path.rfind('\'') - quote - 1)].string_or();
    }
    env.emplace_back(variable["name"].string_or(), value);
  }
  return env;
}

std::string value_of(const test::Variables& env, std::string_view name) {
  for (const auto& [key, value] : env) {
    if (key == name) return value;
  }
  return {};
}

void replace(test::Variables& env, std::string_view name, const std::string& value) {
  for (auto& [key, old] : env) {
    if (key == name) old = value;
  }
}

std::string free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(listener);
  return std::to_string(ntohs(address.sin_port));
}

/// Both pods of a run of two nodes with eight GPUs each, as the cluster made them; by rank.
std::vector<Node> pods_of_run(const TrainRoom& room, const std::string& name) {
  REQUIRE(room.train({"submit", "--name", name}).code == 0);
  REQUIRE(room.train({"wait", name, "--for", "running", "--timeout", "60s"}).code == 0);
  const Node listed = room.get("pods");
  std::vector<Node> pods(2);
  for (const Node& pod : listed["items"].items()) {
    const std::string index = pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"].string_or();
    REQUIRE((index == "0" || index == "1"));
    pods[index == "0" ? 0 : 1] = pod;
  }
  return pods;
}

TrainRoom::Job two_by_eight() {
  TrainRoom::Job job;
  job.gpus = "h100:8";
  job.annotations = "{kwok.test/run-forever: \"true\"}";
  return job;
}

/// The environments with the one thing that differs here: both nodes are this machine, so that the first pod's name
/// stands for loopback, and the port is one that is free.
std::vector<test::Variables> on_loopback(const std::vector<Node>& pods) {
  const std::string port = free_port();
  std::vector<test::Variables> all;
  for (const Node& pod : pods) {
    test::Variables env = environment_of(pod);
    replace(env, "PET_MASTER_ADDR", "127.0.0.1");
    replace(env, "PET_MASTER_PORT", port);
    replace(env, "PET_RDZV_ENDPOINT", "127.0.0.1:" + port);
    all.push_back(std::move(env));
  }
  return all;
}

std::size_t lines_with(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("train rendezvous: the pods of two nodes of eight make one world of sixteen", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, two_by_eight());
  const auto pods = pods_of_run(room, "tune-1");
  for (const Node& pod : pods) {
    const auto env = environment_of(pod);
    CHECK(value_of(env, "PET_NNODES") == "2");
    CHECK(value_of(env, "PET_NPROC_PER_NODE") == "8");
    // The name of rank 0's pod, as the headless Service of that name resolves it.
    const std::string first = pods[0]["spec"]["hostname"].string_or() + "." + pods[0]["spec"]["subdomain"].string_or();
    CHECK(value_of(env, "PET_MASTER_ADDR") == first);
    CHECK(room.get("service/" + pods[0]["spec"]["subdomain"].string_or())["spec"]["publishNotReadyAddresses"].bool_or(
        false));
  }
  const auto environments = on_loopback(pods);
  const std::string script = MLK_SOURCE_DIR "/tests/cluster/rendezvous.py";
  // The second node first: pods may start in any order.
  test::Program second({{"python3", script}, environments[1], {}, {}});
  test::Program first({{"python3", script}, environments[0], {}, {}});
  const auto first_end = first.wait(std::chrono::seconds(60));
  const auto second_end = second.wait(std::chrono::seconds(60));
  REQUIRE(first_end);
  REQUIRE(second_end);
  CAPTURE(first_end->out, first_end->err, second_end->err);
  CHECK(first_end->code == 0);
  CHECK(second_end->code == 0);
  const std::string whole = " of 16: 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n";
  CHECK(lines_with(first_end->out, whole) == 8);
  CHECK(lines_with(second_end->out, whole) == 8);
  CHECK(lines_with(first_end->out, "rank 0 of") == 1);
  CHECK(lines_with(second_end->out, "rank 15 of") == 1);
}

TEST_CASE("train rendezvous: torchrun itself makes one world of sixteen of it", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  if (test::run_program({{"python3", "-c", "import torch.distributed.run"}, {}, {}, {}}).code != 0) {
    WARN("skipped: no torch for python3 here");
    return;
  }
  const TrainRoom room(bed, two_by_eight());
  const auto environments = on_loopback(pods_of_run(room, "tune-2"));
  room.mlk().write("worker.py",
                   "import torch.distributed as d\nd.init_process_group('gloo')\n"
                   "print(f'rank {d.get_rank()} of {d.get_world_size()}', flush=True)\nd.barrier()\n");
  const std::vector<std::string> torchrun = {"python3", "-m", "torch.distributed.run", "worker.py"};
  test::Program second({torchrun, environments[1], room.mlk().folder(), {}});
  test::Program first({torchrun, environments[0], room.mlk().folder(), {}});
  const auto first_end = first.wait();
  const auto second_end = second.wait();
  REQUIRE(first_end);
  REQUIRE(second_end);
  CAPTURE(first_end->err, second_end->err);
  CHECK(first_end->code == 0);
  CHECK(second_end->code == 0);
  CHECK(lines_with(first_end->out, " of 16") == 8);
  CHECK(lines_with(second_end->out, " of 16") == 8);
}
