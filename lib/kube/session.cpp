#include "session.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/http/url.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mlk::kube {
namespace {

// How long a turn may sleep before the caller's own condition is looked at again.
constexpr Milliseconds k_turn{100};

Milliseconds until(SteadyTime when) {
  return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(when - std::chrono::steady_clock::now()));
}

bool is_local_server(const std::string& server) {
  const auto url = http::parse_url(server);
  return url && http::is_loopback(url->host);
}

/// The text of `299 - "text" ["date"]`, with its escapes undone.
std::string warning_text(std::string_view field) {
  const auto open = field.find('"');
  if (open == std::string_view::npos) return {};
  std::string text;
  for (auto at = open + 1; at < field.size() && field[at] != '"'; ++at) {
    if (field[at] == '\\' && at + 1 < field.size()) ++at;
    text += field[at];
  }
  return printable(text);
}

}  // namespace

void add_query(Query& query, std::string_view key, std::string_view value) {
  if (!value.empty()) query.emplace_back(key, value);
}

Session::Session(http::Loop& loop, Config config, ClientOptions options)
    : m_loop(loop),
      m_config(std::move(config)),
      m_options(std::move(options)),
      m_authenticator(m_config, m_options.plugins, m_options.interactive),
      m_is_local(is_local_server(m_config.server)) {}

Result<http::Request> Session::prepare(const Call& call) {
  http::Request request;
  request.method = call.method;
  request.url = m_config.server + call.path;
  const std::string query = http::encode_query(call.query);
  if (!query.empty()) request.url += "?" + query;
  request.headers.set("Accept", call.accept);
  request.headers.set("User-Agent", m_options.user_agent);
  if (!call.content_type.empty()) request.headers.set("Content-Type", call.content_type);
  if (!call.if_none_match.empty()) request.headers.set("If-None-Match", call.if_none_match);
  if (!call.body.empty()) request.body = call.body;
  request.timeouts.connect = m_options.connect_timeout;
  // Packing costs the server more than a short wire does.
  request.accept_compressed = !m_is_local;
  MLK_CHECK(m_authenticator.prepare(request, m_options.stop));
  return request;
}

Milliseconds Session::time_left() const {
  if (!m_deadline) return m_options.request_timeout;
  // Zero would mean no limit at all.
  const auto left = std::max(Milliseconds(1), until(*m_deadline));
  return m_options.request_timeout.count() == 0 ? left : std::min(left, m_options.request_timeout);
}

Result<http::Response> Session::fetch(const Call& call) {
  http::Backoff backoff(http::RetryPolicy{.max_attempts = m_options.retries + 1});
  bool was_renewed = false;
  while (true) {
    MLK_TRY(http::Request request, prepare(call));
    request.timeouts.whole = time_left();
    if (request.timeouts.whole.count() != 0) {
      request.timeouts.connect = std::min(request.timeouts.connect, request.timeouts.whole);
    }
    auto answer = m_loop.fetch(std::move(request), m_options.stop);
    if (answer) {
      note_warnings(answer->headers);
      if (answer->is_success() || (answer->status == 304 && !call.if_none_match.empty())) return answer;
      if (answer->status == 401 && !was_renewed) {
        was_renewed = true;
        MLK_TRY(const bool is_worth_it, m_authenticator.renew(m_options.stop));
        if (is_worth_it) continue;
      }
    }
    const auto wait = wait_before_retry(call, answer, backoff);
    if (!wait) {
      if (!answer) return unreachable(std::move(answer).error());
      return refused(call, answer->status, answer->body);
    }
    MLK_CHECK(pause(*wait));
  }
}

Result<document::Node> Session::fetch_json(const Call& call) {
  MLK_TRY(const http::Response response, fetch(call));
  auto json = document::read_json(response.body);
  if (json && json->is_mapping()) return json;
  return Error(ErrorKind::failed,
               fmt::format("{} answered {} with something that isn't JSON", m_config.describe(), response.status))
      .because(fmt::format("its content type is '{}'", printable(response.headers.content_type())))
      .fixed_by("check 'server' and 'proxy-url' in the kubeconfig")
      .coded(std::string(codes::k_unexpected));
}

