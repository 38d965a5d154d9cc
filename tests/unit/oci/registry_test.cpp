#include "http_server.hpp"
#include "manual_clock.hpp"
#include "temporary_folder.hpp"

#include <mlk/crypto/encoding.hpp>
#include <mlk/crypto/hash.hpp>
#include <mlk/oci/registry.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace mlk::oci;
using mlk::ErrorKind;
using mlk::test::Fault;
using mlk::test::HttpAnswer;
using mlk::test::HttpRequest;
using mlk::test::HttpServer;

namespace {

constexpr const char* k_repo = "nlp/x";

/// A client of a test's server with credentials of the test's own.
struct Bench {
  TemporaryFolder folder;
  HttpServer server;
  ManualClock clock;
  RegistryOptions options;

  void log_in(const std::string& user, const std::string& password) {
    folder.write("config.json", R"({"auths":{")" + server.authority() + R"(":{"auth":")" +
                                    mlk::crypto::base64_encode(user + ":" + password) + R"("}}})");
  }
  RegistryClient client() {
    auto auth = std::make_shared<RegistryAuth>(CredentialStore({{"DOCKER_CONFIG", folder.path().string()}}));
    return RegistryClient(server.authority(), std::move(auth), clock, options);
  }
  /// Uploads work: any session, any digest.
  void take_uploads() {
    server.on("POST", "/v2/nlp/x/blobs/uploads/",
              HttpAnswer{202, "", {{"Location", "/v2/nlp/x/blobs/uploads/s1?state=a"}}});
    server.on("PATCH", "/v2/nlp/x/blobs/uploads/s1",
              HttpAnswer{202, "", {{"Location", "/v2/nlp/x/blobs/uploads/s1?state=b"}}});
    server.on("PUT", "/v2/nlp/x/blobs/uploads/s1", HttpAnswer{201});
  }
};

std::string random_text(std::size_t size) {
  std::string out(size, '\0');
  unsigned state = 1;
  for (auto& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

Descriptor descriptor(const std::string& text) { return {"", Digest::of(text), text.size(), {}, {}}; }

mlk::Result<std::string> download(RegistryClient& client, const Descriptor& blob) {
  const auto source = client.open_blob(k_repo, blob, {}, {});
  std::string out;
  std::vector<std::byte> buffer(10'000);
  for (;;) {
    MLK_TRY(const std::size_t count, source->read(buffer));
    if (count == 0) return out;
    out.append(reinterpret_cast<const char*>(buffer.data()), count);
  }
}

std::string all_of(const mlk::Error& error) { return error.what + "|" + error.why + "|" + error.fix; }

}  // namespace

TEST_CASE("registry: a known digest goes up in one PUT", "[oci][registry]") {
  Bench bench;
  bench.take_uploads();
  bench.server.on("HEAD", "/v2/nlp/x/blobs/*", HttpAnswer{404});
  const auto text = random_text(3 << 20);
  const auto source = text_source(text);
  auto client = bench.client();
  CHECK_FALSE(*client.has_blob(k_repo, descriptor(text), {}));
  std::int64_t moved = 0;
  REQUIRE(client.push_blob(k_repo, Digest::of(text), *source, [&](std::int64_t n) { moved += n; }, {}));
  CHECK(moved == static_cast<std::int64_t>(text.size()));
  const auto puts = bench.server.requests_to("/v2/nlp/x/blobs/uploads/s1");
  REQUIRE(puts.size() == 1);
  CHECK(puts[0].method == "PUT");
  CHECK(puts[0].query.find("state=a&digest=sha256") == 0);
  CHECK(puts[0].body_size == text.size());
  CHECK(puts[0].body_sha256 == Digest::of(text).hex());
  CHECK_FALSE(puts[0].is_chunked);
  CHECK(bench.server.unexpected().empty());
}

TEST_CASE("registry: an unknown digest is learnt while one PATCH sends", "[oci][registry]") {
  Bench bench;
  bench.take_uploads();
  const auto text = random_text(2'500'000);
  const auto source = text_source(text);
  auto client = bench.client();
  const auto digest = client.push_blob_hashing(k_repo, *source, {}, {});
  REQUIRE(digest);
  CHECK(*digest == Digest::of(text));
  const auto sent = bench.server.requests_to("/v2/nlp/x/blobs/uploads/s1");
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].method == "PATCH");
  CHECK(sent[0].header("Content-Length") == std::to_string(text.size()));
  CHECK_FALSE(sent[0].has_header("Content-Range"));
  CHECK(sent[0].body_sha256 == Digest::of(text).hex());
  CHECK(sent[1].method == "PUT");
  CHECK(sent[1].query.find("state=b&digest=") == 0);
  CHECK(sent[1].body_size == 0);
}

