#include "bed.hpp"

#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::test;

namespace {

std::string project(const std::string& name_space) {
  return "mlk: v1\nname: shop\nnamespace: " + name_space +
         "\njobs:\n  train: {image: \"registry.example.com/t:1\", command: [a], nodes: 2, gpus: 8}\n"
         "services:\n  reviews:\n    engine: {name: custom, image: \"registry.example.com/s:1\", command: [s], "
         "port: 8080}\n    gpus: 1\n    scale: 1\n"
         "    expose: {gateway: infra/public, host: a.example.com, auth: none}\n";
}

document::Node json_of(const Ended& ended) {
  INFO(ended.out << ended.err);
  const auto read = document::read_json(ended.out);
  REQUIRE(read);
  return *read;
}

std::string state_of(const document::Node& doctor, std::string_view subject) {
  for (const auto& check : doctor["checks"].items()) {
    if (check["subject"].string_or() == subject) return check["state"].string_or();
  }
  return "not checked";
}

}  // namespace

TEST_CASE("doctor: an administrator is told that all is there", "[cluster][doctor]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.admin_kubeconfig());
  mlk.write("mlk.yaml", project("nlp"));
  const Ended ended = mlk.run({"doctor", "-o", "json"});
  CHECK(ended.code == 0);
  const auto doctor = json_of(ended);
  for (const char* subject : {"API server", "namespace nlp", "jobs.batch", "leases.coordination.k8s.io", "nodes",
                              "Gateway API", "infra/public", "image volumes", "GPUs"}) {
    INFO(subject);
    CHECK(state_of(doctor, subject) == "ok");
  }
}

TEST_CASE("doctor: what a limited account can't see is unknown, what it needs is there", "[cluster][doctor]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.dev_kubeconfig());
  mlk.write("mlk.yaml", project("nlp"));
  const Ended ended = mlk.run({"doctor", "-o", "json"});
  CHECK(ended.code == 0);
  const auto doctor = json_of(ended);
  CHECK(state_of(doctor, "jobs.batch") == "ok");
  CHECK(state_of(doctor, "infra/public") == "unknown");
  CHECK(state_of(doctor, "nodes") == "warning");
}

TEST_CASE("doctor: rights that are missing are named, and the exit code is 3", "[cluster][doctor]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.dev_kubeconfig());
  mlk.write("mlk.yaml", project("vision"));
  const Ended ended = mlk.run({"doctor"});
  CHECK(ended.code == 3);
  INFO(ended.out << ended.err);
  CHECK(ended.out.find("you may not get, list, watch, create, delete them in namespace 'vision'") != std::string::npos);
}

TEST_CASE("doctor: with the role that it prints, bound and nothing else, no right is missing", "[cluster][doctor]") {
  MLK_NEEDS_BED(bed);
  const std::string space = unique_name("doctor");
  REQUIRE(bed.kubectl({"create", "namespace", space}).code == 0);
  const Mlk admin(bed.admin_kubeconfig());
  admin.write("mlk.yaml", project(space));
  const Ended role = admin.run({"doctor", "--role"});
  REQUIRE(role.code == 0);
  REQUIRE(bed.kubectl({"apply", "-f", "-"}, role.out).code == 0);
  REQUIRE(bed.kubectl({"create", "rolebinding", "mlk-shop", "-n", space, "--role=mlk-shop", "--user=somebody"}).code ==
          0);
  const Ended without = admin.run({"doctor", "--as", "nobody", "-o", "json"});
  CHECK(without.code == 3);
  const Ended with = admin.run({"doctor", "--as", "somebody", "-o", "json"});
  CHECK(with.code == 0);
  CHECK(state_of(json_of(with), "httproutes.gateway.networking.k8s.io") == "ok");
  // The verbs themselves agree with what the reviews say.
  CHECK(admin.run({"train", "submit", "train", "--run-id", "1", "--as", "somebody"}).code == 0);
  CHECK(admin.run({"serve", "rollout", "reviews", "--as", "somebody"}).code == 0);
  CHECK(admin.run({"train", "delete", "--yes", "--as", "somebody"}).code == 0);
  CHECK(admin.run({"serve", "delete", "reviews", "--yes", "--as", "somebody"}).code == 0);
  bed.kubectl({"delete", "namespace", space, "--wait=false"});
}

TEST_CASE("doctor: works without a file, and says when nobody answers", "[cluster][doctor]") {
  MLK_NEEDS_BED(bed);
  const Mlk mlk(bed.admin_kubeconfig());
  const Ended ended = mlk.run({"doctor", "-o", "json"});
  CHECK(ended.code == 0);
  CHECK(json_of(ended)["project"].is_null());
  const Mlk lost;
  lost.write("config",
             "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n"
             "clusters: [{name: a, cluster: {server: \"https://127.0.0.1:1\"}}]\nusers: [{name: a, user: {}}]\n");
  const Ended silent = lost.run({"doctor", "--kubeconfig", "config"});
  CHECK(silent.code == 12);
  CHECK(silent.out.find("✖ connection") != std::string::npos);
}
