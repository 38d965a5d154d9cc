#include "client_impl.hpp"
#include "watch_state.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace mlk::kube {
namespace {

using Tree = document::Node;

constexpr Milliseconds k_first_delay{200};
constexpr Milliseconds k_longest_delay{30'000};
// A server that ends each stream at once must not be asked in a tight loop.
constexpr std::chrono::seconds k_healthy_stream{1};
// Bookmarks come about each minute; a connection that is silent for longer may be dead (a laptop that slept).
constexpr Milliseconds k_silence{90'000};
constexpr std::size_t k_line_limit = std::size_t{32} << 20;
constexpr std::size_t k_refusal_limit = std::size_t{64} << 10;
constexpr std::int64_t k_page = 500;

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string identity_of(const Tree& object) {
  const Tree& meta = object["metadata"];
  const auto uid = meta["uid"].as_string();
  return uid ? std::string(*uid) : meta["namespace"].string_or() + "/" + meta["name"].string_or();
}

const std::string& version_of(const Tree& object, std::string& store) {
  return store = object["metadata"]["resourceVersion"].string_or();
}

}  // namespace

Watch::State::State(std::shared_ptr<Session> session, ResourceType type, std::string namespace_name,
                    WatchOptions options, WatchHandler handler)
    : m_session(std::move(session)),
      m_type(std::move(type)),
      m_namespace(std::move(namespace_name)),
      m_options(std::move(options)),
      m_handler(std::move(handler)) {}

void Watch::State::begin() {
  if (m_resource_version.empty()) {
    list_page();
  } else {
    follow();
  }
}

void Watch::State::stop() noexcept {
  m_is_running = false;
  m_transfer.cancel();
}

Call Watch::State::make_call(std::string verb) const {
  Call call = call_for("GET", std::move(verb), m_type, m_namespace, {});
  std::string fields = m_options.field_selector;
  if (!m_options.name.empty()) {
    fields += (fields.empty() ? "metadata.name=" : ",metadata.name=") + m_options.name;
    call.subject.name = m_options.name;
  }
  add_query(call.query, "labelSelector", m_options.label_selector);
  add_query(call.query, "fieldSelector", fields);
  return call;
}

void Watch::State::list_page() {
  Call call = make_call("list");
  call.query.emplace_back("limit", std::to_string(k_page));
  add_query(call.query, "continue", m_continue);
  start(std::move(call), false);
}

void Watch::State::follow() {
  Call call = make_call("watch");
  call.query.emplace_back("watch", "true");
  call.query.emplace_back("allowWatchBookmarks", "true");
  call.query.emplace_back("timeoutSeconds", std::to_string(m_options.server_timeout.count()));
  call.query.emplace_back("resourceVersion", m_resource_version);
  start(std::move(call), true);
}

void Watch::State::start(Call call, bool is_stream) {
  auto request = m_session->prepare(call);
  m_call = std::move(call);
  if (!request) return end(std::move(request).error());
  if (is_stream) {
    request->timeouts.stall = k_silence;
    request->accept_compressed = false;
  } else {
    request->timeouts.whole = m_session->options().request_timeout;
  }
  m_status = 0;
  m_body.clear();
  m_retry_after.reset();
  m_started = std::chrono::steady_clock::now();

  const std::weak_ptr<State> weak = weak_from_this();
  http::Handlers handlers;
  handlers.on_headers = [weak](int status, const http::Headers& headers) {
    const auto self = weak.lock();
    if (!self) return;
    self->m_status = status;
    self->m_retry_after = http::retry_after(headers, std::chrono::system_clock::now());
    self->m_session->note_warnings(headers);
  };
  handlers.on_data = [weak, is_stream](std::span<const std::byte> bytes) {
    const auto self = weak.lock();
    if (!self || !self->m_is_running) return http::Flow::cancel;
    if (is_stream && self->m_status == 200) {
      self->on_bytes(as_text(bytes));
    } else if (self->m_status == 200 || self->m_body.size() < k_refusal_limit) {
      self->m_body.append(as_text(bytes));
    }
    return self->m_is_running ? http::Flow::proceed : http::Flow::cancel;
  };
  handlers.on_done = [weak, is_stream](Result<http::Done> done) {
    const auto self = weak.lock();
    if (!self || !self->m_is_running) return;
    if (!done) return self->on_failure(done.error());
    if (done->status != 200) return self->on_answer(done->status, self->m_body);
    self->m_was_renewed = false;
    if (is_stream) return self->on_stream_end();
    self->take_page(self->m_body);
  };
  m_transfer = m_session->loop().start(*std::move(request), std::move(handlers), m_session->options().stop);
}

void Watch::State::take_page(std::string_view body) {
  auto json = document::read_json(body);
  Tree* items = json ? json->find("items") : nullptr;
  if (items == nullptr) {
    return end(Error(ErrorKind::failed, "the API server's list can't be read").coded(std::string(codes::k_unexpected)));
  }
  if (items->is_sequence()) {
    for (auto& item : items->items_mutable()) {
      item.set("apiVersion", m_type.api_version()).set("kind", m_type.kind);
      std::string identity = identity_of(item);
      m_listed.insert_or_assign(std::move(identity), std::move(item));
    }
  }
  const Tree& meta = (*json)["metadata"];
  m_continue = meta["continue"].string_or();
  if (!m_continue.empty()) return list_page();
  m_resource_version = meta["resourceVersion"].string_or();
  finish_list();
  follow();
}

void Watch::State::finish_list() {
  std::string before;
  std::string now;
  for (auto& [identity, object] : m_known) {
    if (!m_listed.contains(identity)) tell(WatchEventType::deleted, std::move(object));
  }
  for (const auto& [identity, object] : m_listed) {
    const auto known = m_known.find(identity);
    if (known == m_known.end()) {
      tell(WatchEventType::added, object);
    } else if (version_of(known->second, before) != version_of(object, now)) {
      tell(WatchEventType::modified, object);
    }
  }
  m_known = std::move(m_listed);
  m_listed.clear();
  m_failures = 0;
  tell(WatchEventType::synced);
}

void Watch::State::on_bytes(std::string_view bytes) {
  while (m_is_running && m_status == 200) {
    const auto end_of_line = bytes.find('\n');
    if (end_of_line == std::string_view::npos) break;
    if (m_body.empty()) {
      on_line(bytes.substr(0, end_of_line));
    } else {
      m_body.append(bytes.substr(0, end_of_line));
      const std::string line = std::exchange(m_body, {});
      on_line(line);
    }
    bytes.remove_prefix(end_of_line + 1);
  }
  if (m_body.size() + bytes.size() > k_line_limit) {
    return end(Error(ErrorKind::failed, "the API server sent an event that is too large")
                   .coded(std::string(codes::k_unexpected)));
  }
  m_body.append(bytes);
}

void Watch::State::on_line(std::string_view line) {
  if (line.empty()) return;
  auto json = document::read_json(line);
  Tree* object = json ? json->find("object") : nullptr;
  // Half a line at a broken connection's end: what it would have said comes again.
  if (object == nullptr) return;
  on_object((*json)["type"].string_or(), std::move(*object));
}

void Watch::State::on_object(std::string_view type, Tree object) {
  if (type == "ERROR") {
    const int code = static_cast<int>(object["code"].int_or(500));
    // The stream is over with this; what follows on it no longer counts.
    m_status = code == 200 ? 500 : code;
    m_transfer.cancel();
    return on_answer(m_status, document::write_json(object, 0));
  }
  m_failures = 0;
  const std::string version = object["metadata"]["resourceVersion"].string_or();
  if (!version.empty()) m_resource_version = version;
  if (type == "BOOKMARK") return tell(WatchEventType::bookmark);
  const std::string identity = identity_of(object);
  if (type == "DELETED") {
    m_known.erase(identity);
    return tell(WatchEventType::deleted, std::move(object));
  }
  const bool is_known = m_known.contains(identity);
  m_known.insert_or_assign(identity, object);
  tell(is_known ? WatchEventType::modified : WatchEventType::added, std::move(object));
}

void Watch::State::on_stream_end() {
  const bool was_healthy = std::chrono::steady_clock::now() - m_started >= k_healthy_stream;
  if (was_healthy) m_failures = 0;
  again_after(was_healthy ? Milliseconds(0) : next_delay());
}

void Watch::State::on_answer(int status, std::string_view body) {
  Error error = m_session->refused(m_call, status, body);
  if (status == 410) {
    forget_position();
    // The first time at once: that is how it is meant to be.
    return again_after(m_failures++ == 0 ? Milliseconds(0) : next_delay());
  }
  if (status == 401 && !m_was_renewed) return renew_credentials(std::move(error));
  if (status == 429 || status >= 500) return retry(std::move(error), m_retry_after);
  end(std::move(error));
}

void Watch::State::on_failure(const Error& error) {
  if (error.kind == ErrorKind::interrupted) return stop();
  const bool is_silent_stream = error.code == http::k_stalled && m_status == 200 && m_call.subject.verb == "watch";
  if (is_silent_stream) return again_after(Milliseconds(0));
  if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out) {
    return retry(m_session->unreachable(error), std::nullopt);
  }
  end(m_session->unreachable(error));
}

void Watch::State::forget_position() {
  m_resource_version.clear();
  m_continue.clear();
  m_listed.clear();
}

Milliseconds Watch::State::next_delay() {
  const int doublings = std::min(m_failures++, 20);
  const auto delay = std::min(k_longest_delay, k_first_delay * (std::int64_t{1} << std::min(doublings, 10)));
  static thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> spread(0.75, 1.25);
  return Milliseconds(static_cast<std::int64_t>(static_cast<double>(delay.count()) * spread(random)));
}

void Watch::State::again_after(Milliseconds delay) {
  m_session->after(delay, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->m_is_running) self->begin();
  });
}

