#include "bed.hpp"

#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/project/lock.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

using namespace mlk;
using namespace mlk::test;
namespace fs = std::filesystem;

// What mlk is for, from one end to the other: the folder of a real model becomes an image in real registries, a
// training job and a service on a real control plane.

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

document::Node json_of(const Ended& ended) {
  INFO(ended.out << ended.err);
  REQUIRE(ended.code == 0);
  const auto read = document::read_json(ended.out);
  REQUIRE(read);
  return *read;
}

/// Where a text stands, as "file:line:".
std::string line_of(const std::string& file, const std::string& text, std::string_view part) {
  const auto at = text.find(part);
  REQUIRE(at != std::string::npos);
  return fmt::format("{}:{}:", file,
                     1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

std::string with(std::string text, std::string_view part, std::string_view other) {
  const auto at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), other);
}

/// Somebody with the model's folder, and a namespace of their own.
class Shop {
 public:
  Shop(const Bed& bed, const std::string& model, bool is_admin)
      : m_bed(bed),
        m_namespace(unique_name("shop")),
        m_mlk(is_admin ? bed.admin_kubeconfig() : bed.dev_kubeconfig()),
        image(bed.text("registries.distribution.address") + "/" + m_namespace + "/minilm"),
        other_image(bed.text("registries.olareg.address") + "/" + m_namespace + "/minilm") {
    bed.make_namespace(m_namespace);
    fs::copy(model, m_mlk.folder() / "model", fs::copy_options::recursive);
  }
  ~Shop() {
    // Pods go at once this way; with the namespace they would hold their GPUs for a while.
    m_bed.kubectl({"delete", "jobs,deployments,pods", "--all", "--wait=false", "-n", m_namespace});
    m_bed.kubectl({"delete", "namespace", m_namespace, "--wait=false"});
  }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  const std::string& space() const { return m_namespace; }
  fs::path folder() const { return m_mlk.folder(); }
  void write(const std::string& name, const std::string& text) const { m_mlk.write(name, text); }
  Ended mlk(std::vector<std::string> args) const { return m_mlk.run(std::move(args)); }
  /// A step that has to succeed.
  Ended done(std::vector<std::string> args) const {
    auto ended = mlk(std::move(args));
    INFO(ended.out << ended.err);
    REQUIRE(ended.code == 0);
    return ended;
  }
  std::string locked_digest() const {
    return project::read_lock(folder() / "mlk.lock").value().value().models.at("minilm").digest;
  }
  /// What `mlk init` wrote, filled in by a user: a job that trains, one that fails, one that is too large, a service.
  void write_project() const {
    write("mlk.yaml", "mlk: v1\nname: shop\nnamespace: " + m_namespace +
                          "\nmodels:\n  minilm: {source: ./model, image: " + image + "}\n" + R"(
jobs:
  finetune: {image: "r.example.com/trainer:1.4", command: [torchrun, train.py], nodes: 2, gpus: "h100:8"}
  broken:
    image: r.example.com/trainer:1.4
    command: [torchrun, train.py]
    nodes: 2
    gpus: h100:8
    env: {KWOK_TEST_EXIT_CODE: "1=137", KWOK_TEST_RUN_FOR: "60s,1=1s"}
  huge: {image: "r.example.com/trainer:1.4", command: [torchrun, train.py], nodes: 40, gpus: "h100:8"}
services:
  search:
    model: minilm
    engine: {name: custom, image: "r.example.com/embed:2.1", command: [serve], port: 8080}
    gpus: 1
    scale: 4
    expose: {gateway: infra/public, host: nlp.example.com, path: /search, auth: none}
    env: {KWOK_TEST_READY_AFTER: 200ms}
    rollout:
      strategy: canary
      progress-deadline: 15s
      steps: [{weight: 25%, pause: 200ms}, {weight: 50%, pause: 200ms}]
)");
  }

 private:
  const Bed& m_bed;
  std::string m_namespace;
  Mlk m_mlk;

 public:
  const std::string image;
  const std::string other_image;
};

}  // namespace

#define MLK_NEEDS_MODEL(bed, model)                                                                     \
  const std::string model = (bed).model();                                                              \
  if ((model).empty()) {                                                                                \
    WARN("skipped: the demonstration model isn't in the test bed's cache (REASON beside it says why)"); \
    return;                                                                                             \
  }

TEST_CASE("main job: the folder of a real model becomes one image, in a layout and in both registries",
          "[cluster][main-job]") {
  MLK_NEEDS_BED(bed);
  MLK_NEEDS_MODEL(bed, model);
  const Shop shop(bed, model, false);
  shop.done({"init", "model", "--name", "shop", "--registry", "r.example.com/shop"});
  shop.done({"model", "pack"});
  CHECK(has(shop.done({"generate"}).out, "\nkind: Deployment\n"));
  fs::remove(shop.folder() / "mlk.lock");
  shop.write_project();
  const auto digest = json_of(shop.mlk({"model", "pack", "minilm", "-o", "json"}))["digest"].string_or();
  CHECK(shop.locked_digest() == digest);
  const auto lock = read_file(shop.folder() / "mlk.lock").value();
  CHECK(json_of(shop.mlk({"model", "push", "minilm", "-o", "json"}))["digest"].string_or() == digest);
  CHECK(json_of(shop.mlk({"model", "push", "minilm", shop.other_image, "--no-lock", "-o", "json"}))["digest"]
            .string_or() == digest);
  CHECK(read_file(shop.folder() / "mlk.lock").value() == lock);
  for (const auto& image : {shop.image, shop.other_image}) {
    const auto tag = image + ":" + digest.substr(7, 12);
    CAPTURE(tag);
    CHECK(json_of(shop.mlk({"model", "inspect", tag, "-o", "json"}))["model"]["architecture"].string_or() ==
          "BertModel");
    CHECK(json_of(shop.mlk({"model", "pull", tag, "back", "-o", "json"}))["digest"].string_or() == digest);
    const auto same = run_program({{"diff", "-r", "--exclude=.gitattributes", "model", "back"}, {}, shop.folder(), {}});
    CHECK(same.out.empty());
    CHECK(same.code == 0);
    fs::remove_all(shop.folder() / "back");
  }
}

