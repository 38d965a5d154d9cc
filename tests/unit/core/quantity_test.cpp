#include <mlk/core/quantity.hpp>

#include <catch2/catch.hpp>

using namespace mlk;

TEST_CASE("quantity: Kubernetes' suffixes are read exactly, rounded up", "[core][quantity]") {
  const auto [text, milli] = GENERATE(table<std::string, std::int64_t>({{"0", 0},
                                                                        {"500m", 500},
                                                                        {"1", 1000},
                                                                        {"1.5", 1500},
                                                                        {".5", 500},
                                                                        {"5.", 5000},
                                                                        {"1u", 1},
                                                                        {"1e3", 1000000},
                                                                        {"1E3", 1000000},
                                                                        {"1e-3", 1},
                                                                        {"2Ki", 2048000},
                                                                        {"-1", -1000},
                                                                        {"1k", 1000000}}));
  CAPTURE(text);
  const auto parsed = parse_quantity_milli(text);
  REQUIRE(parsed);
  CHECK(*parsed == milli);
}

TEST_CASE("quantity: bytes in binary and decimal units", "[core][quantity]") {
  CHECK(parse_bytes("16Gi")->count == std::int64_t{16} << 30);
  CHECK(parse_bytes("1.5Gi")->count == std::int64_t{3} << 29);
  CHECK(parse_bytes("1G")->count == 1'000'000'000);
  CHECK(parse_bytes("7Ei")->count == std::int64_t{7} << 60);
}

TEST_CASE("quantity: what is malformed or too large is refused and quoted", "[core][quantity]") {
  const std::string text = GENERATE(as<std::string>(), "", "x", "1x", "1 Gi", "--1", "1e", "1e99", "1KI", "Gi", "1..2",
                                    "8Ei", "99999999999999999999", "9e18");
  CAPTURE(text);
  const auto parsed = parse_quantity_milli(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().what.find("'" + text + "'") != std::string::npos);
}

TEST_CASE("quantity: printed for people and for Kubernetes", "[core][quantity]") {
  CHECK(format_bytes(Bytes(512)) == "512 B");
  CHECK(format_bytes(Bytes(90868376)) == "86.7 MiB");
  CHECK(format_bytes(Bytes(std::int64_t{1} << 40)) == "1.0 TiB");
  CHECK(format_quantity_bytes(Bytes(std::int64_t{8} << 30)) == "8Gi");
  CHECK(format_quantity_bytes(Bytes(1000)) == "1000");
  CHECK(format_quantity_bytes(Bytes(0)) == "0");
  CHECK(format_millicores(Millicores(500)) == "500m");
  CHECK(format_millicores(Millicores(2000)) == "2");
  CHECK(format_percent(Percent(25)) == "25 %");
  CHECK(format_percent(Percent(2.5)) == "2.5 %");
}

TEST_CASE("quantity: a percentage lies in 0..100 and ends in %", "[core][quantity]") {
  CHECK(parse_percent("25%")->count == 25);
  CHECK(parse_percent("2.5 %")->count == 2.5);
  CHECK_FALSE(parse_percent("25"));
  CHECK_FALSE(parse_percent("101%"));
  CHECK_FALSE(parse_percent("-1%"));
  CHECK_FALSE(parse_percent("%"));
}
