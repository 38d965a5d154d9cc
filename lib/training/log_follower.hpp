#pragma once

#include <mlk/kube/client.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::training {

/// One pod's log, followed line by line until its container has ended, across broken connections: each line carries the
/// server's time stamp, by which it goes on where it stopped without saying anything twice.
class LogFollower {
 public:
  using Sink = std::function<void(std::string_view line)>;

  LogFollower(kube::Client& client, const Clock& clock, std::string namespace_name, std::string pod,
              kube::LogOptions options, Sink sink);
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  /// Starts, or starts again after a break, when it is time to.
  void poke();
  /// The container has ended: what is left of its log is read at the next poke, to its end.
  void finish();
  bool is_done() const noexcept { return m_is_done; }

 private:
  void start();
  void take(std::string_view bytes);
  void take_line(std::string_view line);
  bool was_told(SystemTime stamp);
  void on_end(const Result<void>& outcome);

  kube::Client& m_client;
  const Clock& m_clock;
  std::string m_namespace;
  std::string m_pod;
  kube::LogOptions m_options;
  Sink m_sink;
  std::optional<kube::LogStream> m_stream;
  std::string m_partial;
  std::optional<SystemTime> m_last;    ///< stamp of the last line that was told
  std::size_t m_told_at_last = 0;      ///< lines told with that very stamp
  std::size_t m_replayed_at_last = 0;  ///< of those, how many the present stream has given again
  bool m_is_replaying = false;         ///< the present stream still gives what was told before
  SteadyTime m_next{};
  int m_breaks = 0;
  bool m_is_streaming = false;
  bool m_is_finishing = false;
  bool m_is_done = false;
};

/// Splits "2026-11-21T06:30:39.5Z text" into its stamp and the text; a line without a stamp is text.
struct StampedLine {
  std::optional<SystemTime> stamp;
  std::string_view text;
};
StampedLine split_stamp(std::string_view line);

}  // namespace mlk::training
