#include "kube_server.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>
#include <temporary_folder.hpp>

using namespace mlk;
using namespace mlk::kube;
using namespace std::chrono_literals;
using test::Fault;
using test::HttpAnswer;
using test::HttpRequest;

namespace {

constexpr const char* k_pod = "/api/v1/namespaces/nlp/pods/a";

std::string everything(const Error& error) {
  std::string text = error.what + "\n" + error.why + "\n" + error.fix + "\n" + error.code;
  for (const auto& d : error.diagnostics) text += "\n" + d.message + d.path + d.why;
  return text;
}

}  // namespace

TEST_CASE("client: nothing is sent before the first call", "[kube][client]") {
  KubeServer kube;
  auto client = kube.client();
  CHECK(kube.server.connections() == 0);
  kube.server.on("GET", k_pod, json(pod_json("a", 1)));
  for (int i = 0; i < 3; ++i) REQUIRE(client->get(types::pods, "nlp", "a"));
  CHECK(kube.server.connections() == 1);
  CHECK(client->get(types::pods, "", "a"));
}

TEST_CASE("client: 429 is waited for by Retry-After, also for writes", "[kube][client][retry]") {
  KubeServer kube;
  auto client = kube.client();
  const char* path = "/api/v1/namespaces/nlp/pods";
  HttpAnswer busy = json(api_status(429, "TooManyRequests"), 429);
  busy.headers.emplace_back("Retry-After", "1");
  kube.server.once("POST", path, busy);
  kube.server.once("POST", path, json(pod_json("a", 1), 201));
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(client->create(types::pods, "nlp", *document::read_json(pod_json("a", 0))));
  CHECK(std::chrono::steady_clock::now() - begin >= 1s);
  const auto requests = kube.server.requests_to(path);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].query == "fieldManager=mlk&fieldValidation=Strict");
  CHECK(requests[0].body == requests[1].body);
}

TEST_CASE("client: a reset is repeated for reads, not for creates", "[kube][client][retry]") {
  KubeServer kube;
  auto client = kube.client();
  kube.server.once("GET", k_pod, HttpAnswer{.fault = Fault::reset});
  kube.server.once("GET", k_pod, HttpAnswer{.body = pod_json("a", 1), .fault = Fault::cut});
  kube.server.once("GET", k_pod, json("{}", 503));
  kube.server.once("GET", k_pod, json(pod_json("a", 1)));
  REQUIRE(client->get(types::pods, "nlp", "a"));
}

TEST_CASE("client: a create whose answer is lost is not sent twice", "[kube][client][retry]") {
  KubeServer kube;
  auto client = kube.client();
  kube.server.on("POST", "/api/v1/namespaces/nlp/pods", HttpAnswer{.fault = Fault::reset});
  const auto lost = client->create(types::pods, "nlp", *document::read_json(pod_json("a", 0)));
  REQUIRE_FALSE(lost);
  CHECK(lost.error().kind == ErrorKind::unavailable);
  CHECK(lost.error().code == codes::k_unreachable);
  CHECK(lost.error().what.find("context 'test'") != std::string::npos);
  CHECK(kube.server.requests_to("/api/v1/namespaces/nlp/pods").size() == 1);
}

TEST_CASE("client: a deadline bounds everything, retries included", "[kube][client]") {
  KubeServer kube;
  auto client = kube.client();
  kube.server.on("GET", k_pod, HttpAnswer{.fault = Fault::hang});
  client->set_deadline(std::chrono::steady_clock::now() + 300ms);
  REQUIRE_FALSE(client->get(types::pods, "nlp", "a"));
  kube.server.on("GET", k_pod, json("{}", 503));
  client->set_deadline(std::chrono::steady_clock::now() + 300ms);
  REQUIRE_FALSE(client->get(types::pods, "nlp", "a"));
}

