#include "collections.hpp"
#include "encoding.hpp"
#include "functions.hpp"
#include "string_format.hpp"
#include "utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

Cell out_of_range(Run& run, std::int64_t index) { return run.error(fmt::format("index out of range: {}", index)); }

/// The text between two code points.
std::string_view slice(std::string_view text, std::size_t begin, std::size_t end) {
  const auto from = byte_offset(text, begin);
  const auto length = byte_offset(text.substr(from), end - begin);
  return text.substr(from, length);
}

Cell char_at(Run& run, Args args) {
  const auto size = static_cast<std::int64_t>(code_points(args[0].view()));
  const auto index = args[1].integer;
  if (index < 0 || index > size) return out_of_range(run, index);
  if (index == size) return string_cell("");
  return string_cell(slice(args[0].view(), static_cast<std::size_t>(index), static_cast<std::size_t>(index) + 1));
}

Cell index_of(Run& run, Args args) {
  const auto text = args[0].view();
  const auto part = args[1].view();
  const auto offset = args.size() == 3 ? args[2].integer : 0;
  if (part.empty()) return cell(offset);
  if (offset < 0) return out_of_range(run, offset);
  if (static_cast<std::size_t>(offset) >= text.size()) return cell(std::int64_t{-1});
  const auto found = text.find(part, byte_offset(text, static_cast<std::size_t>(offset)));
  if (found == std::string_view::npos) return cell(std::int64_t{-1});
  return cell(static_cast<std::int64_t>(code_points(text.substr(0, found))));
}

Cell last_index_of(Run& run, Args args) {
  const auto text = args[0].view();
  const auto part = args[1].view();
  const auto size = static_cast<std::int64_t>(code_points(text));
  const auto offset = args.size() == 3 ? args[2].integer : std::max<std::int64_t>(size - 1, 0);
  if (part.empty()) return cell(args.size() == 3 ? offset : size);
  if (offset < 0) return out_of_range(run, offset);
  if (offset >= size) return cell(std::int64_t{-1});
  const auto found = text.rfind(part, byte_offset(text, static_cast<std::size_t>(offset)));
  if (found == std::string_view::npos) return cell(std::int64_t{-1});
  return cell(static_cast<std::int64_t>(code_points(text.substr(0, found))));
}

template <char first, char last, int difference>
Cell change_case(Run& run, Args args) {
  const auto text = args[0].view();
  auto* memory = run.room(text.size());
  if (memory == nullptr) return run.stopped_cell();
  std::transform(text.begin(), text.end(), memory,
                 [](char c) { return c >= first && c <= last ? static_cast<char>(c + difference) : c; });
  return string_cell({memory, text.size()});
}

Cell replace(Run& run, Args args) {
  auto text = args[0].view();
  const auto from = args[1].view();
  const auto to = args[2].view();
  auto left = args.size() == 4 ? args[3].integer : -1;
  TextBuilder out(run);
  while (left != 0 && !run.is_stopped()) {
    const auto found = text.find(from);
    if (found == std::string_view::npos) break;
    out.add(text.substr(0, found));
    out.add(to);
    text.remove_prefix(found + from.size());
    --left;
    if (!from.empty()) continue;
    // Nothing is found before every character and at the end.
    if (text.empty()) break;
    const auto whole = text;
    take_code_point(text);
    out.add(whole.substr(0, whole.size() - text.size()));
  }
  out.add(text);
  return out.finish();
}

Cell split(Run& run, Args args) {
  auto text = args[0].view();
  const auto separator = args[1].view();
  const auto most = args.size() == 3 ? args[2].integer : -1;
  ListBuilder parts(run);
  if (most == 0) return parts.finish();
  while (most < 0 || static_cast<std::int64_t>(parts.size()) < most - 1) {
    if (run.is_stopped()) break;
    if (separator.empty()) {
      const auto whole = text;
      if (code_points(text.substr(0, 5)) <= 1) break;
      take_code_point(text);
      parts.add(string_cell(whole.substr(0, whole.size() - text.size())));
      continue;
    }
    const auto found = text.find(separator);
    if (found == std::string_view::npos) break;
    parts.add(string_cell(text.substr(0, found)));
    text.remove_prefix(found + separator.size());
  }
  if (!separator.empty() || !text.empty()) parts.add(string_cell(text));
  return parts.finish();
}

