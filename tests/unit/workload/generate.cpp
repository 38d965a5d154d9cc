#include "sample_project.hpp"

#include <mlk/document/writer.hpp>
#include <mlk/workload/generate.hpp>
#include <mlk/workload/names.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using document::Node;
using project::SectionKind;

namespace {

const std::vector<project::SectionRef> k_all = {
    {SectionKind::model, "sentiment"}, {SectionKind::job, "finetune"}, {SectionKind::service, "sentiment"}};

std::string text_of(const workload::Bundle& bundle) { return document::write_yaml_stream(bundle.nodes()); }

}  // namespace

TEST_CASE("generate: every section in order, models have nothing", "[workload][generate]") {
  templates::Library library;
  const auto bundle = workload::generate(sample::project(), sample::lock(), k_all, {}, library).value();
  REQUIRE(bundle.sections.size() == 2);
  CHECK(bundle.sections[0].backend == "job");
  CHECK(bundle.sections[1].backend == "deployment");
  std::vector<std::string> roles;
  for (const auto& section : bundle.sections) {
    for (const auto& object : section.objects) roles.emplace_back(to_string(object.role));
  }
  CHECK(roles == std::vector<std::string>{"rendezvous-service", "job", "network-policy", "service", "deployment",
                                          "disruption-budget"});
}

TEST_CASE("generate: the same bytes every time", "[workload][generate]") {
  templates::Library one;
  templates::Library other;
  const auto first = workload::generate(sample::project(), sample::lock(), k_all, {}, one).value();
  const auto second = workload::generate(sample::project(), sample::lock(), k_all, {}, other).value();
  CHECK(text_of(first) == text_of(second));
}

TEST_CASE("generate: another namespace is everyone's", "[workload][generate]") {
  templates::Library library;
  const auto bundle = workload::generate(sample::project(), sample::lock(), k_all, {"other"}, library).value();
  for (const Node& node : bundle.nodes()) CHECK(node["metadata"]["namespace"].as_string() == "other");
}

TEST_CASE("generate: no namespace at all is left to whoever applies it", "[workload][generate]") {
  templates::Library library;
  auto project = sample::project();
  project.namespace_name = {};
  const auto bundle = workload::generate(project, sample::lock(), k_all, {}, library).value();
  for (const Node& node : bundle.nodes()) CHECK(node["metadata"].find("namespace") == nullptr);
}

TEST_CASE("generate: mistakes of all sections come together", "[workload][generate][errors]") {
  templates::Library library;
  auto project = sample::project();
  project.jobs[0].restarts = sample::given<std::int64_t>(2, 18);
  const auto failed = workload::generate(project, {}, k_all, {}, library);
  REQUIRE(!failed);
  CHECK(failed.error().diagnostics.size() == 2);
}

TEST_CASE("generate: a template of the user's own is used, and its mistakes are at its line", "[workload][generate]") {
  templates::Library mine({{"job/rendezvous", ".mlk/templates/job/rendezvous.yaml",
                            "apiVersion: v1\nkind: Service\nmetadata:\n  name: \"{{job.name}}\"\n  note: mine\n"}});
  const auto bundle = workload::generate(sample::project(), {}, {k_all[1]}, {}, mine).value();
  CHECK(bundle.sections[0].objects[0].node["metadata"]["note"].as_string() == "mine");
  templates::Library broken({{"job/rendezvous", ".mlk/templates/job/rendezvous.yaml", "name: \"{{job.nmae}}\"\n"}});
  const auto failed = workload::generate(sample::project(), {}, {k_all[1]}, {}, broken);
  REQUIRE(!failed);
  CHECK(to_string(failed.error().diagnostics.at(0).place) == ".mlk/templates/job/rendezvous.yaml:1:7");
}

TEST_CASE("origins: each block says its line or that it is a default", "[workload][origins]") {
  templates::Library library;
  const auto bundle = workload::generate(sample::project(), sample::lock(), {k_all[1]}, {}, library).value();
  bool has_gpus = false;
  bool has_policy = false;
  for (const auto& origin : workload::origins(bundle)) {
    if (origin.path == "spec.template.spec.containers[0].resources") {
      has_gpus = true;
      CHECK(origin.object == "Job/finetune");
      CHECK(origin.place.line == 12);
      CHECK_FALSE(origin.is_default);
    }
    if (origin.path == "spec.podFailurePolicy") {
      has_policy = true;
      CHECK(origin.is_default);
    }
  }
  CHECK(has_gpus);
  CHECK(has_policy);
}

TEST_CASE("names: a hash doesn't depend on the order of keys or on the revision label", "[workload][names]") {
  const Node one = Node::mapping({{"metadata", Node::mapping({{"labels", Node::mapping({{"a", "1"}, {"b", "2"}})}})},
                                  {"spec", Node::mapping({{"x", 1}, {"y", 2}})}});
  const Node other = Node::mapping(
      {{"spec", Node::mapping({{"y", 2}, {"x", 1}})},
       {"metadata",
        Node::mapping({{"labels", Node::mapping({{"b", "2"}, {"mlk.dev/revision", "zzz"}, {"a", "1"}})}})}});
  CHECK(workload::template_hash(one) == workload::template_hash(other));
  CHECK(workload::template_hash(one).find_first_not_of("bcdfghjklmnpqrstvwxz2456789") == std::string::npos);
  CHECK(workload::template_hash(one) != workload::template_hash(Node::mapping({{"spec", 1}})));
}

TEST_CASE("names: label values are cut and cleaned", "[workload][names]") {
  CHECK(workload::label_value("my project/ü") == "my-project");
  CHECK(workload::label_value("--x--") == "x");
  CHECK(workload::label_value(std::string(80, 'a')).size() == 63);
  CHECK(workload::run_name("finetune", "") == "finetune");
  CHECK(workload::service_selector("s") == "mlk.dev/service=s");
}
