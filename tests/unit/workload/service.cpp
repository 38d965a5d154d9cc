#include "sample_project.hpp"

#include <mlk/document/tree.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/workload/names.hpp>
#include <mlk/workload/service.hpp>

#include <catch2/catch.hpp>

#include <set>

using namespace mlk;
using document::Node;

namespace {

workload::ServiceObjects made(const project::Service& service, const project::Lock& lock = sample::lock(),
                              const project::Project& project = sample::project()) {
  templates::Library library;
  auto result = workload::generate_service(project, lock, service, {}, library);
  if (!result) {
    for (const auto& diagnostic : result.error().diagnostics) UNSCOPED_INFO(to_string(diagnostic));
    FAIL(result.error().what);
  }
  return *result;
}

std::set<std::string> refused(const project::Service& service, const project::Lock& lock = sample::lock()) {
  templates::Library library;
  auto result = workload::generate_service(sample::project(), lock, service, {}, library);
  REQUIRE(!result);
  std::set<std::string> codes;
  for (const Diagnostic& diagnostic : result.error().diagnostics) {
    CHECK_FALSE(diagnostic.message.empty());
    codes.insert(diagnostic.code);
  }
  return codes;
}

const Node& at(const Node& root, std::string_view path) {
  const Node* found = document::find_path(root, path);
  INFO(path << " in\n" << document::write_yaml(root));
  REQUIRE(found != nullptr);
  return *found;
}

const Node* find(const Node& root, std::string_view path) { return document::find_path(root, path); }

const Node& container(const workload::ServiceObjects& objects) {
  return at(objects.deployment, "spec.template.spec.containers[0]");
}

std::vector<std::string> args(const workload::ServiceObjects& objects) {
  std::vector<std::string> all;
  for (const Node& arg : at(container(objects), "args").items()) all.push_back(arg.string_or());
  return all;
}

using Codes = std::set<std::string>;

}  // namespace

TEST_CASE("deployment backend: one Deployment a revision, named by its pods' hash", "[workload][service]") {
  const auto objects = made(sample::service());
  CHECK(objects.revision.size() == 10);
  CHECK(objects.deployment_name == "sentiment-" + objects.revision);
  CHECK(at(objects.deployment, "metadata.name").as_string() == objects.deployment_name);
  for (const char* path : {"metadata.labels['mlk.dev/revision']", "spec.selector.matchLabels['mlk.dev/revision']",
                           "spec.template.metadata.labels['mlk.dev/revision']"}) {
    CHECK(at(objects.deployment, path).as_string() == objects.revision);
  }
  CHECK(workload::template_hash(at(objects.deployment, "spec.template")) == objects.revision);
  CHECK(at(objects.deployment, "spec.replicas").as_int() == 2);
  CHECK(at(objects.service, "metadata.name").as_string() == "sentiment");
}

TEST_CASE("deployment backend: only what changes the pods changes the revision", "[workload][service]") {
  const auto before = made(sample::service());
  auto scaled = sample::service();
  scaled.scale.min = sample::given<std::int64_t>(5);
  scaled.expose = sample::expose();
  CHECK(made(scaled).revision == before.revision);
  auto other = sample::lock();
  other.models["sentiment"].digest = "sha256:" + std::string(64, 'c');
  CHECK(made(sample::service(), other).revision != before.revision);
}

TEST_CASE("deployment backend: the model is a read-only image volume, pinned by the lock",
          "[workload][service][model]") {
  const auto objects = made(sample::service());
  CHECK(at(objects.deployment, "spec.template.spec.volumes[0].image.reference").as_string() ==
        "registry.example.com/nlp/sentiment:1@sha256:" + std::string(64, 'a'));
  CHECK(at(container(objects), "volumeMounts[0].mountPath").as_string() == "/models");
  CHECK(at(container(objects), "volumeMounts[0].subPath").as_string() == "models");
  CHECK(at(objects.deployment, "spec.template.metadata.annotations['mlk.dev/model-digest']").as_string() ==
        "sha256:" + std::string(64, 'a'));
  bool told = false;
  for (const auto& choice : objects.choices)
    told = told || (choice.what == "deliver" && choice.value == "image-volume");
  CHECK(told);
}