void Watch::State::retry(Error error, std::optional<Milliseconds> asked) {
  const Milliseconds delay = asked ? *asked : next_delay();
  m_session->deliver([weak = weak_from_this(), error = std::move(error), delay] {
    const auto self = weak.lock();
    if (self && self->m_is_running && self->m_handler.on_retry) self->m_handler.on_retry(error, delay);
  });
  again_after(delay);
}

void Watch::State::renew_credentials(Error refusal) {
  m_was_renewed = true;
  // A plugin may take its time: not inside of the HTTP library's callback.
  m_session->after(Milliseconds(0), [weak = weak_from_this(), refusal = std::move(refusal)] {
    const auto self = weak.lock();
    if (!self || !self->m_is_running) return;
    auto renewed = self->m_session->authenticator().renew(self->m_session->options().stop);
    if (!renewed) return self->end(std::move(renewed).error());
    if (!*renewed) return self->end(refusal);
    self->begin();
  });
}

void Watch::State::end(Error error) {
  m_transfer.cancel();
  m_session->deliver([weak = weak_from_this(), error = std::move(error)] {
    const auto self = weak.lock();
    if (!self || !self->m_is_running) return;
    self->m_is_running = false;
    if (self->m_handler.on_end) self->m_handler.on_end(error);
  });
}

void Watch::State::tell(WatchEventType type, Tree object) {
  if (!m_handler.on_event) return;
  WatchEvent event{type, std::move(object), m_resource_version};
  m_session->deliver([weak = weak_from_this(), event = std::move(event)] {
    const auto self = weak.lock();
    if (self && self->m_is_running) self->m_handler.on_event(event);
  });
}

Watch::Watch(std::shared_ptr<State> state) noexcept : m_state(std::move(state)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    stop();
    m_state = std::move(other.m_state);
  }
  return *this;
}
Watch::~Watch() { stop(); }

void Watch::stop() noexcept {
  if (m_state) m_state->stop();
}

bool Watch::is_running() const noexcept { return m_state && m_state->is_running(); }

Watch Client::watch(const ResourceType& type, std::string_view namespace_name, const WatchOptions& options,
                    WatchHandler handler) {
  auto state =
      std::make_shared<Watch::State>(m_impl->session, type, std::string(namespace_name), options, std::move(handler));
  state->begin();
  return Watch(std::move(state));
}

}  // namespace mlk::kube