TEST_CASE("registry: where PATCH isn't known, one pass hashes and one sends", "[oci][registry]") {
  Bench bench;
  bench.take_uploads();
  bench.server.on("PATCH", "/v2/nlp/x/blobs/uploads/s1", HttpAnswer{405});
  const auto text = random_text(100'000);
  const auto source = text_source(text);
  auto client = bench.client();
  std::int64_t moved = 0;
  const auto digest = client.push_blob_hashing(k_repo, *source, [&](std::int64_t n) { moved += n; }, {});
  REQUIRE(digest);
  CHECK(*digest == Digest::of(text));
  CHECK(moved == static_cast<std::int64_t>(text.size()));
  CHECK(bench.server.requests().back().body_sha256 == digest->hex());
}

TEST_CASE("registry: an upload that breaks begins again and arrives whole", "[oci][registry][fault]") {
  Bench bench;
  bench.take_uploads();
  const auto text = random_text(3 << 20);
  for (const auto fault : {Fault::reset, Fault::close}) {
    HttpAnswer broken;
    broken.fault = fault;
    bench.server.once("PATCH", "/v2/nlp/x/blobs/uploads/s1", broken);
  }
  const auto source = text_source(text);
  auto client = bench.client();
  std::int64_t moved = 0;
  const auto digest = client.push_blob_hashing(k_repo, *source, [&](std::int64_t n) { moved += n; }, {});
  REQUIRE(digest);
  CHECK(*digest == Digest::of(text));
  CHECK(moved == static_cast<std::int64_t>(text.size()));
}

TEST_CASE("registry: a bearer token is fetched once and used for all", "[oci][registry][auth]") {
  Bench bench;
  bench.log_in("ann", "s3cret");
  const auto challenge =
      "Bearer realm=\"" + bench.server.url("/token") + "\",service=\"reg\",scope=\"repository:nlp/x:pull\"";
  bench.server.on("GET", "/token", HttpAnswer{200, R"({"token":"t0ken","expires_in":300})"});
  bench.server.on("GET", "/v2/nlp/x/manifests/1", [&](const HttpRequest& request) {
    if (request.header("Authorization") == "Bearer t0ken") return HttpAnswer{200, R"({"schemaVersion":2})"};
    return HttpAnswer{401, "", {{"WWW-Authenticate", challenge}}};
  });
  auto client = bench.client();
  REQUIRE(client.fetch_manifest(k_repo, "1", {}));
  REQUIRE(client.fetch_manifest(k_repo, "1", {}));
  const auto tokens = bench.server.requests_to("/token");
  REQUIRE(tokens.size() == 1);
  CHECK(tokens[0].header("Authorization") == "Basic " + mlk::crypto::base64_encode("ann:s3cret"));
  CHECK(tokens[0].query == "service=reg&scope=repository%3Anlp%2Fx%3Apull");
  CHECK(bench.server.requests_to("/v2/nlp/x/manifests/1").size() == 3);
  // Used up before it expires, and then a new one.
  bench.clock.advance(std::chrono::seconds(295));
  REQUIRE(client.fetch_manifest(k_repo, "1", {}));
  CHECK(bench.server.requests_to("/token").size() == 2);
}

TEST_CASE("registry: an identity token is sent by POST", "[oci][registry][auth]") {
  Bench bench;
  bench.folder.write("config.json",
                     R"({"auths":{")" + bench.server.authority() + R"(":{"identitytoken":"refresh me"}}})");
  bench.server.on("POST", "/token", HttpAnswer{200, R"({"access_token":"abc"})"});
  bench.server.on("GET", "/v2/nlp/x/manifests/1", [&](const HttpRequest& request) {
    if (request.header("Authorization") == "Bearer abc") return HttpAnswer{200, "{}"};
    return HttpAnswer{
        401, "", {{"WWW-Authenticate", "Bearer realm=\"" + bench.server.url("/token") + "\",service=\"s\""}}};
  });
  REQUIRE(bench.client().fetch_manifest(k_repo, "1", {}));
  const auto body = bench.server.requests_to("/token").front().body;
  CHECK(body.find("grant_type=refresh_token") != std::string::npos);
  CHECK(body.find("refresh_token=refresh%20me") != std::string::npos);
}

TEST_CASE("registry: Basic credentials are sent once they are asked for", "[oci][registry][auth]") {
  Bench bench;
  bench.log_in("ann", "s3cret");
  bench.server.on("GET", "/v2/nlp/x/tags/list", [](const HttpRequest& request) {
    if (request.has_header("Authorization")) return HttpAnswer{200, R"({"tags":["b","a"]})"};
    return HttpAnswer{401, "", {{"WWW-Authenticate", "Basic realm=\"r\""}}};
  });
  auto client = bench.client();
  CHECK(*client.tags(k_repo, {}) == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(bench.server.requests().front().has_header("Authorization"));
  CHECK(bench.server.requests().back().header("Authorization") == "Basic " + mlk::crypto::base64_encode("ann:s3cret"));
}

TEST_CASE("registry: other hosts never see the credentials", "[oci][registry][auth][security]") {
  Bench bench;
  bench.log_in("ann", "s3cret");
  HttpServer storage;
  const std::string text = "content";
  const auto needs_login = [&](HttpAnswer answer) {
    return [answer](const HttpRequest& request) {
      if (request.has_header("Authorization")) return answer;
      return HttpAnswer{401, "", {{"WWW-Authenticate", "Basic realm=\"r\""}}};
    };
  };
  bench.server.on("GET", "/v2/nlp/x/blobs/*", needs_login({307, "", {{"Location", storage.url("/b")}}}));
  bench.server.on("POST", "/v2/nlp/x/blobs/uploads/", needs_login({202, "", {{"Location", storage.url("/up")}}}));
  storage.on("GET", "/b", HttpAnswer{200, text});
  storage.on("PUT", "/up", HttpAnswer{201});
  auto client = bench.client();
  CHECK(*download(client, descriptor(text)) == text);
  const auto source = text_source(text);
  REQUIRE(client.push_blob(k_repo, Digest::of(text), *source, {}, {}));
  REQUIRE(storage.requests().size() == 2);
  for (const auto& request : storage.requests()) CHECK_FALSE(request.has_header("Authorization"));
}

TEST_CASE("registry: 429 is waited for as the registry asks", "[oci][registry][fault]") {
  Bench bench;
  bench.server.once("GET", "/v2/nlp/x/manifests/1", HttpAnswer{429, "", {{"Retry-After", "7"}}});
  bench.server.once("GET", "/v2/nlp/x/manifests/1", HttpAnswer{503});
  bench.server.on("GET", "/v2/nlp/x/manifests/1", HttpAnswer{200, "{}"});
  REQUIRE(bench.client().fetch_manifest(k_repo, "1", {}));
  REQUIRE(bench.clock.sleeps().size() == 2);
  CHECK(bench.clock.sleeps()[0] == std::chrono::seconds(7));
}

TEST_CASE("registry: every refusal says what, why and what helps", "[oci][registry][fault]") {
  Bench bench;
  bench.log_in("ann", "s3cret");
  auto client = bench.client();
  const auto fail = [&](int status, const std::string& body = {}, mlk::test::HeaderList headers = {}) {
    bench.server.on("GET", "/v2/nlp/x/manifests/1", HttpAnswer{status, body, std::move(headers)});
    auto answer = client.fetch_manifest(k_repo, "1", {});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().what.find(bench.server.authority()) != std::string::npos);
    CHECK_FALSE(answer.error().why.empty());
    CHECK_FALSE(answer.error().fix.empty());
    CHECK(all_of(answer.error()).find("s3cret") == std::string::npos);
    return answer.error();
  };
  const auto words = [](const char* code, const char* text) {
    return std::string(R"({"errors":[{"code":")") + code + R"(","message":")" + text + R"("}]})";
  };
  auto error = fail(401, "", {{"WWW-Authenticate", "Basic realm=\"r\""}});
  CHECK(error.kind == ErrorKind::auth);
  CHECK(error.why.find("config.json' aren't accepted") != std::string::npos);
  CHECK(error.fix.find("docker login " + bench.server.authority()) != std::string::npos);
  error = fail(403, words("DENIED", "not yours"));
  CHECK(error.kind == ErrorKind::auth);
  CHECK(error.why == "it says: DENIED: not yours");
  error = fail(404, words("MANIFEST_UNKNOWN", "manifest unknown"));
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.fix.find("mlk model list " + bench.server.authority() + "/nlp/x") != std::string::npos);
  error = fail(429);
  CHECK(error.kind == ErrorKind::unavailable);
  error = fail(500, words("UNKNOWN", "disk \\u001b[31mon fire"));
  CHECK(error.kind == ErrorKind::unavailable);
  CHECK(error.why.find('\x1b') == std::string::npos);
}

TEST_CASE("registry: without credentials the error names where they were looked for", "[oci][registry][auth]") {
  Bench bench;
  bench.server.on("GET", "/v2/nlp/x/manifests/1", HttpAnswer{401, "", {{"WWW-Authenticate", "Basic realm=\"r\""}}});
  const auto answer = bench.client().fetch_manifest(k_repo, "1", {});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::auth);
  CHECK(answer.error().why.find((bench.folder / "config.json").string()) != std::string::npos);
}

