#include "bed.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/project/lock.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace mlk;

namespace {

std::string project_text(const std::string& space) {
  return "mlk: v1\nname: shop\nnamespace: " + space + R"(
models:
  reviews: {source: ./reviews.gguf, image: registry.example.com/shop/reviews}
metrics: {prometheus: monitoring/prometheus}
jobs:
  single: {image: "registry.example.com/shop/t:1", command: [python, train.py], gpus: 1, restarts: 3, timeout: 2h, keep: 1d}
  gang:
    image: registry.example.com/shop/t:1
    command: [torchrun, train.py]
    nodes: 2
    gpus: h100:8
    queue: research
    resources: {cpu: 32, memory: 256Gi}
    volumes:
      - {claim: datasets, at: /data, read-only: true}
      - {config-map: settings, at: /etc/settings}
      - {secret: keys, at: /etc/keys}
      - {empty: disk, at: /scratch, size: 10Gi}
      - {image: "registry.example.com/shop/tools:1", at: /tools}
    checkpoint: {claim: runs, at: /ckpt}
    env: {A: b}
    secrets: {TOKEN: keys/token}
  sliced: {image: "registry.example.com/shop/t:1", command: [a], gpus: "h100/1g.10gb:1"}
  by-memory: {image: "registry.example.com/shop/t:1", command: [a], gpus: ">=40GB:1"}
  no-gpu: {image: "registry.example.com/shop/t:1", command: [a]}
services:
  s-vllm: {model: reviews, engine: vllm, gpus: 2, scale: 2}
  s-triton: {model: reviews, engine: triton, gpus: 1, scale: 1}
  s-sglang: {model: reviews, engine: sglang, gpus: 1, scale: 1}
  s-llama: {model: reviews, engine: llama.cpp, scale: 1}
  s-mlserver: {model: reviews, engine: mlserver, scale: 1}
  s-tgi: {model: reviews, engine: tgi, gpus: 1, scale: 1}
  s-custom: {engine: {name: custom, image: "registry.example.com/shop/s:1", port: 9000}, scale: 1}
  s-full:
    model: reviews
    engine: vllm
    gpus: 1
    resources: {cpu: 4, memory: 32Gi}
    scale: {min: 2, max: 5, metrics: [{cpu: 70%}, {memory: 80%}]}
    expose: {gateway: infra/public, host: shop.example.com, path: /reviews, rewrite: strip, auth: none}
    disruption: {min-available: 50%}
    probes: {path: /ready, startup: 10m, period: 5s}
    drain: 60s
    rollout: {strategy: canary, steps: [{weight: 50%}]}
)";
}

}  // namespace

TEST_CASE("generate: the real API server takes every object with strict field validation", "[cluster][generate]") {
  MLK_NEEDS_BED(bed);
  const std::string space = test::unique_name("generate");
  bed.make_namespace(space);
  const test::Mlk mlk(bed.admin_kubeconfig());
  mlk.write("mlk.yaml", project_text(space));
  project::Lock lock;
  lock.models["reviews"] = {"registry.example.com/shop/reviews:1", "sha256:" + std::string(64, 'a'), std::nullopt};
  mlk.write("mlk.lock", project::format_lock(lock));
  const auto generated = mlk.run({"generate"});
  INFO(generated.err);
  REQUIRE(generated.code == 0);
  const auto applied =
      bed.kubectl({"apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"}, generated.out);
  INFO(applied.err);
  CHECK(applied.code == 0);
  const auto objects = document::read_yaml(generated.out, "out", document::Schema::kubernetes).nodes.size();
  CHECK(static_cast<std::size_t>(std::count(applied.out.begin(), applied.out.end(), '\n')) == objects);
  bed.kubectl({"delete", "namespace", space, "--wait=false"});
}

TEST_CASE("diff: nothing after applying, and what changed after a change", "[cluster][diff]") {
  MLK_NEEDS_BED(bed);
  const std::string space = test::unique_name("diff");
  bed.make_namespace(space);
  const test::Mlk mlk(bed.admin_kubeconfig());
  const std::string text = "mlk: v1\nname: shop\nnamespace: " + space + R"(
jobs:
  train: {image: "registry.example.com/shop/t:1", command: [a]}
services:
  reviews:
    engine: {name: custom, image: "registry.example.com/shop/s:1", port: 9000}
    expose: {gateway: infra/public, host: shop.example.com, auth: none}
)";
  mlk.write("mlk.yaml", text + "    scale: 2\n");
  const auto fresh = mlk.run({"diff"});
  INFO(fresh.err);
  CHECK(fresh.code == 3);
  CHECK(fresh.out.find("+++ mlk/Service/reviews") != std::string::npos);
  CHECK(fresh.out.find("Job/") == std::string::npos);

  const auto generated = mlk.run({"generate", "service/reviews"});
  REQUIRE(bed.kubectl({"apply", "--server-side", "--field-manager=mlk", "-f", "-"}, generated.out).code == 0);
  const auto same = mlk.run({"diff"});
  INFO(same.out << same.err);
  CHECK(same.code == 0);
  CHECK(same.out.empty());

  mlk.write("mlk.yaml", text + "    scale: 3\n");
  const auto changed = mlk.run({"diff", "-o", "json"});
  CHECK(changed.code == 3);
  const auto record = document::read_json(changed.out).value();
  CHECK(record["differing"].as_int() == 1);
  const auto shown = mlk.run({"diff"});
  CHECK(shown.out.find("-  replicas: 2\n+  replicas: 3") != std::string::npos);
  bed.kubectl({"delete", "namespace", space, "--wait=false"});
}
