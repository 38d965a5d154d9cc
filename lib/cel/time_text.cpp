#include "time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace mlk::inline v0::cel {
namespace {

constexpr std::int64_t k_first_second = -62135596800;
constexpr std::int64_t k_last_second = 253402300799;
constexpr std::int64_t k_day = 86400;
constexpr std::int64_t k_billion = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::int64_t days_in(std::int64_t year, std::int64_t month) {
  static constexpr std::array<std::int64_t, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[static_cast<std::size_t>(month - 1)];
}

/// Reads the fixed fields of a time from the front of a text.
class Fields {
 public:
  explicit Fields(std::string_view text) : m_text(text) {}

  bool is_ok() const { return m_ok; }
  bool is_done() const { return m_text.empty(); }
  std::int64_t number(std::size_t digits, std::int64_t least, std::int64_t most) {
    std::int64_t value = 0;
    if (m_text.size() < digits || !std::all_of(m_text.begin(), m_text.begin() + static_cast<long>(digits), is_digit)) {
      m_ok = false;
      return least;
    }
    std::from_chars(m_text.data(), m_text.data() + digits, value);
    m_text.remove_prefix(digits);
    m_ok = m_ok && value >= least && value <= most;
    return value;
  }
  bool accept(std::string_view set) {
    if (m_text.empty() || set.find(m_text.front()) == std::string_view::npos) return false;
    m_text.remove_prefix(1);
    return true;
  }
  void expect(std::string_view set) { m_ok = accept(set) && m_ok; }
  std::uint32_t fraction() {
    std::uint32_t nanos = 0;
    std::uint32_t unit = 100'000'000;
    if (m_text.empty() || !is_digit(m_text.front())) m_ok = false;
    while (!m_text.empty() && is_digit(m_text.front())) {
      nanos += static_cast<std::uint32_t>(m_text.front() - '0') * unit;
      unit /= 10;
      m_text.remove_prefix(1);
    }
    return nanos;
  }
  char front() const { return m_text.empty() ? '\0' : m_text.front(); }

