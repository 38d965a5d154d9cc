#include "registry_state.hpp"

#include <mlk/oci/registry.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace mlk::oci {

namespace {

/// Bytes that wait to be read before the connection is told to pause.
constexpr std::size_t k_ahead = std::size_t{2} << 20;

/// A blob of a registry, read while it arrives.
class RemoteBlob final : public BlobSource {
 public:
  RemoteBlob(RegistryClient::State& state, std::string repository, const Descriptor& blob, RegistryClient::Moved moved,
             std::stop_token stop)
      : m_state(state),
        m_scope{std::move(repository), false},
        m_asked{state.registry, m_scope.repository, "fetching a layer", false, "layer " + blob.digest.text()},
        m_blob(blob),
        m_moved(std::move(moved)),
        m_stop(std::move(stop)),
        m_backoff(state.policy()) {}

  std::uint64_t size() const override { return m_blob.size; }

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    while (m_waiting_at == m_waiting.size()) {
      if (m_at == m_blob.size) return finish();
      MLK_CHECK(wait_for_more());
    }
    const auto count = std::min(buffer.size(), m_waiting.size() - m_waiting_at);
    std::memcpy(buffer.data(), m_waiting.data() + m_waiting_at, count);
    m_waiting_at += count;
    m_at += count;
    m_digester.update(buffer.first(count));
    if (m_moved && count > 0) m_moved(static_cast<std::int64_t>(count));
    if (m_at == m_blob.size) MLK_CHECK(finish());
    return count;
  }

  Result<void> rewind() override {
    m_transfer.cancel();
    if (m_moved && m_at > 0) m_moved(-static_cast<std::int64_t>(m_at));
    m_at = 0;
    m_digester = Digester();
    m_is_checked = false;
    m_waiting.clear();
    m_waiting_at = 0;
    return {};
  }

 private:
  /// Checks the content, once; nothing is left to read then.
  Result<std::size_t> finish() {
    if (m_is_checked) return std::size_t{0};
    m_is_checked = true;
    m_transfer.cancel();
    const auto found = m_digester.finish();
    if (found == m_blob.digest) return std::size_t{0};
    return Error(ErrorKind::failed,
                 "registry '" + m_state.registry + "' sent other content than " + m_blob.digest.text())
        .because("the bytes that arrived have " + found.text())
        .fixed_by("try again; if it stays so, the registry's storage is damaged");
  }

  Result<void> wait_for_more() {
    m_waiting.clear();
    m_waiting_at = 0;
    if (m_stop.stop_requested()) return interrupted(m_asked.doing);
    if (!m_transfer.is_active() && !m_outcome) return start();
    if (m_is_paused) {
      m_is_paused = false;
      m_transfer.resume();
    }
    if (!m_outcome) m_state.loop->run_once(Milliseconds(250));
    if (m_outcome && m_waiting.empty()) return end_of_transfer();
    return {};
  }

  Result<void> start() {
    MLK_CHECK(m_state.prepare());
    auto request = m_state.request("GET", m_state.url(m_scope.repository, "/blobs/" + m_blob.digest.text()));
    request.max_redirects = 5;
    if (m_at > 0) request.headers.set("Range", "bytes=" + std::to_string(m_at) + "-");
    MLK_CHECK(m_state.authorize(request, m_scope, m_stop));
    m_began_at = m_at;
    m_to_skip = 0;
    m_status = 0;
    m_answer = {};
    http::Handlers handlers;
    handlers.on_headers = [this](int status, const http::Headers& headers) {
      m_status = status;
      m_answer.status = status;
      m_answer.headers = headers;
      // A server that doesn't know ranges sends everything again.
      if (status == 200) m_to_skip = m_began_at;
    };
    handlers.on_data = [this](std::span<const std::byte> piece) { return take(piece); };
    handlers.on_done = [this](Result<http::Done> done) { m_outcome = std::move(done); };
    m_transfer = m_state.loop->start(std::move(request), std::move(handlers), m_stop);
    return {};
  }

