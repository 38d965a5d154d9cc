#pragma once

#include <mlk/http/message.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

namespace mlk::http {

struct Done {
  int status = 0;
  std::string url;  ///< after redirects, with its query
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  Milliseconds took{0};
  bool is_reused_connection = false;
};

enum class Flow : std::uint8_t {
  proceed,
  pause,   ///< the same bytes are handed over again after Transfer::resume
  cancel,  ///< end the transfer now; on_done isn't called
};

/// What happens to a transfer, told in the loop's thread. Handlers may start, resume and destroy transfers, their own
/// included, but not run the loop.
struct Handlers {
  std::function<void(int status, const Headers&)> on_headers;  ///< of the last answer: no 1xx, no followed 3xx
  std::function<Flow(std::span<const std::byte>)> on_data;
  std::function<void(Result<Done>)> on_done;  ///< once, at the end; any status is a Done
};

namespace detail {
struct TransferState;
struct LoopState;
}  // namespace detail

/// A request under way. Destroying it cancels; nothing is called afterwards. Belongs to the loop's thread.
class Transfer {
 public:
  Transfer() = default;
  ~Transfer();
  Transfer(Transfer&&) noexcept = default;
  Transfer& operator=(Transfer&& other) noexcept;

  /// Whether on_done is still to come.
  bool is_active() const noexcept;
  /// Goes on after Flow::pause, or after a BodySource had nothing ready.
  void resume();
  void cancel();

 private:
  friend class Loop;
  explicit Transfer(std::shared_ptr<detail::TransferState> state) : m_state(std::move(state)) {}
  std::shared_ptr<detail::TransferState> m_state;
};

/// A line for each request that ended, such as "GET api.example.com:6443 /api/v1/pods → 200 in 12 ms". Without query,
/// user info and headers.
using Trace = std::function<void(std::string_view)>;

/// A pool of connections and what runs on it. Belongs to the thread that uses it, except for post() and wake().
class Loop {
 public:
  /// Loads and starts the HTTP library (about 5 ms the first time in a process).
  static Result<std::unique_ptr<Loop>> open(Trace trace = {});
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Sends a request and waits for the whole answer; other transfers of this loop go on meanwhile. Any status is a
  /// Response. Errors: unavailable (may work when tried again), timed_out, auth (TLS), usage (the URL), interrupted.
  Result<Response> fetch(Request request, const std::stop_token& stop = {});

  /// Starts a request. A stop ends it with an interrupted error; mistakes in the request arrive in on_done too.
  [[nodiscard]] Transfer start(Request request, Handlers handlers, const std::stop_token& stop = {});

  /// Moves everything on once, and waits up to `longest` for something to happen if nothing has.
  void run_once(Milliseconds longest);
  /// Runs until `is_finished` says so; interrupted when the stop comes first.
  Result<void> run_until(const std::function<bool()>& is_finished, const std::stop_token& stop = {});

  /// Has `work` called in the loop's thread, soon. From any thread.
  void post(std::function<void()> work);
  /// Ends a wait in run_once. From any thread, and from a stop callback.
  void wake();

 private:
  explicit Loop(std::shared_ptr<detail::LoopState> state);
  std::shared_ptr<detail::LoopState> m_state;
};

}  // namespace mlk::http
