#include "project_text.hpp"

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::project;

namespace {

Lines job_mistakes(std::string_view fields) {
  std::string text = "jobs:\n  a:\n    image: x\n    ";
  text += fields;
  text += "\n";
  return mistakes(with_head(text));
}

Lines service_mistakes(std::string_view fields) {
  std::string text = "services:\n  a:\n    engine: vllm\n    ";
  text += fields;
  text += "\n";
  return mistakes(with_head(text));
}

}  // namespace

TEST_CASE("mistakes: all of them at once, in the order of the file", "[project][mistakes]") {
  CHECK(mistakes(R"(mlk: v2
nmae: demo
jobs:
  a: {comand: [x], nodes: two, gpus: h10:8}
  B_: {image: x}
services:
  s: {engine: vlm, model: sentimnt, scale: {min: 3, max: 2}}
models:
  sentiment: {source: ./m, image: "a b"}
pipelines: {p: {}}
environments:
  prod: {jobs: {a: {nodez: 3}}, mlk: v1}
)") == Lines{
           "mlk.yaml:1:1: error project-missing 'name' is missing",
           "mlk.yaml:1:6: error project-version this mlk reads version v1 of the file, not 'v2'",
           "mlk.yaml:2:1: error project-unknown-key unknown key 'nmae' (did you mean 'name'?)",
           "mlk.yaml:4:3: error project-missing 'image' is missing",
           "mlk.yaml:4:7: error project-unknown-key unknown key 'comand' (did you mean 'command'?)",
           "mlk.yaml:4:27: error project-type a whole number is wanted here, not a string",
           "mlk.yaml:4:38: error project-value gpus 'h10:8': unknown GPU model 'h10' (did you mean 'a10'?)",
           "mlk.yaml:5:3: error project-value 'B_' is no name that Kubernetes takes: lower case letters, digits "
           "and '-', with a letter or digit at both ends",
           "mlk.yaml:7:15: error project-value 'vlm' isn't known here (did you mean 'vllm'?)",
           "mlk.yaml:7:27: error project-value models has no 'sentimnt' (did you mean 'sentiment'?)",
           "mlk.yaml:7:58: error project-value max 2 is less than min 3",
           "mlk.yaml:9:35: error project-value 'a b' is no image reference: registry/repository:tag",
           "mlk.yaml:10:1: error project-unsupported pipelines aren't supported in this version of mlk",
           "mlk.yaml:12:21: error project-unknown-key unknown key 'nodez' (did you mean 'nodes'?)",
           "mlk.yaml:12:33: error project-value an environment can't change 'mlk'",
       });
}

TEST_CASE("mistakes: each has its path and a fix", "[project][mistakes]") {
  const auto result =
      load_text(with_head("jobs:\n  a:\n    image: x\n    volumes:\n    - {claim: A, at: data}\n"), quiet_options());
  REQUIRE(!result);
  CHECK(result.error().what == "mlk.yaml has 2 mistakes");
  REQUIRE(result.error().diagnostics.size() == 2);
  CHECK(result.error().diagnostics[0].path == "jobs.a.volumes[0].claim");
  CHECK(result.error().diagnostics[1].path == "jobs.a.volumes[0].at");
  const auto unknown = load_text(with_head("jobs: {a: {image: x, zzzzzz: 1}}\n"), quiet_options());
  REQUIRE(!unknown);
  CHECK(unknown.error().what == "mlk.yaml has a mistake");
  CHECK_THAT(unknown.error().diagnostics[0].fix, Catch::StartsWith("known here: image, code, command, args, nodes"));
}

TEST_CASE("mistakes: YAML that can't be read, and duplicate keys, are among them", "[project][mistakes]") {
  CHECK(mistakes("mlk: v1\nname: [a\n") == Lines{"mlk.yaml:3:1: error yaml-syntax did not find expected ',' or ']'"});
  CHECK(mistakes(with_head("jobs: {a: {image: x, image: y, nodes: x}}\n")) ==
        Lines{"mlk.yaml:3:22: error duplicate-key the key 'image' is there twice",
              "mlk.yaml:3:39: error project-type a whole number is wanted here, not a string"});
  CHECK(mistakes("") == Lines{"mlk.yaml is empty"});
  CHECK(mistakes("- a\n") == Lines{"mlk.yaml:1:1: error project-type a map is wanted here, not a list"});
  CHECK(mistakes(with_head("---\nx: 1\n")) ==
        Lines{"mlk.yaml:4:1: error project-documents one YAML document is wanted, and here begins another"});
}

