#include "../../../lib/kube/proto.hpp"

#include "../../../lib/kube/api_status.hpp"

#include <mlk/core/file.hpp>
#include <mlk/crypto/encoding.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace mlk;
using namespace mlk::kube;

namespace {

std::string read_fixture(const std::string& name) {
  return *read_file(fmt::format("{}/tests/unit/kube/fixtures/{}", MLK_SOURCE_DIR, name));
}

// What a 1.36 API server sent for the same objects in protobuf (kept as base64, a line break every so often) and in
// JSON.
std::string fixture(const std::string& name) {
  if (!name.ends_with(".pb")) return read_fixture(name);
  std::string text = read_fixture(name + ".base64");
  std::erase(text, '\n');
  return *crypto::base64_decode(text);
}

document::Node items_of(const std::string& name) { return (*document::read_json(fixture(name)))["items"]; }

std::string show(const std::optional<SystemTime>& time) { return time ? format_rfc3339(*time) : "-"; }

std::string show(const StringPairs& given) {
  auto pairs = given;
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [key, value] : pairs) out += fmt::format("{}={};", key, value);
  return out;
}

std::string show(const ObjectMeta& meta) {
  std::string out =
      fmt::format("{}/{} {} {} {} {} {} [{}] [{}]", meta.namespace_name, meta.name, meta.uid, meta.resource_version,
                  meta.generation, show(meta.created), show(meta.deleted), show(meta.labels), show(meta.annotations));
  for (const auto& o : meta.owners) {
    out += fmt::format(" {}/{}/{}/{}/{}", o.api_version, o.kind, o.name, o.uid, o.is_controller);
  }
  return out;
}

std::string show(const std::vector<Condition>& conditions) {
  std::string out;
  for (const auto& c : conditions) {
    out += fmt::format("({} {} {} {} {})", c.type, c.status, c.reason, c.message, show(c.changed));
  }
  return out;
}

std::string show(const Job& job) {
  return fmt::format("{}\n{} {} {} {} {} {} {} {} {} {} {} {} {} {}", show(job.meta), job.parallelism.value_or(-1),
                     job.completions.value_or(-1), job.backoff_limit.value_or(-1), job.suspended, job.completion_mode,
                     job.active, job.ready, job.succeeded, job.failed, job.completed_indexes, job.failed_indexes,
                     show(job.started), show(job.completed), show(job.conditions));
}

std::string show(const ContainerState& state) {
  return fmt::format("<{} {} {} {} {} {} {}>", static_cast<int>(state.phase), state.reason, state.message,
                     state.exit_code, state.signal, show(state.started), show(state.finished));
}

std::string show(const Pod& pod) {
  std::string out = fmt::format("{}\n{} {} {} {} {} {} [{}] [{}] {} {} {} {} {} {} {}", show(pod.meta), pod.node_name,
                                pod.scheduler_name, pod.priority_class, pod.priority.value_or(-1), pod.host_name,
                                pod.restart_policy, show(pod.overhead), show(pod.node_selector), pod.phase, pod.reason,
                                pod.message, pod.host_ip, pod.pod_ip, show(pod.started), show(pod.conditions));
  for (const auto& c : pod.containers) {
    out += fmt::format("\n{} {} {} {} [{}] [{}]", c.name, c.image, c.is_init, c.is_sidecar, show(c.requests),
                       show(c.limits));
  }
  for (const auto& s : pod.statuses) {
    out += fmt::format("\n{} {} {} {} {} {} {}", s.name, s.ready, s.is_init, s.restarts, s.image, show(s.state),
                       show(s.last_state));
  }
  for (const auto& t : pod.tolerations) out += fmt::format(" {}|{}|{}|{}", t.key, t.operation, t.value, t.effect);
  for (const auto& gate : pod.scheduling_gates) out += " " + gate;
  return out;
}

