#include "project_text.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>

using namespace mlk;
using namespace mlk::project;

TEST_CASE("project: the whole of mlk.yaml is read, each value with its place", "[project][load]") {
  const Project p = loaded(R"(mlk: v1
name: support-nlp
namespace: nlp
models:
  sentiment:
    source: ./models/sentiment
    image: registry.example.com/nlp/sentiment
jobs:
  finetune:
    image: registry.example.com/nlp/trainer:1.4
    code: {from: ./train, at: /workspace}
    command: [torchrun, train.py, --epochs, "3", 4]
    nodes: 2
    gpus: h100:8
    queue: research
    volumes: [{claim: datasets, at: /data, read-only: true}, {empty: memory, at: /scratch, size: 1Gi}]
    checkpoint: {claim: runs, at: /ckpt}
    restarts: 3
    timeout: 1h30m
    env: {NCCL_DEBUG: WARN, WORKERS: 4, SPEED: on}
    secrets: {WANDB_API_KEY: wandb/api-key}
    resources: {cpu: 500m, memory: 64Gi}
    node-selector: {pool: a}
    tolerations: [{key: dedicated, operator: Exists, effect: NoSchedule}]
    patch: [{kind: Job, merge: {spec: {suspend: null}}}]
services:
  sentiment:
    model: sentiment
    engine: {name: vllm, args: [--max-model-len, 4096]}
    gpus: l4:1
    scale: {min: 2, max: 20, metrics: [{queue: 5}, {cpu: 70%}]}
    expose: {gateway: infra/public, host: nlp.example.com, path: /sentiment, rewrite: strip, auth: {api-key: nlp-keys/key}}
    rollout:
      strategy: canary
      steps: [{weight: 5%, pause: 2m}, {weight: 25%, pause: manual}, {weight: 50%}]
      gates:
        - {measure: error-rate, max: 1%, window: 2m, min-requests: 200}
        - {measure: ttft-p95, max: 800ms, against: stable}
      on-failure: pause
      max-surge: 25%
    variants: []
pipelines: {}
notebooks: {}
metrics: {prometheus: monitoring/prometheus:9091}
)");
  CHECK(*p.name == "support-nlp");
  CHECK(*p.namespace_name == "nlp");
  CHECK(to_string(p.namespace_name.place) == "mlk.yaml:3:12");
  REQUIRE(p.models.size() == 1);
  CHECK(*p.models[0].image == "registry.example.com/nlp/sentiment");

  const Job* job = p.find_job("finetune");
  REQUIRE(job != nullptr);
  CHECK(to_string(job->place) == "mlk.yaml:9:3");
  CHECK(job->command.size() == 5);
  CHECK(*job->command[4] == "4");
  CHECK(*job->nodes == 2);
  CHECK(to_string(job->nodes.place) == "mlk.yaml:13:12");
  CHECK(job->pod.gpus->value.count == GpuCount(8));
  CHECK(job->pod.gpus->value.model == "h100");
  CHECK(job->code->at.value == "/workspace");
  CHECK(job->backend.value == JobBackend::automatic);
  CHECK(!job->backend.is_given());
  CHECK(job->restarts.value == 3);
  CHECK(job->timeout->value == Milliseconds(90 * 60 * 1000));
  CHECK(!job->keep);
  CHECK(*job->port == 29500);
  REQUIRE(job->pod.volumes.size() == 2);
  CHECK(*job->pod.volumes[0].source == "datasets");
  CHECK(*job->pod.volumes[0].read_only);
  CHECK(job->pod.volumes[1].kind == VolumeKind::empty);
  CHECK(*job->pod.volumes[1].in_memory);
  CHECK(job->pod.volumes[1].size->value == Bytes(1 << 30));
  REQUIRE(job->pod.env.size() == 3);
  CHECK(*job->pod.env[1].second == "4");
  CHECK(*job->pod.env[2].second == "on");
  CHECK(job->pod.secrets[0].second.value == SecretKey{"wandb", "api-key"});
  CHECK(job->pod.resources.cpu->value == Millicores(500));
  CHECK(*job->pod.placement.node_selector[0].second == "a");
  CHECK(*job->pod.placement.tolerations[0].op == "Exists");
  CHECK(job->pod.patches[0].merge["spec"].find("suspend") != nullptr);
  CHECK(job->node["nodes"].as_int() == 2);

  const Service* service = p.find_service("sentiment");
  REQUIRE(service != nullptr);
  CHECK(*service->engine.name == EngineName::vllm);
  CHECK(*service->engine.args[1] == "4096");
  CHECK(*service->scale.min == 2);
  CHECK(service->scale.max_or_min() == 20);
  CHECK(service->scale.metrics[0].measure == ScaleMeasure::queue);
  CHECK(service->scale.metrics[1].target == 70);
  CHECK(service->expose->gateway.value == ObjectRef{"infra", "public"});
  CHECK(*service->expose->rewrite == Rewrite::strip);
  CHECK(service->expose->auth->api_key == SecretKey{"nlp-keys", "key"});
  CHECK(*service->rollout.strategy == Strategy::canary);
  REQUIRE(service->rollout.steps.size() == 3);
  CHECK(service->rollout.steps[0].pause.value == Milliseconds(120000));
  CHECK(*service->rollout.steps[1].waits_for_promote);
  CHECK(service->rollout.steps[2].pause.value == Milliseconds(0));
  CHECK(service->rollout.gates[0].max->value.unit == LimitUnit::percent);
  CHECK(service->rollout.gates[1].max->value.value == 800);
  CHECK(*service->rollout.on_failure == OnFailure::pause);
  CHECK(service->rollout.progress_deadline.value == Milliseconds(600000));
  CHECK(service->rollout.max_surge->value.percent == Percent(25));
  CHECK(p.prometheus.value == ObjectRef{"monitoring", "prometheus"});
  CHECK(*p.prometheus_port == 9091);
}

