#include "bed.hpp"

#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace mlk;
using namespace mlk::test;

namespace {

/// The bed's own nodes: gpu-a-01…08 8 × H100, gpu-b-01…04 8 × H100 tainted, gpu-c-01…04 8 × A100.
std::string project(const std::string& name_space, std::string_view gpus, int nodes = 2) {
  return fmt::format(
      "mlk: v1\nname: p\nnamespace: {}\njobs:\n  finetune:\n    image: registry.example.com/t:1\n"
      "    command: [train]\n    nodes: {}\n    gpus: {}\n",
      name_space, nodes, gpus);
}

document::Node json_of(const Ended& ended) {
  INFO(ended.out << ended.err);
  const auto read = document::read_json(ended.out);
  REQUIRE(read);
  return *read;
}

const document::Node& only_section(const document::Node& plan) { return plan["sections"][std::size_t{0}]; }

}  // namespace

TEST_CASE("plan: an administrator learns where a gang fits", "[cluster][plan]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.admin_kubeconfig());
  mlk.write("mlk.yaml", project("default", "a100:8"));
  const Ended ended = mlk.run({"plan", "-o", "json"});
  CHECK(ended.code == 0);
  const auto plan = json_of(ended);
  CHECK(plan["schema"].string_or() == "mlk.dev/plan/v1");
  CHECK(plan["unknown"].empty());
  const auto& section = only_section(plan);
  CHECK(section["section"].string_or() == "job/finetune");
  CHECK(section["wantedPods"].as_int() == 2);
  // Other tests run at the same time and may hold GPUs; never it can't be, and where it is placed it is on A100s.
  CHECK((section["verdict"].string_or() == "fits" || section["verdict"].string_or() == "waits"));
  for (const auto& node : section["nodes"].items()) CHECK(node["node"].string_or().starts_with("gpu-c-"));
}

TEST_CASE("plan: what asks for too much never fits, with each reason and its nodes", "[cluster][plan]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.admin_kubeconfig());
  mlk.write("mlk.yaml", project("default", "a100:8", 5));
  const Ended ended = mlk.run({"plan"});
  CHECK(ended.code == 4);
  INFO(ended.out << ended.err);
  CHECK(ended.out.find("job/finetune  never    even with nothing else running 4 of 5 pods would be placed") !=
        std::string::npos);
  CHECK(ended.out.find("other GPUs (h100)") != std::string::npos);
  CHECK(ended.err.find("error: job/finetune can never be placed here\n") != std::string::npos);
  mlk.write("mlk.yaml", project("default", "16", 1));
  const Ended big = mlk.run({"plan", "-o", "json"});
  CHECK(big.code == 4);
  const auto plan = json_of(big);
  std::int64_t nodes = 0;
  for (const auto& refusal : only_section(plan)["refusals"].items()) {
    if (refusal["kind"].string_or() != "resource") continue;
    CHECK(refusal["text"].string_or() == "8 GPUs short");
    nodes += static_cast<std::int64_t>(refusal["nodes"].size());
  }
  CHECK(nodes >= 12);
}

TEST_CASE("plan: with rights in one namespace it says what it can't see", "[cluster][plan]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.dev_kubeconfig());
  mlk.write("mlk.yaml", project("nlp", "h100:8"));
  const Ended ended = mlk.run({"plan", "-o", "json"});
  CHECK(ended.code == 0);
  const auto plan = json_of(ended);
  CHECK(only_section(plan)["verdict"].string_or() == "unknown");
  CHECK(plan["unknown"][std::size_t{0}].string_or() == "nodes are hidden from you");
}

TEST_CASE("plan: a quota that is too small is proof enough without seeing the nodes", "[cluster][plan]") {
  MLK_NEEDS_BED(bed);
  const std::string name = unique_name("plan");
  bed.make_namespace(name);
  const Ended made = bed.kubectl(
      {"apply", "-n", name, "-f", "-"},
      "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: gpus}\nspec: {hard: {requests.nvidia.com/gpu: 4}}\n");
  REQUIRE(made.code == 0);
  const Mlk mlk(bed.dev_kubeconfig());
  mlk.write("mlk.yaml", project(name, "h100:8"));
  const Ended ended = mlk.run({"plan"});
  INFO(ended.out << ended.err);
  if (ended.out.find("quotas of") != std::string::npos) return;  // this user may not read quotas: nothing is proven
  CHECK(ended.code == 4);
  CHECK(ended.out.find("allows 4 requests.nvidia.com/gpu, 16 asked") != std::string::npos);
}

TEST_CASE("cluster gpus: totals by pool and model", "[cluster]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.admin_kubeconfig());
  const Ended ended = mlk.run({"cluster", "gpus", "-o", "json"});
  CHECK(ended.code == 0);
  const auto gpus = json_of(ended);
  bool has_a100 = false;
  for (const auto& pool : gpus["pools"].items()) {
    if (pool["pool"].string_or() != "a100") continue;
    has_a100 = true;
    CHECK(pool["model"].string_or().starts_with("a100"));
    CHECK(pool["nodes"].as_int() == 4);
    CHECK(pool["total"].as_int() == 32);
    CHECK(pool["isExact"].as_bool() == true);
  }
  CHECK(has_a100);
  const Ended table = mlk.run({"cluster", "gpus"});
  CHECK(table.out.starts_with("POOL"));
}

TEST_CASE("cluster nodes: every node with its model and state", "[cluster]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.admin_kubeconfig());
  const Ended ended = mlk.run({"cluster", "nodes", "-o", "name"});
  CHECK(ended.code == 0);
  CHECK(ended.out.find("node/gpu-a-01\n") != std::string::npos);
  const auto nodes = json_of(mlk.run({"cluster", "nodes", "-o", "json"}));
  CHECK(nodes["nodes"].size() >= 16);
}

TEST_CASE("cluster gpus: hidden nodes are a missing right, exit code 9", "[cluster]") {
  MLK_NEEDS_BED(bed);
  const Ended ended = Mlk(bed.dev_kubeconfig()).run({"cluster", "gpus"});
  CHECK(ended.code == 9);
  CHECK(ended.err.find("the nodes of this cluster are hidden from you") != std::string::npos);
}
