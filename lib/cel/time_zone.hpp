#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::inline v0::cel {

/// When daylight saving begins or ends, by a POSIX rule: "M3.2.0/2", "J60", "59".
struct ZoneRule {
  enum class Kind : std::uint8_t { month_week_day, julian, day } kind = Kind::day;
  std::int32_t month = 0;
  std::int32_t week = 0;
  std::int32_t day = 0;
  std::int32_t time = 7200;
};

/// Offsets from UTC: a fixed one ("+05:30", "-8:00") or a place of the system's time zone database.
class TimeZone {
 public:
  /// Null pointer for a name that nobody knows. The database is looked for in /usr/share/zoneinfo.
  static std::unique_ptr<TimeZone> load(std::string_view name);
  std::int64_t offset_at(std::int64_t seconds) const;

 private:
  static std::unique_ptr<TimeZone> fixed(std::string_view text);
  bool read(std::string_view file);
  bool read_footer(std::string_view text);
  std::int64_t footer_offset(std::int64_t seconds) const;

  std::vector<std::pair<std::int64_t, std::int32_t>> m_transitions;  ///< from when on, seconds east
  std::int32_t m_first_offset = 0;
  // Past the last transition:
  std::optional<std::int32_t> m_standard;
  std::optional<std::int32_t> m_daylight;
  ZoneRule m_begin;
  ZoneRule m_end;
};

}  // namespace mlk::inline v0::cel
