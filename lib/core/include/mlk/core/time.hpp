#pragma once

#include <mlk/core/api.hpp>
#include <mlk/core/result.hpp>

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

namespace mlk::inline v0 {

using SteadyTime = std::chrono::steady_clock::time_point;
using SystemTime = std::chrono::system_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

/// "90s", "1h30m", "250ms", "2d"; a number without a unit is an error.
MLK_API Result<Milliseconds> parse_duration(std::string_view text);
/// For people, two units at most: "4 m 12 s", "250 ms", "3 d 2 h".
MLK_API std::string format_duration(Milliseconds duration);
/// As Kubernetes' tables: "4m12s", "3d2h".
MLK_API std::string format_age(Milliseconds duration);

/// "2026-11-21T06:30:39Z", with a fraction where there is one.
MLK_API std::string format_rfc3339(SystemTime time);
MLK_API Result<SystemTime> parse_rfc3339(std::string_view text);

/// Time as code sees it; in tests it is moved by hand.
class MLK_API Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;
  virtual SystemTime system() const = 0;
  /// Sleeps, or returns early with false when a stop is requested.
  virtual bool sleep_for(Milliseconds duration, const std::stop_token& stop) = 0;
};

class MLK_API RealClock final : public Clock {
 public:
  SteadyTime steady() const override;
  SystemTime system() const override;
  bool sleep_for(Milliseconds duration, const std::stop_token& stop) override;
};

}  // namespace mlk::inline v0
