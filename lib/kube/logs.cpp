#include "calls.hpp"
#include "client_impl.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <utility>

namespace mlk::kube {
namespace {

// How much of a log waits for its reader before the server is made to wait.
constexpr std::size_t k_backlog = std::size_t{1} << 20;
constexpr std::size_t k_refusal_limit = std::size_t{64} << 10;
constexpr Milliseconds k_turn{100};

Call log_call(const Session& session, std::string_view namespace_name, std::string_view pod,
              const LogOptions& options) {
  const std::string_view where = namespace_name.empty() ? session.config().namespace_name : namespace_name;
  Call call = call_for("GET", "get", types::pods, where, pod, "log");
  call.accept = "*/*";
  const auto add_number = [&](std::string_view key, const std::optional<std::int64_t>& value) {
    if (value) call.query.emplace_back(key, std::to_string(*value));
  };
  add_query(call.query, "container", options.container);
  if (options.follow) call.query.emplace_back("follow", "true");
  if (options.previous) call.query.emplace_back("previous", "true");
  if (options.timestamps) call.query.emplace_back("timestamps", "true");
  add_number("tailLines", options.tail_lines);
  add_number("limitBytes", options.limit_bytes);
  add_number("sinceSeconds", options.since_seconds);
  if (options.since_time) call.query.emplace_back("sinceTime", format_rfc3339(*options.since_time));
  return call;
}

}  // namespace

/// One log: bytes wait here until their reader takes them, and beyond a limit the transfer waits too.
class LogStream::State : public std::enable_shared_from_this<LogStream::State> {
 public:
  /// `is_direct`: the owner calls flush() itself instead of the session's queue.
  State(std::shared_ptr<Session> session, Call call, bool follow, bool is_direct)
      : m_session(std::move(session)), m_call(std::move(call)), m_follow(follow), m_is_direct(is_direct) {}

  void set_reader(std::function<void(std::string_view)> sink, std::function<void(Result<void>)> on_end) {
    m_sink = std::move(sink);
    m_on_end = std::move(on_end);
  }

  void begin();
  void stop() noexcept {
    m_is_running = false;
    m_transfer.cancel();
  }
  bool is_running() const noexcept { return m_is_running; }
  /// Hands over what waits, and the outcome when there is one.
  void flush();

 private:
  http::Flow on_bytes(std::string_view bytes);
  void on_done(Result<http::Done> done);
  void finish(Result<void> outcome);
  void schedule_flush();
  Error refusal(int status) const;

