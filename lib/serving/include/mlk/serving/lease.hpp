#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/kube/client.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace mlk::serving {

/// Who drives a rollout, as its Lease says.
struct Holder {
  std::string identity;    ///< "anna@laptop (4711-x7k2)"; empty: nobody
  std::int64_t epoch = 0;  ///< counts the drivers so far
  std::optional<SystemTime> since;
  std::chrono::seconds duration{15};  ///< without a renewal for so long it counts as gone
  std::string resource_version;
};

/// The Lease that names the one driver of a service's rollout. Whether a holder is alive is judged by whether the Lease
/// changes while we look at it, for as long as it lasts by our own steady clock; no two clocks are ever compared.
class Lease {
 public:
  static constexpr std::chrono::seconds k_usual_duration{15};

  /// `duration` is how long it lasts without a renewal when we hold it.
  Lease(kube::Client& client, Clock& clock, std::string namespace_name, std::string service, std::string identity,
        std::chrono::seconds duration = k_usual_duration);

  /// The holder as the cluster has it now; nobody where there is no Lease.
  Result<Holder> read();

  /// Takes the Lease when nobody holds it, or when its holder hasn't renewed it for its duration while we watched.
  /// Waits at most `patience` for that; then nothing, and holder() says who has it.
  Result<bool> acquire(Milliseconds patience, const std::stop_token& stop);

  /// Renews when a third of the duration has gone by. Losing it to somebody else is a conflict error; a server that
  /// can't be reached is none until the duration is over.
  Result<void> keep();

  /// Whether we can be sure to hold it: the last renewal is younger than its duration.
  bool is_held() const;

  /// Gives it back, so that the next driver needn't wait. Best effort.
  void release();

  const Holder& holder() const noexcept { return m_seen; }
  std::int64_t epoch() const noexcept { return m_seen.epoch; }
  const std::string& identity() const noexcept { return m_identity; }

 private:
  Result<bool> try_take();
  Result<Holder> write(const Holder& before, std::string identity, std::int64_t epoch, bool is_new);

  kube::Client& m_client;
  Clock& m_clock;
  std::string m_namespace;
  std::string m_name;
  std::string m_service;
  std::string m_identity;
  std::chrono::seconds m_duration;
  Holder m_seen;
  std::optional<SteadyTime> m_seen_unchanged_since;
  std::optional<SteadyTime> m_renewed;
};

/// "user@host (pid-random)": tells people who it is, and two processes apart.
std::string make_identity();

}  // namespace mlk::serving
