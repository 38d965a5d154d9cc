#include "functions.hpp"
#include "time_text.hpp"
#include "time_zone.hpp"

#include <fmt/format.h>

#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

constexpr std::int64_t k_million = 1'000'000;
constexpr std::int64_t k_billion = 1'000'000'000;

using Part = std::int64_t (*)(const Civil& at, std::uint32_t nanoseconds);

template <Part part>
Cell of_time(Run& run, Args args) {
  std::int64_t offset = 0;
  if (args.size() == 2) {
    const auto* zone = run.zone(args[1].view());
    if (zone == nullptr) return run.error(fmt::format("unknown time zone {}", args[1].view()));
    offset = zone->offset_at(args[0].integer);
  }
  return cell(part(civil(args[0].integer + offset), args[0].extra));
}

std::int64_t year(const Civil& at, std::uint32_t) { return at.year; }
std::int64_t month(const Civil& at, std::uint32_t) { return at.month; }
std::int64_t day_of_year(const Civil& at, std::uint32_t) { return at.day_of_year; }
std::int64_t day_of_month(const Civil& at, std::uint32_t) { return at.day - 1; }
std::int64_t date(const Civil& at, std::uint32_t) { return at.day; }
std::int64_t day_of_week(const Civil& at, std::uint32_t) { return at.day_of_week; }
std::int64_t hours(const Civil& at, std::uint32_t) { return at.hour; }
std::int64_t minutes(const Civil& at, std::uint32_t) { return at.minute; }
std::int64_t seconds(const Civil& at, std::uint32_t) { return at.second; }
std::int64_t milliseconds(const Civil&, std::uint32_t nanoseconds) { return nanoseconds / k_million; }

template <std::int64_t unit>
Cell of_duration(Run&, Args args) {
  return cell(args[0].integer / unit);
}

// clang-format off
constexpr std::array k_declarations = {
    Declaration{"getFullYear", "timestamp_to_year", true, "timestamp", "int", of_time<year>},
    Declaration{"getFullYear", "timestamp_to_year_with_tz", true, "timestamp, string", "int", of_time<year>},
    Declaration{"getMonth", "timestamp_to_month", true, "timestamp", "int", of_time<month>},
    Declaration{"getMonth", "timestamp_to_month_with_tz", true, "timestamp, string", "int", of_time<month>},
    Declaration{"getDayOfYear", "timestamp_to_day_of_year", true, "timestamp", "int", of_time<day_of_year>},
    Declaration{"getDayOfYear", "timestamp_to_day_of_year_with_tz", true, "timestamp, string", "int", of_time<day_of_year>},
    Declaration{"getDayOfMonth", "timestamp_to_day_of_month", true, "timestamp", "int", of_time<day_of_month>},
    Declaration{"getDayOfMonth", "timestamp_to_day_of_month_with_tz", true, "timestamp, string", "int", of_time<day_of_month>},
    Declaration{"getDate", "timestamp_to_day_of_month_1_based", true, "timestamp", "int", of_time<date>},
    Declaration{"getDate", "timestamp_to_day_of_month_1_based_with_tz", true, "timestamp, string", "int", of_time<date>},
    Declaration{"getDayOfWeek", "timestamp_to_day_of_week", true, "timestamp", "int", of_time<day_of_week>},
    Declaration{"getDayOfWeek", "timestamp_to_day_of_week_with_tz", true, "timestamp, string", "int", of_time<day_of_week>},
    Declaration{"getHours", "timestamp_to_hours", true, "timestamp", "int", of_time<hours>},
    Declaration{"getHours", "timestamp_to_hours_with_tz", true, "timestamp, string", "int", of_time<hours>},
    Declaration{"getHours", "duration_to_hours", true, "duration", "int", of_duration<3600 * k_billion>},
    Declaration{"getMinutes", "timestamp_to_minutes", true, "timestamp", "int", of_time<minutes>},
    Declaration{"getMinutes", "timestamp_to_minutes_with_tz", true, "timestamp, string", "int", of_time<minutes>},
    Declaration{"getMinutes", "duration_to_minutes", true, "duration", "int", of_duration<60 * k_billion>},
    Declaration{"getSeconds", "timestamp_to_seconds", true, "timestamp", "int", of_time<seconds>},
    Declaration{"getSeconds", "timestamp_to_seconds_with_tz", true, "timestamp, string", "int", of_time<seconds>},
    Declaration{"getSeconds", "duration_to_seconds", true, "duration", "int", of_duration<k_billion>},
    Declaration{"getMilliseconds", "timestamp_to_milliseconds", true, "timestamp", "int", of_time<milliseconds>},
    Declaration{"getMilliseconds", "timestamp_to_milliseconds_with_tz", true, "timestamp, string", "int", of_time<milliseconds>},
    Declaration{"getMilliseconds", "duration_to_milliseconds", true, "duration", "int", of_duration<k_million>},
};
// clang-format on

}  // namespace

std::span<const Declaration> time_functions() { return k_declarations; }

}  // namespace mlk::inline v0::cel