TEST_CASE("deployment backend: another model's image can be served without touching the lock",
          "[workload][service][model]") {
  templates::Library library;
  workload::ServiceOptions options;
  options.model_image = "registry.example.com/nlp/sentiment@sha256:" + std::string(64, 'd');
  const auto objects = workload::generate_service(sample::project(), {}, sample::service(), options, library).value();
  CHECK(at(objects.deployment, "spec.template.spec.volumes[0].image.reference").as_string() == options.model_image);
}

TEST_CASE("deployment backend: each engine is started as it wants to be", "[workload][service][engine]") {
  using project::EngineName;
  struct Expected {
    EngineName name;
    std::int64_t port;
    std::vector<std::string> command;
    std::string ready;
    std::string flag;
  };
  const std::vector<Expected> all = {
      {EngineName::vllm, 8000, {"vllm", "serve"}, "/health", "/models"},
      {EngineName::triton, 8000, {"tritonserver"}, "/v2/health/ready", "--model-repository"},
      {EngineName::sglang, 30000, {"python3", "-m", "sglang.launch_server"}, "/health", "--model-path"},
      {EngineName::mlserver, 8080, {"mlserver", "start"}, "/v2/health/ready", "/models"},
      {EngineName::tgi, 8080, {"text-generation-launcher"}, "/health", "--model-id"},
  };
  for (const Expected& expected : all) {
    INFO(project::to_string(expected.name));
    auto service = sample::service();
    service.engine.name = sample::given(expected.name);
    const auto objects = made(service);
    CHECK(at(container(objects), "ports[0].containerPort").as_int() == expected.port);
    CHECK(at(container(objects), "readinessProbe.httpGet.path").as_string() == expected.ready);
    CHECK(at(container(objects), "startupProbe.httpGet.port").as_string() == "http");
    CHECK(at(container(objects), "startupProbe.failureThreshold").as_int().value() >= 60);
    CHECK_FALSE(at(container(objects), "image").string_or().empty());
    std::vector<std::string> command;
    for (const Node& word : at(container(objects), "command").items()) command.push_back(word.string_or());
    CHECK(command == expected.command);
    const auto words = args(objects);
    CHECK(std::find(words.begin(), words.end(), expected.flag) != words.end());
  }
}

TEST_CASE("deployment backend: vLLM on several GPUs is parallel over them, without one it takes the CPU image",
          "[workload][service][engine]") {
  auto service = sample::service();
  service.pod.gpus->value.count = GpuCount(4);
  auto words = args(made(service));
  const auto flag = std::find(words.begin(), words.end(), "--tensor-parallel-size");
  REQUIRE(flag != words.end());
  CHECK(*(flag + 1) == "4");
  service.pod.gpus.reset();
  CHECK(at(container(made(service)), "image").string_or().find("cpu") != std::string::npos);
  words = args(made(service));
  CHECK(std::find(words.begin(), words.end(), "--tensor-parallel-size") == words.end());
}

TEST_CASE("deployment backend: the long form of an engine wins", "[workload][service][engine]") {
  auto service = sample::service();
  service.engine.image = sample::text("registry.example.com/vllm:mine");
  service.engine.port = sample::given<std::int64_t>(9000);
  service.engine.args = {sample::text("--max-model-len"), sample::text("4096")};
  service.probes.path = sample::text("/ready");
  service.probes.startup = sample::given(Milliseconds(3'600'000));
  const auto objects = made(service);
  CHECK(at(container(objects), "image").as_string() == "registry.example.com/vllm:mine");
  CHECK(at(container(objects), "ports[0].containerPort").as_int() == 9000);
  CHECK(at(container(objects), "readinessProbe.httpGet.path").as_string() == "/ready");
  CHECK(at(container(objects), "livenessProbe.httpGet.path").as_string() == "/health");
  CHECK(at(container(objects), "startupProbe.failureThreshold").as_int() == 360);
  CHECK(at(objects.deployment, "spec.progressDeadlineSeconds").as_int() == 3660);
  const auto words = args(objects);
  CHECK(words.back() == "4096");
  CHECK(*(std::find(words.begin(), words.end(), "--port") + 1) == "9000");
}

