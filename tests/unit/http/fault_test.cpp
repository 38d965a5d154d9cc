#include <mlk/http/loop.hpp>
#include <mlk/http/retry.hpp>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <http_server.hpp>
#include <sys/socket.h>
#include <unistd.h>

using namespace mlk;
using namespace mlk::http;
using namespace std::chrono_literals;
using test::Fault;
using test::HttpAnswer;
using test::HttpServer;

namespace {

Error error_of(const std::string& url, Timeouts timeouts = {}) {
  auto loop = Loop::open();
  REQUIRE(loop);
  Request request;
  request.url = url;
  request.timeouts = timeouts;
  auto answer = (*loop)->fetch(std::move(request));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().what.find("hunter2") == std::string::npos);
  CHECK(answer.error().why.find("hunter2") == std::string::npos);
  return std::move(answer).error();
}

/// A port that takes connections into its queue and never answers them.
class SilentPort {
 public:
  SilentPort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(m_fd, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(m_fd, 4);
    ::getsockname(m_fd, reinterpret_cast<sockaddr*>(&address), &size);
    m_port = ntohs(address.sin_port);
  }
  ~SilentPort() { ::close(m_fd); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  int port() const { return m_port; }

 private:
  int m_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int m_port = 0;
};

}  // namespace

TEST_CASE("http: a refused connection names host and port", "[http][fault]") {
  std::uint16_t port = 0;
  { port = HttpServer().port(); }
  const Error error = error_of(fmt::format("http://user:hunter2@127.0.0.1:{}/x?token=hunter2", port));
  CHECK(error.kind == ErrorKind::unavailable);
  CHECK(error.what == fmt::format("can't connect to '127.0.0.1:{}'", port));
  CHECK(error.why == "Connection refused");
  CHECK_FALSE(error.fix.empty());
  CHECK(is_retryable(error));
}

TEST_CASE("http: an unknown host is named", "[http][fault]") {
  const Error error = error_of("http://no-such-host.invalid/");
  CHECK(error.kind == ErrorKind::unavailable);
  CHECK(error.what == "can't find the host 'no-such-host.invalid'");
}

TEST_CASE("http: a server that takes the connection but no TLS ends at the connect limit", "[http][fault]") {
  const SilentPort silent;
  const Error error = error_of(fmt::format("https://127.0.0.1:{}/", silent.port()), {.connect = 200ms});
  CHECK(error.kind == ErrorKind::unavailable);
  CHECK(error.why == "no connection within 200 ms");
}

TEST_CASE("http: an answer that takes longer than the whole limit is a time-out", "[http][fault]") {
  HttpServer server;
  server.on("GET", "/hang", HttpAnswer{.fault = Fault::hang});
  const Error error = error_of(server.url("/hang"), {.whole = 200ms});
  CHECK(error.kind == ErrorKind::timed_out);
  CHECK(error.what == fmt::format("'{}' didn't answer within 200 ms", server.authority()));
  CHECK_FALSE(is_retryable(error));
}

TEST_CASE("http: a stall is noticed before and inside the answer, and slowness is not a stall", "[http][fault]") {
  HttpServer server;
  server.on("GET", "/hang", HttpAnswer{.fault = Fault::hang});
  server.on("GET", "/half", HttpAnswer{.body = std::string(1000, 'x'), .fault = Fault::hang_in_body});
  server.on("GET", "/slow", HttpAnswer{.body = std::string(10, 'x'), .pause_between = 60ms, .piece = 1});
  for (const char* path : {"/hang", "/half"}) {
    const Error error = error_of(server.url(path), {.stall = 200ms});
    CHECK(error.kind == ErrorKind::unavailable);
    CHECK(error.what == fmt::format("'{}' stopped answering", server.authority()));
    CHECK(error.why == "no byte went either way for 200 ms");
  }
  auto loop = Loop::open();
  Request request;
  request.url = server.url("/slow");
  request.timeouts.stall = 300ms;
  CHECK((*loop)->fetch(request)->body == std::string(10, 'x'));
}

TEST_CASE("http: connections that end early are worth another try", "[http][fault]") {
  HttpServer server;
  const std::pair<Fault, std::string> faults[] = {
      {Fault::close, "' closed the connection"},
      {Fault::reset, "lost the connection to '"},
      {Fault::cut, "' closed the connection"},
      {Fault::reset_in_body, "lost the connection to '"},
  };
  for (const auto& [fault, part] : faults) {
    server.on("GET", "/x", HttpAnswer{.body = std::string(1000, 'x'), .fault = fault});
    const Error error = error_of(server.url("/x"));
    CHECK(error.kind == ErrorKind::unavailable);
    CHECK(error.what.find(part) != std::string::npos);
    CHECK(error.what.find(server.authority()) != std::string::npos);
    CHECK_FALSE(error.why.empty());
  }
}

TEST_CASE("http: what isn't HTTP is said to be so", "[http][fault]") {
  HttpServer server;
  server.on("GET", "/x", HttpAnswer{.fault = Fault::garbage});
  const Error error = error_of(server.url("/x"));
  CHECK(error.kind == ErrorKind::failed);
  CHECK(error.what == fmt::format("'{}' doesn't speak HTTP", server.authority()));
}

TEST_CASE("http: a body over the limit isn't kept", "[http][fault]") {
  HttpServer server;
  server.on("GET", "/x", HttpAnswer{.body = std::string(5000, 'x')});
  auto loop = Loop::open();
  Request request;
  request.url = server.url("/x?token=hunter2");
  request.body_limit = 4999;
  const auto answer = (*loop)->fetch(request);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().what == fmt::format("the answer of '{}' is too large", server.url("/x")));
  CHECK(answer.error().why == "more than 4999 bytes");
  request.body_limit = 5000;
  CHECK((*loop)->fetch(request)->body.size() == 5000);
}

TEST_CASE("http: mistakes in a request are told before anything is sent", "[http][fault]") {
  auto loop = Loop::open();
  Request request;
  request.url = "nonsense";
  CHECK((*loop)->fetch(request).error().kind == ErrorKind::usage);
  request.url = "socks5://127.0.0.1/";
  CHECK((*loop)->fetch(request).error().why == "only http and https can be asked");
  request.url = "http://127.0.0.1:1/";
  request.headers = {{"Authorization", "Bearer hunter2\n"}};
  const auto answer = (*loop)->fetch(request);
  CHECK(answer.error().what == "can't send the header field 'Authorization'");
  CHECK(answer.error().why == "it holds a line break");
}

TEST_CASE("http: a retry after a reset succeeds", "[http][fault][retry]") {
  HttpServer server;
  server.once("GET", "/x", HttpAnswer{.fault = Fault::reset});
  server.once("GET", "/x", HttpAnswer{.status = 503, .headers = {{"Retry-After", "0"}}});
  server.on("GET", "/x", HttpAnswer{.body = "ok"});
  auto loop = Loop::open();
  RealClock clock;
  RetryPolicy policy;
  policy.first = 1ms;
  Request request;
  request.url = server.url("/x");
  const auto answer = fetch_with_retry([&] { return (*loop)->fetch(request); }, policy, clock);
  REQUIRE(answer);
  CHECK(answer->body == "ok");
  CHECK(server.requests().size() == 3);
}