TEST_CASE("project: short forms of engine and scale", "[project][load]") {
  const Project p = loaded(with_head("services: {a: {engine: triton, scale: 3}, b: {engine: vllm}}\n"));
  CHECK(*p.services[0].engine.name == EngineName::triton);
  CHECK(*p.services[0].scale.min == 3);
  CHECK(p.services[0].scale.max_or_min() == 3);
  CHECK(*p.services[1].scale.min == 1);
  CHECK(!p.services[1].expose);
}

TEST_CASE("project: sections with everything commented out are no mistake", "[project][load]") {
  CHECK(loaded("mlk: v1\nname: a\njobs:\n#  x: {}\nenvironments:\n").jobs.empty());
}

TEST_CASE("project: a missing file says how to make one", "[project][load]") {
  LoadOptions options;
  options.file = "/nonexistent/mlk.yaml";
  const auto result = load(options);
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::not_found);
  const auto found = find_file(std::filesystem::path("/nonexistent/mlk.yaml"));
  REQUIRE(!found);
  CHECK(found.error().what == "there is no file '/nonexistent/mlk.yaml'");
}

TEST_CASE("project: an unknown edition is refused", "[project][load]") {
  LoadOptions options;
  options.edition = 99;
  const auto result = load_text("mlk: v1\nname: a\n", options);
  REQUIRE(!result);
  CHECK(result.error().what == "there is no edition 99 of mlk's defaults");
}

TEST_CASE("project: environment overlays merge maps, replace lists and remove with null", "[project][environment]") {
  const std::string text = with_head(R"(namespace: dev
jobs:
  a: {image: x, nodes: 2, command: [a, b], env: {A: "1", B: "2"}, queue: q}
environments:
  prod:
    cluster: {context: prod-eu}
    namespace: prod
    jobs:
      a: {nodes: 4, command: [c], env: {B: "3", A: null}, queue: null}
      b: {image: y}
)");
  const Project base = loaded(text);
  CHECK(base.has_environments);
  CHECK(base.environment.empty());
  CHECK(base.context->empty());
  CHECK(!require_environment(base));
  CHECK(*base.jobs[0].nodes == 2);

  LoadOptions options = quiet_options();
  options.environment = "prod";
  const Project prod = loaded(text, options);
  CHECK(prod.environment == "prod");
  CHECK(require_environment(prod));
  CHECK(*prod.context == "prod-eu");
  CHECK(*prod.namespace_name == "prod");
  REQUIRE(prod.jobs.size() == 2);
  CHECK(*prod.jobs[0].nodes == 4);
  CHECK(prod.jobs[0].command.size() == 1);
  REQUIRE(prod.jobs[0].pod.env.size() == 1);
  CHECK(*prod.jobs[0].pod.env[0].second == "3");
  CHECK(prod.jobs[0].queue->empty());
  CHECK(prod.merged.find("environments") == nullptr);
}

TEST_CASE("project: default-environment is taken where none is named", "[project][environment]") {
  const std::string text =
      with_head("default-environment: dev\nenvironments: {dev: {namespace: d}, prod: {namespace: p}}\n");
  CHECK(*loaded(text).namespace_name == "d");
  LoadOptions options = quiet_options();
  options.environment = "prod";
  CHECK(*loaded(text, options).namespace_name == "p");
}