TEST_CASE("deployment backend: llama.cpp is told its file, by the source or by its arguments",
          "[workload][service][engine]") {
  auto service = sample::service();
  service.engine.name = sample::given(project::EngineName::llama_cpp);
  CHECK(refused(service) == Codes{"engine-file"});
  service.engine.args = {sample::text("-m"), sample::text("/models/x.gguf")};
  CHECK(args(made(service)).back() == "/models/x.gguf");
  service.engine.args.clear();
  auto project = sample::project();
  project.models[0].source = sample::text("./models/q4.gguf");
  CHECK(args(made(service, sample::lock(), project)).at(1) == "/models/q4.gguf");
}

TEST_CASE("deployment backend: a custom engine has an image of its own and is probed by its port",
          "[workload][service][engine]") {
  auto service = sample::service();
  service.engine.name = sample::given(project::EngineName::custom);
  service.model = {};
  CHECK(refused(service) == Codes{"image-missing"});
  service.engine.image = sample::text("registry.example.com/app:2");
  const auto objects = made(service);
  CHECK(at(container(objects), "readinessProbe.tcpSocket.port").as_string() == "http");
  CHECK(find(container(objects), "args") == nullptr);
}

TEST_CASE("deployment backend: metrics on a port of their own are reachable", "[workload][service][engine]") {
  auto service = sample::service();
  service.engine.name = sample::given(project::EngineName::triton);
  auto project = sample::project();
  project.prometheus = sample::given(project::ObjectRef{"monitoring", "prometheus"}, 40);
  const auto objects = made(service, sample::lock(), project);
  CHECK(at(container(objects), "ports[1].name").as_string() == "metrics");
  CHECK(at(objects.service, "spec.ports[1].port").as_int() == 8002);
  CHECK(at(objects.network_policy, "spec.ingress[1].ports[0].port").as_string() == "metrics");
  CHECK(
      at(objects.network_policy, "spec.ingress[1].from[0].namespaceSelector.matchLabels['kubernetes.io/metadata.name']")
          .as_string() == "monitoring");
}

TEST_CASE("deployment backend: a canary behind a gateway is a matter of route weights", "[workload][service][route]") {
  auto service = sample::service();
  service.expose = sample::expose();
  const auto objects = made(service);
  CHECK(objects.selects_revision);
  CHECK(at(objects.service, "spec.selector['mlk.dev/revision']").as_string() == objects.revision);
  REQUIRE(objects.route);
  CHECK(at(*objects.route, "spec.parentRefs[0].name").as_string() == "public");
  CHECK(at(*objects.route, "spec.parentRefs[0].namespace").as_string() == "infra");
  CHECK(at(*objects.route, "spec.hostnames[0]").as_string() == "nlp.example.com");
  CHECK(at(*objects.route, "spec.rules[0].filters[0].urlRewrite.path.replacePrefixMatch").as_string() == "/");
  CHECK(at(*objects.route, "spec.rules[0].backendRefs").size() == 1);
  REQUIRE(objects.canary_service);
  CHECK(at(*objects.canary_service, "metadata.name").as_string() == "sentiment-canary");
  for (const auto& object : objects.objects()) CHECK(object.role != workload::Role::canary_service);
  CHECK(
      at(objects.network_policy, "spec.ingress[0].from[1].namespaceSelector.matchLabels['kubernetes.io/metadata.name']")
          .as_string() == "infra");
}

TEST_CASE("deployment backend: without a gateway the Service takes every revision's pods",
          "[workload][service][route]") {
  const auto objects = made(sample::service());
  CHECK_FALSE(objects.selects_revision);
  CHECK(at(objects.service, "spec.selector").size() == 1);
  CHECK_FALSE(objects.route);
  CHECK_FALSE(objects.canary_service);
}

