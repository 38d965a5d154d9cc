#include "kube_server.hpp"

#include <mlk/core/text.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::kube;
using namespace std::chrono_literals;
using test::Fault;
using test::HttpAnswer;
using test::HttpRequest;
using test::HttpStream;

namespace {

constexpr const char* k_pods = "/api/v1/namespaces/nlp/pods";

std::string event(const std::string& type, const std::string& object) {
  return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
}

std::string bookmark(int version) {
  return event("BOOKMARK", fmt::format(R"({{"kind":"Pod","metadata":{{"resourceVersion":"{}"}}}})", version));
}

/// Answers lists and watches of pods, each from its own queue; a watch that nothing is left for stays open.
struct Script {
  std::vector<HttpAnswer> lists;
  std::vector<HttpAnswer> watches;
  std::vector<std::string> watch_queries;
  std::mutex mutex;

  explicit Script(KubeServer& kube) {
    kube.server.on("GET", k_pods, [this](const HttpRequest& request) {
      const std::lock_guard lock(mutex);
      const bool is_watch = request.query.find("watch=true") != std::string::npos;
      if (is_watch) watch_queries.push_back(request.query);
      auto& queue = is_watch ? watches : lists;
      if (queue.empty()) return HttpAnswer{.fault = Fault::hang};
      HttpAnswer next = queue.front();
      queue.erase(queue.begin());
      return next;
    });
  }
};

struct Seen {
  std::vector<std::string> events;
  std::vector<std::string> retries;
  std::optional<Error> end;

  WatchHandler handler() {
    return {.on_event =
                [this](const WatchEvent& e) {
                  constexpr const char* k_names[] = {"added", "modified", "deleted", "synced", "bookmark"};
                  std::string text = k_names[static_cast<int>(e.type)];
                  if (e.object.is_mapping()) text += " " + e.object["metadata"]["name"].string_or();
                  events.push_back(text);
                },
            .on_retry = [this](const Error& error, Milliseconds) { retries.push_back(error.code); },
            .on_end = [this](const Error& error) { end = error; }};
  }
  std::string text() const { return join(events, ","); }
};

}  // namespace

TEST_CASE("watch: it lists, follows and goes on where the server ended the stream", "[kube][watch]") {
  KubeServer kube;
  Script script(kube);
  script.lists = {json(list_json(pod_json("a", 1), "3", "next")), json(list_json(pod_json("b", 2), "3"))};
  script.watches = {json(event("MODIFIED", pod_json("a", 4)) + event("ADDED", pod_json("c", 5)) + bookmark(9)),
                    json(event("DELETED", pod_json("b", 10)))};
  auto client = kube.client();
  Seen seen;
  const auto watch = client->watch(types::pods, "nlp", {.label_selector = "x=y"}, seen.handler());
  REQUIRE(client->run_until([&] { return seen.events.size() >= 7; }, 5s));
  CHECK(seen.text() == "added a,added b,synced,modified a,added c,bookmark,deleted b");
  CHECK(watch.is_running());
  CHECK(script.watch_queries[0] ==
        "labelSelector=x%3Dy&watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=3");
  CHECK(script.watch_queries[1].ends_with("resourceVersion=9"));
  CHECK(seen.retries.empty());
}

TEST_CASE("watch: after 410 only what differs is told, whichever way it came", "[kube][watch]") {
  const bool in_stream = GENERATE(true, false);
  KubeServer kube;
  Script script(kube);
  const std::string gone = api_status(410, "Expired");
  script.lists = {json(list_json(pod_json("a", 1) + "," + pod_json("b", 2) + "," + pod_json("c", 2), "3")),
                  json(list_json(pod_json("a", 1) + "," + pod_json("c", 7) + "," + pod_json("d", 8), "9"))};
  script.watches = {in_stream ? json(event("ERROR", gone)) : json(gone, 410)};
  auto client = kube.client();
  Seen seen;
  const auto watch = client->watch(types::pods, "nlp", {}, seen.handler());
  REQUIRE(client->run_until([&] { return seen.events.size() >= 8; }, 5s));
  CHECK(seen.text() == "added a,added b,added c,synced,deleted b,modified c,added d,synced");
}

TEST_CASE("watch: resets and busy servers are waited out and told", "[kube][watch]") {
  KubeServer kube;
  Script script(kube);
  script.lists = {HttpAnswer{.fault = Fault::reset}, json(api_status(503, "ServiceUnavailable"), 503),
                  json(list_json(pod_json("a", 1), "1"))};
  script.watches = {HttpAnswer{.fault = Fault::reset},
                    HttpAnswer{.body = event("MODIFIED", pod_json("a", 2)) + event("ADDED", pod_json("b", 30000)),
                               .fault = Fault::cut},
                    json(event("ADDED", pod_json("c", 4)))};
  auto client = kube.client();
  Seen seen;
  const auto watch = client->watch(types::pods, "nlp", {}, seen.handler());
  REQUIRE(client->run_until([&] { return seen.text().find("added c") != std::string::npos; }, 10s));
  CHECK(seen.text() == "added a,synced,modified a,added c");
  // A reset of a pooled connection may be healed below without a word.
  REQUIRE(seen.retries.size() >= 3);
  CHECK(seen.retries[0] == codes::k_unreachable);
  CHECK(seen.retries[1] == codes::k_server);
}