TEST_CASE("registry: a download that breaks goes on where it broke", "[oci][registry][fault]") {
  const auto text = random_text(4 << 20);
  for (const auto fault : {Fault::cut, Fault::reset_in_body, Fault::hang_in_body}) {
    Bench bench;
    bench.options.stall = std::chrono::milliseconds(1000);
    bool is_first = true;
    const auto path = "/v2/nlp/x/blobs/" + Digest::of(text).text();
    bench.server.on("GET", path, [&](const HttpRequest& request) {
      HttpAnswer answer;
      const auto range = request.header("Range");
      const auto from = range.empty() ? 0 : std::stoul(range.substr(6));
      answer.status = range.empty() ? 200 : 206;
      answer.body = text.substr(from);
      if (is_first) answer.fault = fault;
      is_first = false;
      return answer;
    });
    auto client = bench.client();
    const auto got = download(client, descriptor(text));
    REQUIRE(got);
    CHECK(*got == text);
    REQUIRE(bench.server.requests_to(path).size() == 2);
    CHECK(bench.server.requests_to(path)[1].header("Range").starts_with("bytes="));
  }
}

TEST_CASE("registry: a server without ranges sends everything again", "[oci][registry][fault]") {
  Bench bench;
  const auto text = random_text(3 << 20);
  const auto path = "/v2/nlp/x/blobs/" + Digest::of(text).text();
  HttpAnswer broken{200, text};
  broken.fault = Fault::cut;
  bench.server.once("GET", path, broken);
  bench.server.on("GET", path, HttpAnswer{200, text});
  auto client = bench.client();
  CHECK(*download(client, descriptor(text)) == text);
}

