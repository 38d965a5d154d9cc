#include "string_format.hpp"

#include "collections.hpp"
#include "encoding.hpp"
#include "time_text.hpp"
#include "utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mlk::inline v0::cel {
namespace {

constexpr int k_default_precision = 6;
constexpr int k_most_precision = 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Text, or a failure in `failed`.
class Formatter {
 public:
  explicit Formatter(Run& run) : m_run(run) {}

  Cell failed() const { return m_failed; }

  std::string clause(const FormatClause& clause, const Cell& value) {
    switch (clause.verb) {
      case 's':
        return text(value);
      case 'd':
        return decimal(value);
      case 'f':
        return fixed(value, clause.precision.value_or(k_default_precision));
      case 'e':
        return scientific(value, clause.precision.value_or(k_default_precision));
      case 'b':
        return binary(value);
      case 'x':
      case 'X':
        return hex(value, clause.verb == 'X');
      default:
        return octal(value);
    }
  }

 private:
  std::string fail(std::string_view what, const Cell& value) {
    if (!m_failed.is_failure()) {
      m_failed = m_run.error(fmt::format("error during formatting: {}, was given {}", what, type_name(value)));
    }
    return {};
  }

  std::string text(const Cell& value) {
    if (!m_run.step()) m_failed = m_run.stopped_cell();
    if (m_failed.is_failure()) return {};
    switch (value.kind) {
      case CellKind::null:
        return "null";
      case CellKind::boolean:
        return value.boolean ? "true" : "false";
      case CellKind::integer:
        return fmt::format_int(value.integer).str();
      case CellKind::uinteger:
        return fmt::format_int(value.uinteger).str();
      case CellKind::floating:
        return format_shortest(value.floating);
      case CellKind::string:
      case CellKind::type:
        return std::string(value.view());
      case CellKind::bytes:
        if (!is_valid_utf8(value.view())) return fail("could not convert invalid UTF-8 to string", value);
        return std::string(value.view());
      case CellKind::timestamp:
        return format_time(value.integer, value.extra, value.offset);
      case CellKind::duration:
        return format_seconds(value.integer);
      case CellKind::list:
        return list(value);
      case CellKind::map:
        return map(value);
      case CellKind::error:
      case CellKind::unknown:
        m_failed = value;
        return {};
      default:
        return fail(
            "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
            "and timestamps",
            value);
    }
  }

  /// As an item of a list or map: quoted where it would be ambiguous.
  std::string nested(const Cell& value) {
    switch (value.kind) {
      case CellKind::string:
        return quote(value.view());
      case CellKind::bytes:
        return "b" + quote(text(value));
      case CellKind::timestamp:
        return "timestamp(" + quote(text(value)) + ")";
      case CellKind::duration:
        return "duration(" + quote(text(value)) + ")";
      case CellKind::type:
        return "type(" + text(value) + ")";
      case CellKind::floating:
        if (!std::isfinite(value.floating)) return quote(format_shortest(value.floating));
        return fmt::format("{:.6f}", value.floating);
      default:
        return text(value);
    }
  }

  bool is_too_long(std::size_t size) {
    if (size > (std::size_t{64} << 20U)) {
      m_run.room(SIZE_MAX / 2);  // stops the run for lack of memory
      m_failed = m_run.stopped_cell();
    }
    return m_failed.is_failure();
  }

  std::string list(const Cell& value) {
    std::string out = "[";
    for (std::size_t i = 0; i < list_size(value) && !is_too_long(out.size()); ++i) {
      if (i > 0) out += ", ";
      out += nested(list_item(m_run, value, i));
    }
    return out + "]";
  }

  std::string map(const Cell& value) {
    std::vector<std::pair<std::string, std::string>> entries;
    std::size_t size = 0;
    for (std::size_t i = 0; i < map_size(value) && !is_too_long(size); ++i) {
      const auto entry = map_entry(m_run, value, i);
      if (!entry.fits) continue;
      entries.emplace_back(nested(entry.key), nested(entry.value));
      size += entries.back().first.size() + entries.back().second.size();
    }
    std::sort(entries.begin(), entries.end());
    std::string out = "{";
    for (const auto& [key, text] : entries) {
      if (out.size() > 1) out += ", ";
      out += key;
      out += ':';
      out += text;
    }
    return out + "}";
  }

  std::string decimal(const Cell& value) {
    if (value.is(CellKind::integer)) return fmt::format_int(value.integer).str();
    if (value.is(CellKind::uinteger)) return fmt::format_int(value.uinteger).str();
    return fail("decimal clause can only be used on integers", value);
  }

  std::optional<double> number(const Cell& value, std::string_view clause) {
    if (value.is(CellKind::floating)) return value.floating;
    if (value.is(CellKind::string)) {
      if (value.view() == "NaN") return std::nan("");
      if (value.view() == "Infinity") return HUGE_VAL;
      if (value.view() == "-Infinity") return -HUGE_VAL;
    }
    fail(fmt::format("{} clause can only be used on doubles", clause), value);
    return std::nullopt;
  }

  static std::string special(double value) {
    if (std::isnan(value)) return "NaN";
    return value > 0 ? "\xE2\x88\x9E" : "-\xE2\x88\x9E";
  }

