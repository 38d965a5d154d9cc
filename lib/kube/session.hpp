#pragma once

#include "authenticator.hpp"

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/http/loop.hpp>
#include <mlk/http/retry.hpp>
#include <mlk/kube/client.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mlk::kube {

using Query = std::vector<std::pair<std::string, std::string>>;

/// One request to the API server, before credentials.
struct Call {
  std::string method = "GET";
  std::string path;
  Query query;
  std::string accept = "application/json";
  std::string content_type;
  std::string body;
  RequestSubject subject;
  bool is_repeatable = true;  ///< sending it twice does what sending it once does
  std::string if_none_match;  ///< an ETag; the answer may then be 304
};

/// What the client, its watches and its logs share: the loop, the credentials, the retries, and the queue of what is to
/// be told to callbacks. Belongs to the loop's thread.
class Session {
 public:
  Session(http::Loop& loop, Config config, ClientOptions options);

  http::Loop& loop() noexcept { return m_loop; }
  const Config& config() const noexcept { return m_config; }
  const ClientOptions& options() const noexcept { return m_options; }
  void set_deadline(std::optional<SteadyTime> deadline) noexcept { m_deadline = deadline; }
  void set_stop(std::stop_token stop) noexcept { m_options.stop = std::move(stop); }

  /// The request with credentials and without a time limit for the whole of it.
  Result<http::Request> prepare(const Call& call);
  /// Sends it, waits, and repeats where that is right. Any 2xx, or 304 where an ETag was given; all else is an Error.
  Result<http::Response> fetch(const Call& call);
  /// The same, and the body read as JSON.
  Result<document::Node> fetch_json(const Call& call);

  Authenticator& authenticator() noexcept { return m_authenticator; }
  /// The Error for an answer that isn't a success, and for no answer at all.
  Error refused(const Call& call, int status, std::string_view body) const;
  Error unreachable(Error cause) const;
  void note_warnings(const http::Headers& headers);

  /// Has `work` done after a delay, by whichever call turns the loop then.
  void after(Milliseconds delay, std::function<void()> work);
  /// Has `tell` called by run_until, outside of the HTTP library's callbacks: there it may make requests itself.
  void deliver(std::function<void()> tell) { m_deliveries.push_back(std::move(tell)); }
  Result<void> run_until(const std::function<bool()>& done, std::optional<Milliseconds> timeout);
  /// Turns the loop once, for up to `longest`, with whatever is due; delivers nothing.
  Result<void> turn(Milliseconds longest);

 private:
  struct Timer {
    SteadyTime due;
    std::function<void()> work;
  };

  std::optional<Milliseconds> wait_before_retry(const Call& call, const Result<http::Response>& answer,
                                                http::Backoff& backoff) const;
  Result<void> pause(Milliseconds wait);
  void run_timers();
  Milliseconds time_left() const;

  http::Loop& m_loop;
  Config m_config;
  ClientOptions m_options;
  Authenticator m_authenticator;
  bool m_is_local;
  std::optional<SteadyTime> m_deadline;
  std::set<std::string, std::less<>> m_warnings;
  std::vector<Timer> m_timers;
  std::deque<std::function<void()>> m_deliveries;
};

/// Adds a parameter unless its value is empty.
void add_query(Query& query, std::string_view key, std::string_view value);

}  // namespace mlk::kube
