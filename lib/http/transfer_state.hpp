#pragma once

#include "curl_library.hpp"

#include <mlk/http/loop.hpp>
#include <mlk/http/url.hpp>

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace mlk::http::detail {

/// Ends a wait of the loop from any thread; harmless once the loop is gone.
class Waker {
 public:
  Waker(const CurlLibrary& curl, CURLM* multi) : m_curl(curl), m_multi(multi) {}
  void wake() {
    const std::scoped_lock lock(m_mutex);
    if (m_multi != nullptr) m_curl.multi_wakeup(m_multi);
  }
  void retire() {
    const std::scoped_lock lock(m_mutex);
    m_multi = nullptr;
  }
  void post(std::function<void()> work) {
    {
      const std::scoped_lock lock(m_mutex);
      if (m_multi == nullptr) return;
      m_posted.push_back(std::move(work));
    }
    wake();
  }
  std::vector<std::function<void()>> take_posted() {
    const std::scoped_lock lock(m_mutex);
    return std::exchange(m_posted, {});
  }

 private:
  const CurlLibrary& m_curl;
  std::mutex m_mutex;
  CURLM* m_multi;
  std::vector<std::function<void()>> m_posted;
};

struct WakeOnStop {
  std::shared_ptr<Waker> waker;
  void operator()() const { waker->wake(); }
};

struct FreeEasy {
  const CurlLibrary* curl = nullptr;
  void operator()(CURL* easy) const noexcept { curl->easy_cleanup(easy); }
};

struct FreeList {
  const CurlLibrary* curl = nullptr;
  void operator()(curl_slist* list) const noexcept { curl->slist_free_all(list); }
};

using EasyHandle = std::unique_ptr<CURL, FreeEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

/// How far a transfer got. Cancelled ones leave curl outside its callbacks only.
enum class Stage : std::uint8_t { waiting, running, over };

struct TransferState : std::enable_shared_from_this<TransferState> {
  explicit TransferState(const CurlLibrary& library)
      : curl(library), easy(nullptr, {&library}), header_list(nullptr, {&library}), connect_to(nullptr, {&library}) {}
  TransferState(const TransferState&) = delete;
  TransferState& operator=(const TransferState&) = delete;

  const CurlLibrary& curl;
  LoopState* loop = nullptr;  ///< null once the loop is gone
  Stage stage = Stage::waiting;

  Request request;
  Handlers handlers;
  std::stop_token stop;
  std::optional<std::stop_callback<WakeOnStop>> on_stop;

  // What curl looks at while it runs: it all lives as long as the handle.
  EasyHandle easy;
  List header_list;
  List connect_to;
  std::array<char, CURL_ERROR_SIZE> message{};
  Url url;

  Headers answer;
  int status = 0;
  bool is_header_over = false;
  bool is_told = false;  ///< on_headers was called
  int redirects = 0;

  bool is_connected = false;
  bool is_paused = false;
  SteadyTime started;
  SteadyTime moved;  ///< when a byte last went either way
  curl_off_t bytes_seen = 0;
  std::uint64_t received = 0;
  std::optional<Error> failure;  ///< ours, where curl only knows that a callback said no
};

struct LoopState {
  explicit LoopState(const CurlLibrary& library) : curl(library) {}
  ~LoopState();
  LoopState(const LoopState&) = delete;
  LoopState& operator=(const LoopState&) = delete;

  /// Everything that can be done now; whether a handler was told anything.
  bool work();
  /// Sleeps until something happens, `longest` at the most.
  void wait(Milliseconds longest);
  void resume(TransferState& transfer);
  void drop(TransferState& transfer);

  const CurlLibrary& curl;
  CURLM* multi = nullptr;
  std::shared_ptr<Waker> waker;
  Trace trace;
  std::vector<std::shared_ptr<TransferState>> transfers;
  bool is_in_curl = false;
  std::uint64_t events = 0;  ///< counts what handlers were told, so that a caller who waits looks again

  // What was asked for while curl was calling us, and is done after.
  std::vector<std::shared_ptr<TransferState>> to_add;
  std::vector<std::shared_ptr<TransferState>> to_drop;
  std::vector<std::shared_ptr<TransferState>> to_resume;

 private:
  /// Does what was put off while curl was calling.
  void settle();
  void multi_remove(TransferState& transfer);
  void add(TransferState& transfer);
  void leave(TransferState& transfer);
  void finish(TransferState& transfer, CURLcode code);
  void end(TransferState& transfer, Result<Done> result);
  void check_limits();
};

/// Fills the easy handle for the request as it stands now (the first time, and after each redirect).
Result<void> configure(TransferState& transfer);

/// Changes the request to what its redirect asks for. The error says why it isn't followed.
Result<void> follow_redirect(TransferState& transfer);
/// Whether the answer's header is a redirect that this request follows.
bool is_followed(const TransferState& transfer);

/// Hands the answer's header to on_headers, once.
void tell_headers(TransferState& transfer);

// What curl calls; the last argument is the TransferState.
std::size_t take_header(char* data, std::size_t size, std::size_t count, void* transfer) noexcept;
std::size_t take_body(char* data, std::size_t size, std::size_t count, void* transfer) noexcept;
std::size_t give_body(char* data, std::size_t size, std::size_t count, void* transfer) noexcept;
int rewind_body(void* transfer, curl_off_t offset, int origin) noexcept;
int note_connected(void* transfer, char* remote, char* local, int remote_port, int local_port) noexcept;
int note_progress(void* transfer, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up) noexcept;

/// What curl's failure means to the user.
Error explain(const TransferState& transfer, CURLcode code);
Error stalled(const TransferState& transfer);

}  // namespace mlk::http::detail