Cell substring(Run& run, Args args) {
  const auto size = static_cast<std::int64_t>(code_points(args[0].view()));
  const auto begin = args[1].integer;
  const auto end = args.size() == 3 ? args[2].integer : size;
  if (args.size() == 3 && begin > end) {
    return run.error(fmt::format("invalid substring range. start: {}, end: {}", begin, end));
  }
  if (begin < 0 || begin > size) return out_of_range(run, begin);
  if (end < 0 || end > size) return out_of_range(run, end);
  return string_cell(slice(args[0].view(), static_cast<std::size_t>(begin), static_cast<std::size_t>(end)));
}

/// Unicode's White_Space.
bool is_space(std::uint32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

Cell trim(Run&, Args args) {
  auto text = args[0].view();
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (auto rest = text; !rest.empty();) {
    const auto at = text.size() - rest.size();
    if (is_space(take_code_point(rest))) continue;
    begin = std::min(begin, at);
    end = text.size() - rest.size();
  }
  return string_cell(end == 0 ? std::string_view() : text.substr(begin, end - begin));
}

Cell join(Run& run, Args args) {
  TextBuilder out(run);
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const auto item = list_item(run, args[0], i);
    if (item.is_failure()) return item;
    if (!item.is(CellKind::string)) return run.error(fmt::format("join: invalid input: {}", type_name(item)));
    if (i > 0 && args.size() == 2) out.add(args[1].view());
    out.add(item.view());
  }
  return out.finish();
}

Cell quoted(Run& run, Args args) {
  TextBuilder out(run);
  out.add('"');
  for (auto rest = args[0].view(); !rest.empty();) {
    static constexpr std::string_view values = "\a\b\f\n\r\t\v\\\"";
    static constexpr std::string_view names = "abfnrtv\\\"";
    const auto code_point = take_code_point(rest);
    const auto at = code_point < 0x80 ? values.find(static_cast<char>(code_point)) : std::string_view::npos;
    if (at != std::string_view::npos) {
      out.add('\\');
      out.add(names[at]);
    } else {
      std::string bytes;
      append_utf8(bytes, code_point);
      out.add(bytes);
    }
  }
  out.add('"');
  return out.finish();
}

Cell format(Run& run, Args args) { return format_string(run, args[0].view(), args[1]); }

// clang-format off
constexpr std::array k_declarations = {
    Declaration{"charAt", "string_char_at_int", true, "string, int", "string", char_at},
    Declaration{"indexOf", "string_index_of_string", true, "string, string", "int", index_of},
    Declaration{"indexOf", "string_index_of_string_int", true, "string, string, int", "int", index_of},
    Declaration{"lastIndexOf", "string_last_index_of_string", true, "string, string", "int", last_index_of},
    Declaration{"lastIndexOf", "string_last_index_of_string_int", true, "string, string, int", "int", last_index_of},
    Declaration{"lowerAscii", "string_lower_ascii", true, "string", "string", change_case<'A', 'Z', 32>},
    Declaration{"upperAscii", "string_upper_ascii", true, "string", "string", change_case<'a', 'z', -32>},
    Declaration{"replace", "string_replace_string_string", true, "string, string, string", "string", replace},
    Declaration{"replace", "string_replace_string_string_int", true, "string, string, string, int", "string", replace},
    Declaration{"split", "string_split_string", true, "string, string", "list(string)", split},
    Declaration{"split", "string_split_string_int", true, "string, string, int", "list(string)", split},
    Declaration{"substring", "string_substring_int", true, "string, int", "string", substring},
    Declaration{"substring", "string_substring_int_int", true, "string, int, int", "string", substring},
    Declaration{"trim", "string_trim", true, "string", "string", trim},
    Declaration{"join", "list_join", true, "list(string)", "string", join},
    Declaration{"join", "list_join_string", true, "list(string), string", "string", join},
    Declaration{"format", "string_format", true, "string, list(dyn)", "string", format},
    Declaration{"strings.quote", "strings_quote", false, "string", "string", quoted},
};
// clang-format on

}  // namespace

std::span<const Declaration> string_functions() { return k_declarations; }

}  // namespace mlk::inline v0::cel