TEST_CASE("project: an unknown environment is named with the nearest one", "[project][environment]") {
  LoadOptions options = quiet_options();
  options.environment = "prd";
  const auto result = load_text(with_head("environments: {prod: {}, dev: {}}\n"), options);
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::not_found);
  CHECK(result.error().what == "there is no environment 'prd' (did you mean 'prod'?)");
  CHECK(result.error().fix == "there are prod, dev");
}

TEST_CASE("project: every value says where it comes from", "[project][origin]") {
  const std::string text = with_head(R"(jobs:
  a: {image: x, nodes: 2, restarts: 1}
environments:
  prod: {jobs: {a: {nodes: 4}}}
)");
  LoadOptions options = quiet_options();
  options.environment = "prod";
  options.sets = {"jobs.a.restarts=5"};
  const Project p = loaded(text, options);
  std::map<std::string, std::string> labels;
  std::map<std::string, Source> sources;
  for (const auto& origin : p.origins) {
    labels[origin.path] = origin.label;
    sources[origin.path] = origin.source;
  }
  CHECK(labels["jobs.a.image"] == "mlk.yaml:4:14");
  CHECK(sources["jobs.a.image"] == Source::file);
  CHECK(labels["jobs.a.nodes"] == "environment prod, mlk.yaml:6:28");
  CHECK(sources["jobs.a.nodes"] == Source::environment);
  CHECK(labels["jobs.a.restarts"] == "--set jobs.a.restarts");
  CHECK(sources["jobs.a.restarts"] == Source::set);
  CHECK(labels["jobs.a.port"] == "default");
  CHECK(sources["jobs.a.port"] == Source::defaults);
  CHECK(p.merged["jobs"]["a"]["port"].as_int() == 29500);
}

