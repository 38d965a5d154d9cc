#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::inline v0::cel {

struct TimeValue {
  std::int64_t seconds = 0;  ///< since 1970, UTC
  std::uint32_t nanoseconds = 0;
  std::int32_t offset = 0;  ///< seconds east of UTC that the text said
};

/// From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
bool is_in_range(std::int64_t seconds);

/// RFC 3339, strictly, as timestamp() takes it.
std::optional<TimeValue> parse_time(std::string_view text);
/// What a schema's formats date and date-time take: also a date alone, a space or t for T, and no zone for UTC.
std::optional<TimeValue> parse_any_time(std::string_view text);
/// Go's durations ("1h30m", "-1.5s"), as duration() takes them, in nanoseconds.
std::optional<std::int64_t> parse_go_duration(std::string_view text);
/// What a schema's format duration takes: also "2d", "3 weeks".
std::optional<std::int64_t> parse_any_duration(std::string_view text);

std::string format_time(std::int64_t seconds, std::uint32_t nanoseconds, std::int64_t offset);
/// "5400s", "1.5s"
std::string format_seconds(std::int64_t nanoseconds);

/// A moment in a calendar; months, days of the year and of the week count from 0 (Sunday), days of the month from 1.
struct Civil {
  std::int64_t year;
  std::int64_t month;
  std::int64_t day;
  std::int64_t day_of_year;
  std::int64_t day_of_week;
  std::int64_t hour;
  std::int64_t minute;
  std::int64_t second;
};
Civil civil(std::int64_t local_seconds);
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day);

}  // namespace mlk::inline v0::cel
