#include "sample_project.hpp"

#include <mlk/document/tree.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/workload/job.hpp>
#include <mlk/workload/names.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace mlk;
using document::Node;

namespace {

workload::JobObjects made(const project::Job& job, const std::string& suffix = {}, const project::Lock& lock = {}) {
  templates::Library library;
  workload::JobOptions options;
  options.suffix = suffix;
  auto result = workload::generate_job(sample::project(), lock, job, options, library);
  if (!result) {
    for (const auto& diagnostic : result.error().diagnostics) UNSCOPED_INFO(to_string(diagnostic));
    FAIL(result.error().what);
  }
  return *result;
}

std::vector<Diagnostic> refused(const project::Job& job, const project::Lock& lock = {}) {
  templates::Library library;
  auto result = workload::generate_job(sample::project(), lock, job, {}, library);
  REQUIRE(!result);
  return result.error().diagnostics;
}

const Node& at(const Node& root, std::string_view path) {
  const Node* found = document::find_path(root, path);
  INFO(path << " in\n" << document::write_yaml(root));
  REQUIRE(found != nullptr);
  return *found;
}

Node env_of(const Node& job, std::string_view name) {
  for (const Node& variable : at(job, "spec.template.spec.containers[0].env").items()) {
    if (variable["name"].as_string() == name) return variable;
  }
  return {};
}

}  // namespace

TEST_CASE("job backend: an Indexed Job with one pod a node", "[workload][job]") {
  const auto objects = made(sample::job(), "x7k2");
  CHECK(objects.name == "finetune-x7k2");
  const Node& job = objects.job;
  CHECK(at(job, "metadata.name").as_string() == "finetune-x7k2");
  CHECK(at(job, "metadata.namespace").as_string() == "nlp");
  CHECK(at(job, "spec.completionMode").as_string() == "Indexed");
  CHECK(at(job, "spec.completions").as_int() == 2);
  CHECK(at(job, "spec.parallelism").as_int() == 2);
  CHECK(at(job, "spec.backoffLimit").as_int() == 0);
  CHECK(at(job, "spec.podFailurePolicy.rules[0].action").as_string() == "Ignore");
  CHECK(at(job, "spec.template.spec.restartPolicy").as_string() == "Never");
  CHECK(at(job, "spec.template.spec.enableServiceLinks").as_bool() == false);
  CHECK(at(job, "spec.template.spec.automountServiceAccountToken").as_bool() == false);
  CHECK(at(job, "spec.template.metadata.labels['mlk.dev/job']").as_string() == "finetune-x7k2");
}

TEST_CASE("job backend: torchrun finds its rendezvous in the environment", "[workload][job][rendezvous]") {
  const auto objects = made(sample::job(), "x7k2");
  const Node& job = objects.job;
  CHECK(env_of(job, "PET_NNODES")["value"].as_string() == "2");
  CHECK(env_of(job, "PET_NPROC_PER_NODE")["value"].as_string() == "8");
  CHECK(at(env_of(job, "PET_NODE_RANK"), "valueFrom.fieldRef.fieldPath").as_string() ==
        "metadata.annotations['batch.kubernetes.io/job-completion-index']");
  CHECK(env_of(job, "PET_MASTER_ADDR")["value"].as_string() == "finetune-x7k2-0.finetune-x7k2");
  CHECK(env_of(job, "PET_MASTER_PORT")["value"].as_string() == "29500");
  CHECK(env_of(job, "PET_RDZV_BACKEND")["value"].as_string() == "static");
  CHECK(env_of(job, "PET_RDZV_ENDPOINT")["value"].as_string() == "finetune-x7k2-0.finetune-x7k2:29500");
  CHECK(env_of(job, "PET_RDZV_ID")["value"].as_string() == "finetune-x7k2");
  CHECK(at(job, "spec.template.spec.subdomain").as_string() == "finetune-x7k2");

  REQUIRE(objects.rendezvous);
  CHECK(at(*objects.rendezvous, "metadata.name").as_string() == "finetune-x7k2");
  CHECK(at(*objects.rendezvous, "spec.clusterIP").as_string() == "None");
  CHECK(at(*objects.rendezvous, "spec.publishNotReadyAddresses").as_bool() == true);
  CHECK(at(*objects.rendezvous, "spec.selector['batch.kubernetes.io/job-name']").as_string() == "finetune-x7k2");
}

