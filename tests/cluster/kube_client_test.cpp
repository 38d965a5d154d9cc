#include "kube_bed.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

using namespace mlk;
using namespace mlk::kube;
using namespace std::chrono_literals;
using Tree = document::Node;
using document::read_json;

namespace {

Tree config_map(const std::string& name, const std::string& value, const std::string& label = "x") {
  return *read_json(fmt::format(
      R"({{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{}","labels":{{"test":"{}"}}}},"data":{{"key":"{}"}}}})",
      name, label, value));
}

Tree job(const std::string& name, const std::string& annotations = "") {
  return *read_json(fmt::format(
      R"({{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"{}"}},"spec":{{"backoffLimit":0,"completions":2,
        "parallelism":2,"completionMode":"Indexed","template":{{"metadata":{{"annotations":{{{}}}}},"spec":
        {{"restartPolicy":"Never","containers":[{{"name":"main","image":"registry.example.com/t:1",
        "resources":{{"limits":{{"nvidia.com/gpu":"1"}}}}}}]}}}}}}}})",
      name, annotations));
}

template <class T>
T need(Result<T> result) {
  if (!result) FAIL(result.error().what << " | " << result.error().why << " | " << result.error().fix);
  return *std::move(result);
}
void need(const Result<void>& result) {
  if (!result) FAIL(result.error().what << " | " << result.error().why);
}

}  // namespace

TEST_CASE("kube: an object is created, read, replaced, patched and deleted", "[cluster][kube]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  const std::string name = unique_name("cm");
  CHECK(client->config().namespace_name == "nlp");
  const Tree made = need(client->create(types::configmaps, "nlp", config_map(name, "1")));
  const auto again = client->create(types::configmaps, "nlp", config_map(name, "1"));
  REQUIRE_FALSE(again);
  CHECK(is_already_exists(again.error()));
  CHECK(again.error().kind == ErrorKind::conflict);

  Tree changed = made;
  changed.at({"data", "key"}) = Tree("2");
  const Tree second = need(client->replace(types::configmaps, "nlp", changed));
  const auto outdated = client->replace(types::configmaps, "nlp", changed);
  REQUIRE_FALSE(outdated);
  CHECK(is_conflict(outdated.error()));

  const std::string first_version = meta_from(made).resource_version;
  const Tree patch = *read_json(R"({"data":{"key":"3"}})");
  CHECK(is_conflict(
      client->merge_patch(types::configmaps, "nlp", name, patch, {.resource_version = first_version}).error()));
  const Tree operations = *read_json(R"([{"op":"replace","path":"/data/key","value":"3"}])");
  CHECK(is_conflict(
      client->json_patch(types::configmaps, "nlp", name, operations, {.resource_version = first_version}).error()));
  const Tree third = need(client->json_patch(types::configmaps, "nlp", name, operations,
                                             {.resource_version = meta_from(second).resource_version}));
  CHECK(third["data"]["key"].string_or() == "3");

  CHECK(is_conflict(client->remove(types::configmaps, "nlp", name, {.uid = "another"}).error()));
  need(client->remove(types::configmaps, "nlp", name, {.uid = meta_from(made).uid}));
  CHECK_FALSE(*client->find(types::configmaps, "nlp", name));
  CHECK(is_not_found(client->remove(types::configmaps, "nlp", name).error()));
}

TEST_CASE("kube: a list comes in pages, in JSON and as metadata", "[cluster][kube]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  const std::string label = unique_name("page");
  for (int i = 0; i < 7; ++i) {
    need(client->create(types::configmaps, "nlp", config_map(fmt::format("{}-{}", label, i), "v", label)));
  }
  const ListOptions options{.label_selector = "test=" + label, .limit = 3};
  std::vector<std::string> names;
  const auto info = need(client->list(types::configmaps, "nlp", options, [&](Tree&& object) {
    CHECK(object["kind"].string_or() == "ConfigMap");
    names.push_back(object["metadata"]["name"].string_or());
    return true;
  }));
  CHECK(names.size() == 7);
  CHECK(info.count == 7);
  CHECK_FALSE(info.resource_version.empty());
  std::vector<std::string> metadata;
  need(client->list_metadata(types::configmaps, "nlp", options, [&](ObjectMeta&& meta) {
    metadata.push_back(meta.name);
    return metadata.size() < 5;
  }));
  CHECK(metadata.size() == 5);
  CHECK(std::equal(metadata.begin(), metadata.end(), names.begin()));
  for (const auto& name : names) need(client->remove(types::configmaps, "nlp", name));
}

