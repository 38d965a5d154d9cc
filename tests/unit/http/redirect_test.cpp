#include <mlk/http/loop.hpp>

#include <catch2/catch.hpp>
#include <http_server.hpp>

using namespace mlk;
using namespace mlk::http;
using test::HttpAnswer;
using test::HttpServer;

namespace {

HttpAnswer redirect(int status, std::string to) {
  return HttpAnswer{.status = status, .body = "elsewhere", .headers = {{"Location", std::move(to)}}};
}

class TextSource final : public BodySource {
 public:
  explicit TextSource(std::string text) : m_text(std::move(text)) {}
  std::optional<std::uint64_t> size() const override { return m_text.size(); }
  Result<std::optional<std::size_t>> read(std::span<std::byte> buffer) override {
    const std::size_t count = std::min(buffer.size(), m_text.size() - m_at);
    std::copy_n(m_text.data() + m_at, count, reinterpret_cast<char*>(buffer.data()));
    m_at += count;
    return std::optional(count);
  }
  Result<void> rewind() override {
    ++rewinds;
    m_at = 0;
    return {};
  }
  int rewinds = 0;

 private:
  std::string m_text;
  std::size_t m_at = 0;
};

}  // namespace

TEST_CASE("http: a redirect is shown unless it is to be followed", "[http][redirect]") {
  HttpServer server;
  server.on("POST", "/uploads/", redirect(202, "/uploads/1?state=x"));
  server.on("GET", "/a", redirect(307, "/b"));
  auto loop = Loop::open();
  Request request;
  request.url = server.url("/a");
  const auto answer = (*loop)->fetch(request);
  REQUIRE(answer);
  CHECK(answer->status == 307);
  CHECK(answer->headers.get("Location") == "/b");
  request.url = server.url("/uploads/");
  request.method = "POST";
  request.max_redirects = 5;
  CHECK((*loop)->fetch(request)->status == 202);
}

TEST_CASE("http: credentials go on to the same origin and never to another", "[http][redirect]") {
  HttpServer other;
  other.on("GET", "/blob", HttpAnswer{.body = "data"});
  HttpServer server;
  server.on("GET", "/same", redirect(302, "there?x=1"));
  server.on("GET", "/there", redirect(307, other.url("/blob")));
  auto loop = Loop::open();
  Request request;
  request.url = server.url("/same");
  request.max_redirects = 5;
  request.headers = {{"Authorization", "Bearer t"}, {"Cookie", "c"}, {"X-Private", "p"}, {"Accept", "a/b"}};
  request.private_headers = {"X-Private"};
  int headers_told = 0;
  int status = 0;
  std::string body;
  Handlers handlers;
  handlers.on_headers = [&](int code, const Headers&) {
    ++headers_told;
    status = code;
  };
  handlers.on_data = [&](auto bytes) {
    body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Flow::proceed;
  };
  std::string url;
  handlers.on_done = [&](Result<Done> done) { url = done ? done->url : done.error().what; };
  const auto transfer = (*loop)->start(request, std::move(handlers));
  REQUIRE((*loop)->run_until([&] { return !transfer.is_active(); }));
  CHECK(headers_told == 1);
  CHECK(status == 200);
  CHECK(body == "data");
  CHECK(url == other.url("/blob"));

  const auto same = server.requests_to("/there").at(0);
  CHECK(same.query == "x=1");
  CHECK(same.header("Authorization") == "Bearer t");
  CHECK(same.header("X-Private") == "p");
  const auto elsewhere = other.requests().at(0);
  CHECK(elsewhere.header("Accept") == "a/b");
  for (const char* name : {"Authorization", "Cookie", "X-Private"}) CHECK_FALSE(elsewhere.has_header(name));
}

TEST_CASE("http: 307 repeats method and body, 303 turns into GET", "[http][redirect]") {
  HttpServer server;
  server.on("PUT", "/keep", redirect(307, "/kept"));
  server.on("PUT", "/kept", HttpAnswer{.status = 201});
  server.on("POST", "/see", redirect(303, "/seen"));
  server.on("GET", "/seen", HttpAnswer{.body = "seen"});
  auto loop = Loop::open();
  Request request;
  request.max_redirects = 1;
  request.method = "PUT";
  request.url = server.url("/keep");
  const auto source = std::make_shared<TextSource>("some text");
  request.body = source;
  CHECK((*loop)->fetch(request)->status == 201);
  CHECK(server.requests_to("/kept").at(0).body == "some text");
  CHECK(source->rewinds == 1);

  request.method = "POST";
  request.url = server.url("/see");
  request.body = std::string("form");
  request.headers = {{"Content-Type", "text/plain"}};
  CHECK((*loop)->fetch(request)->body == "seen");
  const auto seen = server.requests_to("/seen").at(0);
  CHECK(seen.body_size == 0);
  CHECK_FALSE(seen.has_header("Content-Type"));
}

TEST_CASE("http: a circle of redirects ends, and https never becomes http", "[http][redirect]") {
  HttpServer server;
  server.on("GET", "/circle", redirect(302, "/circle"));
  auto loop = Loop::open();
  Request request;
  request.max_redirects = 3;
  request.url = server.url("/circle");
  const auto circle = (*loop)->fetch(request);
  REQUIRE_FALSE(circle);
  CHECK(circle.error().why == "it was the redirect number 4, 3 are allowed");
  CHECK(server.requests().size() == 4);

  const test::CertificateAuthority authority;
  HttpServer secure({.certificate = authority.issue({.addresses = {"127.0.0.1"}})});
  secure.on("GET", "/", redirect(302, server.url("/circle?token=t")));
  Identity identity;
  identity.tls.ca_pem = authority.cert_pem();
  identity.tls.system_ca = false;
  request.identity = std::make_shared<Identity>(identity);
  request.url = secure.url("/");
  const auto downgrade = (*loop)->fetch(request);
  REQUIRE_FALSE(downgrade);
  CHECK(downgrade.error().why == "'http://" + server.authority() + "' isn't encrypted");
}
