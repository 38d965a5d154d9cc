#include <mlk/http/loop.hpp>

#include <catch2/catch.hpp>
#include <http_server.hpp>

#include <thread>

using namespace mlk;
using namespace mlk::http;
using namespace std::chrono_literals;
using test::Fault;
using test::HttpAnswer;
using test::HttpServer;

namespace {

std::unique_ptr<Loop> open_loop(Trace trace = {}) {
  auto loop = Loop::open(std::move(trace));
  REQUIRE(loop);
  return std::move(*loop);
}

Request get(std::string url) {
  Request request;
  request.url = std::move(url);
  return request;
}

std::string text_of(std::span<const std::byte> bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

TEST_CASE("http: a request and its answer, with our name", "[http]") {
  HttpServer server;
  server.on("GET", "/a", HttpAnswer{.status = 201, .body = "hello", .headers = {{"X-One", "1"}}});
  const auto loop = open_loop();
  auto request = get(server.url("/a?b=c"));
  request.headers = {{"X-Two", "2"}, {"X-Empty", ""}};
  const auto answer = loop->fetch(request);
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(answer->body == "hello");
  CHECK(answer->headers.get("x-one") == "1");
  CHECK(answer->url == server.url("/a?b=c"));
  REQUIRE(server.requests().size() == 1);
  const auto seen = server.requests().front();
  CHECK(seen.query == "b=c");
  CHECK(seen.header("X-Two") == "2");
  CHECK(seen.has_header("X-Empty"));
  CHECK(seen.header("User-Agent") == "mlk/0.1.0");
  CHECK(seen.header("Host") == server.authority());
}

TEST_CASE("http: methods and bodies go out as they are asked for", "[http]") {
  HttpServer server;
  server.on("*", "/*", HttpAnswer{.body = "x"});
  const auto loop = open_loop();
  for (const char* method : {"HEAD", "DELETE", "POST", "PUT", "PATCH"}) {
    auto request = get(server.url("/m"));
    request.method = method;
    REQUIRE(loop->fetch(request));
    const auto seen = server.requests().back();
    CHECK(seen.method == method);
    CHECK(seen.body_size == 0);
    const bool has_body = std::string(method).starts_with('P');
    CHECK(seen.header("Content-Length") == (has_body ? "0" : ""));
    CHECK_FALSE(seen.has_header("Content-Type"));
  }
  auto request = get(server.url("/m"));
  request.method = "PATCH";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::string("{}");
  REQUIRE(loop->fetch(request));
  CHECK(server.requests().back().method == "PATCH");
  CHECK(server.requests().back().body == "{}");
  CHECK(server.requests().back().header("Content-Type") == "application/json");
}

TEST_CASE("http: connections are kept and used again", "[http]") {
  HttpServer server;
  server.on("GET", "/*", HttpAnswer{.body = "x"});
  const auto loop = open_loop();
  for (int i = 0; i < 20; ++i) REQUIRE(loop->fetch(get(server.url("/a"))));
  CHECK(server.connections() == 1);
  CHECK(server.requests().size() == 20);
}

TEST_CASE("http: a pooled connection that the server closed is replaced unseen", "[http]") {
  HttpServer server;
  server.on("GET", "/*", HttpAnswer{.body = "x", .is_closing = false});
  server.once("GET", "/a", HttpAnswer{.body = "first", .claimed_length = 5, .is_closing = true});
  const auto loop = open_loop();
  REQUIRE(loop->fetch(get(server.url("/a"))));
  const auto answer = loop->fetch(get(server.url("/a")));
  REQUIRE(answer);
  CHECK(answer->body == "x");
  CHECK(server.connections() == 2);
}

TEST_CASE("http: several transfers run at once, and handlers hear of each", "[http]") {
  HttpServer server;
  server.on("GET", "/slow", HttpAnswer{.body = "slow", .delay = 500ms});
  const auto loop = open_loop();
  std::vector<std::string> bodies(5);
  std::vector<Transfer> transfers;
  int done = 0;
  for (auto& body : bodies) {
    Handlers handlers;
    handlers.on_data = [&body](auto bytes) {
      body += text_of(bytes);
      return Flow::proceed;
    };
    handlers.on_done = [&done, &server](Result<Done> result) {
      CHECK(result);
      CHECK(result->status == 200);
      CHECK(result->received == 4);
      // All have been asked for by the time that the first one is through.
      CHECK(server.requests_to("/slow").size() == 5);
      ++done;
    };
    transfers.push_back(loop->start(get(server.url("/slow")), std::move(handlers)));
    CHECK(transfers.back().is_active());
  }
  REQUIRE(loop->run_until([&] { return done == 5; }));
  CHECK(bodies == std::vector<std::string>(5, "slow"));
  CHECK_FALSE(transfers.front().is_active());
}

TEST_CASE("http: a streamed answer arrives piece by piece, headers first", "[http][watch]") {
  HttpServer server;
  HttpAnswer answer;
  answer.stream = [](test::HttpStream& stream) {
    for (int i = 0; i < 3 && stream.wait(30ms); ++i) stream.send("event" + std::to_string(i) + "\n");
  };
  server.on("GET", "/watch", answer);
  const auto loop = open_loop();
  std::vector<std::string> heard;
  bool is_done = false;
  Handlers handlers;
  handlers.on_headers = [&](int status, const Headers&) { heard.push_back(std::to_string(status)); };
  handlers.on_data = [&](auto bytes) {
    heard.push_back(text_of(bytes));
    return Flow::proceed;
  };
  handlers.on_done = [&](Result<Done> result) { is_done = result.has_value(); };
  const auto watch = loop->start(get(server.url("/watch")), std::move(handlers));
  REQUIRE(loop->run_until([&] { return !watch.is_active(); }));
  CHECK(is_done);
  CHECK(heard == std::vector<std::string>{"200", "event0\n", "event1\n", "event2\n"});
}

TEST_CASE("http: destroying a transfer cancels it, from its own handler too", "[http]") {
  HttpServer server;
  server.on("GET", "/hang", HttpAnswer{.fault = Fault::hang});
  server.on("GET", "/body", HttpAnswer{.body = std::string(100'000, 'x')});
  const auto loop = open_loop();
  bool was_told = false;
  {
    Handlers handlers;
    handlers.on_done = [&](Result<Done>) { was_told = true; };
    const auto transfer = loop->start(get(server.url("/hang")), std::move(handlers));
    for (int i = 0; i < 5; ++i) loop->run_once(20ms);
    CHECK(transfer.is_active());
  }
  loop->run_once(10ms);
  CHECK_FALSE(was_told);

  Transfer transfer;
  int pieces = 0;
  Handlers handlers;
  handlers.on_data = [&](auto) {
    ++pieces;
    transfer = Transfer();
    return Flow::proceed;
  };
  handlers.on_done = [&](Result<Done>) { was_told = true; };
  transfer = loop->start(get(server.url("/body")), std::move(handlers));
  REQUIRE(loop->run_until([&] { return pieces > 0; }));
  for (int i = 0; i < 3; ++i) loop->run_once(10ms);
  CHECK(pieces == 1);
  CHECK_FALSE(was_told);
}

TEST_CASE("http: a handler may start the next transfer", "[http]") {
  HttpServer server;
  server.on("GET", "/*", HttpAnswer{.body = "x"});
  const auto loop = open_loop();
  Transfer second;
  bool is_second_done = false;
  Handlers handlers;
  handlers.on_data = [&](auto) {
    Handlers next;
    next.on_done = [&](Result<Done> result) { is_second_done = result.has_value(); };
    second = loop->start(get(server.url("/second")), std::move(next));
    return Flow::proceed;
  };
  const auto first = loop->start(get(server.url("/first")), std::move(handlers));
  REQUIRE(loop->run_until([&] { return is_second_done; }));
}

TEST_CASE("http: a stop from another thread ends a waiting fetch at once", "[http][stop]") {
  HttpServer server;
  server.on("GET", "/hang", HttpAnswer{.fault = Fault::hang});
  const auto loop = open_loop();
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  });
  const auto answer = loop->fetch(get(server.url("/hang")), source.get_token());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::interrupted);
  CHECK(loop->fetch(get(server.url("/hang")), source.get_token()).error().kind == ErrorKind::interrupted);
  CHECK(loop->run_until([] { return false; }, source.get_token()).error().kind == ErrorKind::interrupted);
}

TEST_CASE("http: work posted from other threads runs in the loop's thread", "[http]") {
  const auto loop = open_loop();
  const auto own = std::this_thread::get_id();
  int count = 0;
  bool is_own = true;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
      workers.emplace_back([&] {
        for (int k = 0; k < 50; ++k) {
          loop->post([&] {
            ++count;
            is_own = is_own && std::this_thread::get_id() == own;
          });
        }
      });
    }
    REQUIRE(loop->run_until([&] { return count == 200; }));
  }
  CHECK(is_own);
}

