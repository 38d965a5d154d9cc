#include "transfer_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mlk::http::detail {
namespace {

using std::chrono::steady_clock;

/// Says that curl is calling us, so that what its callbacks ask for is put off.
class InCurl {
 public:
  explicit InCurl(bool& flag) : m_flag(flag), m_before(flag) { m_flag = true; }
  ~InCurl() { m_flag = m_before; }
  InCurl(const InCurl&) = delete;
  InCurl& operator=(const InCurl&) = delete;

 private:
  bool& m_flag;
  bool m_before;
};

Milliseconds since(SteadyTime start) { return std::chrono::duration_cast<Milliseconds>(steady_clock::now() - start); }

/// "GET host /path", without anything secret.
std::string name_of(const TransferState& transfer) {
  return fmt::format("{} {} {}", transfer.request.method, transfer.url.authority(),
                     transfer.url.path.empty() ? "/" : transfer.url.path);
}

Error stopped(const TransferState& transfer) {
  return interrupted(fmt::format("stopped while waiting for '{}'", transfer.url.authority()));
}

void write_trace(const LoopState& loop, const TransferState& transfer, const Result<Done>& result) {
  if (!loop.trace) return;
  const std::string outcome = result ? std::to_string(result->status) : result.error().what;
  loop.trace(fmt::format("{} → {} in {} ms", name_of(transfer), outcome, since(transfer.started).count()));
}

/// A server that refuses a body may end the connection as soon as it has said so: what it said counts, not how the
/// rest of our body fared.
bool is_refused_early(const TransferState& transfer) {
  return !std::holds_alternative<std::monostate>(transfer.request.body) && transfer.is_header_over &&
         transfer.status >= 400;
}

Done done_of(const TransferState& transfer) {
  Done done;
  done.status = transfer.status;
  Url url = transfer.url;
  url.user_info.clear();
  done.url = url.to_string();
  done.received = transfer.received;
  done.took = since(transfer.started);
  curl_off_t sent = 0;
  long connections = 0;
  transfer.curl.easy_getinfo(transfer.easy.get(), CURLINFO_SIZE_UPLOAD_T, &sent);
  transfer.curl.easy_getinfo(transfer.easy.get(), CURLINFO_NUM_CONNECTS, &connections);
  done.sent = static_cast<std::uint64_t>(sent);
  done.is_reused_connection = connections == 0;
  return done;
}

}  // namespace

LoopState::~LoopState() {
  for (auto* list : {&transfers, &to_add}) {
    for (const auto& transfer : *list) {
      transfer->stage = Stage::over;
      transfer->loop = nullptr;
      if (transfer->easy) multi_remove(*transfer);
    }
  }
  if (waker) waker->retire();
  if (multi != nullptr) curl.multi_cleanup(multi);
}

void LoopState::multi_remove(TransferState& transfer) {
  const InCurl in_curl(is_in_curl);
  curl.multi_remove_handle(multi, transfer.easy.get());
}

/// Takes a transfer out of curl and forgets it; its handlers are kept by whoever still has to call one.
void LoopState::leave(TransferState& transfer) {
  const auto kept = transfer.shared_from_this();
  transfer.stage = Stage::over;
  transfer.on_stop.reset();
  if (transfer.easy) multi_remove(transfer);
  transfer.easy.reset();
  std::erase(transfers, kept);
  std::erase(to_add, kept);
  transfer.handlers = {};
  transfer.request.body = std::monostate();
}

void LoopState::drop(TransferState& transfer) {
  transfer.stage = Stage::over;
  if (is_in_curl) {
    to_drop.push_back(transfer.shared_from_this());
  } else {
    leave(transfer);
  }
}

void LoopState::end(TransferState& transfer, Result<Done> result) {
  const auto on_done = std::move(transfer.handlers.on_done);
  ++events;
  write_trace(*this, transfer, result);
  leave(transfer);
  if (on_done) on_done(std::move(result));
}