TEST_CASE("job backend: one node meets itself, without a Service", "[workload][job][rendezvous]") {
  auto job = sample::job();
  job.nodes = sample::given<std::int64_t>(1);
  job.restarts = sample::given<std::int64_t>(3);
  const auto objects = made(job);
  CHECK_FALSE(objects.rendezvous);
  CHECK(env_of(objects.job, "PET_MASTER_ADDR")["value"].as_string() == "127.0.0.1");
  CHECK(at(objects.job, "spec.backoffLimit").as_int() == 3);
  CHECK(document::find_path(objects.job, "spec.template.spec.subdomain") == nullptr);
}

TEST_CASE("job backend: GPUs are limits and requests, with affinity and the hardware's taint alone",
          "[workload][job][gpu]") {
  const auto objects = made(sample::job());
  const Node& spec = at(objects.job, "spec.template.spec");
  CHECK(at(spec, "containers[0].resources.limits['nvidia.com/gpu']").as_string() == "8");
  CHECK(at(spec, "containers[0].resources.requests['nvidia.com/gpu']").as_string() == "8");
  REQUIRE(at(spec, "tolerations").size() == 1);
  CHECK(at(spec, "tolerations[0].key").as_string() == "nvidia.com/gpu");
  CHECK(at(spec,
           "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]."
           "matchExpressions[0].key")
            .as_string() == "nvidia.com/gpu.product");
  CHECK(at(spec, "containers[0].resources").find("limits")->find("nvidia.com/gpu")->place().line == 12);
}

TEST_CASE("job backend: /dev/shm is memory with a bound", "[workload][job][shm]") {
  auto job = sample::job();
  const auto size_of = [](const project::Job& asked) {
    const Node volumes = at(made(asked).job, "spec.template.spec.volumes");
    for (const Node& volume : volumes.items()) {
      if (volume["name"].as_string() == "shm") {
        CHECK(at(volume, "emptyDir.medium").as_string() == "Memory");
        return at(volume, "emptyDir.sizeLimit").string_or();
      }
    }
    return std::string();
  };
  CHECK(size_of(job) == "8Gi");
  job.pod.resources.memory = sample::given(Bytes(std::int64_t{8} << 30));
  CHECK(size_of(job) == "4Gi");
  job.pod.resources.memory = sample::given(Bytes(std::int64_t{512} << 30));
  CHECK(size_of(job) == "16Gi");
  job.pod.shm = sample::given(Bytes(std::int64_t{2} << 30));
  CHECK(size_of(job) == "2Gi");
  job.pod.shm = sample::given(Bytes(0));
  CHECK(size_of(job).empty());
}

TEST_CASE("job backend: environment, secrets, claims and checkpoint", "[workload][job][pod]") {
  auto job = sample::job();
  job.pod.env = {{"NCCL_DEBUG", sample::text("WARN", 14)}, {"PET_RDZV_CONF", sample::text("timeout=60", 15)}};
  job.pod.secrets = {{"WANDB_API_KEY", sample::given(project::SecretKey{"wandb", "api-key"}, 16)}};
  project::Volume data;
  data.source = sample::text("datasets");
  data.at = sample::text("/data");
  data.read_only = sample::given(true);
  project::Volume more = data;
  more.at = sample::text("/more");
  more.sub_path = sample::text("x");
  job.pod.volumes = {data, more};
  job.checkpoint = project::Checkpoint{sample::text("runs"), sample::text("/ckpt"), sample::at(17)};
  const Node generated = made(job).job;
  CHECK(env_of(generated, "NCCL_DEBUG")["value"].as_string() == "WARN");
  CHECK(env_of(generated, "PET_RDZV_CONF")["value"].as_string() == "timeout=60");
  CHECK(at(env_of(generated, "WANDB_API_KEY"), "valueFrom.secretKeyRef.name").as_string() == "wandb");
  std::set<std::string> names;
  for (const Node& variable : at(generated, "spec.template.spec.containers[0].env").items()) {
    CHECK(names.insert(variable["name"].string_or()).second);
  }
  const Node& mounts = at(generated, "spec.template.spec.containers[0].volumeMounts");
  CHECK(at(mounts, "[0].mountPath").as_string() == "/ckpt");
  CHECK(at(mounts, "[1].readOnly").as_bool() == true);
  CHECK(at(mounts, "[2].subPath").as_string() == "x");
  CHECK(at(mounts, "[1].name") == at(mounts, "[2].name"));
  CHECK(at(generated, "spec.template.spec.volumes").size() == 4);  // runs, datasets, shm, home
}

