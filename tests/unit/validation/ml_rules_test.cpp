#include <mlk/core/text.hpp>
#include <mlk/validation/validate.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <string>

using namespace mlk;
using namespace mlk::validation;

namespace {

std::vector<std::string> codes(const std::string& text) {
  std::vector<std::string> all;
  for (const Diagnostic& found : validate_text(text, "a.yaml").diagnostics) all.push_back(found.code);
  return all;
}

using Codes = std::vector<std::string>;

std::string all(const std::vector<std::string>& texts) { return join(texts, ""); }

/// A pod with one container and more fields for it.
std::string pod(std::string_view container, std::string_view spec = {}) {
  return fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, labels: {{app: a}}}}\nspec:\n{}  containers:\n  - name: main\n"
      "    image: a:1\n{}",
      spec, container);
}

std::string deployment(std::string_view container) {
  return fmt::format(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{matchLabels: {{app: a}}}}\n"
      "  template:\n    metadata: {{labels: {{app: a}}}}\n    spec:\n      containers:\n      - name: main\n"
      "        image: a:1\n{}",
      container);
}

std::string service(std::string_view target) {
  return fmt::format(
      "---\napiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec:\n  selector: {{app: a}}\n"
      "  ports: [{{port: 80, targetPort: {}}}]\n",
      target);
}

}  // namespace

TEST_CASE("gpu rules: every extended resource counts, cpu and memory don't", "[validation][gpu]") {
  CHECK(codes(pod("    resources: {requests: {rdma/hca: 1}}\n")) == Codes{"gpu-limit-missing"});
  CHECK(codes(pod("    resources: {requests: {cpu: 1, memory: 1Gi}}\n")).empty());
  CHECK(codes(pod("    resources: {limits: {cpu: 500m}}\n")).empty());
  CHECK(codes(pod("    resources: {limits: {google.com/tpu: 1500m}}\n")) == Codes{"gpu-fractional"});
}

TEST_CASE("gpu rules: the same number in other words is equal", "[validation][gpu]") {
  CHECK(codes(pod("    resources: {requests: {rdma/hca: 1000m}, limits: {rdma/hca: 1}}\n")).empty());
}

TEST_CASE("gpu-toleration: a toleration of every taint is enough", "[validation][gpu]") {
  const auto gpu = "    resources: {limits: {nvidia.com/gpu: 1}}\n";
  CHECK(codes(pod(gpu)) == Codes{"gpu-toleration"});
  CHECK(codes(pod(gpu, "  tolerations: [{operator: Exists}]\n")).empty());
  CHECK(codes(pod(gpu, "  tolerations: [{key: nvidia.com/gpu, value: present}]\n")).empty());
  CHECK(codes(pod(gpu, "  tolerations: [{key: dedicated, operator: Exists}]\n")) == Codes{"gpu-toleration"});
}

TEST_CASE("gpu-toleration: a slice's nodes carry the taint of the whole GPU", "[validation][gpu]") {
  CHECK(codes(pod("    resources: {limits: {nvidia.com/mig-1g.10gb: 1}}\n",
                  "  tolerations: [{key: nvidia.com/gpu, operator: Exists}]\n"))
            .empty());
}

TEST_CASE("shm-missing: one GPU that serves needs no more than the default", "[validation][gpu]") {
  const std::string spec = "  tolerations: [{operator: Exists}]\n";
  CHECK(codes(pod("    resources: {limits: {nvidia.com/gpu: 1}}\n", spec)).empty());
  CHECK(codes(pod("    resources: {limits: {nvidia.com/gpu: 2}}\n", spec)) == Codes{"shm-missing"});
  CHECK(codes(pod("    resources: {limits: {nvidia.com/gpu: 2}}\n", fmt::format("{}  hostIPC: true\n", spec))).empty());
}

TEST_CASE("shm-missing: an emptyDir on disk at /dev/shm is no shared memory", "[validation][gpu]") {
  const std::string spec = "  tolerations: [{operator: Exists}]\n  volumes: [{name: shm, emptyDir: {}}]\n";
  CHECK(codes(pod("    resources: {limits: {nvidia.com/gpu: 2}}\n"
                  "    volumeMounts: [{name: shm, mountPath: /dev/shm}]\n",
                  spec)) == Codes{"shm-missing"});
}

TEST_CASE("port-mismatch: the server's --port against probes, in every spelling", "[validation][serving]") {
  CHECK(codes(pod("    args: [--port=8000]\n    livenessProbe: {tcpSocket: {port: 8001}}\n")) ==
        Codes{"port-mismatch"});
  CHECK(codes(pod("    command: [serve, --port, \"8000\"]\n    livenessProbe: {tcpSocket: {port: 8000}}\n")).empty());
  CHECK(codes(pod("    args: [--port=8000, --metrics-port=8001]\n    livenessProbe: {tcpSocket: {port: 8001}}\n"))
            .empty());
  CHECK(codes(pod("    livenessProbe: {tcpSocket: {port: 8001}}\n")).empty());
}

TEST_CASE("port-mismatch: a probe's named port has to be named by the container", "[validation][serving]") {
  CHECK(codes(pod("    ports: [{name: web, containerPort: 80}]\n    livenessProbe: {tcpSocket: {port: http}}\n")) ==
        Codes{"port-mismatch"});
  CHECK(codes(pod("    ports: [{name: http, containerPort: 80}]\n    livenessProbe: {tcpSocket: {port: http}}\n"))
            .empty());
  CHECK(codes(pod("    ports: [{name: http, containerPort: 80}]\n    args: [--port=81]\n"
                  "    livenessProbe: {tcpSocket: {port: http}}\n")) == Codes{"port-mismatch"});
}