std::string show(const kube::Node& node) {
  std::string out = fmt::format("{}\n{} [{}] [{}] {} {} {} {} {}", show(node.meta), node.unschedulable,
                                show(node.capacity), show(node.allocatable), show(node.conditions),
                                node.kubelet_version, node.container_runtime, node.os_image, node.architecture);
  for (const auto& taint : node.taints) out += fmt::format(" {}={}:{}", taint.key, taint.value, taint.effect);
  return out;
}

template <class T>
void compare(const std::string& name, Result<T> (*decode)(std::string_view), T (*from)(const document::Node&)) {
  const std::string body = fixture(name + ".pb");
  const auto page = proto::open_page(body);
  REQUIRE(page);
  const auto items = items_of(name + ".json");
  REQUIRE(page->items.size() == items.size());
  CHECK_FALSE(page->resource_version.empty());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto decoded = decode(page->items[i]);
    REQUIRE(decoded);
    CHECK(show(*decoded) == show(from(items[i])));
  }
}

}  // namespace

TEST_CASE("proto: jobs, pods and nodes say the same in protobuf as in JSON", "[kube][proto]") {
  compare<Job>("jobs", &proto::decode_job, &job_from);
  compare<Pod>("pods", &proto::decode_pod, &pod_from);
  compare<kube::Node>("nodes", &proto::decode_node, &node_from);
}

TEST_CASE("proto: metadata alone carries names, labels and owners", "[kube][proto]") {
  const std::string body = fixture("metadata.pb");
  const auto page = proto::open_page(body);
  REQUIRE(page);
  const auto items = items_of("jobs.json");
  REQUIRE(page->items.size() == items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    CHECK(show(*proto::decode_metadata(page->items[i])) == show(meta_from(items[i])));
  }
}

TEST_CASE("proto: a real job's outcome is read", "[kube][proto]") {
  const std::string body = fixture("jobs.pb");
  std::vector<Job> jobs;
  const auto page = *proto::open_page(body);
  for (const auto item : page.items) jobs.push_back(*proto::decode_job(item));
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[0].is_complete());
  CHECK(jobs[0].completed_indexes == "0,1");
  CHECK(jobs[1].is_failed());
  CHECK(find_condition(jobs[1].conditions, "Failed")->reason == "BackoffLimitExceeded");
  CHECK(jobs[2].suspended);
  CHECK_FALSE(jobs[2].is_finished());
}

TEST_CASE("proto: no cut and no flipped byte does harm", "[kube][proto]") {
  for (const char* name : {"jobs.pb", "pods.pb", "nodes.pb", "metadata.pb", "not-found.pb"}) {
    const std::string body = fixture(name);
    const auto read_all = [](std::string_view text) {
      static_cast<void>(read_api_status(text));
      const auto page = proto::open_page(text);
      if (!page) return;
      for (const auto item : page->items) {
        static_cast<void>(proto::decode_job(item));
        static_cast<void>(proto::decode_pod(item));
        static_cast<void>(proto::decode_node(item));
        static_cast<void>(proto::decode_metadata(item));
      }
    };
    const std::size_t step = body.size() / 97 + 1;
    for (std::size_t at = 0; at < body.size(); at += step) {
      read_all(std::string_view(body).substr(0, at));
      std::string broken = body;
      for (const char flip : {'\x01', '\x7f', '\xff'}) {
        broken[at] = static_cast<char>(broken[at] ^ flip);
        read_all(broken);
      }
    }
  }
  const auto other = proto::open_page("<html>");
  REQUIRE_FALSE(other);
  CHECK(other.error().code == "kube-unexpected-answer");
}

TEST_CASE("proto: a Status is read from protobuf too", "[kube][proto]") {
  const auto status = read_api_status(fixture("not-found.pb"));
  CHECK(status.is_status);
  CHECK(status.reason == "NotFound");
  CHECK(status.code == 404);
  CHECK(status.name == "x");
  CHECK(status.kind == "pods");
}
