#include <mlk/crypto/certificate.hpp>

#include <catch2/catch.hpp>
#include <test_certificates.hpp>

using namespace mlk;

TEST_CASE("crypto: a certificate's expiry is read from its PEM", "[crypto][certificate]") {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  const test::CertificateAuthority authority;
  const auto leaf = authority.issue({.dns_names = {"localhost"}, .valid_for = std::chrono::hours(5)});
  const auto expiry = crypto::certificate_expiry(leaf.cert_pem);
  REQUIRE(expiry);
  CHECK(*expiry - now >= std::chrono::hours(5) - std::chrono::minutes(1));
  CHECK(*expiry - now <= std::chrono::hours(5) + std::chrono::minutes(1));
}

TEST_CASE("crypto: a text that is no certificate is an error that doesn't quote it", "[crypto][certificate]") {
  for (const std::string text :
       {"", "hello s3cr3t", "-----BEGIN CERTIFICATE-----\ns3cr3t\n-----END CERTIFICATE-----\n"}) {
    const auto expiry = crypto::certificate_expiry(text);
    REQUIRE_FALSE(expiry);
    CHECK(expiry.error().why.find("s3cr3t") == std::string::npos);
    CHECK_FALSE(expiry.error().why.empty());
  }
}
