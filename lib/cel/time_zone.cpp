#include "time_zone.hpp"

#include "time_text.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace mlk::inline v0::cel {
namespace {

constexpr std::int64_t k_day = 86400;
constexpr std::size_t k_header = 44;

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t value = !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0 ? ~0ULL : 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

struct Header {
  std::size_t utc;
  std::size_t standard;
  std::size_t leaps;
  std::size_t times;
  std::size_t types;
  std::size_t letters;

  std::size_t size(std::size_t time_size) const {
    return times * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) + standard + utc;
  }
};

std::optional<Header> read_header(std::string_view file) {
  if (file.size() < k_header || file.substr(0, 4) != "TZif" || file[4] < '2') return std::nullopt;
  const auto count = [&](std::size_t at) {
    return static_cast<std::size_t>(big_endian(file.substr(at, 4))) & 0xFFFFFU;
  };
  return Header{count(20), count(24), count(28), count(32), count(36), count(40)};
}

/// Reads a POSIX TZ string, such as "EST5EDT,M3.2.0,M11.1.0" or "<+03>-3".
class PosixZone {
 public:
  explicit PosixZone(std::string_view text) : m_text(text) {}

  bool skip_name() {
    const auto end =
        !m_text.empty() && m_text.front() == '<' ? m_text.find('>') + 1 : m_text.find_first_of("+-0123456789,");
    m_text.remove_prefix(std::min(end, m_text.size()));
    return true;
  }
  std::optional<std::int32_t> time() {
    std::int32_t sign = 1;
    if (!m_text.empty() && (m_text.front() == '-' || m_text.front() == '+')) {
      sign = m_text.front() == '-' ? -1 : 1;
      m_text.remove_prefix(1);
    }
    auto total = number();
    if (!total) return std::nullopt;
    *total *= 3600;
    for (const std::int32_t unit : {60, 1}) {
      if (!accept(':')) break;
      *total += number().value_or(0) * unit;
    }
    return sign * *total;
  }
  std::optional<ZoneRule> rule() {
    ZoneRule rule;
    if (!accept(',')) return std::nullopt;
    if (accept('M')) {
      rule.kind = ZoneRule::Kind::month_week_day;
      rule.month = number().value_or(0);
      accept('.');
      rule.week = number().value_or(0);
      accept('.');
      rule.day = number().value_or(0);
      if (rule.month < 1 || rule.month > 12 || rule.week < 1 || rule.week > 5 || rule.day > 6) return std::nullopt;
    } else {
      rule.kind = accept('J') ? ZoneRule::Kind::julian : ZoneRule::Kind::day;
      rule.day = number().value_or(0);
    }
    if (accept('/')) rule.time = time().value_or(7200);
    return rule;
  }
  bool is_done() const { return m_text.empty(); }
  bool is_at_rule() const { return !m_text.empty() && m_text.front() == ','; }

 private:
  bool accept(char c) {
    if (m_text.empty() || m_text.front() != c) return false;
    m_text.remove_prefix(1);
    return true;
  }
  std::optional<std::int32_t> number() {
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(m_text.data(), m_text.data() + m_text.size(), value);
    if (error != std::errc() || value < 0 || value > 1000) return std::nullopt;
    m_text.remove_prefix(static_cast<std::size_t>(end - m_text.data()));
    return value;
  }

  std::string_view m_text;
};

/// Local seconds since 1970 at which a rule applies in a year.
std::int64_t moment(const ZoneRule& rule, std::int64_t year) {
  const auto january = days_from_civil(year, 1, 1);
  const bool leap = days_from_civil(year + 1, 1, 1) - january == 366;
  std::int64_t day = january + rule.day;
  if (rule.kind == ZoneRule::Kind::julian) {
    day = january + rule.day - 1 + (leap && rule.day > 59 ? 1 : 0);
  } else if (rule.kind == ZoneRule::Kind::month_week_day) {
    const auto first = days_from_civil(year, rule.month, 1);
    const auto next = rule.month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, rule.month + 1, 1);
    day = first + (rule.day - civil(first * k_day).day_of_week + 7) % 7 + (rule.week - 1) * 7;
    if (day >= next) day -= 7;
  }
  return day * k_day + rule.time;
}

}  // namespace

