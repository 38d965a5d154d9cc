#include <mlk/crypto/encoding.hpp>

#include <catch2/catch.hpp>

using namespace mlk::crypto;

TEST_CASE("crypto: base64 matches RFC 4648's test vectors", "[crypto][base64]") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(base64_encode(plain) == encoded);
    CHECK(*base64_decode(encoded) == plain);
  }
}

TEST_CASE("crypto: every byte survives hex, base64 and base64url", "[crypto][base64][hex]") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t size = 250; size <= bytes.size(); ++size) {
    const std::string part = bytes.substr(0, size);
    CHECK(*hex_decode(hex_encode(part)) == part);
    CHECK(*base64_decode(base64_encode(part)) == part);
    CHECK(*base64url_decode(base64url_encode(part)) == part);
  }
}

TEST_CASE("crypto: base64 is decoded strictly", "[crypto][base64]") {
  for (const char* bad :
       {"Zg", "Zg=", "Zg===", "Z===", "Zh==", "Zm9=", "Zm 9v", "Zm9v!", "=Zm9", "Zm=v", "Zm9-", "===="}) {
    INFO(bad);
    CHECK_FALSE(base64_decode(bad));
  }
  CHECK(*base64_decode("Zm9v\r\nYmFy\n") == "foobar");
}

TEST_CASE("crypto: base64url takes padding or none, and its own alphabet only", "[crypto][base64]") {
  CHECK(*base64url_decode("_-8") == "\xff\xef");
  CHECK(*base64url_decode("_-8=") == "\xff\xef");
  for (const char* bad : {"/+8", "_-8==", "Z", "_-9", "Zg="}) {
    INFO(bad);
    CHECK_FALSE(base64url_decode(bad));
  }
}

TEST_CASE("crypto: an error about base64 never quotes the text", "[crypto][base64]") {
  const auto decoded = base64_decode("c2VjcmV0c2Vjcm!0");
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().what == "not base64");
  CHECK(decoded.error().why == "character 15 isn't one of its alphabet");
}

TEST_CASE("crypto: hex refuses an odd length and other characters", "[crypto][hex]") {
  CHECK(*hex_decode("00fFAb") == std::string("\x00\xff\xab", 3));
  CHECK_FALSE(hex_decode("abc"));
  CHECK_FALSE(hex_decode("0g"));
}