TEST_CASE("watch: missing rights end it", "[kube][watch]") {
  KubeServer kube;
  Script script(kube);
  script.lists = {json(api_status(403, "Forbidden", "User cannot list resource"), 403)};
  auto client = kube.client();
  Seen seen;
  const auto watch = client->watch(types::pods, "nlp", {}, seen.handler());
  REQUIRE(client->run_until([&] { return seen.end.has_value(); }, 5s));
  CHECK(is_forbidden(*seen.end));
  CHECK_FALSE(watch.is_running());
}

TEST_CASE("watch: a callback may make requests and destroy its own watch", "[kube][watch]") {
  KubeServer kube;
  Script script(kube);
  script.lists = {json(list_json(pod_json("a", 1) + "," + pod_json("b", 2), "3"))};
  kube.server.on("GET", "/api/v1/namespaces/nlp/pods/a", json(pod_json("a", 1)));
  auto client = kube.client();
  std::optional<Watch> watch;
  int calls = 0;
  watch = client->watch(types::pods, "nlp", {.name = "a"}, {.on_event = [&](const WatchEvent&) {
                          ++calls;
                          CHECK(client->get(types::pods, "nlp", "a"));
                          watch.reset();
                        }});
  CHECK_FALSE(client->run_until([&] { return calls > 1; }, 300ms));
  CHECK(calls == 1);
  CHECK(kube.server.requests_to(k_pods).front().query == "fieldSelector=metadata.name%3Da&limit=500");
}

TEST_CASE("watch: several go on while one call waits for its answer", "[kube][watch]") {
  KubeServer kube;
  Script script(kube);
  script.lists = {json(list_json(pod_json("a", 1), "3")), json(list_json(pod_json("a", 1), "3"))};
  kube.server.on("GET", "/api/v1/namespaces/nlp/pods/a",
                 HttpAnswer{.body = pod_json("a", 1), .delay = std::chrono::milliseconds(300)});
  auto client = kube.client();
  Seen one;
  Seen two;
  const auto first = client->watch(types::pods, "nlp", {}, one.handler());
  const auto second = client->watch(types::pods, "nlp", {}, two.handler());
  REQUIRE(client->get(types::pods, "nlp", "a"));
  CHECK(one.events.empty());
  REQUIRE(client->run_until([&] { return one.events.size() == 2 && two.events.size() == 2; }, 5s));
}

TEST_CASE("watch: waiting in vain is a time-out", "[kube][watch]") {
  KubeServer kube;
  const auto waited = kube.client()->run_until([] { return false; }, 50ms);
  REQUIRE_FALSE(waited);
  CHECK(waited.error().kind == ErrorKind::timed_out);
}

TEST_CASE("logs: they are handed over as they come, and a reader may have enough", "[kube][logs]") {
  KubeServer kube;
  const char* path = "/api/v1/namespaces/nlp/pods/a/log";
  kube.server.on("GET", path, [](const HttpRequest&) {
    return HttpAnswer{.stream = [](HttpStream& stream) {
      for (int i = 0; i < 1000 && stream.send(fmt::format("line {}\n", i)); ++i) stream.wait(1ms);
    }};
  });
  auto client = kube.client();
  std::string log;
  REQUIRE(client->read_logs("nlp", "a", {.container = "main", .follow = true, .tail_lines = 5},
                            [&](std::string_view bytes) {
                              log += bytes;
                              return log.size() < 100;
                            }));
  CHECK(log.starts_with("line 0\nline 1\n"));
  CHECK(kube.server.requests_to(path).front().query == "container=main&follow=true&tailLines=5");

  log.clear();
  std::optional<Result<void>> end;
  const auto stream = client->follow_logs(
      "nlp", "a", {.follow = true}, [&](std::string_view bytes) { log += bytes; },
      [&](Result<void> outcome) { end = std::move(outcome); });
  REQUIRE(client->run_until([&] { return end.has_value(); }, 20s));
  CHECK(*end);
  CHECK(log.ends_with("line 999\n"));
}

TEST_CASE("logs: a slow reader makes the server wait and loses nothing", "[kube][logs]") {
  KubeServer kube;
  const std::string megabyte(std::size_t{1} << 20, 'x');
  kube.server.on("GET", "/api/v1/namespaces/nlp/pods/a/log", [&](const HttpRequest&) {
    return HttpAnswer{.stream = [&](HttpStream& stream) {
      for (int i = 0; i < 8; ++i) stream.send(megabyte);
    }};
  });
  auto client = kube.client();
  std::size_t size = 0;
  std::size_t largest = 0;
  REQUIRE(client->read_logs("nlp", "a", {}, [&](std::string_view bytes) {
    size += bytes.size();
    largest = std::max(largest, bytes.size());
    return true;
  }));
  CHECK(size == 8 * megabyte.size());
  CHECK(largest < 2 * megabyte.size());
}

TEST_CASE("logs: a container that waits, a missing pod and a lost server are told apart", "[kube][logs]") {
  KubeServer kube;
  const char* path = "/api/v1/namespaces/nlp/pods/a/log";
  auto client = kube.client();
  const auto read = [&] { return client->read_logs("nlp", "a", {}, [](std::string_view) { return true; }); };
  kube.server.once(
      "GET", path,
      json(api_status(400, "BadRequest", "container main in pod a is waiting to start: ContainerCreating"), 400));
  CHECK(read().error().code == codes::k_not_started);
  kube.server.once("GET", path, json(api_status(404, "NotFound", "pods a not found"), 404));
  CHECK(is_not_found(read().error()));
  kube.server.once("GET", path, HttpAnswer{.body = "abc", .fault = Fault::reset_in_body});
  CHECK(read().error().code == codes::k_unreachable);
}
