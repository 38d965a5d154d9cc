#include <mlk/http/retry.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::http;
using namespace std::chrono_literals;

namespace {

/// Time that passes only where somebody sleeps.
class HandClock final : public Clock {
 public:
  SteadyTime steady() const override { return SteadyTime(m_now); }
  SystemTime system() const override { return std::chrono::system_clock::from_time_t(784'111'777) + m_now; }
  bool sleep_for(Milliseconds duration, const std::stop_token& stop) override {
    if (stop.stop_requested()) return false;
    slept.push_back(duration);
    m_now += duration;
    return true;
  }
  std::vector<Milliseconds> slept;

 private:
  Milliseconds m_now{0};
};

Result<Response> status(int code, Headers headers = {}) {
  Response response;
  response.status = code;
  response.headers = std::move(headers);
  return response;
}

}  // namespace

TEST_CASE("http: Retry-After is read as seconds and as a date", "[http][retry]") {
  const auto now = std::chrono::system_clock::from_time_t(784'111'777);  // Sun, 06 Nov 1994 08:49:37 GMT
  CHECK(retry_after(Headers{{"Retry-After", "7"}}, now) == 7s);
  CHECK(retry_after(Headers{{"Retry-After", " 0 "}}, now) == 0s);
  CHECK(retry_after(Headers{{"Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"}}, now) == 30s);
  CHECK(retry_after(Headers{{"Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT"}}, now) == 0s);
  for (const char* bad : {"", "soon", "-1", "1.5", "7 s", "Sun, 06 Nov 1994 08:50:07 CET"}) {
    INFO(bad);
    CHECK(retry_after(Headers{{"Retry-After", bad}}, now) == std::nullopt);
  }
  CHECK(retry_after(Headers{}, now) == std::nullopt);
}

TEST_CASE("http: waits double up to the longest and are spread", "[http][retry]") {
  RetryPolicy policy;
  policy.max_attempts = 8;
  policy.jitter = 0;
  Backoff plain(policy);
  std::vector<Milliseconds> waits;
  while (const auto wait = plain.next()) waits.push_back(*wait);
  CHECK(waits == std::vector<Milliseconds>{250ms, 500ms, 1000ms, 2000ms, 3000ms, 3000ms, 3000ms});

  policy.jitter = 0.5;
  for (std::uint32_t seed = 1; seed < 200; ++seed) {
    Backoff spread(policy, seed);
    const auto wait = spread.next();
    CHECK(*wait >= 125ms);
    CHECK(*wait <= 375ms);
  }
}

TEST_CASE("http: what the server asks for is waited for, unless it is too long", "[http][retry]") {
  Backoff backoff(RetryPolicy{});
  CHECK(backoff.next(5s) == 5s);
  CHECK(backoff.next(61s) == std::nullopt);
}

TEST_CASE("http: attempts go on until one is good", "[http][retry]") {
  HandClock clock;
  int calls = 0;
  const auto answer = fetch_with_retry(
      [&] {
        ++calls;
        if (calls == 1) return Result<Response>(Error(ErrorKind::unavailable, "reset"));
        if (calls == 2) return status(429, {{"Retry-After", "2"}});
        return status(200);
      },
      RetryPolicy{}, clock);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(calls == 3);
  REQUIRE(clock.slept.size() == 2);
  CHECK(clock.slept[1] == 2s);
}

TEST_CASE("http: after the last attempt its answer is returned, and an error says how often", "[http][retry]") {
  HandClock clock;
  const auto refused = fetch_with_retry([] { return status(503); }, RetryPolicy{}, clock);
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(clock.slept.size() == 4);
  const auto failed =
      fetch_with_retry([] { return Result<Response>(Error(ErrorKind::unavailable, "lost").because("reset by peer")); },
                       RetryPolicy{}, clock);
  CHECK(failed.error().why == "reset by peer; tried 5 times");
}

TEST_CASE("http: what doesn't get better isn't tried again", "[http][retry]") {
  HandClock clock;
  int calls = 0;
  const auto answer = fetch_with_retry(
      [&] {
        ++calls;
        return Result<Response>(Error(ErrorKind::auth, "expired certificate"));
      },
      RetryPolicy{}, clock);
  CHECK(answer.error().kind == ErrorKind::auth);
  CHECK(calls == 1);
  CHECK(answer.error().why.empty());
}

TEST_CASE("http: a stop ends the waiting, and the caller's own predicate counts", "[http][retry]") {
  HandClock clock;
  std::stop_source source;
  source.request_stop();
  CHECK(fetch_with_retry([] { return status(503); }, RetryPolicy{}, clock, source.get_token()).error().kind ==
        ErrorKind::interrupted);
  int calls = 0;
  const auto answer = fetch_with_retry(
      [&] {
        ++calls;
        return status(calls < 3 ? 404 : 200);
      },
      RetryPolicy{}, clock, {}, [](const Result<Response>& got) { return got && got->status == 404; });
  CHECK(answer->status == 200);
  CHECK(calls == 3);
}
