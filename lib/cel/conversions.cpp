#include "collections.hpp"
#include "encoding.hpp"
#include "functions.hpp"
#include "literal.hpp"
#include "network.hpp"
#include "time_text.hpp"
#include "utf8.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

Cell conversion_failed(Run& run, const Cell& from, std::string_view to) {
  return run.error(fmt::format("type conversion error from '{}' to '{}'", type_name(from), to));
}

Cell same(Run&, Args args) { return args[0]; }

Cell type_of(Run&, Args args) { return text_cell(CellKind::type, type_name(args[0])); }

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  if (!text.empty() && text.front() == '+' && std::is_signed_v<T>) {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Cell to_int(Run& run, Args args) {
  const auto& from = args[0];
  switch (from.kind) {
    case CellKind::integer:
    case CellKind::timestamp:
    case CellKind::duration:
      return cell(from.integer);
    case CellKind::uinteger:
      if (from.uinteger > static_cast<std::uint64_t>(INT64_MAX)) return error_cell("integer overflow");
      return cell(static_cast<std::int64_t>(from.uinteger));
    case CellKind::floating:
      if (!(from.floating > -9223372036854775808.0 && from.floating < 9223372036854775808.0)) {
        return error_cell("integer overflow");
      }
      return cell(static_cast<std::int64_t>(from.floating));
    default: {
      const auto value = parse_whole<std::int64_t>(from.view());
      return value ? cell(*value) : conversion_failed(run, from, "int");
    }
  }
}

Cell to_uint(Run& run, Args args) {
  const auto& from = args[0];
  switch (from.kind) {
    case CellKind::uinteger:
      return from;
    case CellKind::integer:
      if (from.integer < 0) return error_cell("unsigned integer overflow");
      return cell(static_cast<std::uint64_t>(from.integer));
    case CellKind::floating:
      if (!(from.floating >= 0 && from.floating < 18446744073709551616.0)) {
        return error_cell("unsigned integer overflow");
      }
      return cell(static_cast<std::uint64_t>(from.floating));
    default: {
      const auto value = parse_whole<std::uint64_t>(from.view());
      return value ? cell(*value) : conversion_failed(run, from, "uint");
    }
  }
}

std::optional<double> parse_float(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  auto word = text;
  if (negative || (!text.empty() && text.front() == '+')) word.remove_prefix(1);
  if (!word.empty() && (word.front() == '-' || word.front() == '+')) return std::nullopt;
  const auto value = parse_double(word);  // takes inf, infinity and nan in any case, as Go does
  return value && negative ? -*value : value;
}

Cell to_double(Run& run, Args args) {
  const auto& from = args[0];
  switch (from.kind) {
    case CellKind::floating:
      return from;
    case CellKind::integer:
      return cell(static_cast<double>(from.integer));
    case CellKind::uinteger:
      return cell(static_cast<double>(from.uinteger));
    default: {
      const auto value = parse_float(from.view());
      return value ? cell(*value) : conversion_failed(run, from, "double");
    }
  }
}

Cell to_bool(Run& run, Args args) {
  const auto text = args[0].view();
  for (const auto* word : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == word) return cell(true);
  }
  for (const auto* word : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == word) return cell(false);
  }
  return conversion_failed(run, args[0], "bool");
}

Cell to_string(Run& run, Args args) {
  const auto& from = args[0];
  switch (from.kind) {
    case CellKind::string:
      return from;
    case CellKind::boolean:
      return string_cell(from.boolean ? "true" : "false");
    case CellKind::integer:
      return run.string(fmt::format_int(from.integer).str());
    case CellKind::uinteger:
      return run.string(fmt::format_int(from.uinteger).str());
    case CellKind::floating:
      return run.string(format_shortest(from.floating));
    case CellKind::bytes:
      if (!is_valid_utf8(from.view())) return error_cell("invalid UTF-8 in bytes, cannot convert to string");
      return text_cell(CellKind::string, from.view());
    case CellKind::timestamp:
      return run.string(format_time(from.integer, from.extra, from.offset));
    case CellKind::duration:
      return run.string(format_seconds(from.integer));
    case CellKind::ip:
      return run.string(to_string(from.as<Ip>()));
    case CellKind::cidr:
      return run.string(to_string(from.as<Cidr>()));
    default:
      return no_such_overload();
  }
}