void LoopState::add(TransferState& transfer) {
  if (transfer.failure) return end(transfer, *std::exchange(transfer.failure, {}));
  if (transfer.stop.stop_requested()) return end(transfer, stopped(transfer));
  if (!transfer.easy) transfer.easy.reset(curl.easy_init());
  auto configured = transfer.easy ? configure(transfer) : Error(ErrorKind::failed, "out of memory");
  if (!configured) return end(transfer, std::move(configured).error());
  if (transfer.stage == Stage::waiting) {
    transfers.push_back(transfer.shared_from_this());
    if (transfer.stop.stop_possible()) transfer.on_stop.emplace(transfer.stop, WakeOnStop{waker});
  }
  transfer.stage = Stage::running;
  curl.multi_add_handle(multi, transfer.easy.get());
}

void LoopState::resume(TransferState& transfer) {
  if (transfer.stage != Stage::running || !transfer.is_paused) return;
  if (is_in_curl) {
    to_resume.push_back(transfer.shared_from_this());
    return;
  }
  transfer.is_paused = false;
  transfer.moved = steady_clock::now();
  ++events;
  // curl hands over what it kept back from within this call.
  const InCurl in_curl(is_in_curl);
  curl.easy_pause(transfer.easy.get(), CURLPAUSE_CONT);
}

void LoopState::settle() {
  for (const auto& transfer : std::exchange(to_drop, {})) leave(*transfer);
  for (const auto& transfer : std::exchange(to_resume, {})) resume(*transfer);
  for (const auto& transfer : std::exchange(to_add, {})) {
    if (transfer->stage == Stage::waiting) add(*transfer);
  }
}

void LoopState::finish(TransferState& transfer, CURLcode code) {
  if (transfer.stage == Stage::over) return;
  if (transfer.failure) return end(transfer, *std::exchange(transfer.failure, {}));
  if (code != CURLE_OK && !is_refused_early(transfer)) return end(transfer, explain(transfer, code));
  if (is_followed(transfer)) {
    auto followed = follow_redirect(transfer);
    if (!followed) return end(transfer, std::move(followed).error());
    multi_remove(transfer);
    return add(transfer);
  }
  tell_headers(transfer);
  if (transfer.stage != Stage::over) end(transfer, done_of(transfer));
}

void LoopState::check_limits() {
  const auto now = steady_clock::now();
  for (const auto& transfer : std::vector(transfers)) {
    if (transfer->stage != Stage::running) continue;
    const Milliseconds stall = transfer->request.timeouts.stall;
    if (transfer->stop.stop_requested()) {
      end(*transfer, stopped(*transfer));
    } else if (stall.count() > 0 && transfer->is_connected && !transfer->is_paused && now - transfer->moved >= stall) {
      end(*transfer, stalled(*transfer));
    }
  }
}

bool LoopState::work() {
  const std::uint64_t before = events;
  for (const auto& posted : waker->take_posted()) {
    ++events;
    posted();
  }
  settle();
  {
    const InCurl in_curl(is_in_curl);
    int running = 0;
    curl.multi_perform(multi, &running);
  }
  settle();
  std::vector<std::pair<std::shared_ptr<TransferState>, CURLcode>> finished;
  int left = 0;
  while (const CURLMsg* message = curl.multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    TransferState* transfer = nullptr;
    curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    finished.emplace_back(transfer->shared_from_this(), message->data.result);
  }
  for (const auto& [transfer, code] : finished) finish(*transfer, code);
  check_limits();
  settle();
  return events != before;
}

void LoopState::wait(Milliseconds longest) {
  const auto now = steady_clock::now();
  for (const auto& transfer : transfers) {
    const Milliseconds stall = transfer->request.timeouts.stall;
    if (stall.count() == 0 || !transfer->is_connected || transfer->is_paused) continue;
    longest = std::min(longest, std::chrono::ceil<Milliseconds>(transfer->moved + stall - now));
  }
  const auto limit = std::clamp<std::int64_t>(longest.count(), 0, 60'000);
  curl.multi_poll(multi, nullptr, 0, static_cast<int>(limit), nullptr);
}

}  // namespace mlk::http::detail