TEST_CASE("job backend: a restricted pod, as the user it is given", "[workload][job][security]") {
  auto job = sample::job();
  CHECK(at(made(job).job, "spec.template.spec.securityContext.runAsNonRoot").as_bool() == true);
  CHECK(at(made(job).job, "spec.template.spec.containers[0].securityContext.capabilities.drop[0]").as_string() ==
        "ALL");
  job.pod.run_as_user = sample::given<std::int64_t>(0);
  CHECK(at(made(job).job, "spec.template.spec.securityContext.runAsNonRoot").as_bool() == false);
}

TEST_CASE("job backend: queue, timeout, keep, run id and pinned image", "[workload][job]") {
  auto job = sample::job();
  job.queue = sample::text("research");
  job.timeout = sample::given(Milliseconds(90'500));
  job.keep = sample::given(Milliseconds(3'600'000));
  project::Lock lock;
  lock.images["registry.example.com/nlp/trainer:1.4"] = "sha256:" + std::string(64, 'b');
  templates::Library library;
  workload::JobOptions options;
  options.run_id = "ci-42";
  const auto objects = workload::generate_job(sample::project(), lock, job, options, library).value();
  CHECK(at(objects.job, "metadata.labels['kueue.x-k8s.io/queue-name']").as_string() == "research");
  CHECK(document::find_path(objects.job, "spec.template.metadata.labels['kueue.x-k8s.io/queue-name']") == nullptr);
  CHECK(at(objects.job, "spec.activeDeadlineSeconds").as_int() == 91);
  CHECK(at(objects.job, "spec.ttlSecondsAfterFinished").as_int() == 3600);
  CHECK(at(objects.job, "metadata.annotations['mlk.dev/run-id']").as_string() == "ci-42");
  CHECK(at(objects.job, "spec.template.spec.containers[0].image").as_string() ==
        "registry.example.com/nlp/trainer:1.4@sha256:" + std::string(64, 'b'));
}

TEST_CASE("job backend: restarts of a gang are refused with a backend that can", "[workload][job][errors]") {
  auto job = sample::job();
  job.restarts = sample::given<std::int64_t>(3, 18);
  const auto found = refused(job);
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "restarts-gang");
  CHECK(found[0].place.line == 18);
  CHECK(found[0].path == "jobs.finetune.restarts");
  CHECK(found[0].fix.find("jobset") != std::string::npos);
}

TEST_CASE("job backend: everything that is wrong is said at once", "[workload][job][errors]") {
  auto job = sample::job();
  job.backend = sample::given(project::JobBackend::rayjob, 19);
  job.code = project::Code{sample::text("./train"), sample::text("/workspace"), sample::at(10)};
  job.name = sample::text(std::string(62, 'a'), 8);
  job.image = {};
  std::set<std::string> codes;
  for (const Diagnostic& diagnostic : refused(job)) codes.insert(diagnostic.code);
  CHECK(codes == std::set<std::string>{"backend-unsupported", "code-unsupported", "name-too-long", "image-missing"});
}

TEST_CASE("job backend: the lock's backend counts where mlk.yaml leaves it open", "[workload][job][errors]") {
  project::Lock lock;
  lock.backends["job/finetune"] = "jobset";
  CHECK(refused(sample::job(), lock).at(0).code == "backend-unsupported");
}

TEST_CASE("job backend: the same input gives the same bytes", "[workload][job]") {
  CHECK(document::write_yaml(made(sample::job(), "x").job) == document::write_yaml(made(sample::job(), "x").job));
}