TEST_CASE("kube: apply explains conflicts by field and manager", "[cluster][kube]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  const std::string name = unique_name("apply");
  const Tree dry = need(client->apply(types::configmaps, "nlp", config_map(name, "1"), {.dry_run = true}));
  CHECK(dry["data"]["key"].string_or() == "1");
  CHECK_FALSE(*client->find(types::configmaps, "nlp", name));
  need(client->apply(types::configmaps, "nlp", config_map(name, "1")));
  const Tree back = need(client->apply(types::configmaps, "nlp", config_map(name, "1")));
  const auto conflict =
      client->apply(types::configmaps, "nlp", config_map(name, "2"), {.field_manager = "somebody-else"});
  REQUIRE_FALSE(conflict);
  CHECK(is_apply_conflict(conflict.error()));
  REQUIRE(conflict.error().diagnostics.size() == 1);
  CHECK(conflict.error().diagnostics.front().path == ".data.key");
  CHECK(conflict.error().why == ".data.key belongs to 'mlk'");
  CHECK(conflicts_only_with(conflict.error(), "mlk"));
  const Tree forced = need(client->apply(types::configmaps, "nlp", config_map(name, "2"),
                                         {.force = true, .field_manager = "somebody-else"}));
  CHECK(forced["data"]["key"].string_or() == "2");
  // What was read carries managedFields, which must not be sent back.
  Tree read = back;
  read.at("metadata").erase("resourceVersion");
  need(client->apply(types::configmaps, "nlp", read, {.force = true}));
  need(client->remove(types::configmaps, "nlp", name));
}

TEST_CASE("kube: unknown and invalid fields are named", "[cluster][kube]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  Tree odd = job(unique_name("odd"));
  odd.at({"spec", "paralelism"}) = Tree(2);
  odd.at({"spec", "template", "spec", "gpus"}) = Tree(2);
  const auto unknown = client->create(types::jobs, "nlp", odd);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == codes::k_invalid);
  REQUIRE(unknown.error().diagnostics.size() == 2);
  const auto applied = client->apply(types::jobs, "nlp", odd);
  REQUIRE_FALSE(applied);
  INFO(applied.error().why);
  CHECK(applied.error().code == codes::k_invalid);

  Tree invalid = job(unique_name("invalid"));
  invalid.at({"spec", "parallelism"}) = Tree(-1);
  invalid.at({"spec", "template", "spec", "restartPolicy"}) = Tree("Always");
  const auto refused = client->create(types::jobs, "nlp", invalid, {.dry_run = true});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().diagnostics.size() >= 2);
  CHECK(refused.error().diagnostics.front().path.find("spec") == 0);
}

TEST_CASE("kube: a user with few rights is told which one is missing", "[cluster][kube]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  const auto pods = client->list_pods("vision", {}, [](Pod&&) { return true; });
  REQUIRE_FALSE(pods);
  CHECK(pods.error().kind == ErrorKind::auth);
  CHECK(is_forbidden(pods.error()));
  CHECK(pods.error().what == "'dev' may not list pods in namespace 'vision'");
  const auto nodes = client->list_nodes({}, [](kube::Node&&) { return true; });
  REQUIRE_FALSE(nodes);
  CHECK(is_forbidden(nodes.error()));
  CHECK(nodes.error().fix.find("ClusterRole") != std::string::npos);
  CHECK(need(client->can_i({.verb = "create", .group = "batch", .resource = "jobs", .namespace_name = "nlp"}))
            .is_allowed);
  CHECK_FALSE(need(client->can_i({.verb = "list", .resource = "nodes"})).is_allowed);

  auto admin = bed.config("admin");
  admin.credentials.impersonation.user = "dev";
  CHECK(is_forbidden(bed.client(admin)->list_nodes({}, [](kube::Node&&) { return true; }).error()));
}

TEST_CASE("kube: a wrong token, a foreign authority and an unknown namespace", "[cluster][kube]") {
  MLK_NEED_BED(bed);
  auto config = bed.config("dev");
  config.credentials.token = Secret("surely-wrong-token");
  const auto refused = bed.client(config)->get(types::pods, "nlp", "x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::auth);
  CHECK(refused.error().code == codes::k_unauthorized);
  CHECK((refused.error().what + refused.error().why + refused.error().fix).find("surely-wrong") == std::string::npos);
  config = bed.config("dev");
  config.ca_pem.clear();
  CHECK(bed.client(config)->get(types::pods, "nlp", "x").error().code == codes::k_tls);
  const auto nowhere = bed.client("admin")->create(types::configmaps, "no-such-place", config_map("a", "1"));
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().what == "namespace 'no-such-place' doesn't exist");
}