TEST_CASE("client: a stop ends a blocking call", "[kube][client]") {
  KubeServer kube;
  std::stop_source stop;
  ClientOptions options;
  options.stop = stop.get_token();
  auto client = kube.client(kube.config(), options);
  kube.server.on("GET", k_pod, [&](const HttpRequest&) {
    stop.request_stop();
    return HttpAnswer{.fault = Fault::hang};
  });
  const auto stopped = client->get(types::pods, "nlp", "a");
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == ErrorKind::interrupted);
  client->set_stop({});
  kube.server.on("GET", k_pod, json(pod_json("a", 1)));
  CHECK(client->get(types::pods, "nlp", "a"));
}

TEST_CASE("client: a list that expires between its pages begins anew and gives nothing twice", "[kube][client]") {
  KubeServer kube;
  auto client = kube.client();
  const char* path = "/api/v1/namespaces/nlp/pods";
  const std::string ab = pod_json("a", 1) + "," + pod_json("b", 2);
  kube.server.once("GET", path, json(list_json(ab, "5", "more")));
  kube.server.once("GET", path, json(api_status(410, "Expired"), 410));
  kube.server.once("GET", path, json(list_json(ab, "9", "more2")));
  kube.server.once("GET", path, json(list_json(pod_json("c", 3), "9")));
  std::vector<std::string> names;
  const auto info = client->list(types::pods, "nlp", {.label_selector = "a=b", .limit = 2}, [&](document::Node&& pod) {
    names.push_back(pod["metadata"]["name"].string_or() + pod["kind"].string_or());
    return true;
  });
  REQUIRE(info);
  CHECK(names == std::vector<std::string>{"aPod", "bPod", "cPod"});
  CHECK(info->resource_version == "9");
  const auto requests = kube.server.requests_to(path);
  REQUIRE(requests.size() == 4);
  CHECK(requests[1].query == "labelSelector=a%3Db&limit=2&continue=more");
  CHECK(requests[2].query == "labelSelector=a%3Db&limit=2");
}

TEST_CASE("client: warnings of the server are told once", "[kube][client]") {
  KubeServer kube;
  std::vector<std::string> warnings;
  ClientOptions options;
  options.on_warning = [&](std::string_view text) { warnings.emplace_back(text); };
  auto client = kube.client(kube.config(), options);
  HttpAnswer answer = json(pod_json("a", 1));
  answer.headers.emplace_back("Warning", "299 - \"spec.x is \\\"old\\\"\"");
  answer.headers.emplace_back("Warning", "299 - \"second\"");
  kube.server.on("GET", k_pod, answer);
  REQUIRE(client->get(types::pods, "nlp", "a"));
  REQUIRE(client->get(types::pods, "nlp", "a"));
  CHECK(warnings == std::vector<std::string>{"spec.x is \"old\"", "second"});
}

TEST_CASE("client: apply sends no managedFields and asks for strict fields", "[kube][client]") {
  KubeServer kube;
  auto client = kube.client();
  kube.server.on("PATCH", k_pod, json(pod_json("a", 2)));
  auto object = *document::read_json(pod_json("a", 1));
  object.at({"metadata", "managedFields"}) = document::Node::sequence({document::Node("x")});
  REQUIRE(client->apply(types::pods, "nlp", object, {.dry_run = true, .force = true}));
  const auto request = kube.server.requests().back();
  CHECK(request.header("Content-Type") == "application/apply-patch+yaml");
  CHECK(request.query == "fieldManager=mlk&fieldValidation=Strict&force=true&dryRun=All");
  CHECK(request.body.find("managedFields") == std::string::npos);
}

TEST_CASE("client: a patch on an outdated version is a conflict in both forms", "[kube][client]") {
  KubeServer kube;
  auto client = kube.client();
  kube.server.once("PATCH", k_pod, json(api_status(409, "Conflict"), 409));
  const auto merge = client->merge_patch(types::pods, "nlp", "a", document::Node::mapping(), {.resource_version = "7"});
  REQUIRE_FALSE(merge);
  CHECK(is_conflict(merge.error()));
  CHECK(kube.server.requests().back().body == R"({"metadata":{"resourceVersion":"7"}})");
  kube.server.once("PATCH", k_pod, json(api_status(409, "Conflict"), 409));
  const auto patch = client->json_patch(types::pods, "nlp", "a", document::Node::sequence(), {.resource_version = "7"});
  REQUIRE_FALSE(patch);
  CHECK(is_conflict(patch.error()));
  CHECK(kube.server.requests().back().body == R"([{"op":"replace","path":"/metadata/resourceVersion","value":"7"}])");
}