TEST_CASE("mistakes: wrong kinds", "[project][mistakes]") {
  CHECK(job_mistakes("command: torchrun") ==
        Lines{"mlk.yaml:6:14: error project-type a list is wanted here, not a string"});
  CHECK(job_mistakes("env: [A]") == Lines{"mlk.yaml:6:10: error project-type a map is wanted here, not a list"});
  CHECK(job_mistakes("env: {A: }") ==
        Lines{"mlk.yaml:6:14: error project-type a string is wanted here, and nothing is given"});
  CHECK(job_mistakes("queue: {a: b}") == Lines{"mlk.yaml:6:12: error project-type a string is wanted here, not a map"});
  CHECK(job_mistakes("restarts: yes") ==
        Lines{"mlk.yaml:6:15: error project-type a whole number is wanted here, not a string"});
  CHECK(job_mistakes("restarts: 1.5") ==
        Lines{"mlk.yaml:6:15: error project-type a whole number is wanted here, not a number"});
  CHECK(job_mistakes("volumes: [{claim: c, at: /c, read-only: 1}]") ==
        Lines{"mlk.yaml:6:45: error project-type true or false is wanted here, not a whole number"});
  CHECK(mistakes(with_head("jobs: [a]\n")) ==
        Lines{"mlk.yaml:3:7: error project-type a map is wanted here, not a list"});
  CHECK(mistakes(with_head("environments: [a]\n")) ==
        Lines{"mlk.yaml:3:15: error project-type a map is wanted here, not a list"});
}

TEST_CASE("mistakes: numbers that YAML would change are no text", "[project][mistakes]") {
  CHECK(job_mistakes("env: {A: 1.10}") ==
        Lines{"mlk.yaml:6:14: error project-type a string is wanted here, and YAML reads the number 1.1"});
  CHECK(job_mistakes("env: {A: 0x1F}") ==
        Lines{"mlk.yaml:6:14: error project-type a string is wanted here, and YAML reads the number 31"});
  CHECK(job_mistakes("env: {A: 1.5, B: 0644, C: no, D: 12:30:45, E: true}").empty());
}

TEST_CASE("mistakes: quantities take units", "[project][mistakes]") {
  CHECK(job_mistakes("resources: {memory: 64}") == Lines{"mlk.yaml:6:25: error project-value '64' has no unit"});
  CHECK(job_mistakes("resources: {memory: 64Gb}") == Lines{"mlk.yaml:6:25: error project-value '64Gb' is no quantity"});
  CHECK(job_mistakes("resources: {memory: -1Gi}") == Lines{"mlk.yaml:6:25: error project-value '-1Gi' is negative"});
  CHECK(job_mistakes("resources: {cpu: 0.5, memory: 1Gi}\n    shm: 0").empty());
  CHECK(job_mistakes("timeout: 90") == Lines{"mlk.yaml:6:14: error project-value '90' has no unit"});
  CHECK(service_mistakes("rollout: {strategy: canary, steps: [{weight: 25}]}") ==
        Lines{"mlk.yaml:6:50: error project-value '25' has no unit"});
  CHECK(service_mistakes("rollout: {strategy: canary, steps: [{weight: 125%}]}") ==
        Lines{"mlk.yaml:6:50: error project-value '125%' is no percentage"});
  CHECK(service_mistakes("scale: {max: 3, metrics: [{cpu: 70}]}") ==
        Lines{"mlk.yaml:6:37: error project-value '70' has no unit"});
}

TEST_CASE("mistakes: out of range", "[project][mistakes]") {
  CHECK(job_mistakes("nodes: 0") ==
        Lines{"mlk.yaml:6:12: error project-value '0' is out of range: it goes from 1 to 10000"});
  CHECK(job_mistakes("port: 70000") ==
        Lines{"mlk.yaml:6:11: error project-value '70000' is out of range: it goes from 1 to 65535"});
  CHECK(job_mistakes("run-as-user: -1") ==
        Lines{"mlk.yaml:6:18: error project-value '-1' is out of range: 0 is the least"});
  CHECK(service_mistakes("scale: -1") ==
        Lines{"mlk.yaml:6:12: error project-value '-1' is out of range: 0 is the least"});
}

