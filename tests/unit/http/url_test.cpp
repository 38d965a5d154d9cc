#include <mlk/http/headers.hpp>
#include <mlk/http/url.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::http;

TEST_CASE("http: a URL comes apart and goes together again", "[http][url]") {
  for (const char* text : {"https://example.com", "http://user:pa%40ss@host:8080/a/b?x=1&y=2", "https://[::1]:6443/api",
                           "https://example.com?only=query", "socks5h://proxy:1080"}) {
    INFO(text);
    const auto url = parse_url(text);
    REQUIRE(url);
    CHECK(url->to_string() == text);
  }
  const auto url = parse_url("HTTPS://User:pass@EXAMPLE.com:443/Path?q=1#fragment");
  REQUIRE(url);
  CHECK(url->scheme == "https");
  CHECK(url->host == "example.com");
  CHECK(url->port == 443);
  CHECK(url->target() == "/Path?q=1");
  CHECK(url->redacted() == "https://example.com:443/Path");
  CHECK(parse_url("http://h")->port == 80);
  CHECK(parse_url("http://h")->target() == "/");
  CHECK(parse_url("https://[::1]:6443/api")->host == "::1");
}

TEST_CASE("http: what is no URL is refused without showing its secrets", "[http][url]") {
  for (const char* text :
       {"", "example.com", "http:/x", "http://", "ftp://x/", "http://h:0/", "http://h:99999/", "http://h:8o/",
        "http://[::1/", "http://[::1]x/", "http://a b/", "https://u:secret@:1/", "http://h/\r\nX: y"}) {
    INFO(text);
    const auto url = parse_url(text);
    REQUIRE_FALSE(url);
    CHECK(url.error().kind == ErrorKind::usage);
    CHECK(url.error().what.find("secret") == std::string::npos);
  }
  CHECK(parse_url("ftp://u:secret@h/x?token=secret").error().what == "'ftp://h/x' is not a URL");
}

TEST_CASE("http: references resolve as RFC 3986 says", "[http][url]") {
  const auto base = parse_url("http://a/b/c/d;p?q");
  REQUIRE(base);
  const std::pair<const char*, const char*> examples[] = {
      {"g", "http://a/b/c/g"},      {"./g", "http://a/b/c/g"},     {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},         {"//g", "http://g"},           {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},  {"", "http://a/b/c/d;p?q"},    {".", "http://a/b/c/"},
      {"..", "http://a/b/"},        {"../g", "http://a/b/g"},      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"}, {"/./g", "http://a/g"},        {"/../g", "http://a/g"},
      {"g/../h", "http://a/b/c/h"}, {"https://x/y", "https://x/y"}};
  for (const auto& [reference, expected] : examples) {
    INFO(reference);
    const auto resolved = resolve(*base, reference);
    REQUIRE(resolved);
    CHECK(resolved->to_string() == expected);
  }
  CHECK(resolve(*parse_url("http://h"), "x")->to_string() == "http://h/x");
  CHECK_FALSE(resolve(*base, "/a\nb"));
}

TEST_CASE("http: origins are scheme, host and port", "[http][url]") {
  CHECK(is_same_origin(*parse_url("https://h/a"), *parse_url("https://H:443/b")));
  CHECK_FALSE(is_same_origin(*parse_url("https://h"), *parse_url("http://h")));
  CHECK_FALSE(is_same_origin(*parse_url("https://h"), *parse_url("https://h:444")));
  CHECK_FALSE(is_same_origin(*parse_url("https://h"), *parse_url("https://i")));
}

TEST_CASE("http: percent encoding and queries", "[http][url]") {
  CHECK(percent_encode("a b/c~é") == "a%20b%2Fc~%C3%A9");
  CHECK(*percent_decode("a%20b%2fc") == "a b/c");
  CHECK_FALSE(percent_decode("%2"));
  CHECK_FALSE(percent_decode("%zz"));
  CHECK(*percent_decode("%41") == "A");
  auto url = *parse_url("https://h/upload?state=x");
  append_query(url, {{"digest", "sha256:ab"}});
  CHECK(url.to_string() == "https://h/upload?state=x&digest=sha256%3Aab");
  url = *parse_url("https://h/upload");
  append_query(url, {{"a", "1"}, {"b", ""}});
  CHECK(url.to_string() == "https://h/upload?a=1&b=");
}

TEST_CASE("http: loopback hosts are told apart", "[http][url]") {
  for (const char* host : {"localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.1.2.3", "::1"})
    CHECK(is_loopback(host));
  for (const char* host : {"127.example.com", "localhost.example.com", "128.0.0.1", "::2", ""}) {
    CHECK_FALSE(is_loopback(host));
  }
}

TEST_CASE("http: header names have no case", "[http][headers]") {
  Headers headers{
      {"Content-Type", "application/JSON; charset=utf-8"}, {"X", "1"}, {"x", "2"}, {"Content-Length", "12"}};
  CHECK(headers.get("content-type") == "application/JSON; charset=utf-8");
  CHECK(headers.content_type() == "application/json");
  CHECK(headers.content_length() == 12U);
  CHECK(headers.all("X") == std::vector<std::string_view>{"1", "2"});
  headers.set("X", "3");
  CHECK(headers.all("x") == std::vector<std::string_view>{"3"});
  headers.remove("CONTENT-TYPE");
  CHECK_FALSE(headers.has("Content-Type"));
  CHECK(Headers{{"Content-Length", "1x"}}.content_length() == std::nullopt);
}

TEST_CASE("http: the next page is found among links", "[http][headers]") {
  CHECK(next_link(Headers{{"Link", "</v2/_catalog?last=b&n=1>; rel=\"next\""}}) == "/v2/_catalog?last=b&n=1");
  CHECK(next_link(Headers{{"Link", "<a>; rel=prev, <b,c>; rel=\"first next\""}}) == "b,c");
  CHECK(next_link(Headers{{"Link", "<a>; rel=prev"}, {"Link", "<b>; REL=Next"}}) == "b");
  CHECK(next_link(Headers{{"Link", "<a>; rel=prev"}}) == std::nullopt);
  CHECK(next_link(Headers{{"Link", "<a"}}) == std::nullopt);
  CHECK(next_link(Headers{}) == std::nullopt);
}
