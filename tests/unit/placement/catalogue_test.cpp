#include <mlk/document/writer.hpp>
#include <mlk/placement/catalogue.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace mlk;
using namespace mlk::placement;

TEST_CASE("catalogue: models are sorted, and each is found by its name and by its labels", "[placement][catalogue]") {
  std::string before;
  for (const GpuModel& model : gpu_models()) {
    INFO(model.name);
    CHECK(before < std::string(model.name));
    before = model.name;
    CHECK_FALSE(model.products.empty());
    CHECK(model.memory.count > 0);
    CHECK(find_gpu_model(model.name) == &model);
    for (const std::string_view product : model.products) {
      const GpuModel* found = gpu_model_of({{"nvidia.com/gpu.product", std::string(product)}});
      REQUIRE(found != nullptr);
      // A variant ("a100-80gb") says more than its model.
      CHECK((found == &model || found->name.starts_with(std::string(model.name) + "-")));
    }
  }
  CHECK(find_gpu_model("H100") == find_gpu_model("h100"));
  CHECK(find_gpu_model("") == nullptr);
}

TEST_CASE("catalogue: a model is found by what nodes announce, whoever labelled them", "[placement][catalogue]") {
  const auto name = [](const Labels& labels) {
    const GpuModel* model = gpu_model_of(labels);
    return model == nullptr ? std::string() : std::string(model->name);
  };
  CHECK(name({{"nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3"}}) == "h100");
  CHECK(name({{"nvidia.com/gpu.product", "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb"}}) == "a100-80gb");
  CHECK(name({{"nvidia.com/gpu.product", "Tesla-T4-SHARED"}}) == "t4");
  CHECK(name({{"cloud.google.com/gke-accelerator", "nvidia-l4"}}) == "l4");
  CHECK(name({{"cloud.google.com/gke-accelerator", "nvidia-tesla-a100"}}) == "a100-40gb");
  CHECK(name({{"karpenter.k8s.aws/instance-gpu-name", "a100"}, {"karpenter.k8s.aws/instance-gpu-memory", "81920"}}) ==
        "a100-80gb");
  CHECK(name({{"karpenter.k8s.aws/instance-gpu-name", "a100"}}) == "a100");
  CHECK(name({{"nvidia.com/gpu.product", "Something-New"}}).empty());
  CHECK(name({}).empty());
}

TEST_CASE("gpus: every form is read and written back", "[placement][catalogue]") {
  for (const auto text : {"8", "0", "h100:8", "h100/1g.10gb:1", ">=40GB:1", "a100-80gb:2", "rtx-4090:1"}) {
    INFO(text);
    const auto ask = parse_gpu_ask(text);
    REQUIRE(ask);
    CHECK(to_string(*ask) == text);
  }
  CHECK(parse_gpu_ask("h100")->count == 1);
  CHECK(parse_gpu_ask(" H100 : 8 ")->model == "h100");
  CHECK(parse_gpu_ask(">=40Gi:1")->memory == Bytes(std::int64_t{40} << 30));
  CHECK(parse_gpu_ask(">=40GB:1")->memory == Bytes(40'000'000'000));
}

TEST_CASE("gpus: what can't be meant is refused with the text and the way to write it", "[placement][catalogue]") {
  for (const auto text : {"", ":", ":8", "h100:", "h100:-1", "h100:1.5", "-1", "1.5", "h100:2000", ">=:1", ">=lots:1",
                          ">=0:1", "h100/:1", "l4/1g.10gb:1", "h100/9g.9gb:1", "x100:1"}) {
    INFO(text);
    const auto ask = parse_gpu_ask(text);
    REQUIRE_FALSE(ask);
    CHECK(ask.error().what.find("gpus '") == 0);
    CHECK_FALSE(ask.error().fix.empty());
  }
  CHECK(parse_gpu_ask("h1000:1").error().what.find("did you mean 'h100'") != std::string::npos);
  CHECK(parse_gpu_ask("h100/1g.10g:1").error().what.find("did you mean '1g.10gb'") != std::string::npos);
}

TEST_CASE("gpus: resources and taints", "[placement][catalogue]") {
  CHECK(gpu_resource(*parse_gpu_ask("h100:8")) == "nvidia.com/gpu");
  CHECK(gpu_resource(*parse_gpu_ask("h100/1g.10gb:1")) == "nvidia.com/mig-1g.10gb");
  CHECK(gpu_resource(*parse_gpu_ask("h100/1g.10gb+me:1")) == "nvidia.com/mig-1g.10gb.me");
  CHECK(gpu_taint_key(*parse_gpu_ask("h100/1g.10gb:1")) == "nvidia.com/gpu");
  CHECK(gpu_resource(GpuAsk{.count = 1, .vendor = "amd"}) == "amd.com/gpu");
  CHECK(gpu_resource(GpuAsk{.count = 1}) == "nvidia.com/gpu");
  CHECK(is_gpu_resource("nvidia.com/mig-3g.40gb"));
  CHECK(is_gpu_resource("amd.com/gpu"));
  CHECK_FALSE(is_gpu_resource("rdma/hca"));
}

TEST_CASE("affinity: terms are or-ed, one a source of labels", "[placement][catalogue]") {
  CHECK(
      document::write_json(gpu_affinity("h100"), 0) ==
      R"([{"matchExpressions":[{"key":"nvidia.com/gpu.product","operator":"In","values":["NVIDIA-H100-80GB-HBM3","NVIDIA-H100-NVL","NVIDIA-H100-PCIe"]}]},)"
      R"({"matchExpressions":[{"key":"cloud.google.com/gke-accelerator","operator":"In","values":["nvidia-h100-80gb","nvidia-h100-mega-80gb"]}]},)"
      R"({"matchExpressions":[{"key":"karpenter.k8s.aws/instance-gpu-name","operator":"In","values":["h100"]}]}])");
  CHECK(gpu_affinity("8").empty());
  CHECK(gpu_affinity(*parse_gpu_ask("8")).empty());
  const auto variant = gpu_affinity("a100-80gb");
  CHECK(variant[std::size_t{2}]["matchExpressions"].size() == 2);
}

TEST_CASE("affinity: memory is compared strictly above the MiB below it", "[placement][catalogue]") {
  const auto terms = gpu_affinity(*parse_gpu_ask(">=40GB:1"));
  const auto& first = terms[std::size_t{0}]["matchExpressions"][std::size_t{0}];
  CHECK(first["key"].string_or() == "nvidia.com/gpu.memory");
  CHECK(first["operator"].string_or() == "Gt");
  CHECK(first["values"][std::size_t{0}].string_or() == "38146");
  const auto& gke = terms[std::size_t{1}]["matchExpressions"][std::size_t{0}];
  CHECK(gke["key"].string_or() == "cloud.google.com/gke-accelerator");
  for (const auto& value : gke["values"].items()) CHECK(value.string_or() != "nvidia-l4");
}