  http::Flow take(std::span<const std::byte> piece) {
    if (m_status != 200 && m_status != 206) {
      const auto room = std::min(piece.size(), std::size_t{16384} - std::min(m_answer.body.size(), std::size_t{16384}));
      m_answer.body.append(reinterpret_cast<const char*>(piece.data()), room);
      return http::Flow::proceed;
    }
    if (m_waiting.size() >= k_ahead) {
      m_is_paused = true;
      return http::Flow::pause;
    }
    const auto skipped = std::min<std::uint64_t>(m_to_skip, piece.size());
    m_to_skip -= skipped;
    piece = piece.subspan(static_cast<std::size_t>(skipped));
    // More than was promised is cut off here; the digest tells whether the front is what was asked for.
    const auto left = m_blob.size - m_at - (m_waiting.size() - m_waiting_at);
    piece = piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left)));
    m_waiting.insert(m_waiting.end(), piece.begin(), piece.end());
    return http::Flow::proceed;
  }

  /// The transfer ended and the blob isn't whole: begins again where it broke, or gives up.
  Result<void> end_of_transfer() {
    auto outcome = *std::move(m_outcome);
    m_outcome.reset();
    m_is_paused = false;
    if (m_at > m_began_at) m_backoff = http::Backoff(m_state.policy());  // it moves: a new set of attempts
    std::optional<Milliseconds> asked;
    Error error;
    if (!outcome) {
      error = std::move(outcome).error();
      const bool may_help = http::is_retryable(error);
      error = transport_error(std::move(error), m_asked, m_state.options);
      if (!may_help) return error;
    } else if (m_status == 401) {
      MLK_TRY(const bool is_worth_it, m_state.authorizer.challenged(m_scope, m_answer.headers, m_stop));
      if (!is_worth_it || m_was_challenged) return auth_error(m_asked, m_state.authorizer.why_refused(m_scope));
      m_was_challenged = true;
      return {};
    } else if (m_status == 200 || m_status == 206) {
      if (m_at == m_blob.size) return {};
      error = Error(ErrorKind::unavailable, m_asked.doing + " at registry '" + m_state.registry + "' broke off")
                  .because(std::to_string(m_at) + " of " + std::to_string(m_blob.size) + " bytes arrived");
    } else {
      error = status_error(m_asked, m_answer);
      if (!http::is_retryable_status(m_status)) return error;
      asked = http::retry_after(m_answer.headers, m_state.clock.system());
    }
    m_was_challenged = false;
    const auto wait = m_backoff.next(asked);
    if (!wait) {
      error.what += " (tried " + std::to_string(m_backoff.attempts()) + " times)";
      return error;
    }
    if (!m_state.clock.sleep_for(*wait, m_stop)) return interrupted(m_asked.doing);
    return {};
  }

  RegistryClient::State& m_state;
  Scope m_scope;
  Asked m_asked;
  Descriptor m_blob;
  RegistryClient::Moved m_moved;
  std::stop_token m_stop;
  http::Backoff m_backoff;
  bool m_was_challenged = false;

  std::uint64_t m_at = 0;  // bytes handed on
  Digester m_digester;
  bool m_is_checked = false;
  std::vector<std::byte> m_waiting;
  std::size_t m_waiting_at = 0;

  std::uint64_t m_began_at = 0;
  std::uint64_t m_to_skip = 0;
  int m_status = 0;
  http::Response m_answer;  // its body only where it is an error
  bool m_is_paused = false;
  std::optional<Result<http::Done>> m_outcome;
  http::Transfer m_transfer;  // last: it calls back into what stands above until it is gone
};

}  // namespace

std::unique_ptr<BlobSource> RegistryClient::open_blob(const std::string& repository, const Descriptor& blob,
                                                      Moved moved, const std::stop_token& stop) {
  return std::make_unique<RemoteBlob>(*m_state, repository, blob, std::move(moved), stop);
}

}  // namespace mlk::oci
