#include <mlk/core/time.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace mlk;
using namespace std::chrono_literals;

TEST_CASE("duration: numbers with units add up", "[core][time]") {
  CHECK(*parse_duration("90s") == 90s);
  CHECK(*parse_duration("1h30m") == 90min);
  CHECK(*parse_duration("250ms") == 250ms);
  CHECK(*parse_duration("1.5m") == 90s);
  CHECK(*parse_duration("2d") == 48h);
}

TEST_CASE("duration: without a unit, empty or unknown is refused", "[core][time]") {
  const std::string text = GENERATE(as<std::string>(), "", "5", "m", "5 m", "5x", "-5s", "1e3s", "nans", "infs");
  CAPTURE(text);
  CHECK_FALSE(parse_duration(text));
}

TEST_CASE("duration: two units at most for people", "[core][time]") {
  CHECK(format_duration(250ms) == "250 ms");
  CHECK(format_duration(4min + 12s) == "4 m 12 s");
  CHECK(format_duration(72h + 2h + 5min) == "3 d 2 h");
  CHECK(format_duration(1h + 5s) == "1 h");
  CHECK(format_age(4min + 12s) == "4m12s");
  CHECK(format_age(10ms) == "0s");
}

TEST_CASE("RFC 3339: what is written reads back", "[core][time]") {
  const auto time = parse_rfc3339("2026-11-21T06:30:39.250Z");
  REQUIRE(time);
  CHECK(format_rfc3339(*time) == "2026-11-21T06:30:39.250000Z");
  CHECK(*parse_rfc3339("2026-11-21T08:30:39.25+02:00") == *time);
  CHECK(*parse_rfc3339("1970-01-01T00:00:00Z") == SystemTime{});
}

TEST_CASE("RFC 3339: malformed times are refused", "[core][time]") {
  const std::string text =
      GENERATE(as<std::string>(), "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
               "2026-11-21T25:00:00Z", "2026-11-21T00:00:00", "2026-11-21T00:00:00Zx", "2026-11-21T00:00:00+2:00");
  CAPTURE(text);
  CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("clock: a sleep ends when a stop is requested", "[core][time]") {
  RealClock clock;
  std::stop_source source;
  std::thread stopper([&] { source.request_stop(); });
  CHECK_FALSE(clock.sleep_for(1h, source.get_token()));
  stopper.join();
  CHECK(clock.sleep_for(1ms, std::stop_token()));
}
