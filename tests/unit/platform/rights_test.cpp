#include <mlk/document/writer.hpp>
#include <mlk/platform/rights.hpp>
#include <mlk/project/load.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace mlk;
using platform::Right;

namespace {

project::Project load(std::string_view text) {
  project::LoadOptions options;
  options.env = [](const std::string&) { return std::nullopt; };
  auto loaded = project::load_text(text, options);
  REQUIRE(loaded);
  return *std::move(loaded);
}

/// The verbs on a resource, joined; empty where no right names it.
std::string verbs_on(const std::vector<Right>& rights, std::string_view name) {
  std::string all;
  for (const Right& right : rights) {
    if (right.name() != name) continue;
    for (const std::string& verb : right.verbs) all += (all.empty() ? "" : " ") + verb;
  }
  return all;
}

constexpr std::string_view k_service = R"(mlk: v1
name: shop
models:
  reviews: {source: ./reviews, image: registry.example.com/shop/reviews}
services:
  reviews: {model: reviews, engine: vllm, gpus: 1, scale: 2)";

}  // namespace

TEST_CASE("rights: a job of one node needs no Service of its own", "[platform][rights]") {
  const auto one = platform::needed_rights(load("mlk: v1\nname: p\njobs:\n  t: {image: a, command: [b]}\n"));
  CHECK(verbs_on(one, "jobs.batch") == "get list watch create delete");
  CHECK(verbs_on(one, "pods/log") == "get");
  CHECK(verbs_on(one, "services") == "list");
  CHECK(verbs_on(one, "deployments.apps").empty());
  const auto two = platform::needed_rights(load("mlk: v1\nname: p\njobs:\n  t: {image: a, command: [b], nodes: 2}\n"));
  CHECK(verbs_on(two, "services") == "get list create delete");
}

TEST_CASE("rights: routes and autoscalers are written only where a service has them", "[platform][rights]") {
  const std::string text(k_service);
  const auto plain = platform::needed_rights(load(text + "}\n"));
  CHECK(verbs_on(plain, "httproutes.gateway.networking.k8s.io") == "get list");
  CHECK(verbs_on(plain, "horizontalpodautoscalers.autoscaling") == "get list");
  CHECK(verbs_on(plain, "leases.coordination.k8s.io") == "get list create update delete");
  const auto exposed =
      platform::needed_rights(load(text + ", expose: {gateway: infra/public, host: a.example.com, auth: none}}\n"));
  CHECK(verbs_on(exposed, "httproutes.gateway.networking.k8s.io") == "get list create patch delete");
}

TEST_CASE("rights: a file with models alone needs none", "[platform][rights]") {
  CHECK(platform::needed_rights(load("mlk: v1\nname: p\nmodels:\n  m: {source: ./m}\n")).empty());
}

TEST_CASE("rights: the role has each right once, and rules of the same verbs together", "[platform][rights]") {
  const auto project = load("mlk: v1\nname: p\njobs:\n  t: {image: a, command: [b]}\n");
  CHECK(document::write_yaml(platform::smallest_role(project, "nlp")) == R"(apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: mlk-p
  namespace: nlp
rules:
  - apiGroups:
      - ""
    resources:
      - events
      - pods
    verbs:
      - list
      - watch
  - apiGroups:
      - ""
    resources:
      - pods/log
    verbs:
      - get
  - apiGroups:
      - ""
    resources:
      - services
    verbs:
      - list
  - apiGroups:
      - batch
    resources:
      - jobs
    verbs:
      - get
      - list
      - watch
      - create
      - delete
)");
}
