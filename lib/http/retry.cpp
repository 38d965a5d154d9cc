#include <mlk/core/text.hpp>
#include <mlk/http/retry.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <random>

namespace mlk::http {

bool is_retryable(const Error& error) noexcept { return error.kind == ErrorKind::unavailable; }

bool is_retryable_status(int status) noexcept {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

std::optional<Milliseconds> retry_after(const Headers& headers, SystemTime now) {
  const auto field = headers.get("Retry-After");
  if (!field) return std::nullopt;
  const std::string text(trim(*field));
  std::int64_t seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failed == std::errc() && end == text.data() + text.size()) {
    if (seconds < 0) return std::nullopt;
    return Milliseconds(std::min<std::int64_t>(seconds, 31'536'000) * 1000);
  }
  // RFC 9110's preferred form, "Sun, 06 Nov 1994 08:49:37 GMT"; the program never leaves the "C" locale for times.
  std::tm parts{};
  const char* const rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  const SystemTime then = std::chrono::system_clock::from_time_t(::timegm(&parts));
  return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(then - now));
}

Backoff::Backoff(RetryPolicy policy, std::uint32_t seed)
    : m_policy(policy), m_state(seed != 0 ? seed : std::random_device()()) {}

std::optional<Milliseconds> Backoff::next(std::optional<Milliseconds> asked) {
  if (m_attempt >= m_policy.max_attempts) return std::nullopt;
  const int doublings = std::min(m_attempt - 1, 30);
  ++m_attempt;
  if (asked) {
    if (*asked > m_policy.longest_retry_after) return std::nullopt;
    return asked;
  }
  std::minstd_rand random(m_state);
  m_state = static_cast<std::uint32_t>(random());
  const double spread = 1.0 + m_policy.jitter * (2.0 * (static_cast<double>(m_state) / std::minstd_rand::max()) - 1.0);
  const auto doubled = std::min<std::int64_t>(m_policy.first.count() << doublings, m_policy.longest.count());
  return Milliseconds(static_cast<std::int64_t>(static_cast<double>(doubled) * spread));
}

Result<Response> fetch_with_retry(const std::function<Result<Response>()>& attempt, const RetryPolicy& policy,
                                  Clock& clock, const std::stop_token& stop,
                                  const std::function<bool(const Result<Response>&)>& should_retry) {
  const auto by_default = [](const Result<Response>& answer) {
    return answer ? is_retryable_status(answer->status) : is_retryable(answer.error());
  };
  Backoff backoff(policy);
  while (true) {
    auto answer = attempt();
    if (!(should_retry ? should_retry(answer) : by_default(answer))) return answer;
    const auto wait = backoff.next(answer ? retry_after(answer->headers, clock.system()) : std::nullopt);
    if (!wait) {
      if (!answer && backoff.attempts() > 1) {
        std::string& why = answer.error().why;
        why += fmt::format("{}tried {} times", why.empty() ? "" : "; ", backoff.attempts());
      }
      return answer;
    }
    if (!clock.sleep_for(*wait, stop)) return interrupted("stopped while waiting to try again");
  }
}

}  // namespace mlk::http