std::unique_ptr<TimeZone> TimeZone::fixed(std::string_view text) {
  const auto colon = text.find(':');
  const bool west = text.front() == '-';
  auto hours_text = text.substr(0, colon);
  if (text.front() == '-' || text.front() == '+') hours_text.remove_prefix(1);
  const auto minutes_text = text.substr(colon + 1);
  const auto read = [](std::string_view digits, int most) -> std::optional<int> {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < 0 || value > most) return std::nullopt;
    return value;
  };
  const auto hours = read(hours_text, 24);
  const auto minutes = read(minutes_text, 59);
  if (!hours || !minutes) return nullptr;
  auto zone = std::make_unique<TimeZone>();
  zone->m_first_offset = (west ? -1 : 1) * (*hours * 3600 + *minutes * 60);
  return zone;
}

std::unique_ptr<TimeZone> TimeZone::load(std::string_view name) {
  if (name.empty() || name == "UTC") return std::make_unique<TimeZone>();
  if (name.find(':') != std::string_view::npos) return fixed(name);
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '+' || c == '/';
  });
  if (!plain || name.front() == '/' || name.size() > 64) return nullptr;
  std::ifstream in("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto zone = std::make_unique<TimeZone>();
  if (!zone->read(file)) return nullptr;
  return zone;
}

bool TimeZone::read(std::string_view file) {
  const auto first = read_header(file);
  if (!first || file.size() < k_header + first->size(4)) return false;
  file.remove_prefix(k_header + first->size(4));  // the second block has the same with 64 bits
  const auto header = read_header(file);
  if (!header || header->types == 0 || file.size() < k_header + header->size(8)) return false;
  const auto times = file.substr(k_header, header->times * 8);
  const auto kinds = file.substr(k_header + header->times * 8, header->times);
  const auto types = file.substr(k_header + header->times * 9, header->types * 6);
  const auto offset_of = [&](std::size_t type) {
    return type < header->types ? static_cast<std::int32_t>(big_endian(types.substr(type * 6, 4))) : 0;
  };
  m_first_offset = offset_of(0);
  for (std::size_t i = 0; i < header->times; ++i) {
    m_transitions.emplace_back(big_endian(times.substr(i * 8, 8)), offset_of(static_cast<unsigned char>(kinds[i])));
  }
  auto footer = file.substr(k_header + header->size(8));
  if (footer.size() > 2 && footer.front() == '\n') {
    footer.remove_prefix(1);
    read_footer(footer.substr(0, footer.find('\n')));
  }
  return true;
}

bool TimeZone::read_footer(std::string_view text) {
  PosixZone zone(text);
  zone.skip_name();
  const auto west = zone.time();
  if (!west) return false;
  m_standard = -*west;
  if (zone.is_done()) return true;
  zone.skip_name();
  const auto daylight = zone.is_at_rule() ? std::optional(-3600 + *west) : zone.time();
  const auto begin = zone.rule();
  const auto end = zone.rule();
  if (!daylight || !begin || !end) return false;
  m_daylight = -*daylight;
  m_begin = *begin;
  m_end = *end;
  return true;
}

std::int64_t TimeZone::footer_offset(std::int64_t seconds) const {
  if (!m_daylight) return *m_standard;
  const auto year = civil(seconds + *m_standard).year;
  const auto begin = moment(m_begin, year) - *m_standard;
  const auto end = moment(m_end, year) - *m_daylight;
  const bool is_daylight = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
  return is_daylight ? *m_daylight : *m_standard;
}

std::int64_t TimeZone::offset_at(std::int64_t seconds) const {
  if (m_standard && (m_transitions.empty() || seconds >= m_transitions.back().first)) return footer_offset(seconds);
  const auto after = std::upper_bound(m_transitions.begin(), m_transitions.end(), seconds,
                                      [](std::int64_t at, const auto& entry) { return at < entry.first; });
  return after == m_transitions.begin() ? m_first_offset : std::prev(after)->second;
}

}  // namespace mlk::inline v0::cel