Cell to_bytes(Run&, Args args) { return text_cell(CellKind::bytes, args[0].view()); }

Cell to_timestamp(Run& run, Args args) {
  if (args[0].is(CellKind::integer)) {
    if (!is_in_range(args[0].integer)) return error_cell("timestamp overflow");
    return timestamp_cell(args[0].integer, 0);
  }
  const auto time = parse_time(args[0].view());
  if (!time) return conversion_failed(run, args[0], "google.protobuf.Timestamp");
  return timestamp_cell(time->seconds, time->nanoseconds, time->offset);
}

Cell to_duration(Run& run, Args args) {
  if (args[0].is(CellKind::integer)) return duration_cell(args[0].integer);
  const auto nanoseconds = parse_go_duration(args[0].view());
  return nanoseconds ? duration_cell(*nanoseconds) : conversion_failed(run, args[0], "google.protobuf.Duration");
}

constexpr std::array k_declarations = {
    Declaration{"type", "type", false, "A", "type(A)", type_of},
    Declaration{"dyn", "to_dyn", false, "A", "dyn", same},
    Declaration{"bool", "bool_to_bool", false, "bool", "bool", same},
    Declaration{"bool", "string_to_bool", false, "string", "bool", to_bool},
    Declaration{"bytes", "bytes_to_bytes", false, "bytes", "bytes", same},
    Declaration{"bytes", "string_to_bytes", false, "string", "bytes", to_bytes},
    Declaration{"double", "double_to_double", false, "double", "double", to_double},
    Declaration{"double", "int64_to_double", false, "int", "double", to_double},
    Declaration{"double", "string_to_double", false, "string", "double", to_double},
    Declaration{"double", "uint64_to_double", false, "uint", "double", to_double},
    Declaration{"duration", "duration_to_duration", false, "duration", "duration", same},
    Declaration{"duration", "int64_to_duration", false, "int", "duration", to_duration},
    Declaration{"duration", "string_to_duration", false, "string", "duration", to_duration},
    Declaration{"int", "int64_to_int64", false, "int", "int", to_int},
    Declaration{"int", "double_to_int64", false, "double", "int", to_int},
    Declaration{"int", "duration_to_int64", false, "duration", "int", to_int},
    Declaration{"int", "string_to_int64", false, "string", "int", to_int},
    Declaration{"int", "timestamp_to_int64", false, "timestamp", "int", to_int},
    Declaration{"int", "uint64_to_int64", false, "uint", "int", to_int},
    Declaration{"string", "string_to_string", false, "string", "string", to_string},
    Declaration{"string", "bool_to_string", false, "bool", "string", to_string},
    Declaration{"string", "bytes_to_string", false, "bytes", "string", to_string},
    Declaration{"string", "double_to_string", false, "double", "string", to_string},
    Declaration{"string", "duration_to_string", false, "duration", "string", to_string},
    Declaration{"string", "int64_to_string", false, "int", "string", to_string},
    Declaration{"string", "timestamp_to_string", false, "timestamp", "string", to_string},
    Declaration{"string", "uint64_to_string", false, "uint", "string", to_string},
    Declaration{"string", "ip_to_string", false, "ip", "string", to_string},
    Declaration{"string", "cidr_to_string", false, "cidr", "string", to_string},
    Declaration{"timestamp", "timestamp_to_timestamp", false, "timestamp", "timestamp", same},
    Declaration{"timestamp", "int64_to_timestamp", false, "int", "timestamp", to_timestamp},
    Declaration{"timestamp", "string_to_timestamp", false, "string", "timestamp", to_timestamp},
    Declaration{"uint", "uint64_to_uint64", false, "uint", "uint", to_uint},
    Declaration{"uint", "double_to_uint64", false, "double", "uint", to_uint},
    Declaration{"uint", "int64_to_uint64", false, "int", "uint", to_uint},
    Declaration{"uint", "string_to_uint64", false, "string", "uint", to_uint},
};

}  // namespace

std::span<const Declaration> conversion_functions() { return k_declarations; }

}  // namespace mlk::inline v0::cel
