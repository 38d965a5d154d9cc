#include "transfer_state.hpp"

#include <mlk/core/pipe_signal.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace mlk::http {

using detail::Stage;
using detail::TransferState;

namespace {

/// Nothing waits longer than this without looking around: a lost wake-up then costs a minute, not for ever.
constexpr Milliseconds k_longest_wait{60'000};

/// Collects the answer of fetch().
struct Collected {
  Response response;
  std::optional<Result<Done>> done;
  bool is_too_large = false;
};

Handlers collect_into(Collected& collected, std::size_t limit) {
  Handlers handlers;
  handlers.on_headers = [&collected, limit](int status, const Headers& headers) {
    collected.response.status = status;
    collected.response.headers = headers;
    collected.response.body.clear();
    if (const auto length = headers.content_length()) {
      collected.response.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, limit)));
    }
  };
  handlers.on_data = [&collected, limit](std::span<const std::byte> bytes) {
    std::string& body = collected.response.body;
    if (bytes.size() > limit - body.size()) {
      collected.is_too_large = true;
      return Flow::cancel;
    }
    body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Flow::proceed;
  };
  handlers.on_done = [&collected](Result<Done> done) { collected.done = std::move(done); };
  return handlers;
}

void attach_source(const std::shared_ptr<TransferState>& transfer, const std::shared_ptr<detail::Waker>& waker) {
  const auto* const source = std::get_if<std::shared_ptr<BodySource>>(&transfer->request.body);
  if (source == nullptr || *source == nullptr) return;
  (*source)->attach([waker, weak = std::weak_ptr(transfer)] {
    waker->post([weak] {
      const auto resumed = weak.lock();
      if (resumed && resumed->loop != nullptr) resumed->loop->resume(*resumed);
    });
  });
}

}  // namespace

Transfer::~Transfer() { cancel(); }

Transfer& Transfer::operator=(Transfer&& other) noexcept {
  if (this != &other) {
    cancel();
    m_state = std::move(other.m_state);
  }
  return *this;
}

bool Transfer::is_active() const noexcept { return m_state && m_state->stage != Stage::over; }

void Transfer::resume() {
  if (is_active() && m_state->loop != nullptr) m_state->loop->resume(*m_state);
}

void Transfer::cancel() {
  if (is_active() && m_state->loop != nullptr) m_state->loop->drop(*m_state);
  m_state.reset();
}

Loop::Loop(std::shared_ptr<detail::LoopState> state) : m_state(std::move(state)) {}

Loop::~Loop() = default;

Result<std::unique_ptr<Loop>> Loop::open(Trace trace) {
  MLK_TRY(const CurlLibrary* curl, curl_library());
  auto state = std::make_shared<detail::LoopState>(*curl);
  state->multi = curl->multi_init();
  if (state->multi == nullptr) return Error(ErrorKind::failed, "can't start the HTTP client: out of memory");
  curl->multi_setopt(state->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  state->waker = std::make_shared<detail::Waker>(*curl, state->multi);
  state->trace = std::move(trace);
  return std::unique_ptr<Loop>(new Loop(std::move(state)));
}

Transfer Loop::start(Request request, Handlers handlers, const std::stop_token& stop) {
  auto transfer = std::make_shared<TransferState>(m_state->curl);
  transfer->loop = m_state.get();
  transfer->handlers = std::move(handlers);
  transfer->stop = stop;
  transfer->started = transfer->moved = std::chrono::steady_clock::now();
  auto url = parse_url(request.url);
  transfer->request = std::move(request);
  if (url) {
    transfer->url = *std::move(url);
  } else {
    transfer->failure = std::move(url).error();
  }
  attach_source(transfer, m_state->waker);
  m_state->to_add.push_back(transfer);
  return Transfer(std::move(transfer));
}

Result<Response> Loop::fetch(Request request, const std::stop_token& stop) {
  Collected collected;
  const std::size_t limit = request.body_limit;
  const std::string url = request.url;
  const Transfer transfer = start(std::move(request), collect_into(collected, limit), stop);
  while (!collected.done && !collected.is_too_large) run_once(k_longest_wait);
  if (collected.is_too_large) {
    const auto from = parse_url(url);
    return Error(ErrorKind::failed, fmt::format("the answer of '{}' is too large", from ? from->redacted() : ""))
        .because(fmt::format("more than {} bytes", limit));
  }
  if (!*collected.done) return std::move(*collected.done).error();
  collected.response.url = std::move((*collected.done)->url);
  return std::move(collected.response);
}

void Loop::run_once(Milliseconds longest) {
  assert(!m_state->is_in_curl && "a handler may not run the loop");
  const PipeSignalHeld held;
  if (m_state->work()) return;
  m_state->wait(longest);
  m_state->work();
}

Result<void> Loop::run_until(const std::function<bool()>& is_finished, const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, detail::WakeOnStop{m_state->waker});
  while (!is_finished()) {
    if (stop.stop_requested()) return interrupted("stopped while waiting for the network");
    run_once(k_longest_wait);
  }
  return {};
}

void Loop::post(std::function<void()> work) { m_state->waker->post(std::move(work)); }

void Loop::wake() { m_state->waker->wake(); }

}  // namespace mlk::http