TEST_CASE("mistakes: names that the API server would refuse", "[project][mistakes]") {
  const auto name = [](std::string_view job) {
    return mistakes(with_head("jobs:\n  " + std::string(job) + ": {image: x}\n"));
  };
  CHECK(name("fine-tune").empty());
  CHECK(name("Fine").size() == 1);
  CHECK(name("1a") ==
        Lines{"mlk.yaml:4:3: error project-value '1a' is no name for a Service: it begins with a letter"});
  CHECK(name(std::string(52, 'a')).empty());
  CHECK(name(std::string(53, 'a')) ==
        Lines{"mlk.yaml:4:3: error project-value '" + std::string(53, 'a') +
              "' is too long: 53 characters, 52 at most, because mlk appends a suffix to it"});
  CHECK(mistakes("mlk: v1\nname: -x\n").size() == 1);
  CHECK(mistakes(with_head("namespace: a.b\n")).size() == 1);
  CHECK(job_mistakes("queue: Research_1") ==
        Lines{"mlk.yaml:6:12: error project-value 'Research_1' is no name that Kubernetes takes: lower case letters, "
              "digits, '-' and '.'"});
  CHECK(job_mistakes("env: {1A: x}") == Lines{"mlk.yaml:6:11: error project-value '1A' is no name of an environment "
                                              "variable: letters, digits, '_', '-' and '.', no digit first"});
  CHECK(job_mistakes("labels: {a/b/c: x, ok: 'not ok'}").size() == 2);
}

TEST_CASE("mistakes: a secret's literal is refused and never repeated", "[project][mistakes]") {
  CHECK(job_mistakes("secrets: {TOKEN: hf_abcdefghijkl}") ==
        Lines{"mlk.yaml:6:22: error project-secret this is no reference to a key of a Secret"});
  CHECK(job_mistakes("secrets: {TOKEN: a/b}\n    env: {TOKEN: x}") ==
        Lines{"mlk.yaml:6:22: error project-value 'TOKEN' is set by env too"});
}

TEST_CASE("mistakes: volumes have one source and a path of their own", "[project][mistakes]") {
  CHECK(job_mistakes("volumes: [{at: /a}]") == Lines{"mlk.yaml:6:15: error project-value the volume has no source"});
  CHECK(job_mistakes("volumes: [{claim: a}]") == Lines{"mlk.yaml:6:15: error project-missing 'at' is missing"});
  CHECK(job_mistakes("volumes: [{claim: a, secret: b, at: /a}]") ==
        Lines{"mlk.yaml:6:34: error project-value a volume has one source: claim, config-map, secret, image or empty"});
  CHECK(job_mistakes("volumes: [{claim: a, at: /a}, {claim: b, at: /a}]") ==
        Lines{"mlk.yaml:6:50: error project-value two volumes are mounted at '/a'"});
  CHECK(job_mistakes("volumes: [{empty: ram, at: /a}]") ==
        Lines{"mlk.yaml:6:15: error project-value the volume has no source",
              "mlk.yaml:6:23: error project-type 'disk' or 'memory' is wanted here, not a string"});
  CHECK(job_mistakes("volumes: [{claim: a, at: /a, size: 1Gi}]") ==
        Lines{"mlk.yaml:6:40: error project-value only an empty volume has a size here"});
  CHECK(job_mistakes("volumes: [{claim: a, at: /a, sub-path: ../b}]").size() == 1);
}

TEST_CASE("mistakes: a route without auth", "[project][mistakes]") {
  const auto result =
      load_text(with_head("services: {a: {engine: vllm, expose: {gateway: infra/public}}}\n"), quiet_options());
  REQUIRE(!result);
  const auto& d = result.error().diagnostics.front();
  CHECK(to_string(d) == "mlk.yaml:3:30: error project-missing 'auth' is missing");
  CHECK(d.path == "services.a.expose");
  CHECK(d.fix == "Who may call: {api-key: secret/key}, or none for everybody");
  CHECK(service_mistakes("expose: {gateway: infra/public, auth: none}").empty());
  CHECK(service_mistakes("expose: {gateway: infra/public, auth: key}") ==
        Lines{"mlk.yaml:6:43: error project-type 'none' or {api-key: secret/key} is wanted here"});
  CHECK(service_mistakes("expose: {gateway: a/b/c, auth: none}") ==
        Lines{"mlk.yaml:6:23: error project-value 'a/b/c' is no name, and no namespace/name"});
}

