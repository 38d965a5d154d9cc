#include "log_follower.hpp"

#include <algorithm>
#include <utility>

namespace mlk::training {

namespace {

constexpr Milliseconds k_first_pause{250};
constexpr Milliseconds k_longest_pause{10'000};
// How often the rest of an ended container's log is asked for.
constexpr int k_last_tries = 3;
// A program that never ends its line must not fill memory.
constexpr std::size_t k_longest_line = std::size_t{1} << 20;

Milliseconds pause_after(int breaks) { return std::min(k_longest_pause, k_first_pause * (1 << std::min(breaks, 6))); }

}  // namespace

StampedLine split_stamp(std::string_view line) {
  const std::size_t space = line.find(' ');
  // A stamp is at least "2026-11-21T06:30:39Z".
  if (space == std::string_view::npos || space < 20) return {std::nullopt, line};
  const auto stamp = parse_rfc3339(line.substr(0, space));
  if (!stamp) return {std::nullopt, line};
  return {*stamp, line.substr(space + 1)};
}

LogFollower::LogFollower(kube::Client& client, const Clock& clock, std::string namespace_name, std::string pod,
                         kube::LogOptions options, Sink sink)
    : m_client(client),
      m_clock(clock),
      m_namespace(std::move(namespace_name)),
      m_pod(std::move(pod)),
      m_options(std::move(options)),
      m_sink(std::move(sink)) {
  m_options.timestamps = true;
}

void LogFollower::poke() {
  if (m_is_done || m_is_streaming || m_clock.steady() < m_next) return;
  start();
}

void LogFollower::finish() {
  if (m_is_finishing) return;
  m_is_finishing = true;
  // Asking for the rest without following ends by itself, and misses nothing.
  m_stream.reset();
  m_is_streaming = false;
  m_breaks = 0;
  m_next = {};
}

void LogFollower::start() {
  kube::LogOptions options = m_options;
  options.follow = !m_is_finishing;
  m_partial.clear();
  m_is_replaying = m_last.has_value();
  m_replayed_at_last = 0;
  if (m_last) {
    // The server rounds this down to the second, so the beginning comes again.
    options.since_time = m_last;
    options.since_seconds.reset();
    options.tail_lines.reset();
  }
  m_is_streaming = true;
  m_stream = m_client.follow_logs(
      m_namespace, m_pod, options, [this](std::string_view bytes) { take(bytes); },
      [this](const Result<void>& outcome) { on_end(outcome); });
}

void LogFollower::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    m_partial.append(bytes.substr(0, end));
    if (end == std::string_view::npos) {
      if (m_partial.size() < k_longest_line) return;
      bytes = {};
    } else {
      bytes.remove_prefix(end + 1);
    }
    const std::string line = std::exchange(m_partial, {});
    take_line(line);
  }
}

bool LogFollower::was_told(SystemTime stamp) {
  if (!m_is_replaying) return false;
  if (stamp < *m_last) return true;
  if (stamp == *m_last && m_replayed_at_last < m_told_at_last) {
    ++m_replayed_at_last;
    return true;
  }
  m_is_replaying = false;
  return false;
}

void LogFollower::take_line(std::string_view line) {
  const StampedLine stamped = split_stamp(line);
  if (stamped.stamp) {
    if (was_told(*stamped.stamp)) return;
    if (m_last != stamped.stamp) m_told_at_last = 0;
    m_last = stamped.stamp;
    ++m_told_at_last;
  }
  m_sink(stamped.text);
}

void LogFollower::on_end(const Result<void>& outcome) {
  m_is_streaming = false;
  const std::string rest = std::exchange(m_partial, {});
  // Half a line of a broken stream comes again, whole.
  if (!rest.empty() && outcome) take_line(rest);
  // What may not be read, or is gone, won't come by asking again.
  const bool is_hopeless = !outcome && (kube::is_forbidden(outcome.error()) || kube::is_not_found(outcome.error()));
  if (is_hopeless || (m_is_finishing && (outcome || m_breaks >= k_last_tries))) {
    m_is_done = true;
    return;
  }
  m_next = m_clock.steady() + pause_after(m_breaks);
  ++m_breaks;
}

}  // namespace mlk::training