TEST_CASE("client: delete sends its preconditions", "[kube][client]") {
  KubeServer kube;
  auto client = kube.client();
  kube.server.on("DELETE", k_pod, json("{}"));
  REQUIRE(client->remove(
      types::pods, "nlp", "a",
      {.propagation = Propagation::foreground, .grace_seconds = 0, .uid = "u", .resource_version = "3"}));
  const auto body = *document::read_json(kube.server.requests().back().body);
  CHECK(body["propagationPolicy"].string_or() == "Foreground");
  CHECK(body["preconditions"]["uid"].string_or() == "u");
  CHECK(body["preconditions"]["resourceVersion"].string_or() == "3");
  CHECK(body["gracePeriodSeconds"].as_int() == 0);
}

TEST_CASE("client: an unknown authority, a dead server and a web page are told apart", "[kube][client][errors]") {
  KubeServer kube;
  auto config = kube.config();
  config.ca_pem = test::CertificateAuthority().cert_pem();
  const auto untrusted = kube.client(config)->get(types::pods, "nlp", "a");
  REQUIRE_FALSE(untrusted);
  CHECK(untrusted.error().code == codes::k_tls);
  CHECK(untrusted.error().fix.find("certificate-authority-data") != std::string::npos);

  config = kube.config();
  config.server = "https://127.0.0.1:1";
  const auto dead = kube.client(config)->get(types::pods, "nlp", "a");
  REQUIRE_FALSE(dead);
  CHECK(dead.error().kind == ErrorKind::unavailable);
  CHECK(dead.error().what == "context 'test' (https://127.0.0.1:1) can't be reached");

  kube.server.on("GET", k_pod, HttpAnswer{.body = "<html>login</html>", .headers = {{"Content-Type", "text/html"}}});
  const auto page = kube.client()->get(types::pods, "nlp", "a");
  REQUIRE_FALSE(page);
  CHECK(page.error().code == codes::k_unexpected);
  CHECK(page.error().why.find("text/html") != std::string::npos);
}

