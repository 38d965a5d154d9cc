#include "sample_project.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/document/tree.hpp>
#include <mlk/workload/job.hpp>
#include <mlk/workload/service.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using document::Node;

namespace {

Node yaml(std::string_view text) { return document::read_yaml_one(text, "patch", document::Schema::core).value(); }

project::Patch merge(const std::string& kind, std::string_view text, std::string name = {}) {
  project::Patch patch;
  patch.kind = sample::text(kind, 50);
  patch.name = sample::text(std::move(name), 51);
  patch.merge = yaml(text);
  patch.place = sample::at(50);
  return patch;
}

project::Patch json(const std::string& kind, std::string_view text) {
  project::Patch patch;
  patch.kind = sample::text(kind, 50);
  patch.json = yaml(text);
  patch.place = sample::at(50);
  return patch;
}

Result<workload::JobObjects> patched(std::vector<project::Patch> patches, const std::string& suffix = {}) {
  auto job = sample::job();
  job.pod.patches = std::move(patches);
  templates::Library library;
  workload::JobOptions options;
  options.suffix = suffix;
  return workload::generate_job(sample::project(), {}, job, options, library);
}

Node pod_of(const Result<workload::JobObjects>& objects) {
  if (!objects) FAIL(to_string(objects.error().diagnostics.at(0)));
  return objects->job["spec"]["template"]["spec"];
}

std::string code_of(const Result<workload::JobObjects>& objects) {
  REQUIRE(!objects);
  return objects.error().diagnostics.at(0).code;
}

}  // namespace

TEST_CASE("patch: maps merge, null removes, lists merge by their key", "[workload][patch]") {
  const Node pod = pod_of(patched({merge("Job", R"(
spec:
  podFailurePolicy: null
  template:
    spec:
      hostIPC: true
      containers:
        - name: main
          workingDir: /workspace
          env: [{name: USER, value: me}, {name: NEW, value: "1"}]
          volumeMounts: [{mountPath: /home/mlk, $patch: delete}]
        - {name: sidecar, image: "registry.example.com/log:1"}
      tolerations: [{key: mine, operator: Exists}]
)")}));
  CHECK(pod["hostIPC"].as_bool() == true);
  REQUIRE(pod["containers"].size() == 2);
  const Node& container = pod["containers"][std::size_t{0}];
  CHECK(container["workingDir"].as_string() == "/workspace");
  CHECK(container["image"].as_string() == "registry.example.com/nlp/trainer:1.4");
  CHECK(document::find_path(container, "env[10].value")->as_string() == "me");
  CHECK(document::find_path(container, "env[11].name")->as_string() == "NEW");
  CHECK(container["volumeMounts"].size() == 1);
  CHECK(pod["containers"][std::size_t{1}]["name"].as_string() == "sidecar");
  CHECK(pod["tolerations"].size() == 1);
}

TEST_CASE("patch: $patch replaces and deletes", "[workload][patch]") {
  const Node pod = pod_of(patched({merge("Job", R"(
spec:
  template:
    spec:
      securityContext: {$patch: replace, runAsUser: 7}
      affinity: {$patch: delete}
)")}));
  CHECK(pod["securityContext"].size() == 1);
  CHECK(pod.find("affinity") == nullptr);
}

TEST_CASE("patch: JSON operations", "[workload][patch]") {
  const Node pod =
      pod_of(patched({json("Job", "[{op: replace, path: /spec/template/spec/restartPolicy, value: OnFailure}]")}));
  CHECK(pod["restartPolicy"].as_string() == "OnFailure");
  CHECK(code_of(patched({json("Job", "[{op: remove, path: /spec/nothing}]")})) == "patch");
}

TEST_CASE("patch: a name is the object's or the section's", "[workload][patch]") {
  CHECK(
      pod_of(patched({merge("Job", "spec: {template: {spec: {hostIPC: true}}}", "finetune")}, "x7")).find("hostIPC") !=
      nullptr);
  CHECK(pod_of(patched({merge("Job", "spec: {template: {spec: {hostIPC: true}}}", "finetune-x7")}, "x7"))
            .find("hostIPC") != nullptr);
  CHECK(code_of(patched({merge("Job", "spec: {}", "other")}, "x7")) == "patch-target");
}

TEST_CASE("patch: one that meets no object, or renames one, is refused", "[workload][patch]") {
  const auto missed = patched({merge("Deploymet", "spec: {}")});
  CHECK(code_of(missed) == "patch-target");
  CHECK(missed.error().diagnostics[0].place.line == 50);
  CHECK(code_of(patched({merge("Job", "metadata: {name: other}")})) == "patch-identity");
  CHECK(code_of(patched({merge("Job", "spec: {template: {spec: {containers: [{image: x}]}}}")})) == "patch");
  CHECK(code_of(patched({merge("Job", "spec: {$retainKeys: [a]}")})) == "patch");
}

TEST_CASE("patch: a Deployment's revision is the hash of the patched pods", "[workload][patch]") {
  templates::Library library;
  auto service = sample::service();
  const auto plain = workload::generate_service(sample::project(), sample::lock(), service, {}, library).value();
  service.pod.patches = {merge("Deployment", "spec: {template: {spec: {hostIPC: true}}}", "sentiment")};
  const auto other = workload::generate_service(sample::project(), sample::lock(), service, {}, library).value();
  CHECK(other.revision != plain.revision);
  CHECK(other.deployment["metadata"]["name"].as_string() == other.deployment_name);
}

TEST_CASE("patch: custom resources have no merge keys, so their lists are replaced", "[workload][patch]") {
  templates::Library library;
  auto service = sample::service();
  service.expose = sample::expose();
  service.pod.patches = {merge("HTTPRoute", "spec: {parentRefs: [{name: other}]}")};
  const auto made = workload::generate_service(sample::project(), sample::lock(), service, {}, library).value();
  CHECK(document::find_path(*made.route, "spec.parentRefs")->size() == 1);
  CHECK(document::find_path(*made.route, "spec.parentRefs[0].name")->as_string() == "other");
  CHECK(document::find_path(*made.route, "spec.parentRefs[0].namespace") == nullptr);
}
