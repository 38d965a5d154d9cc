#pragma once

#include "calls.hpp"
#include "session.hpp"

#include <mlk/kube/watch.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::kube {

/// A watch's life: list (page by page), follow, and begin again at either point. Everything it tells goes through the
/// session's queue, so no callback runs inside of the HTTP library.
class Watch::State : public std::enable_shared_from_this<Watch::State> {
 public:
  State(std::shared_ptr<Session> session, ResourceType type, std::string namespace_name, WatchOptions options,
        WatchHandler handler);

  void begin();
  void stop() noexcept;
  bool is_running() const noexcept { return m_is_running; }

 private:
  using Objects = std::map<std::string, document::Node>;  ///< by uid, as last seen

  void list_page();
  void take_page(std::string_view body);
  void finish_list();
  void follow();
  void start(Call call, bool is_stream);
  void on_bytes(std::string_view bytes);
  void on_line(std::string_view line);
  void on_object(std::string_view type, document::Node object);
  void on_stream_end();
  void on_answer(int status, std::string_view body);
  void on_failure(const Error& error);

  void forget_position();
  void again_after(Milliseconds delay);
  Milliseconds next_delay();
  void retry(Error error, std::optional<Milliseconds> asked);
  void renew_credentials(Error refusal);
  void end(Error error);
  void tell(WatchEventType type, document::Node object = {});
  Call make_call(std::string verb) const;

  std::shared_ptr<Session> m_session;
  ResourceType m_type;
  std::string m_namespace;
  WatchOptions m_options;
  WatchHandler m_handler;

  bool m_is_running = true;
  bool m_was_renewed = false;  ///< credentials were renewed since the server last accepted them
  Call m_call;                 ///< the request under way
  http::Transfer m_transfer;
  int m_status = 0;
  std::optional<Milliseconds> m_retry_after;
  std::string m_body;              ///< of a page or a refusal; or the stream's unfinished line
  SteadyTime m_started;            ///< when the stream began
  std::string m_resource_version;  ///< empty: a list is needed
  std::string m_continue;
  Objects m_known;
  Objects m_listed;  ///< what the list under way has brought so far
  int m_failures = 0;
};

}  // namespace mlk::kube
