#include <mlk/http/loop.hpp>

#include <catch2/catch.hpp>
#include <http_server.hpp>

#include <cstdlib>
#include <map>
#include <optional>

using namespace mlk;
using namespace mlk::http;
using test::HttpAnswer;
using test::HttpServer;
using Variables = std::map<std::string, std::string>;

namespace {

/// Sets environment variables and puts them back.
class EnvironmentSet {
 public:
  explicit EnvironmentSet(const Variables& values) {
    for (const char* name :
         {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
      const char* const old = std::getenv(name);
      m_before.emplace(name, old != nullptr ? std::optional<std::string>(old) : std::nullopt);
      ::unsetenv(name);
    }
    for (const auto& [name, value] : values) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~EnvironmentSet() {
    for (const auto& [name, value] : m_before) {
      if (value) {
        ::setenv(name.c_str(), value->c_str(), 1);
      } else {
        ::unsetenv(name.c_str());
      }
    }
  }
  EnvironmentSet(const EnvironmentSet&) = delete;
  EnvironmentSet& operator=(const EnvironmentSet&) = delete;

 private:
  std::map<std::string, std::optional<std::string>> m_before;
};

Result<Response> fetch(const std::string& url, std::shared_ptr<const Identity> identity = {}) {
  auto loop = Loop::open();
  REQUIRE(loop);
  Request request;
  request.url = url;
  request.identity = std::move(identity);
  return (*loop)->fetch(std::move(request));
}

}  // namespace

TEST_CASE("http: the environment's proxy is used, in either case, with its credentials", "[http][proxy]") {
  HttpServer proxy;
  proxy.on("GET", "*", HttpAnswer{.body = "from the proxy"});
  for (const char* name : {"http_proxy", "HTTP_PROXY", "ALL_PROXY"}) {
    const EnvironmentSet environment(Variables{{name, "http://user:hunter2@" + proxy.authority()}});
    const auto answer = fetch("http://registry.invalid/v2/");
    REQUIRE(answer);
    CHECK(answer->body == "from the proxy");
    CHECK(proxy.requests().back().target == "http://registry.invalid/v2/");
    CHECK(proxy.requests().back().header("Proxy-Authorization") == "Basic dXNlcjpodW50ZXIy");
  }
}

TEST_CASE("http: NO_PROXY and loopback addresses go straight", "[http][proxy]") {
  HttpServer proxy;
  HttpServer server;
  server.on("GET", "/", HttpAnswer{.body = "straight"});
  const EnvironmentSet environment(Variables{{"http_proxy", proxy.url()}, {"NO_PROXY", "other.test,.invalid"}});
  CHECK(fetch(server.url("/"))->body == "straight");
  CHECK(fetch("http://registry.invalid/").error().what == "can't find the host 'registry.invalid'");
  CHECK(proxy.requests().empty());
}

TEST_CASE("http: a proxy of one's own is used for loopback too, and none means none", "[http][proxy]") {
  HttpServer proxy;
  proxy.on("GET", "*", HttpAnswer{.body = "from the proxy"});
  HttpServer server;
  server.on("GET", "/", HttpAnswer{.body = "straight"});
  const EnvironmentSet environment(Variables{{"http_proxy", "http://127.0.0.1:1"}});
  auto identity = std::make_shared<Identity>();
  identity->proxy = {Proxy::From::url, proxy.url()};
  CHECK(fetch(server.url("/"), identity)->body == "from the proxy");
  auto direct = std::make_shared<Identity>();
  direct->proxy.from = Proxy::From::none;
  CHECK(fetch("http://registry.invalid/", direct).error().what == "can't find the host 'registry.invalid'");
}

TEST_CASE("http: a proxy that refuses or is missing is told apart from the server, without its password",
          "[http][proxy]") {
  HttpServer proxy;
  proxy.on("CONNECT", "*", HttpAnswer{.status = 407});
  auto identity = std::make_shared<Identity>();
  identity->proxy = {Proxy::From::url, "http://user:hunter2@" + proxy.authority()};
  const auto refused = fetch("https://registry.invalid/", identity);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::auth);
  CHECK(refused.error().what == "the proxy doesn't connect us to 'registry.invalid:443'");
  CHECK(refused.error().why == "it answered 407");

  identity->proxy.url = "http://user:hunter2@no-such-proxy.invalid:3128";
  const auto missing = fetch("https://registry.invalid/", identity);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().what == "can't reach the proxy on the way to 'registry.invalid:443'");
  CHECK((missing.error().why + missing.error().fix).find("hunter2") == std::string::npos);
}