TEST_CASE("port-mismatch: a Service against the pods it selects", "[validation][serving]") {
  CHECK(codes(all({pod("    args: [--port=8000]\n"), service("8080")})) == Codes{"port-mismatch"});
  CHECK(codes(all({pod("    args: [--port=8000]\n"), service("8000")})).empty());
  CHECK(codes(all({pod("    ports: [{name: http, containerPort: 8000}]\n"), service("http")})).empty());
  CHECK(codes(all({pod("    ports: [{name: http, containerPort: 8000}]\n"), service("grpc")})) ==
        Codes{"port-mismatch"});
  CHECK(codes(all({pod("    ports: [{containerPort: 8000}]\n"), service("8080")})) == Codes{"port-mismatch"});
  CHECK(codes(all({pod(""), service("8080")})).empty());
}

TEST_CASE("port-mismatch: a headless Service gives names only", "[validation][serving]") {
  CHECK(codes(all({pod("    args: [--port=8000]\n"),
                   "---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  clusterIP: None\n"
                   "  selector: {app: a}\n  ports: [{port: 29500}]\n"}))
            .empty());
}

TEST_CASE("port-mismatch: a route against its Service's ports", "[validation][serving]") {
  const auto route = [](int port) {
    return fmt::format(
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: a}}\nspec:\n"
        "  rules: [{{backendRefs: [{{name: a, port: {}}}]}}]\n",
        port);
  };
  CHECK(codes(all({pod(""), service("8000"), route(80)})).empty());
  CHECK(codes(all({pod(""), service("8000"), route(8000)})) == Codes{"port-mismatch"});
}

TEST_CASE("startup-probe: only servers that load models need one", "[validation][serving]") {
  const std::string probe = "        livenessProbe: {tcpSocket: {port: 80}}\n";
  const std::string server = "        command: [vllm, serve]\n        livenessProbe: {tcpSocket: {port: 80}}\n";
  CHECK(codes(deployment(probe)).empty());
  CHECK(codes(deployment(server)) == Codes{"startup-probe"});
  CHECK(codes(deployment("        command: [vllm, serve]\n"
                         "        livenessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 600}\n"))
            .empty());
  CHECK(codes(deployment("        command: [vllm, serve]\n")).empty());
}

TEST_CASE("pdb-missing: the autoscaler's least replicas count", "[validation][serving]") {
  const auto autoscaler = [](int least) {
    return fmt::format(
        "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\nspec:\n"
        "  minReplicas: {}\n  maxReplicas: 9\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: a}}\n",
        least);
  };
  CHECK(codes(all({deployment(""), autoscaler(2)})) == Codes{"pdb-missing"});
  CHECK(codes(all({deployment(""), autoscaler(1)})).empty());
}

TEST_CASE("image-latest: a registry's port is no tag", "[validation][security]") {
  const auto image = [](std::string_view reference) {
    return fmt::format(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{name: a, image: \"{}\"}}]}}\n",
        reference);
  };
  CHECK(codes(image("localhost:5000/a")) == Codes{"image-latest"});
  CHECK(codes(image("a")) == Codes{"image-latest"});
  CHECK(codes(image("localhost:5000/a:1")).empty());
  CHECK(codes(image("a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")).empty());
}

TEST_CASE("token-literal: names of whole words, values that stand for a secret don't count", "[validation][security]") {
  const auto variable = [](std::string_view name, std::string_view value) {
    return pod(fmt::format("    env: [{{name: {}, value: \"{}\"}}]\n", name, value));
  };
  CHECK(codes(variable("WANDB_API_KEY", "abcdef")) == Codes{"token-literal"});
  CHECK(codes(variable("AWS_SECRET_ACCESS_KEY", "abcdef")) == Codes{"token-literal"});
  CHECK(codes(variable("DB_PASSWORD", "abcdef")) == Codes{"token-literal"});
  CHECK(codes(variable("MAX_TOKENS", "abcdef")).empty());
  CHECK(codes(variable("TOKENIZERS_PARALLELISM", "false")).empty());
  CHECK(codes(variable("HF_TOKEN_PATH", "/run/secrets/token")).empty());
  CHECK(codes(variable("HF_TOKEN", "$(OTHER)")).empty());
  CHECK(codes(variable("HF_TOKEN", "")).empty());
  CHECK(codes(variable("SETTINGS", fmt::format("hf_{:x>34}", ""))) == Codes{"token-literal"});
}

TEST_CASE("token-literal: arguments and ConfigMaps are looked at, and the token is never repeated",
          "[validation][security]") {
  const std::string token = fmt::format("hf_{:q>34}", "");
  CHECK(codes(pod(fmt::format("    args: [\"--token={}\"]\n", token))) == Codes{"token-literal"});
  const Findings findings = validate_text(
      fmt::format("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{env: \"T={}\"}}\n", token), "a");
  REQUIRE(findings.diagnostics.size() == 1);
  const Diagnostic& found = findings.diagnostics.front();
  CHECK(found.code == "token-literal");
  CHECK((found.message + found.why + found.fix + found.path).find("qqqq") == std::string::npos);
}
