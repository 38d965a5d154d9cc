#include <mlk/core/text.hpp>
#include <mlk/core/time.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <condition_variable>
#include <ctime>
#include <mutex>

namespace mlk::inline v0 {

namespace {

using namespace std::chrono_literals;

struct DurationUnit {
  std::string_view name;
  Milliseconds size;
};
constexpr std::array<DurationUnit, 5> k_units = {{{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};

Error bad_duration(std::string_view text) {
  return Error(ErrorKind::failed, fmt::format("'{}' is no duration", text))
      .because("a duration is one or more numbers, each with a unit: ms, s, m, h, d")
      .fixed_by("write for example 30s, 5m, 1h30m");
}

std::string join_units(Milliseconds duration, std::string_view between_number_and_unit,
                       std::string_view between_parts) {
  if (duration < 0ms) duration = 0ms;
  if (duration < 1s) return fmt::format("{}{}ms", duration.count(), between_number_and_unit);
  std::string text;
  int parts = 0;
  for (const auto& unit : k_units) {
    const auto count = duration / unit.size;
    if (unit.name == "ms") break;
    if (count == 0) {
      if (parts == 1) break;
      continue;
    }
    duration -= count * unit.size;
    if (parts == 1) text += between_parts;
    text += fmt::format("{}{}{}", count, between_number_and_unit, unit.name);
    if (++parts == 2) break;
  }
  return text;
}

Error bad_time(std::string_view text) {
  return Error(ErrorKind::failed, fmt::format("'{}' is no RFC 3339 time", text))
      .fixed_by("write for example 2026-01-31T12:00:00Z");
}

std::optional<int> digits(std::string_view text, std::size_t from, std::size_t count) {
  int value = 0;
  if (from + count > text.size()) return {};
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return {};
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

Result<Milliseconds> parse_duration(std::string_view text) {
  std::string_view rest = trim(text);
  if (rest.empty()) return bad_duration(text);
  double total = 0;
  while (!rest.empty()) {
    // from_chars would take a sign, "nan" and "inf" too.
    if (rest[0] != '.' && (rest[0] < '0' || rest[0] > '9')) return bad_duration(text);
    double number = 0;
    const auto [end, status] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (status != std::errc()) return bad_duration(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto unit_end = rest.find_first_of("0123456789.");
    const std::string_view name = rest.substr(0, unit_end);
    bool is_known = false;
    for (const auto& unit : k_units) {
      if (unit.name != name) continue;
      total += number * static_cast<double>(unit.size.count());
      is_known = true;
    }
    if (!is_known || total > 9e15) return bad_duration(text);
    rest.remove_prefix(name.size());
  }
  return Milliseconds(static_cast<std::int64_t>(total));
}

std::string format_duration(Milliseconds duration) { return join_units(duration, " ", " "); }

std::string format_age(Milliseconds duration) {
  return duration < 1s ? std::string("0s") : join_units(duration, "", "");
}

std::string format_rfc3339(SystemTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                          clock.minutes().count(), clock.seconds().count());
  if (const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time - seconds).count(); micros != 0) {
    text += fmt::format(".{:06}", micros);
  }
  return text + "Z";
}

Result<SystemTime> parse_rfc3339(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || text.size() < 20) return bad_time(text);
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return bad_time(text);
  }
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return bad_time(text);
  std::size_t at = 19;
  std::chrono::nanoseconds fraction{0};
  if (text[at] == '.') {
    std::int64_t scale = 100'000'000;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      fraction += std::chrono::nanoseconds((text[at] - '0') * scale);
      scale /= 10;
    }
  }
  std::chrono::minutes offset{0};
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else {
    const auto offset_hours = digits(text, at + 1, 2);
    const auto offset_minutes = digits(text, at + 4, 2);
    if (at >= text.size() || (text[at] != '+' && text[at] != '-') || !offset_hours || !offset_minutes ||
        text[at + 3] != ':') {
      return bad_time(text);
    }
    offset = std::chrono::hours(*offset_hours) + std::chrono::minutes(*offset_minutes);
    if (text[at] == '-') offset = -offset;
    at += 6;
  }
  if (at != text.size()) return bad_time(text);
  const auto whole = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                     std::chrono::seconds(*second) - offset;
  return SystemTime(std::chrono::time_point_cast<SystemTime::duration>(whole) +
                    std::chrono::duration_cast<SystemTime::duration>(fraction));
}

SteadyTime RealClock::steady() const { return std::chrono::steady_clock::now(); }

SystemTime RealClock::system() const { return std::chrono::system_clock::now(); }

bool RealClock::sleep_for(Milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace mlk::inline v0