TEST_CASE("registry: content other than its digest is refused", "[oci][registry][security]") {
  Bench bench;
  bench.server.on("GET", "/v2/nlp/x/blobs/*", HttpAnswer{200, "evil ct"});
  auto client = bench.client();
  const auto got = download(client, descriptor("content"));
  REQUIRE_FALSE(got);
  CHECK(got.error().what.find("other content") != std::string::npos);
  bench.server.on("GET", "/v2/nlp/x/manifests/*", HttpAnswer{200, "{}"});
  CHECK_FALSE(client.fetch_manifest(k_repo, Digest::of("x").text(), {}));
  REQUIRE(client.fetch_manifest(k_repo, Digest::of("{}").text(), {}));
}

TEST_CASE("registry: more than was promised is cut off, less is an error", "[oci][registry][security]") {
  Bench bench;
  bench.options.attempts = 2;
  bench.server.on("GET", "/v2/nlp/x/blobs/*", HttpAnswer{200, "content and more"});
  auto client = bench.client();
  CHECK(*client.fetch_small_blob(k_repo, descriptor("content"), 1000, {}) == "content");
  bench.server.on("GET", "/v2/nlp/x/blobs/*", HttpAnswer{200, "con"});
  CHECK_FALSE(client.fetch_small_blob(k_repo, descriptor("content"), 1000, {}));
  CHECK_FALSE(client.fetch_small_blob(k_repo, descriptor("content"), 3, {}));
}