TEST_CASE("project: --set takes YAML scalars, quoted text and lists, and null removes", "[project][set]") {
  const std::string text = with_head("jobs: {a: {image: x, nodes: 2, queue: q}}\n");
  LoadOptions options = quiet_options();
  options.sets = {
      "jobs.a.nodes=4",    "jobs.a.gpus=>=40GB:1", "jobs.a.command=[a, 'b c']", "jobs.a.env.X=\"1.5\"",
      "jobs.a.queue=null", "jobs.a.env.EMPTY=",    "jobs.a.env.TEXT=a: b # c",  "jobs.a.volumes[0]={claim: c, at: /c}"};
  const Project p = loaded(text, options);
  const Job& job = p.jobs[0];
  CHECK(*job.nodes == 4);
  CHECK(to_string(job.nodes.place) == "--set jobs.a.nodes");
  CHECK(job.nodes.is_given());
  CHECK(job.pod.gpus->value.memory == Bytes(40'000'000'000));
  CHECK(*job.command[1] == "b c");
  CHECK(*job.pod.env[0].second == "1.5");
  CHECK(job.queue->empty());
  CHECK(job.pod.env[1].second->empty());
  CHECK(*job.pod.env[2].second == "a: b # c");
  CHECK(*job.pod.volumes[0].source == "c");
}

TEST_CASE("project: --set-file takes a file's text", "[project][set]") {
  const auto path = std::filesystem::temp_directory_path() / "mlk-set-file-test.txt";
  std::ofstream(path) << "line 1\n0644\n";
  LoadOptions options = quiet_options();
  options.set_files = {"jobs.a.env.SCRIPT=" + path.string()};
  const Project p = loaded(with_head("jobs: {a: {image: x}}\n"), options);
  CHECK(*p.jobs[0].pod.env[0].second == "line 1\n0644\n");
  CHECK(p.origins.size() > 3);
  std::filesystem::remove(path);
  CHECK(mistakes(with_head("jobs: {a: {image: x}}\n"), options) ==
        Lines{fmt::format("--set-file jobs.a.env.SCRIPT: error project-set can't read '{}': No such file or directory",
                          path.string())});
}

TEST_CASE("project: mistakes in --set are named by the flag", "[project][set]") {
  const std::string text = with_head("jobs: {finetune: {image: x}}\n");
  const auto of = [&](std::string set) {
    LoadOptions options = quiet_options();
    options.sets = {std::move(set)};
    return mistakes(text, options);
  };
  CHECK(of("nonsense") == Lines{"--set nonsense: error project-set 'nonsense' is no path=value"});
  CHECK(of("jobs.finetun.nodes=2") ==
        Lines{"--set jobs.finetun.nodes: error project-set jobs has no 'finetun' (did you mean 'finetune'?)"});
  CHECK(of("jobs.finetune.nods=2") ==
        Lines{"--set jobs.finetune.nods: error project-unknown-key unknown key 'nods' (did you mean 'nodes'?)"});
  CHECK(of("jobs.finetune.nodes=many") ==
        Lines{"--set jobs.finetune.nodes: error project-type a whole number is wanted here, not a string"});
  CHECK(
      of("jobs.finetune.image.x=2") ==
      Lines{"--set jobs.finetune.image.x: error project-set the path leads through a value that has nothing below it"});
  CHECK(of("jobs.finetune.command=[a") ==
        Lines{"--set jobs.finetune.command: error project-set '[a' begins like YAML and isn't"});
}

TEST_CASE("project: only ${env:…} is expanded, any other $ stays", "[project][env]") {
  LoadOptions options = quiet_options();
  options.env = [](const std::string& name) -> std::optional<std::string> {
    if (name == "TAG") return "1.10";
    if (name == "N") return "3";
    if (name == "EMPTY") return "";
    return {};
  };
  const Project p = loaded(with_head(R"Y(jobs:
  a:
    image: x:${env:TAG}
    nodes: ${env:N}
    command: ["$HOME", "${HOME}", "$(POD)", "${env:NOPE:-d}", "${env:EMPTY:-e}", "a${env:N}b${env:N}"]
    env: {TAG: "${env:TAG}"}
)Y"),
                           options);
  const Job& job = p.jobs[0];
  CHECK(*job.image == "x:1.10");
  CHECK(*job.nodes == 3);
  std::vector<std::string> words;
  for (const auto& word : job.command) words.push_back(*word);
  CHECK(words == Lines{"$HOME", "${HOME}", "$(POD)", "d", "e", "a3b3"});
  CHECK(*job.pod.env[0].second == "1.10");
  CHECK(to_string(job.image.place) == "mlk.yaml:5:12");
}

TEST_CASE("project: undefined and malformed ${env:…} are mistakes, and values from it are never quoted",
          "[project][env]") {
  LoadOptions options = quiet_options();
  options.env = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SECRET") return "hunter2";
    return {};
  };
  CHECK(mistakes(with_head(R"(jobs:
  a:
    image: "${env:NOPE}"
    nodes: ${env:SECRET}
    gpus: ${env:SECRET}
    timeout: ${env:SECRET}
    queue: ${env:SECRET}_
    backend: ${env:SECRET}
    command: ["${env:X", "${env:}"]
)"),
                 options) ==
        Lines{
            "mlk.yaml:5:12: error project-env the environment variable 'NOPE' isn't set",
            "mlk.yaml:6:12: error project-type a whole number is wanted here, not a string",
            "mlk.yaml:7:11: error project-value what '${env:SECRET}' expands to doesn't fit here",
            "mlk.yaml:8:14: error project-value what '${env:SECRET}' expands to doesn't fit here",
            "mlk.yaml:9:12: error project-value what '${env:SECRET}_' expands to is no name that Kubernetes takes: "
            "lower case letters, digits, '-' and '.'",
            "mlk.yaml:10:14: error project-value what '${env:SECRET}' expands to isn't known here",
            "mlk.yaml:11:15: error project-env '${env:' isn't closed by '}'",
            "mlk.yaml:11:26: error project-env '' is no name of an environment variable",
        });
}

TEST_CASE("project: --env-file wins over the environment", "[project][env]") {
  const auto path = std::filesystem::temp_directory_path() / "mlk-env-file-test";
  std::ofstream(path) << "# comment\n\nexport A=from file\nB=\"x\\ny\"\nC='$HOME'\nnonsense\n";
  LoadOptions options = quiet_options();
  options.env = [](const std::string&) -> std::optional<std::string> { return "from process"; };
  options.env_files = {path};
  const std::string text =
      with_head("jobs: {a: {image: x, command: ['${env:A}', '${env:B}', '${env:C}', '${env:D}']}}\n");
  CHECK(mistakes(text, options) == Lines{path.string() + ":6:1: error project-env this line is no NAME=value"});
  std::ofstream(path) << "export A=from file\nB=\"x\\ny\"\nC='$HOME'\n";
  const Project p = loaded(text, options);
  std::vector<std::string> words;
  for (const auto& word : p.jobs[0].command) words.push_back(*word);
  CHECK(words == Lines{"from file", "x\ny", "$HOME", "from process"});
  std::filesystem::remove(path);
}