  std::string fixed(const Cell& value, int precision) {
    const auto given = number(value, "fixed-point");
    if (!given) return {};
    if (!std::isfinite(*given)) return special(*given);
    auto digits = fmt::format("{:.{}f}", *given, precision);
    const auto first = digits.front() == '-' ? 1 : 0;
    auto at = static_cast<std::ptrdiff_t>(std::min(digits.find('.'), digits.size())) - 3;
    for (; at > first; at -= 3) digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
  }

  std::string scientific(const Cell& value, int precision) {
    static constexpr std::string_view raised[] = {"\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",
                                                  "\xE2\x81\xB4", "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7",
                                                  "\xE2\x81\xB8", "\xE2\x81\xB9"};
    const auto given = number(value, "scientific");
    if (!given) return {};
    if (!std::isfinite(*given)) return special(*given);
    const auto digits = fmt::format("{:.{}e}", *given, precision);
    const auto e = digits.find('e');
    auto out = digits.substr(0, e);
    out += "\xC3\x97";
    out += "10";
    for (const char c : std::string_view(digits).substr(e + 1)) {
      if (c == '-') out += "\xE2\x81\xBB";
      if (is_digit(c)) out += raised[c - '0'];
    }
    return out;
  }

  template <class Print>
  std::string integer(const Cell& value, Print print) {
    if (value.is(CellKind::uinteger)) return print(value.uinteger);
    const bool negative = value.integer < 0;
    const auto magnitude = negative ? 0 - value.uinteger : value.uinteger;
    return (negative ? "-" : "") + print(magnitude);
  }

  std::string binary(const Cell& value) {
    if (value.is(CellKind::boolean)) return value.boolean ? "1" : "0";
    if (!value.is(CellKind::integer) && !value.is(CellKind::uinteger)) {
      return fail("only integers and bools can be formatted as binary", value);
    }
    return integer(value, [](std::uint64_t n) { return fmt::format("{:b}", n); });
  }

  std::string hex(const Cell& value, bool upper) {
    std::string out;
    if (value.is(CellKind::string) || value.is(CellKind::bytes)) {
      for (const char c : value.view()) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    } else if (value.is(CellKind::integer) || value.is(CellKind::uinteger)) {
      out = integer(value, [](std::uint64_t n) { return fmt::format("{:x}", n); });
    } else {
      return fail("only integers, byte buffers, and strings can be formatted as hex", value);
    }
    if (upper) std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'a' ? c - 32 : c; });
    return out;
  }

  std::string octal(const Cell& value) {
    if (!value.is(CellKind::integer) && !value.is(CellKind::uinteger)) {
      return fail("octal clause can only be used on integers", value);
    }
    return integer(value, [](std::uint64_t n) { return fmt::format("{:o}", n); });
  }

  Run& m_run;
  Cell m_failed;
};

}  // namespace

std::vector<FormatPiece> parse_format(std::string_view format, std::string& mistake) {
  std::vector<FormatPiece> pieces;
  while (!format.empty()) {
    const auto percent = format.find('%');
    FormatPiece piece{format.substr(0, percent), std::nullopt};
    format.remove_prefix(std::min(piece.text.size() + 1, format.size()));
    if (percent == std::string_view::npos) {
      pieces.push_back(piece);
      break;
    }
    if (!format.empty() && format.front() == '%') {
      pieces.push_back(piece);
      pieces.push_back({format.substr(0, 1), std::nullopt});
      format.remove_prefix(1);
      continue;
    }
    piece.clause.emplace();
    if (!format.empty() && format.front() == '.') {
      int precision = 0;
      const auto [end, error] = std::from_chars(format.data() + 1, format.data() + format.size(), precision);
      if (error != std::errc() || precision < 0 || precision > k_most_precision) {
        mistake = "could not parse formatting clause: error while parsing precision";
        return {};
      }
      piece.clause->precision = precision;
      format.remove_prefix(static_cast<std::size_t>(end - format.data()));
    }
    if (format.empty()) {
      mistake = piece.clause->precision ? "could not find end of precision specifier" : "unexpected end of string";
      return {};
    }
    piece.clause->verb = format.front();
    if (std::string_view("sdfebxXo").find(format.front()) == std::string_view::npos) {
      mistake = fmt::format("could not parse formatting clause: unrecognized formatting clause \"{}\"", format.front());
      return {};
    }
    format.remove_prefix(1);
    pieces.push_back(piece);
  }
  return pieces;
}

Cell format_string(Run& run, std::string_view format, const Cell& arguments) {
  std::string mistake;
  const auto pieces = parse_format(format, mistake);
  if (!mistake.empty()) return run.error(mistake);
  TextBuilder out(run);
  Formatter formatter(run);
  std::size_t next = 0;
  for (const auto& piece : pieces) {
    out.add(piece.text);
    if (!piece.clause) continue;
    if (next >= list_size(arguments)) return run.error(fmt::format("index {} out of range", next));
    out.add(formatter.clause(*piece.clause, list_item(run, arguments, next++)));
    if (formatter.failed().is_failure()) return formatter.failed();
  }
  return out.finish();
}

}  // namespace mlk::inline v0::cel
