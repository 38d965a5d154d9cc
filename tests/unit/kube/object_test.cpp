#include <mlk/document/reader.hpp>
#include <mlk/kube/object.hpp>
#include <mlk/kube/resource.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::kube;

TEST_CASE("object: a pod's request is what the scheduler counts", "[kube][object]") {
  const auto pod = pod_from(*document::read_json(R"({"spec":{
    "overhead":{"cpu":"100m"},
    "initContainers":[
      {"name":"proxy","restartPolicy":"Always","resources":{"requests":{"cpu":"200m"}}},
      {"name":"fetch","resources":{"requests":{"cpu":"3","memory":"1Ki"}}}],
    "containers":[
      {"name":"a","resources":{"requests":{"cpu":"1"},"limits":{"cpu":"4","nvidia.com/gpu":"2"}}},
      {"name":"b","resources":{"requests":{"cpu":"1","memory":"broken"}}}]}})"));
  // The highest moment is 'fetch' beside the sidecar: 3.2 cores, more than 2.2 while running.
  CHECK(pod.requested_milli("cpu") == 3300);
  CHECK(pod.requested_milli("nvidia.com/gpu") == 2000);
  CHECK(pod.requested_milli("memory") == 1024000);
  CHECK(pod.requested_milli("ephemeral-storage") == 0);
  CHECK(pod.requested_names() == std::vector<std::string>{"cpu", "memory", "nvidia.com/gpu"});
}

TEST_CASE("object: what is missing or of another type stays empty", "[kube][object]") {
  const auto job = job_from(*document::read_json(R"({"metadata":{"name":7,"creationTimestamp":"yesterday"},
    "spec":{"parallelism":"many","completions":99999999999},"status":{"conditions":"none","active":true}})"));
  CHECK(job.meta.name.empty());
  CHECK_FALSE(job.meta.created);
  CHECK_FALSE(job.parallelism);
  CHECK(job.active == 0);
  CHECK(job.conditions.empty());
  CHECK(pod_from(document::Node()).phase.empty());
}

TEST_CASE("object: an event of the newer API has its times too", "[kube][object]") {
  const auto event = event_from(*document::read_json(R"({"type":"Warning","reason":"FailedScheduling","count":null,
    "reportingComponent":"default-scheduler","eventTime":"2026-11-21T06:30:39.5Z",
    "series":{"count":4,"lastObservedTime":"2026-11-21T06:31:00Z"},"involvedObject":{"kind":"Pod","uid":"u"}})"));
  CHECK(event.count == 4);
  CHECK(event.source == "default-scheduler");
  CHECK(format_rfc3339(*event.last_seen) == "2026-11-21T06:31:00Z");
  CHECK(event.first_seen < event.last_seen);
}

TEST_CASE("resource: paths are built and escaped without discovery", "[kube][resource]") {
  CHECK(types::pods.path("nlp", "a", "log") == "/api/v1/namespaces/nlp/pods/a/log");
  CHECK(types::jobs.path("nlp") == "/apis/batch/v1/namespaces/nlp/jobs");
  CHECK(types::jobs.path() == "/apis/batch/v1/jobs");
  CHECK(types::nodes.path("nlp", "n") == "/api/v1/nodes/n");
  CHECK(types::pods.path("n", "../../x?y") == "/api/v1/namespaces/n/pods/..%2F..%2Fx%3Fy");
  CHECK(types::jobs.qualified_name() == "jobs.batch");
  REQUIRE(find_builtin("batch/v1", "Job") != nullptr);
  CHECK(find_builtin("batch/v1", "Job")->plural == "jobs");
  CHECK(find_builtin("v1", "Pod") == &types::pods);
  CHECK(find_builtin("batch/v2", "Job") == nullptr);
  CHECK(find_builtin("gateway.networking.k8s.io/v1", "HTTPRoute") == nullptr);
}