TEST_CASE("auth: a token file is read anew after a 401, and impersonation goes along", "[kube][auth]") {
  const TemporaryFolder folder;
  KubeServer kube;
  auto config = kube.config();
  config.credentials.token_file = folder.write("token", " first-token\n");
  config.credentials.impersonation = {"jane", "7", {"a", "b"}, {{"scopes/x", {"1", "2"}}}};
  auto client = kube.client(config);
  kube.server.on("GET", k_pod, [&](const HttpRequest& request) {
    if (request.header("Authorization") == "Bearer second-token") return json(pod_json("a", 1));
    return json(api_status(401, "Unauthorized"), 401);
  });
  const auto refused = client->get(types::pods, "nlp", "a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::auth);
  CHECK(refused.error().code == codes::k_unauthorized);
  CHECK(refused.error().why.find((folder / "token").string()) != std::string::npos);
  CHECK(everything(refused.error()).find("first-token") == std::string::npos);
  CHECK(kube.server.requests().size() == 1);

  folder.write("token", "second-token");
  REQUIRE(client->get(types::pods, "nlp", "a"));
  const auto request = kube.server.requests().back();
  CHECK(request.header("Impersonate-User") == "jane");
  CHECK(request.header("Impersonate-Uid") == "7");
  std::string groups;
  std::string extra;
  for (const auto& [name, value] : request.headers) {
    if (name == "Impersonate-Group") groups += value;
    if (name == "Impersonate-Extra-scopes%2Fx") extra += value;
  }
  CHECK(groups == "ab");
  CHECK(extra == "12");
}

TEST_CASE("auth: a password is sent as basic, and no error shows it", "[kube][auth]") {
  KubeServer kube;
  auto config = kube.config();
  config.credentials.username = "u";
  config.credentials.password = Secret("hunter2-hunter2");
  kube.server.on("GET", k_pod, json(api_status(401, "Unauthorized"), 401));
  const auto refused = kube.client(config)->get(types::pods, "nlp", "a");
  REQUIRE_FALSE(refused);
  CHECK(kube.server.requests().back().header("Authorization") == "Basic dTpodW50ZXIyLWh1bnRlcjI=");
  CHECK(everything(refused.error()).find("hunter2") == std::string::npos);
}

TEST_CASE("discovery: types come aggregated, are kept privately on disk and confirmed by ETag", "[kube][discovery]") {
  const TemporaryFolder folder;
  KubeServer kube;
  const std::string aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const auto answer = [&](const std::string& body) {
    return [=](const HttpRequest& request) {
      if (request.header("If-None-Match") == "\"e1\"") return HttpAnswer{.status = 304};
      return HttpAnswer{.body = body, .headers = {{"Content-Type", aggregated}, {"ETag", "\"e1\""}}};
    };
  };
  kube.server.on("GET", "/api", answer(R"({"kind":"APIGroupDiscoveryList","items":[]})"));
  kube.server.on("GET", "/apis",
                 answer(R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"jobset.x-k8s.io"},
    "versions":[{"version":"v1alpha2","resources":[{"resource":"jobsets","scope":"Namespaced",
    "responseKind":{"group":"jobset.x-k8s.io","version":"v1alpha2","kind":"JobSet"}}]}]}]})"));
  ClientOptions options;
  options.cache_dir = folder / "mlk";
  {
    auto client = kube.client(kube.config(), options);
    const auto type = client->find_type("jobset.x-k8s.io/v1alpha2", "JobSet");
    REQUIRE(type);
    CHECK(type->path("n") == "/apis/jobset.x-k8s.io/v1alpha2/namespaces/n/jobsets");
    CHECK_FALSE(*client->find_served("kueue.x-k8s.io/v1beta2", "Workload"));
    CHECK(kube.server.requests().size() == 2);
  }
  std::filesystem::path file;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "mlk/discovery")) file = entry.path();
  using std::filesystem::perms;
  CHECK(std::filesystem::status(file).permissions() == (perms::owner_read | perms::owner_write));
  CHECK(std::filesystem::status(file.parent_path()).permissions() == perms::owner_all);
  {
    auto client = kube.client(kube.config(), options);
    CHECK(client->find_type("jobset.x-k8s.io/v1alpha2", "JobSet"));
    CHECK(kube.server.requests().size() == 2);
    const auto missing = client->find_type("kueue.x-k8s.io/v1beta2", "Workload");
    REQUIRE_FALSE(missing);
    CHECK(is_not_found(missing.error()));
    CHECK(kube.server.requests().size() == 4);
    CHECK(kube.server.requests().back().header("If-None-Match") == "\"e1\"");
    CHECK(client->find_type("jobset.x-k8s.io/v1alpha2", "JobSet"));
  }
}

TEST_CASE("discovery: a server without the aggregated form is asked group by group", "[kube][discovery]") {
  KubeServer kube;
  kube.server.on("GET", "/api", json(R"({"versions":["v1"]})"));
  kube.server.on("GET", "/apis", json(R"({"groups":[{"versions":[{"groupVersion":"x.io/v1"}]},
    {"versions":[{"groupVersion":"down.io/v1"}]}]})"));
  kube.server.on("GET", "/api/v1",
                 json(R"({"groupVersion":"v1","resources":[{"name":"pods","kind":"Pod","namespaced":true},
    {"name":"pods/log","kind":"Pod","namespaced":true}]})"));
  kube.server.on("GET", "/apis/x.io/v1",
                 json(R"({"groupVersion":"x.io/v1","resources":[{"name":"foos","kind":"Foo","namespaced":false}]})"));
  kube.server.on("GET", "/apis/down.io/v1", json("{}", 404));
  const auto found = kube.client()->list_types();
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK(found->back() == ResourceType{"x.io", "v1", "Foo", "foos", false});
}