TEST_CASE("route_backends: shares add up to a hundred", "[workload][service][route]") {
  const Node split = workload::route_backends("s", 80, 25);
  CHECK(at(split, "[0].weight").as_int() == 75);
  CHECK(at(split, "[1].name").as_string() == "s-canary");
  CHECK(at(split, "[1].weight").as_int() == 25);
  CHECK(workload::route_backends("s", 80, std::nullopt).size() == 1);
}

TEST_CASE("deployment backend: an autoscaler owns the number of replicas", "[workload][service][scale]") {
  auto service = sample::service();
  service.scale.max = sample::given<std::int64_t>(20);
  service.scale.metrics = {{project::ScaleMeasure::cpu, 70, sample::at(26)}};
  service.pod.resources.cpu = sample::given(Millicores(4000));
  const auto objects = made(service);
  REQUIRE(objects.autoscaler);
  CHECK(find(objects.deployment, "spec.replicas") == nullptr);
  CHECK(at(*objects.autoscaler, "spec.scaleTargetRef.name").as_string() == objects.deployment_name);
  CHECK(at(*objects.autoscaler, "spec.minReplicas").as_int() == 2);
  CHECK(at(*objects.autoscaler, "spec.maxReplicas").as_int() == 20);
  CHECK(at(*objects.autoscaler, "spec.metrics[0].resource.target.averageUtilization").as_int() == 70);
}

TEST_CASE("deployment backend: what can't be scaled by is refused", "[workload][service][scale]") {
  auto service = sample::service();
  service.scale.max = sample::given<std::int64_t>(20);
  CHECK(refused(service) == Codes{"metric-missing"});
  service.scale.metrics = {{project::ScaleMeasure::queue, 5, sample::at(26)},
                           {project::ScaleMeasure::cpu, 70, sample::at(27)}};
  CHECK(refused(service) == Codes{"metric-unsupported", "metric-request"});
  service.scale.metrics.clear();
  service.scale.max.reset();
  service.scale.min = sample::given<std::int64_t>(0);
  CHECK(refused(service) == Codes{"scale-to-zero"});
}

TEST_CASE("deployment backend: a route is never more open than the file says", "[workload][service][errors]") {
  auto service = sample::service();
  service.expose = sample::expose();
  service.expose->auth = sample::given(project::RouteAuth{false, project::SecretKey{"nlp-keys", "key"}}, 34);
  CHECK(refused(service) == Codes{"auth-unsupported"});
  service.expose->auth = {};
  CHECK(refused(service) == Codes{"auth-missing"});
}

TEST_CASE("deployment backend: what it or this version can't do is refused at its line",
          "[workload][service][errors]") {
  auto service = sample::service();
  service.backend = sample::given(project::ServiceBackend::kserve);
  service.nodes = sample::given<std::int64_t>(2);
  service.deliver = sample::given(project::Delivery::modelcar);
  service.name = sample::text(std::string(60, 'a'));
  CHECK(refused(service) == Codes{"backend-unsupported", "nodes-unsupported", "deliver-unsupported", "name-too-long"});
  CHECK(refused(sample::service(), {}) == Codes{"model-unlocked"});
  auto local = sample::lock();
  local.models["sentiment"].image = "oci:./layout:1";
  CHECK(refused(sample::service(), local) == Codes{"model-local"});
}

TEST_CASE("deployment backend: disruption budget as asked, else one at a time", "[workload][service]") {
  auto service = sample::service();
  CHECK(at(made(service).disruption_budget, "spec.maxUnavailable").as_int() == 1);
  project::CountOrPercent half;
  half.percent = Percent(50);
  service.disruption.min_available = sample::given(half);
  const auto objects = made(service);
  CHECK(at(objects.disruption_budget, "spec.minAvailable").as_string() == "50%");
  CHECK(find(objects.disruption_budget, "spec.maxUnavailable") == nullptr);
}