std::optional<Milliseconds> Session::wait_before_retry(const Call& call, const Result<http::Response>& answer,
                                                       http::Backoff& backoff) const {
  std::optional<Milliseconds> asked;
  if (answer) {
    const int status = answer->status;
    asked = http::retry_after(answer->headers, std::chrono::system_clock::now());
    // 429 comes before anything was done; after a 5xx something may have been.
    const bool is_worth_it = status == 429 || (call.is_repeatable && status >= 502 && status <= 504) ||
                             (call.is_repeatable && status == 500 && asked);
    if (!is_worth_it) return std::nullopt;
  } else if (answer.error().code == http::k_not_connected) {
    // Worth one more try (a server that is just being restarted), not a wait of seconds for a dead one.
    if (backoff.attempts() > 1) return std::nullopt;
  } else if (!http::is_retryable(answer.error()) || !call.is_repeatable) {
    return std::nullopt;
  }
  const auto wait = backoff.next(asked);
  if (wait && m_deadline && *wait >= until(*m_deadline)) return std::nullopt;
  return wait;
}

Error Session::refused(const Call& call, int status, std::string_view body) const {
  Error error = error_from_answer(status, body, call.subject, m_config.describe());
  if (status == 401) {
    if (std::string reason = m_authenticator.explain_refusal(); !reason.empty()) error.why = std::move(reason);
  }
  return error;
}

Error Session::unreachable(Error cause) const {
  if (cause.kind == ErrorKind::interrupted || cause.kind == ErrorKind::usage) return cause;
  const bool is_tls = cause.kind == ErrorKind::auth;
  Error error(cause.kind, is_tls ? fmt::format("{} can't be trusted", m_config.describe())
                                 : fmt::format("{} can't be reached", m_config.describe()));
  error.why = cause.why.empty() ? cause.what : fmt::format("{}: {}", cause.what, cause.why);
  error.fix = is_tls ? "check certificate-authority-data and tls-server-name of the cluster in the kubeconfig"
                     : "check the network or VPN and the cluster's address, or choose another one with --context";
  error.code = is_tls ? codes::k_tls : codes::k_unreachable;
  return error;
}

void Session::note_warnings(const http::Headers& headers) {
  if (!m_options.on_warning) return;
  for (const auto field : headers.all("Warning")) {
    const std::string text = warning_text(field);
    if (!text.empty() && m_warnings.insert(text).second) m_options.on_warning(text);
  }
}

void Session::after(Milliseconds delay, std::function<void()> work) {
  m_timers.push_back({std::chrono::steady_clock::now() + delay, std::move(work)});
}

void Session::run_timers() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Timer> due;
  const auto split_at =
      std::stable_partition(m_timers.begin(), m_timers.end(), [&](const Timer& timer) { return timer.due > now; });
  std::move(split_at, m_timers.end(), std::back_inserter(due));
  m_timers.erase(split_at, m_timers.end());
  for (auto& timer : due) timer.work();
}

Result<void> Session::turn(Milliseconds longest) {
  if (m_options.stop.stop_requested()) return interrupted("waiting for the cluster");
  run_timers();
  for (const auto& timer : m_timers) longest = std::min(longest, until(timer.due));
  m_loop.run_once(longest);
  return {};
}

Result<void> Session::pause(Milliseconds wait) {
  const auto end = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < end) MLK_CHECK(turn(std::min(k_turn, until(end))));
  return {};
}

Result<void> Session::run_until(const std::function<bool()>& done, std::optional<Milliseconds> timeout) {
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    while (!m_deliveries.empty()) {
      auto tell = std::move(m_deliveries.front());
      m_deliveries.pop_front();
      tell();
      if (done()) return {};
    }
    if (done()) return {};
    Milliseconds longest = k_turn;
    if (timeout) {
      const auto left = until(begin + *timeout);
      if (left.count() == 0) {
        return Error(ErrorKind::timed_out, fmt::format("nothing came of it in {}", format_duration(*timeout)));
      }
      longest = std::min(longest, left);
    }
    MLK_CHECK(turn(longest));
  }
}

}  // namespace mlk::kube