TEST_CASE("mistakes: scale and rollout", "[project][mistakes]") {
  CHECK(service_mistakes("scale: 0") == Lines{"mlk.yaml:6:12: error project-value min: 0 needs 'wake'"});
  CHECK(service_mistakes("scale: {min: 0, max: 2, wake: gateway}").empty());
  CHECK(service_mistakes("scale: {min: 2, metrics: [{cpu: 70%}]}") ==
        Lines{"mlk.yaml:6:31: error project-value there is nothing to scale: max isn't above min"});
  CHECK(service_mistakes("scale: {max: 2, metrics: [{cpu: 70%, queue: 5}]}") ==
        Lines{"mlk.yaml:6:31: error project-value one measure a metric is wanted"});
  CHECK(service_mistakes("rollout: {steps: [{weight: 5%}]}") ==
        Lines{"mlk.yaml:6:23: error project-value only a canary has steps"});
  CHECK(service_mistakes("rollout: {strategy: canary, steps: [{weight: 50%}, {weight: 25%}]}") ==
        Lines{"mlk.yaml:6:65: error project-value each step's weight must be above the one before"});
  CHECK(service_mistakes("rollout: {gates: [{measure: error-rate}]}") ==
        Lines{"mlk.yaml:6:23: error project-value a gate needs 'max' or 'min'"});
  CHECK(service_mistakes("rollout: {gates: [{measure: error-rate, max: lots}]}") ==
        Lines{"mlk.yaml:6:50: error project-value 'lots' is no limit"});
  CHECK(service_mistakes("variants: [{model: b}]") ==
        Lines{"mlk.yaml:6:15: error project-unsupported variants aren't supported in this version of mlk"});
  CHECK(service_mistakes("disruption: {max-unavailable: 1, min-available: 50%}") ==
        Lines{"mlk.yaml:6:53: error project-value max-unavailable and min-available exclude each other"});
  CHECK(mistakes(with_head("services: {a: {engine: custom}}\n")) ==
        Lines{"mlk.yaml:3:24: error project-value a custom engine needs an image"});
}

TEST_CASE("mistakes: tolerations and patches", "[project][mistakes]") {
  CHECK(job_mistakes("tolerations: [{value: x}]") == Lines{"mlk.yaml:6:19: error project-value 'key' is missing"});
  CHECK(job_mistakes("tolerations: [{key: a, operator: Exist}]") ==
        Lines{"mlk.yaml:6:38: error project-value 'Exist' is neither Equal nor Exists"});
  CHECK(job_mistakes("tolerations: [{key: a, effect: NoScedule}]") ==
        Lines{"mlk.yaml:6:36: error project-value 'NoScedule' is no effect (did you mean 'NoSchedule'?)"});
  CHECK(job_mistakes("patch: [{kind: Job}]") ==
        Lines{"mlk.yaml:6:13: error project-value a patch has either 'merge' or 'json'"});
}

TEST_CASE("mistakes: in an environment that isn't chosen they are found too", "[project][mistakes]") {
  CHECK(mistakes(with_head(R"(jobs:
  a: {image: x, nodes: "3"}
environments:
  prod:
    jobs: {a: {image: "${env:NOPE}", nodes: "${env:N}", gpus: zz:1}, b: {}}
  Dev:
    jbos: {}
  bad: 3
default-environment: prd
)")) == Lines{
            "mlk.yaml:4:24: error project-type a whole number is wanted here, not a string",
            "mlk.yaml:7:63: error project-value gpus 'zz:1': unknown GPU model 'zz'",
            "mlk.yaml:7:70: error project-missing 'image' is missing",
            "mlk.yaml:8:3: error project-value 'Dev' is no name that Kubernetes takes: lower case letters, digits and "
            "'-', "
            "with a letter or digit at both ends",
            "mlk.yaml:9:5: error project-unknown-key unknown key 'jbos' (did you mean 'jobs'?)",
            "mlk.yaml:10:8: error project-type a map is wanted here, not a whole number",
            "mlk.yaml:11:22: error project-value there is no environment 'prd' (did you mean 'prod'?)",
        });
}
