#include "bed.hpp"

#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

using namespace mlk;
using namespace std::chrono_literals;
using document::Node;

namespace {

/// The pods of a run by completion index, as the Job controller made them.
std::vector<Node> pods_of(const test::Bed& bed, const std::string& space, std::size_t count) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto listed = bed.kubectl({"get", "pods", "-n", space, "-l", "mlk.dev/job=gang", "-o", "json"});
    const auto list = document::read_json(listed.out);
    if (list && (*list)["items"].size() == count) {
      std::vector<Node> pods(count);
      for (const Node& pod : (*list)["items"].items()) {
        const auto index = pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"].string_or();
        pods.at(std::stoul(index)) = pod;
      }
      return pods;
    }
    std::this_thread::sleep_for(100ms);
  }
  return {};
}

/// The environment that a kubelet would give the container, but for the name of pod 0, which only a cluster's DNS
/// knows: it is this machine here.
test::Variables environment_of(const Node& pod, const std::string& master) {
  test::Variables variables;
  for (const Node& variable : pod["spec"]["containers"][0]["env"].items()) {
    std::string value = variable["value"].string_or();
    const std::string field = variable["valueFrom"]["fieldRef"]["fieldPath"].string_or();
    if (field == "metadata.annotations['batch.kubernetes.io/job-completion-index']") {
      value = pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"].string_or();
    }
    if (const auto at = value.find(master); at != std::string::npos) value.replace(at, master.size(), "127.0.0.1");
    const std::string name = variable["name"].string_or();
    if (name.starts_with("PET_")) variables.emplace_back(name, value);
  }
  return variables;
}

}  // namespace

TEST_CASE("job: two nodes of eight make one world of sixteen, whichever starts first", "[cluster][rendezvous]") {
  MLK_NEEDS_BED(bed);
  const std::string space = test::unique_name("rendezvous");
  bed.make_namespace(space);
  const test::Mlk mlk(bed.admin_kubeconfig());
  const int port = 20'000 + static_cast<int>(::getpid() % 20'000);
  mlk.write("mlk.yaml",
            "mlk: v1\nname: shop\nnamespace: " + space +
                "\njobs:\n  gang: {image: \"registry.example.com/t:1\", command: [torchrun, t.py], nodes: 2, "
                "gpus: h100:8, port: " +
                std::to_string(port) + "}\n");
  const auto generated = mlk.run({"generate"});
  INFO(generated.err);
  REQUIRE(generated.code == 0);
  REQUIRE(bed.kubectl({"apply", "--server-side", "-f", "-"}, generated.out).code == 0);
  const auto pods = pods_of(bed, space, 2);
  REQUIRE(pods.size() == 2);
  CHECK(pods[1]["spec"]["hostname"].string_or() + "." + pods[1]["spec"]["subdomain"].string_or() == "gang-1.gang");

  const std::filesystem::path source = MLK_SOURCE_DIR;
  const std::string script = (source / "tests" / "support" / "rendezvous.py").string();
  const auto start = [&](const Node& pod) {
    return test::Program::Start{{"python3", script}, environment_of(pod, "gang-0.gang"), {}, {}};
  };
  test::Program second(start(pods[1]));
  std::this_thread::sleep_for(500ms);
  test::Program first(start(pods[0]));
  std::set<std::string> lines;
  for (test::Program* node : {&first, &second}) {
    const auto ended = node->wait();
    REQUIRE(ended);
    INFO(ended->err);
    REQUIRE(ended->code == 0);
    std::size_t begin = 0;
    for (auto end = ended->out.find('\n'); end != std::string::npos; end = ended->out.find('\n', begin)) {
      lines.insert(ended->out.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  CHECK(lines.size() == 16);
  CHECK(lines.contains("rank 0 of 16 met 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"));
  CHECK(lines.contains("rank 15 of 16 met 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"));
  bed.kubectl({"delete", "namespace", space, "--wait=false"});
}