TEST_CASE("kube: nodes are read in protobuf, types by discovery, and the version", "[cluster][kube]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("admin");
  std::size_t gpus = 0;
  std::size_t tainted = 0;
  need(client->list_nodes({.limit = 5}, [&](kube::Node&& node) {
    CHECK(node.is_ready());
    gpus += std::stoul(std::string(value_of(node.allocatable, "nvidia.com/gpu")));
    tainted += node.taints.empty() ? 0 : 1;
    return true;
  }));
  CHECK(gpus == 128);
  CHECK(tainted == 4);
  CHECK(need(client->version()).minor >= 36);
  CHECK(need(client->find_type("gateway.networking.k8s.io/v1", "HTTPRoute")) == types::http_routes);
  CHECK_FALSE(need(client->find_served("jobset.x-k8s.io/v1alpha2", "JobSet")));
  CHECK(client->list(types::http_routes, "nlp", {}, [](Tree&&) { return true; }));
}

TEST_CASE("kube: a job is watched to its end, with its pods, logs and events", "[cluster][kube][watch]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  const std::string name = unique_name("life");
  std::optional<Job> last;
  std::vector<Pod> pods;
  const auto jobs = client->watch(types::jobs, "nlp", {.name = name}, {.on_event = [&](const WatchEvent& event) {
                                    if (event.object.is_mapping()) last = job_from(event.object);
                                  }});
  const auto watched_pods =
      client->watch(types::pods, "nlp", {.label_selector = "batch.kubernetes.io/job-name=" + name},
                    {.on_event = [&](const WatchEvent& event) {
                      if (event.object.is_mapping()) pods.push_back(pod_from(event.object));
                    }});
  need(client->create(types::jobs, "nlp", job(name, R"("kwok.test/run-for":"300ms","kwok.test/exit-code":"0,1=137")")));
  need(client->run_until([&] { return last && last->is_finished(); }, 60s));
  CHECK(last->is_failed());
  const Condition* why = find_condition(last->conditions, "Failed");
  REQUIRE(why != nullptr);
  CHECK(why->reason == "BackoffLimitExceeded");
  const auto dead = std::find_if(pods.begin(), pods.end(), [](const Pod& pod) {
    return std::any_of(pod.statuses.begin(), pod.statuses.end(),
                       [](const auto& s) { return s.state.exit_code == 137; });
  });
  REQUIRE(dead != pods.end());
  CHECK(dead->meta.annotation("batch.kubernetes.io/job-completion-index") == "1");
  CHECK(dead->meta.controller()->name == name);

  std::string log;
  need(client->read_logs("nlp", dead->meta.name, {.tail_lines = 2}, [&](std::string_view bytes) {
    log += bytes;
    return true;
  }));
  CHECK(std::count(log.begin(), log.end(), '\n') == 2);
  const auto events = need(client->events_of("nlp", last->meta.uid));
  REQUIRE_FALSE(events.empty());
  CHECK(events.front().reason == "SuccessfulCreate");
  CHECK(std::is_sorted(events.begin(), events.end(),
                       [](const auto& a, const auto& b) { return a.last_seen < b.last_seen; }));

  need(client->remove(types::jobs, "nlp", name, {.propagation = Propagation::foreground, .uid = last->meta.uid}));
  bool is_gone = false;
  const auto until_gone =
      client->watch(types::jobs, "nlp", {.name = name}, {.on_event = [&](const WatchEvent& event) {
                      if (event.type == WatchEventType::deleted) is_gone = true;
                      if (event.type == WatchEventType::synced && !*client->find(types::jobs, "nlp", name))
                        is_gone = true;
                    }});
  need(client->run_until([&] { return is_gone; }, 60s));
}

