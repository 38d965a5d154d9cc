#include <mlk/core/secret.hpp>
#include <mlk/crypto/encoding.hpp>
#include <mlk/crypto/hash.hpp>
#include <mlk/crypto/random.hpp>

#include <catch2/catch.hpp>

#include <sstream>

using namespace mlk::crypto;

TEST_CASE("crypto: SHA-256 matches FIPS 180's vectors, whole and in pieces", "[crypto][sha256]") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 hash;
  for (int i = 0; i < 1'000'000 / 1000; ++i) hash.update(std::string(1000, 'a'));
  CHECK(hash.finish_hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("crypto: a finished SHA-256 starts anew", "[crypto][sha256]") {
  Sha256 hash;
  hash.update("something");
  CHECK(hash.finish_hex() == sha256_hex("something"));
  CHECK(hash.update("abc").finish_hex() == sha256_hex("abc"));
}

TEST_CASE("crypto: HMAC-SHA256 matches RFC 4231", "[crypto][hmac]") {
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(to_hex(hmac_sha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("crypto: comparing in constant time tells equal from unequal", "[crypto]") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST_CASE("crypto: random bytes have the length asked and differ", "[crypto][random]") {
  const auto first = random_bytes(32);
  const auto second = random_bytes(32);
  REQUIRE(first);
  CHECK(first->size() == 32);
  CHECK(*first != *second);
  CHECK(random_bytes(0)->empty());
}

TEST_CASE("crypto: a secret doesn't print, and is gone when it is moved or cleared", "[crypto][secret]") {
  mlk::Secret secret(std::string("s3cr3t"));
  std::ostringstream out;
  out << secret << mlk::Secret();
  CHECK(out.str() == "[hidden]");
  CHECK(secret.reveal() == "s3cr3t");
  const char* const place = secret.reveal().data();
  mlk::Secret other(std::move(secret));
  CHECK(std::string(place) != "s3cr3t");
  CHECK(other.reveal() == "s3cr3t");
  const char* const held = other.reveal().data();
  other.clear();
  CHECK(std::string(held).empty());
}