 private:
  std::string_view m_text;
  bool m_ok = true;
};

std::int32_t zone_offset(Fields& fields, bool lenient) {
  if (lenient && fields.is_done()) return 0;
  if (fields.accept(lenient ? "Zz" : "Z")) return 0;
  const bool west = fields.front() == '-';
  fields.expect("+-");
  const auto hours = fields.number(2, 0, 24);
  if (!lenient || fields.front() == ':') fields.expect(":");
  const auto minutes = fields.number(2, 0, 59);
  const auto offset = static_cast<std::int32_t>(hours * 3600 + minutes * 60);
  return west ? -offset : offset;
}

std::optional<TimeValue> parse_fields(std::string_view text, bool lenient) {
  Fields fields(text);
  const auto year = fields.number(4, 0, 9999);
  fields.expect("-");
  const auto month = fields.number(2, 1, 12);
  fields.expect("-");
  if (!fields.is_ok()) return std::nullopt;
  const auto day = fields.number(2, 1, days_in(year, month));
  TimeValue time;
  std::int64_t seconds = days_from_civil(year, month, day) * k_day;
  if (!lenient || !fields.is_done()) {
    fields.expect(lenient ? "Tt " : "T");
    seconds += fields.number(2, 0, 23) * 3600;
    fields.expect(":");
    seconds += fields.number(2, 0, 59) * 60;
    fields.expect(":");
    seconds += fields.number(2, 0, 59);
    if (fields.accept(".,")) time.nanoseconds = fields.fraction();
    time.offset = zone_offset(fields, lenient);
  }
  time.seconds = seconds - time.offset;
  if (!fields.is_ok() || !fields.is_done() || !is_in_range(time.seconds)) return std::nullopt;
  return time;
}

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 8> k_units = {{{"ns", 1},
                                          {"us", 1'000},
                                          {"\xC2\xB5s", 1'000},
                                          {"\xCE\xBCs", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", k_billion},
                                          {"m", 60 * k_billion},
                                          {"h", 3600 * k_billion}}};
constexpr std::array<Unit, 26> k_long_units = {{{"nano", 1},
                                                {"nanosecond", 1},
                                                {"nanoseconds", 1},
                                                {"micro", 1'000},
                                                {"microsecond", 1'000},
                                                {"microseconds", 1'000},
                                                {"milli", 1'000'000},
                                                {"millisecond", 1'000'000},
                                                {"milliseconds", 1'000'000},
                                                {"sec", k_billion},
                                                {"second", k_billion},
                                                {"seconds", k_billion},
                                                {"min", 60 * k_billion},
                                                {"minute", 60 * k_billion},
                                                {"minutes", 60 * k_billion},
                                                {"hr", 3600 * k_billion},
                                                {"hour", 3600 * k_billion},
                                                {"hours", 3600 * k_billion},
                                                {"d", 86400 * k_billion},
                                                {"day", 86400 * k_billion},
                                                {"days", 86400 * k_billion},
                                                {"w", 7 * 86400 * k_billion},
                                                {"wk", 7 * 86400 * k_billion},
                                                {"week", 7 * 86400 * k_billion},
                                                {"weeks", 7 * 86400 * k_billion},
                                                {"mins", 60 * k_billion}}};

__extension__ using Wide = unsigned __int128;

/// Takes "12.5" from the front as whole and fraction × unit; nothing without a digit.
std::optional<Wide> take_amount(std::string_view& text, std::int64_t unit_of_fraction, Wide& whole) {
  Wide fraction = 0;
  bool any = false;
  while (!text.empty() && is_digit(text.front())) {
    any = true;
    whole = whole * 10 + static_cast<unsigned>(text.front() - '0');
    if (whole > (Wide{1} << 63U)) return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    auto place = unit_of_fraction;
    while (!text.empty() && is_digit(text.front())) {
      any = true;
      place /= 10;
      fraction += static_cast<Wide>(text.front() - '0') * static_cast<Wide>(place);
      text.remove_prefix(1);
    }
  }
  return any ? std::optional(fraction) : std::nullopt;
}

}  // namespace

bool is_in_range(std::int64_t seconds) { return seconds >= k_first_second && seconds <= k_last_second; }

std::optional<TimeValue> parse_time(std::string_view text) { return parse_fields(text, false); }
std::optional<TimeValue> parse_any_time(std::string_view text) { return parse_fields(text, true); }

std::optional<std::int64_t> parse_go_duration(std::string_view text) {
  constexpr std::int64_t fraction_unit = 1'000'000'000'000'000'000;
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  Wide total = 0;
  while (!text.empty()) {
    Wide whole = 0;
    const auto fraction = take_amount(text, fraction_unit, whole);
    if (!fraction) return std::nullopt;
    const auto name = text.substr(0, text.find_first_of("0123456789."));
    const auto unit = std::find_if(k_units.begin(), k_units.end(), [&](const Unit& u) { return u.name == name; });
    if (unit == k_units.end()) return std::nullopt;
    text.remove_prefix(name.size());
    const auto nanoseconds = static_cast<Wide>(unit->nanoseconds);
    total += whole * nanoseconds + *fraction * nanoseconds / static_cast<Wide>(fraction_unit);
    if (total > (Wide{1} << 63U)) return std::nullopt;
  }
  if (!negative && total == (Wide{1} << 63U)) return std::nullopt;
  const auto bits = static_cast<std::uint64_t>(total);
  return static_cast<std::int64_t>(negative ? 0 - bits : bits);
}

std::optional<std::int64_t> parse_any_duration(std::string_view text) {
  if (const auto plain = parse_go_duration(text)) return plain;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto same = [&](const Unit& unit) { return unit.name == text; };
  const auto* unit = std::find_if(k_long_units.begin(), k_long_units.end(), same);
  std::int64_t value = 0;
  if (unit == k_long_units.end() || __builtin_mul_overflow(count, unit->nanoseconds, &value)) return std::nullopt;
  return value;
}

std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  // Counted in years that begin in March, so that the leap day comes last.
  year -= month <= 2 ? 1 : 0;
  const auto era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = year - era * 400;
  const auto day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Civil civil(std::int64_t local_seconds) {
  auto days = local_seconds / k_day;
  auto rest = local_seconds % k_day;
  if (rest < 0) {
    rest += k_day;
    --days;
  }
  const auto shifted = days + 719468;
  const auto era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const auto day_of_era = shifted - era * 146097;
  const auto year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const auto march_day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto march_month = (5 * march_day + 2) / 153;
  Civil out{};
  out.day = march_day - (153 * march_month + 2) / 5 + 1;
  const auto month = march_month + (march_month < 10 ? 3 : -9);
  out.month = month - 1;
  out.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  out.day_of_year = days - days_from_civil(out.year, 1, 1);
  out.day_of_week = ((days + 4) % 7 + 7) % 7;
  out.hour = rest / 3600;
  out.minute = rest / 60 % 60;
  out.second = rest % 60;
  return out;
}

std::string format_time(std::int64_t seconds, std::uint32_t nanoseconds, std::int64_t offset) {
  const auto at = civil(seconds + offset);
  auto text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", at.year, at.month + 1, at.day, at.hour, at.minute, at.second);
  if (nanoseconds != 0) {
    auto fraction = fmt::format(".{:09}", nanoseconds);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fraction;
  }
  if (offset == 0) return text + "Z";
  const auto minutes = (offset < 0 ? -offset : offset) / 60;
  return text + fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string format_seconds(std::int64_t nanoseconds) {
  const auto whole = nanoseconds / k_billion;
  const auto value = static_cast<double>(whole) + static_cast<double>(nanoseconds % k_billion) / 1e9;
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr;
  return std::string(buffer.data(), end) + "s";
}

}  // namespace mlk::inline v0::cel
