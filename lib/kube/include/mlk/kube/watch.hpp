#pragma once

#include <mlk/core/error.hpp>
#include <mlk/core/time.hpp>
#include <mlk/document/node.hpp>

#include <functional>
#include <memory>
#include <string>

namespace mlk::kube {

enum class WatchEventType {
  added,  ///< also each object that is there when the watch begins
  modified,
  deleted,   ///< the object as it was last seen
  synced,    ///< everything that is there has been told; comes once after the start and once after each new list
  bookmark,  ///< nothing changed; the watch is alive
};

struct WatchEvent {
  WatchEventType type = WatchEventType::bookmark;
  document::Node object;         ///< null for synced and bookmark
  std::string resource_version;  ///< where the watch stands now
};

struct WatchOptions {
  std::string name;  ///< this one object alone
  std::string label_selector;
  std::string field_selector;
  std::chrono::seconds server_timeout{300};  ///< after which the server ends a request and the watch asks again
};

/// Called by Client::run_until. A callback may stop its own watch, start others and make requests; it must not throw.
struct WatchHandler {
  std::function<void(const WatchEvent&)> on_event;
  /// The connection broke or the server is busy; the watch tries again after the delay. May be empty.
  std::function<void(const Error&, Milliseconds)> on_retry;
  /// The watch is over: what it asks for isn't allowed (auth) or doesn't exist. Comes at most once, and nothing after.
  std::function<void(const Error&)> on_end;
};

/// A running watch: it lists, then follows, relists after 410 (telling only what differs) and reconnects by itself, for
/// as long as it lives and its loop runs. Destroying it stops it; no callback comes afterwards.
class Watch {
 public:
  class State;

  explicit Watch(std::shared_ptr<State> state) noexcept;
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) noexcept;
  ~Watch();

  void stop() noexcept;
  /// Whether it still follows: neither stopped nor ended.
  bool is_running() const noexcept;

 private:
  std::shared_ptr<State> m_state;
};

}  // namespace mlk::kube