  std::shared_ptr<Session> m_session;
  Call m_call;
  bool m_follow;
  bool m_is_direct;
  std::function<void(std::string_view)> m_sink;
  std::function<void(Result<void>)> m_on_end;
  http::Transfer m_transfer;
  int m_status = 0;
  std::string m_refusal;
  std::string m_waiting;
  bool m_is_paused = false;
  bool m_is_scheduled = false;
  bool m_was_renewed = false;
  bool m_is_running = true;
  std::optional<Result<void>> m_outcome;
};

void LogStream::State::begin() {
  auto request = m_session->prepare(m_call);
  if (!request) return finish(std::move(request).error());
  if (!m_follow) request->timeouts.stall = m_session->options().request_timeout;
  m_status = 0;
  m_refusal.clear();
  const std::weak_ptr<State> weak = weak_from_this();
  http::Handlers handlers;
  handlers.on_headers = [weak](int status, const http::Headers&) {
    if (const auto self = weak.lock()) self->m_status = status;
  };
  handlers.on_data = [weak](std::span<const std::byte> bytes) {
    const auto self = weak.lock();
    if (!self || !self->m_is_running) return http::Flow::cancel;
    return self->on_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  handlers.on_done = [weak](Result<http::Done> done) {
    if (const auto self = weak.lock(); self && self->m_is_running) self->on_done(std::move(done));
  };
  m_transfer = m_session->loop().start(*std::move(request), std::move(handlers), m_session->options().stop);
}

http::Flow LogStream::State::on_bytes(std::string_view bytes) {
  if (m_status != 200) {
    if (m_refusal.size() < k_refusal_limit) m_refusal.append(bytes);
    return http::Flow::proceed;
  }
  if (m_waiting.size() >= k_backlog) {
    m_is_paused = true;
    return http::Flow::pause;
  }
  m_waiting.append(bytes);
  schedule_flush();
  return http::Flow::proceed;
}

void LogStream::State::schedule_flush() {
  if (m_is_direct || std::exchange(m_is_scheduled, true)) return;
  m_session->deliver([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->flush();
  });
}

void LogStream::State::flush() {
  m_is_scheduled = false;
  if (!m_is_running) return;
  if (!m_waiting.empty()) {
    const std::string bytes = std::exchange(m_waiting, {});
    m_sink(bytes);
  }
  if (!m_is_running) return;
  if (std::exchange(m_is_paused, false)) m_transfer.resume();
  // Resuming may have brought more, or the end.
  if (!m_outcome || !m_waiting.empty()) return;
  m_is_running = false;
  m_on_end(*std::exchange(m_outcome, std::nullopt));
}

Error LogStream::State::refusal(int status) const {
  Error error = m_session->refused(m_call, status, m_refusal);
  if (status != 400) return error;
  const bool is_early = error.why.find("waiting to start") != std::string::npos ||
                        error.why.find("does not have a host assigned") != std::string::npos ||
                        error.why.find("ContainerCreating") != std::string::npos ||
                        error.why.find("PodInitializing") != std::string::npos;
  if (is_early) {
    error.kind = ErrorKind::unavailable;
    error.what = fmt::format("pod '{}' has no log yet", printable(m_call.subject.name));
    error.fix = "try again when it runs";
    error.code = codes::k_not_started;
  } else {
    error.what = fmt::format("the log of pod '{}' can't be read", printable(m_call.subject.name));
    error.fix = "see its containers with 'kubectl describe pod'";
  }
  return error;
}

void LogStream::State::on_done(Result<http::Done> done) {
  if (!done) return finish(m_session->unreachable(std::move(done).error()));
  if (done->status == 200) return finish({});
  if (done->status == 401 && !std::exchange(m_was_renewed, true)) {
    m_session->after(Milliseconds(0), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || !self->m_is_running) return;
      const auto renewed = self->m_session->authenticator().renew(self->m_session->options().stop);
      if (renewed && *renewed) return self->begin();
      self->finish(renewed ? self->refusal(401) : renewed.error());
    });
    return;
  }
  finish(refusal(done->status));
}

void LogStream::State::finish(Result<void> outcome) {
  m_outcome = std::move(outcome);
  schedule_flush();
}

LogStream::LogStream(std::shared_ptr<State> state) noexcept : m_state(std::move(state)) {}
LogStream::LogStream(LogStream&&) noexcept = default;
LogStream& LogStream::operator=(LogStream&& other) noexcept {
  if (this != &other) {
    if (m_state) m_state->stop();
    m_state = std::move(other.m_state);
  }
  return *this;
}
LogStream::~LogStream() {
  if (m_state) m_state->stop();
}

bool LogStream::is_running() const noexcept { return m_state && m_state->is_running(); }

LogStream Client::follow_logs(std::string_view namespace_name, std::string_view pod, const LogOptions& options,
                              std::function<void(std::string_view)> sink, std::function<void(Result<void>)> on_end) {
  auto state = std::make_shared<LogStream::State>(
      m_impl->session, log_call(*m_impl->session, namespace_name, pod, options), options.follow, false);
  state->set_reader(std::move(sink), std::move(on_end));
  state->begin();
  return LogStream(std::move(state));
}

Result<void> Client::read_logs(std::string_view namespace_name, std::string_view pod, const LogOptions& options,
                               const std::function<bool(std::string_view)>& sink) {
  auto& session = *m_impl->session;
  const auto state = std::make_shared<LogStream::State>(
      m_impl->session, log_call(session, namespace_name, pod, options), options.follow, true);
  Result<void> outcome;
  state->set_reader(
      [&](std::string_view bytes) {
        if (!sink(bytes)) state->stop();
      },
      [&](Result<void> ended) { outcome = std::move(ended); });
  state->begin();
  while (true) {
    state->flush();
    if (!state->is_running()) return outcome;
    if (auto turned = session.turn(k_turn); !turned) {
      state->stop();
      return turned;
    }
  }
}

}  // namespace mlk::kube