TEST_CASE("main job: manifests are clean, and a broken copy's mistakes are at their lines", "[cluster][main-job]") {
  MLK_NEEDS_BED(bed);
  MLK_NEEDS_MODEL(bed, model);
  const Shop shop(bed, model, false);
  shop.write_project();
  shop.done({"model", "pack", "minilm"});
  const std::string manifests = shop.done({"generate", "job/finetune", "service/search"}).out;
  CHECK(has(manifests, "\nkind: Job\n"));
  CHECK(has(manifests, "nvidia.com/gpu: \"8\""));
  CHECK(has(manifests, "\nkind: Deployment\n"));
  CHECK(has(manifests, shop.image + ":"));
  CHECK(has(manifests, "@" + shop.locked_digest()));
  const auto taken =
      bed.kubectl({"apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"}, manifests);
  CAPTURE(taken.err);
  CHECK(taken.code == 0);

  shop.write("manifests.yaml", manifests);
  CHECK(has(shop.done({"validate", "manifests.yaml"}).out, ": 0 errors, 0 warnings"));
  const std::string broken = with(with(manifests, "\n  replicas: 4\n", "\n  replicsa: 4\n"), "nvidia.com/gpu: \"8\"",
                                  "nvidia.com/gpu: \"7.5\"");
  shop.write("broken.yaml", broken);
  const auto found = shop.mlk({"validate", "broken.yaml"});
  CAPTURE(found.out);
  CHECK(found.code == 3);
  CHECK(has(found.out, line_of("broken.yaml", broken, "replicsa: 4")));
  CHECK(has(found.out, "(did you mean 'replicas'?)"));
  CHECK(has(found.out, line_of("broken.yaml", broken, "nvidia.com/gpu: \"7.5\"")));
}

namespace {

void run_main_job(const Bed& bed, const std::string& model, bool is_admin) {
  const Shop shop(bed, model, is_admin);
  shop.write_project();
  shop.done({"model", "pack", "minilm"});
  shop.done({"model", "push", "minilm"});

  const auto plan = shop.done({"plan", "job/finetune", "service/search"});
  CHECK(has(plan.out, "job/finetune"));
  CHECK(has(plan.out, "service/search"));
  CHECK(has(plan.out, "nodes are hidden from you") == !is_admin);
  const auto huge = shop.mlk({"plan", "job/huge"});
  CAPTURE(huge.out, huge.err);
  CHECK(huge.code == (is_admin ? 4 : 0));
  CHECK(has(huge.out, is_admin ? "never" : "unknown"));

  CHECK(has(shop.done({"train", "submit", "finetune", "--name", "finetune-1", "--follow"}).out, "is complete"));
  const auto failed = shop.mlk({"train", "submit", "broken", "--name", "broken-1", "--follow"});
  CAPTURE(failed.out, failed.err);
  CHECK(failed.code == 6);
  CHECK(has(failed.out + failed.err, "rank 1 failed first: exit code 137"));

  shop.done({"serve", "rollout", "search"});
  const std::string first = shop.locked_digest();
  shop.write("model/README.md", "another version\n");
  shop.done({"model", "pack", "minilm"});
  shop.done({"model", "push", "minilm"});
  const std::string second = shop.locked_digest();
  CHECK(second != first);
  const auto canary = shop.done({"serve", "rollout", "search"});
  CHECK(has(canary.err, "25 %, 50 %"));
  CHECK(has(canary.err, "canary 1/2"));
  CHECK(has(canary.err, "canary 2/2"));
  const auto undone = shop.mlk({"serve", "rollout", "search", "--set", "services.search.env.KWOK_TEST_STATE=not-ready",
                                "--set", "services.search.rollout.progress-deadline=2s"});
  CAPTURE(undone.err);
  CHECK(undone.code == 7);
  const auto history = json_of(shop.mlk({"serve", "history", "search", "-o", "json"}));
  std::vector<std::string> outcomes;
  for (const auto& revision : history["revisions"].items()) outcomes.push_back(revision["outcome"].string_or());
  CHECK(outcomes == std::vector<std::string>{"undone", "done", "done"});
  const auto serving = bed.kubectl({"get", "deployments", "-n", shop.space(), "-o",
                                    "jsonpath={.items[*].spec.template.metadata.annotations.mlk\\.dev/model-digest}"});
  CHECK(serving.out == second);
  CHECK(shop.mlk({"serve", "delete", "search", "--yes"}).code == 0);
}

}  // namespace

TEST_CASE("main job: plan, training and three versions of a service, with rights in one namespace",
          "[cluster][main-job]") {
  MLK_NEEDS_BED(bed);
  MLK_NEEDS_MODEL(bed, model);
  run_main_job(bed, model, false);
}

TEST_CASE("main job: plan, training and three versions of a service, as an administrator", "[cluster][main-job]") {
  MLK_NEEDS_BED(bed);
  MLK_NEEDS_MODEL(bed, model);
  run_main_job(bed, model, true);
}