TEST_CASE("http: a paused transfer gets the same bytes again after it is resumed", "[http][pause]") {
  HttpServer server;
  server.on("GET", "/body", HttpAnswer{.body = std::string(300'000, 'x')});
  const auto loop = open_loop();
  std::size_t received = 0;
  int pauses = 0;
  Transfer transfer;
  std::jthread resumer;
  Handlers handlers;
  handlers.on_data = [&](auto bytes) {
    if (pauses < 3) {
      ++pauses;
      resumer = std::jthread([&] {
        std::this_thread::sleep_for(20ms);
        loop->post([&] { transfer.resume(); });
      });
      return Flow::pause;
    }
    received += bytes.size();
    return Flow::proceed;
  };
  bool is_done = false;
  handlers.on_done = [&](Result<Done> result) { is_done = result.has_value(); };
  auto request = get(server.url("/body"));
  request.timeouts.stall = 5s;
  transfer = loop->start(std::move(request), std::move(handlers));
  REQUIRE(loop->run_until([&] { return !transfer.is_active(); }));
  CHECK(is_done);
  CHECK(received == 300'000);
  CHECK(pauses == 3);
}

TEST_CASE("http: each request leaves one line for -v, without secrets", "[http][trace]") {
  HttpServer server;
  server.on("GET", "/a", HttpAnswer{.status = 404});
  std::vector<std::string> lines;
  const auto loop = open_loop([&](std::string_view line) { lines.emplace_back(line); });
  auto request = get("http://user:hunter2@" + server.authority() + "/a?token=hunter2");
  request.headers = {{"Authorization", "Bearer hunter2"}};
  REQUIRE(loop->fetch(request));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("GET " + server.authority() + " /a → 404 in "));
  CHECK(lines[0].find("hunter2") == std::string::npos);
}

TEST_CASE("http: transfers of a loop that goes end quietly", "[http]") {
  HttpServer server;
  server.on("GET", "/hang", HttpAnswer{.fault = Fault::hang});
  auto loop = open_loop();
  bool was_told = false;
  Handlers handlers;
  handlers.on_done = [&](Result<Done>) { was_told = true; };
  auto transfer = loop->start(get(server.url("/hang")), std::move(handlers));
  loop->run_once(50ms);
  loop.reset();
  CHECK_FALSE(transfer.is_active());
  transfer.resume();
  transfer.cancel();
  CHECK_FALSE(was_told);
}
