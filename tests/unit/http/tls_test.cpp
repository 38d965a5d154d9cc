#include <mlk/http/loop.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <http_server.hpp>

using namespace mlk;
using namespace mlk::http;
using namespace std::chrono_literals;
using test::CertificateAuthority;
using test::HttpAnswer;
using test::HttpServer;

namespace {

std::shared_ptr<Identity> trusting(const CertificateAuthority& authority) {
  auto identity = std::make_shared<Identity>();
  identity->tls.ca_pem = authority.cert_pem();
  identity->tls.system_ca = false;
  return identity;
}

Result<Response> fetch(Loop& loop, const std::string& url, std::shared_ptr<const Identity> identity) {
  Request request;
  request.url = url;
  request.identity = std::move(identity);
  return loop.fetch(std::move(request));
}

}  // namespace

TEST_CASE("http: an authority from memory is trusted, and only that one", "[http][tls]") {
  const CertificateAuthority authority;
  const CertificateAuthority stranger;
  HttpServer server({.certificate = authority.issue({.addresses = {"127.0.0.1"}})});
  server.on("GET", "/", HttpAnswer{.body = "hello"});
  auto loop = Loop::open();
  for (int i = 0; i < 3; ++i) {
    const auto answer = fetch(**loop, server.url("/"), trusting(authority));
    REQUIRE(answer);
    CHECK(answer->body == "hello");
  }
  CHECK(server.connections() == 1);

  const std::pair<std::shared_ptr<Identity>, std::string> untrusted[] = {
      {trusting(stranger), "an authority of that name is trusted, but it has another key"},
      {std::make_shared<Identity>(), "no trusted authority signed it (unable to get local issuer certificate)"}};
  for (const auto& [identity, why] : untrusted) {
    const auto refused = fetch(**loop, server.url("/"), identity);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::auth);
    CHECK(refused.error().what == fmt::format("can't trust the certificate of '{}'", server.authority()));
    CHECK(refused.error().why == why);
  }
  auto careless = std::make_shared<Identity>();
  careless->tls.skip_verify = true;
  CHECK(fetch(**loop, server.url("/"), careless)->body == "hello");
}

TEST_CASE("http: a certificate for another name, an expired and a future one are told apart", "[http][tls]") {
  const CertificateAuthority authority;
  auto loop = Loop::open();
  const auto why = [&](const test::CertificateAsked& asked) {
    HttpServer server({.certificate = authority.issue(asked)});
    const auto answer = fetch(**loop, server.url("/"), trusting(authority));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::auth);
    CHECK_FALSE(answer.error().fix.empty());
    return answer.error().why;
  };
  CHECK(why({.dns_names = {"example.com"}}) == "it isn't issued for '127.0.0.1'");
  CHECK(why({.addresses = {"127.0.0.1"}, .valid_since = -2h, .valid_for = -1h}) == "it has expired");
  CHECK(why({.addresses = {"127.0.0.1"}, .valid_since = 1h, .valid_for = 2h}) == "it isn't valid yet");
}

TEST_CASE("http: a server name of its own is asked for and verified, and the Host stays", "[http][tls]") {
  const CertificateAuthority authority;
  HttpServer server({.certificate = authority.issue({.dns_names = {"kube.internal"}})});
  server.on("GET", "/", HttpAnswer{.body = "hello"});
  auto loop = Loop::open();
  auto identity = trusting(authority);
  identity->tls.server_name = "kube.internal";
  const auto answer = fetch(**loop, server.url("/"), identity);
  REQUIRE(answer);
  CHECK(answer->body == "hello");
  CHECK(answer->url == server.url("/"));
  CHECK(server.requests().at(0).header("Host") == server.authority());

  auto wrong = trusting(authority);
  wrong->tls.server_name = "other.internal";
  CHECK(fetch(**loop, server.url("/"), wrong).error().why == "it isn't issued for 'other.internal'");
}

TEST_CASE("http: a client certificate from memory opens the door, none or a bad one doesn't", "[http][tls]") {
  const CertificateAuthority authority;
  HttpServer server(
      {.certificate = authority.issue({.addresses = {"127.0.0.1"}}), .client_ca_pem = authority.cert_pem()});
  server.on("GET", "/", HttpAnswer{.body = "hello"});
  auto loop = Loop::open();
  auto identity = trusting(authority);
  const auto ours = authority.issue({.common_name = "me"});
  identity->tls.cert_pem = ours.cert_pem;
  identity->tls.key_pem = Secret(ours.key_pem);
  const auto answer = fetch(**loop, server.url("/"), identity);
  REQUIRE(answer);
  CHECK(answer->body == "hello");

  const auto nobody = fetch(**loop, server.url("/"), trusting(authority));
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().kind == ErrorKind::auth);
  CHECK(nobody.error().what == fmt::format("'{}' refuses our certificate", server.authority()));

  auto mixed = std::make_shared<Identity>(*identity);
  mixed->tls.key_pem = Secret(authority.issue({}).key_pem);
  const auto mismatch = fetch(**Loop::open(), server.url("/"), mixed);
  REQUIRE_FALSE(mismatch);
  CHECK(mismatch.error().kind == ErrorKind::auth);
  CHECK(mismatch.error().what == fmt::format("can't use the client certificate for '{}'", server.authority()));
}

TEST_CASE("http: an encrypted key is refused without asking anybody", "[http][tls]") {
  const CertificateAuthority authority;
  HttpServer server(
      {.certificate = authority.issue({.addresses = {"127.0.0.1"}}), .client_ca_pem = authority.cert_pem()});
  auto identity = trusting(authority);
  const auto ours = authority.issue({.pass_phrase = "hunter2"});
  identity->tls.cert_pem = ours.cert_pem;
  identity->tls.key_pem = Secret(ours.key_pem);
  auto loop = Loop::open();
  const auto answer = fetch(**loop, server.url("/"), identity);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().what == fmt::format("can't use the client certificate for '{}'", server.authority()));
}

TEST_CASE("http: authorities that are no PEM are said to be so", "[http][tls]") {
  const CertificateAuthority authority;
  HttpServer server({.certificate = authority.issue({.addresses = {"127.0.0.1"}})});
  auto identity = std::make_shared<Identity>();
  identity->tls.ca_pem = "not a certificate";
  auto loop = Loop::open();
  const auto answer = fetch(**loop, server.url("/"), identity);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().what == fmt::format("can't use the authorities' certificates for '{}'", server.authority()));
}

TEST_CASE("http: https to a server without TLS says so", "[http][tls]") {
  HttpServer server;
  auto loop = Loop::open();
  const auto answer = fetch(**loop, fmt::format("https://{}/", server.authority()), {});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().what == fmt::format("'{}' doesn't speak TLS", server.authority()));
}
