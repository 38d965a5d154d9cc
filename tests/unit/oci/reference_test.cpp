#include <mlk/oci/reference.hpp>

#include <catch2/catch.hpp>

using mlk::oci::Home;
using mlk::oci::parse_reference;

TEST_CASE("reference: registry, repository, tag and digest are told apart", "[oci][reference]") {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const auto ref = parse_reference("registry.example.com:5000/nlp/sentiment:v1@" + digest);
  REQUIRE(ref);
  CHECK(ref->home == Home::registry);
  CHECK(ref->registry == "registry.example.com:5000");
  CHECK(ref->repository == "nlp/sentiment");
  CHECK(ref->tag == "v1");
  CHECK(ref->digest == digest);
  CHECK(ref->wanted() == digest);
  CHECK(ref->text() == "registry.example.com:5000/nlp/sentiment:v1@" + digest);
  CHECK(parse_reference(ref->text())->text() == ref->text());
}

TEST_CASE("reference: names without a registry mean Docker Hub", "[oci][reference]") {
  CHECK(parse_reference("nlp/sentiment")->text() == "docker.io/nlp/sentiment");
  CHECK(parse_reference("sentiment:1")->text() == "docker.io/library/sentiment:1");
  CHECK(parse_reference("localhost/x")->registry == "localhost");
  CHECK(parse_reference("localhost:5000/x")->registry == "localhost:5000");
  CHECK(parse_reference("[::1]:5000/x:t")->registry == "[::1]:5000");
  CHECK(parse_reference("[::1]:5000/x:t")->tag == "t");
  CHECK(parse_reference("nlp/sentiment")->wanted() == "latest");
}

TEST_CASE("reference: docker and oci schemes name a registry", "[oci][reference]") {
  CHECK(parse_reference("docker://registry.example.com/x:1")->text() == "registry.example.com/x:1");
  CHECK(parse_reference("oci://registry/x:1")->registry == "registry");
  CHECK(parse_reference("oci+native://registry/x")->repository == "x");
  CHECK_FALSE(parse_reference("oci://registry"));
  CHECK_FALSE(parse_reference("ftp://registry/x"));
}

TEST_CASE("reference: oci without slashes is a layout, split at the first colon", "[oci][reference]") {
  const auto ref = parse_reference("oci:./models:registry.example.com/nlp/x:v1");
  REQUIRE(ref);
  CHECK(ref->home == Home::layout);
  CHECK(ref->directory == "./models");
  CHECK(ref->tag == "registry.example.com/nlp/x:v1");
  CHECK(ref->text() == "oci:./models:registry.example.com/nlp/x:v1");
  CHECK(parse_reference("oci:/a/b")->tag.empty());
  CHECK(parse_reference("oci:/a/b@sha256:" + std::string(64, '0'))->digest.size() == 71);
  CHECK_FALSE(parse_reference("oci::tag"));
  CHECK_FALSE(parse_reference("oci:dir:"));
}

TEST_CASE("reference: an archive is recognised and refused with a way out", "[oci][reference]") {
  const auto ref = parse_reference("oci-archive:model.tar:v1");
  REQUIRE_FALSE(ref);
  CHECK(ref.error().kind == mlk::ErrorKind::usage);
  CHECK(ref.error().fix.find("tar -C DIR -xf model.tar") != std::string::npos);
}

TEST_CASE("reference: malformed names are usage errors that quote the text", "[oci][reference]") {
  for (const std::string text : {"", "registry.example.com/", "registry.example.com/Upper", "registry.example.com/a//b",
                                 "a.b/x:", "a.b/x:-t", "a.b/x@sha256:12", "a.b/x@md5:00", "a.b:99999/x", "a b/x",
                                 "a.b/-x", "a.b/x__y___z", "a.b/x..y", "a.b/x\nHost: evil"}) {
    INFO(text);
    const auto ref = parse_reference(text);
    REQUIRE_FALSE(ref);
    CHECK(ref.error().kind == mlk::ErrorKind::usage);
    CHECK_FALSE(ref.error().why.empty());
    CHECK(ref.error().what.find("'") != std::string::npos);
  }
}

TEST_CASE("reference: loopback hosts are known", "[oci][reference]") {
  for (const auto* host : {"localhost", "localhost:5000", "127.0.0.1:80", "127.9.9.9", "[::1]:5000", "x.localhost"}) {
    CHECK(mlk::oci::is_loopback(host));
  }
  for (const auto* host : {"127.evil.com", "registry.example.com", "10.0.0.1:5000", "localhost.evil.com"}) {
    CHECK_FALSE(mlk::oci::is_loopback(host));
  }
}