TEST_CASE("registry: tags come page after page, and a circle of pages ends", "[oci][registry]") {
  Bench bench;
  bench.server.on("GET", "/v2/nlp/x/tags/list", [](const HttpRequest& request) {
    if (request.query == "n=1000") {
      return HttpAnswer{200, R"({"tags":["b"]})", {{"Link", "</v2/nlp/x/tags/list?n=1000&last=b>; rel=\"next\""}}};
    }
    return HttpAnswer{200, R"({"tags":["a", "not a tag"]})", {{"Link", "</v2/nlp/x/tags/list?n=1000>; rel=\"next\""}}};
  });
  auto client = bench.client();
  CHECK(*client.tags(k_repo, {}) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("registry: a manifest's descriptor is found by HEAD, or isn't there", "[oci][registry]") {
  Bench bench;
  bench.server.on("HEAD", "/v2/nlp/x/manifests/1",
                  HttpAnswer{200,
                             "",
                             {{"Docker-Content-Digest", Digest::of("{}").text()},
                              {"Content-Type", std::string(media::k_manifest)}}});
  bench.server.on("HEAD", "/v2/nlp/x/manifests/2", HttpAnswer{404});
  auto client = bench.client();
  const auto found = client.find_manifest(k_repo, "1", {});
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->digest == Digest::of("{}"));
  CHECK((*found)->media_type == media::k_manifest);
  CHECK_FALSE(*client.find_manifest(k_repo, "2", {}));
}

TEST_CASE("registry: a stop ends a transfer that hangs", "[oci][registry]") {
  Bench bench;
  HttpAnswer hanging;
  hanging.fault = Fault::hang;
  bench.server.on("GET", "/v2/nlp/x/manifests/1", hanging);
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  CHECK(bench.client().fetch_manifest(k_repo, "1", stop.get_token()).error().kind == ErrorKind::interrupted);
}

TEST_CASE("registry: an unreachable one is unavailable, with a way on", "[oci][registry][fault]") {
  ManualClock clock;
  std::string nobody;
  {
    const HttpServer gone;
    nobody = gone.authority();
  }
  auto auth = std::make_shared<RegistryAuth>(CredentialStore({}));
  RegistryClient client(nobody, std::move(auth), clock);
  const auto answer = client.fetch_manifest(k_repo, "1", {});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unavailable);
  CHECK(answer.error().what.find(nobody) != std::string::npos);
  CHECK_FALSE(answer.error().fix.empty());
}