TEST_CASE("kube: a watch that the server ends goes on without a gap", "[cluster][kube][watch]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  const std::string label = unique_name("short");
  std::vector<WatchEventType> events;
  // A server time-out of one second makes it reconnect again and again while objects come and go.
  const auto watch = client->watch(types::configmaps, "nlp", {.label_selector = "test=" + label, .server_timeout = 1s},
                                   {.on_event = [&](const WatchEvent& event) {
                                     if (event.type != WatchEventType::bookmark) events.push_back(event.type);
                                   }});
  need(client->run_until([&] { return !events.empty(); }, 10s));
  for (int i = 0; i < 3; ++i) {
    const std::string name = fmt::format("{}-{}", label, i);
    need(client->create(types::configmaps, "nlp", config_map(name, "v", label)));
    static_cast<void>(client->run_until([] { return false; }, 700ms));
    need(client->remove(types::configmaps, "nlp", name));
  }
  need(client->run_until([&] { return events.size() >= 7; }, 10s));
  using enum WatchEventType;
  CHECK(events == std::vector<WatchEventType>{synced, added, deleted, added, deleted, added, deleted});
}

TEST_CASE("kube: a deployment is scaled through its scale subresource", "[cluster][kube]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  const std::string name = unique_name("scale");
  need(client->create(
      types::deployments, "nlp",
      *read_json(fmt::format(
          R"({{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{0}"}},"spec":{{"replicas":1,
        "selector":{{"matchLabels":{{"app":"{0}"}}}},"template":{{"metadata":{{"labels":{{"app":"{0}"}}}},
        "spec":{{"containers":[{{"name":"c","image":"registry.example.com/s:1"}}]}}}}}}}})",
          name))));
  CHECK(need(client->get_scale(types::deployments, "nlp", name)) == 1);
  need(client->set_scale(types::deployments, "nlp", name, 2));
  std::int64_t ready = 0;
  const auto watch = client->watch(
      types::deployments, "nlp", {.name = name},
      {.on_event = [&](const WatchEvent& event) { ready = event.object["status"]["readyReplicas"].int_or(0); }});
  need(client->run_until([&] { return ready == 2; }, 60s));
  need(client->remove(types::deployments, "nlp", name));
}

TEST_CASE("kube: a credential plugin opens the real server", "[cluster][kube][exec]") {
  MLK_NEED_BED(bed);
  auto config = bed.config("dev");
  ExecPlugin plugin;
  plugin.api_version = "client.authentication.k8s.io/v1beta1";
  plugin.command = "sh";
  plugin.args = {
      "-c",
      R"(printf '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"%s"}}' "$T")"};
  plugin.env = {{"T", config.credentials.token.reveal()}};
  config.credentials = {};
  config.credentials.exec = plugin;
  CHECK(need(bed.client(config)->can_i({.verb = "get", .resource = "pods", .namespace_name = "nlp"})).is_allowed);
}

TEST_CASE("kube: a log is followed while it is written", "[cluster][kube][logs]") {
  MLK_NEED_BED(bed);
  auto client = bed.client("dev");
  const std::string name = unique_name("log");
  need(client->create(
      types::pods, "nlp",
      *read_json(fmt::format(
          R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{}"}},"spec":{{"terminationGracePeriodSeconds":0,
            "containers":[{{"name":"main","image":"registry.example.com/t:1"}}]}}}})",
          name))));
  bool is_running = false;
  const auto watch = client->watch(types::pods, "nlp", {.name = name}, {.on_event = [&](const WatchEvent& event) {
                                     is_running =
                                         is_running || event.object["status"]["phase"].string_or() == "Running";
                                   }});
  need(client->run_until([&] { return is_running; }, 60s));
  std::string log;
  std::optional<Result<void>> end;
  const auto stream = client->follow_logs(
      "nlp", name, {.follow = true, .tail_lines = 1}, [&](std::string_view bytes) { log += bytes; },
      [&](Result<void> outcome) { end = std::move(outcome); });
  need(client->run_until([&] { return !log.empty() || end; }, 20s));
  const std::string line = fmt::format("step {}", name);
  {
    std::ofstream file(bed.environment()["cluster"]["podLog"].string_or(), std::ios::app);
    file << format_rfc3339(std::chrono::system_clock::now()) << " stdout F " << line << "\n";
  }
  need(client->run_until([&] { return log.find(line) != std::string::npos || end; }, 20s));
  CHECK(log.find(line) != std::string::npos);
  CHECK(stream.is_running());
  CHECK(is_not_found(client->read_logs("nlp", name + "x", {}, [](std::string_view) { return true; }).error()));
  need(client->remove(types::pods, "nlp", name, {.grace_seconds = 0}));
}
