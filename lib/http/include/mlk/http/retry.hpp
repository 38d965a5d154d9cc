#pragma once

#include <mlk/core/time.hpp>
#include <mlk/http/message.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

namespace mlk::http {

/// Error::code of failures that a caller may want to treat in its own way: there was no connection at all, so that the
/// server certainly did nothing; and no byte came for as long as Timeouts::stall says.
inline constexpr std::string_view k_not_connected = "http-not-connected";
inline constexpr std::string_view k_stalled = "http-stalled";

/// Whether the same request may do better when it is sent again: no connection, a reset, a stall, a cut answer. A
/// certificate that doesn't verify, a bad URL and an overall time-out stay as they are.
bool is_retryable(const Error& error) noexcept;
/// 408, 429, 500, 502, 503, 504.
bool is_retryable_status(int status) noexcept;

/// Retry-After as seconds or as an HTTP date (counted from `now`, at least 0).
std::optional<Milliseconds> retry_after(const Headers& headers, SystemTime now);

struct RetryPolicy {
  int max_attempts = 5;  ///< the first included
  Milliseconds first{250};
  Milliseconds longest{3'000};               ///< of our own waits, which double
  double jitter = 0.25;                      ///< each of our waits is spread by this share, both ways
  Milliseconds longest_retry_after{60'000};  ///< a server that asks for more is not waited for
};

/// The waits between attempts. One object a request.
class Backoff {
 public:
  explicit Backoff(RetryPolicy policy, std::uint32_t seed = 0);
  /// How long to wait before the next attempt (what the server asked for, or our own wait when it asked for nothing);
  /// absent when there are no attempts left or it asks for too much.
  std::optional<Milliseconds> next(std::optional<Milliseconds> asked = {});
  int attempts() const noexcept { return m_attempt; }

 private:
  RetryPolicy m_policy;
  std::uint32_t m_state;
  int m_attempt = 1;
};

/// Makes attempts until one is not worth repeating, waiting by the clock in between; the last answer is returned as it
/// is, a failed last one says how often it was tried. `should_retry` (by default is_retryable, is_retryable_status)
/// looks at each answer. A request whose body is a source must make it anew, or rewind it, in `attempt`.
Result<Response> fetch_with_retry(const std::function<Result<Response>()>& attempt, const RetryPolicy& policy,
                                  Clock& clock, const std::stop_token& stop = {},
                                  const std::function<bool(const Result<Response>&)>& should_retry = {});

}  // namespace mlk::http
