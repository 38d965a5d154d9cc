#include "named_format.hpp"

#include "encoding.hpp"
#include "functions.hpp"
#include "time_text.hpp"
#include "url.hpp"

#include <algorithm>
#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;
using Mistakes = std::vector<std::string>;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z'); }
bool is_label_end(char c) { return is_lower(c) || is_digit(c); }
bool is_label_middle(char c) { return is_label_end(c) || c == '-'; }

bool is_label(std::string_view text) {
  return !text.empty() && is_label_end(text.front()) && is_label_end(text.back()) &&
         std::all_of(text.begin(), text.end(), is_label_middle);
}

bool is_subdomain(std::string_view text) {
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

void check_length(Mistakes& mistakes, std::string_view text, std::size_t most) {
  if (text.size() > most) mistakes.push_back("must be no more than " + std::to_string(most) + " bytes");
}

/// A prefix may end with a dash, because more is to come.
std::string without_trailing_dash(std::string_view text) {
  std::string masked(text);
  if (masked.size() > 1 && masked.back() == '-') masked.back() = 'a';
  return masked;
}

Mistakes label(std::string_view text) {
  Mistakes mistakes;
  check_length(mistakes, text, 63);
  if (!is_label(text)) {
    mistakes.emplace_back(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
        "with an alphanumeric character");
  }
  return mistakes;
}
Mistakes label_prefix(std::string_view text) { return label(without_trailing_dash(text)); }

Mistakes subdomain(std::string_view text) {
  Mistakes mistakes;
  check_length(mistakes, text, 253);
  if (!is_subdomain(text)) {
    mistakes.emplace_back(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
        "and end with an alphanumeric character");
  }
  return mistakes;
}
Mistakes subdomain_prefix(std::string_view text) { return subdomain(without_trailing_dash(text)); }

Mistakes label_1035(std::string_view text) {
  Mistakes mistakes;
  check_length(mistakes, text, 63);
  if (!is_label(text) || !is_lower(text.front())) {
    mistakes.emplace_back(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
        "character, and end with an alphanumeric character");
  }
  return mistakes;
}
Mistakes label_1035_prefix(std::string_view text) { return label_1035(without_trailing_dash(text)); }

bool is_name(std::string_view text) {
  return !text.empty() && is_letter_or_digit(text.front()) && is_letter_or_digit(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

Mistakes qualified_name(std::string_view text) {
  Mistakes mistakes;
  auto name = text;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    name = text.substr(slash + 1);
    if (slash == 0) mistakes.emplace_back("prefix part must be non-empty");
    for (const auto& mistake : subdomain(text.substr(0, slash))) {
      if (slash > 0) mistakes.push_back("prefix part " + mistake);
    }
  }
  if (name.empty()) mistakes.emplace_back("name part must be non-empty");
  if (name.size() > 63) mistakes.emplace_back("name part must be no more than 63 bytes");
  if (!is_name(name)) {
    mistakes.emplace_back(
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character");
  }
  return mistakes;
}

Mistakes label_value(std::string_view text) {
  Mistakes mistakes;
  check_length(mistakes, text, 63);
  if (!text.empty() && !is_name(text)) {
    mistakes.emplace_back(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
        "and end with an alphanumeric character");
  }
  return mistakes;
}

Mistakes uri(std::string_view text) {
  std::string why;
  if (parse_url(text, why)) return {};
  return {std::move(why)};
}

Mistakes uuid(std::string_view text) {
  std::size_t digits = 0;
  bool plain = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '-') {
      plain = plain && (digits == 8 || digits == 12 || digits == 16 || digits == 20);
    } else {
      plain = plain && (is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
      ++digits;
    }
  }
  if (plain && digits == 32) return {};
  return {"does not match the UUID format"};
}

Mistakes byte(std::string_view text) {
  if (!text.empty() && decode_base64(text)) return {};
  return {"invalid base64"};
}

Mistakes date(std::string_view text) {
  if (text.size() == 10 && parse_any_time(text)) return {};
  return {"invalid date"};
}

Mistakes datetime(std::string_view text) {
  if (text.size() > 10 && parse_any_time(text)) return {};
  return {"invalid datetime"};
}

constexpr std::array<NamedFormat, 13> k_formats = {{
    {"dns1123Label", label, 30},
    {"dns1123Subdomain", subdomain, 60},
    {"dns1035Label", label_1035, 30},
    {"qualifiedName", qualified_name, 60},
    {"dns1123LabelPrefix", label_prefix, 30},
    {"dns1123SubdomainPrefix", subdomain_prefix, 60},
    {"dns1035LabelPrefix", label_1035_prefix, 30},
    {"labelValue", label_value, 40},
    {"uri", uri, 1104},
    {"uuid", uuid, 72},
    {"byte", byte, 84},
    {"date", date, 72},
    {"datetime", datetime, 72},
}};

Cell named(Run& run, Args args) {
  const auto* format = find_named_format(args[0].view());
  return format == nullptr ? Run::none() : run.optional(object_cell(CellKind::format, format));
}

template <std::size_t index>
Cell constant(Run&, Args) {
  return object_cell(CellKind::format, &k_formats[index]);
}

Cell validate(Run& run, Args args) {
  const auto mistakes = args[0].as<NamedFormat>().find_mistakes(args[1].view());
  if (mistakes.empty()) return Run::none();
  ListBuilder list(run);
  for (const auto& mistake : mistakes) list.add(run.string(mistake));
  return run.optional(list.finish());
}

template <std::size_t... index>
constexpr std::array<Function, sizeof...(index)> constants(std::index_sequence<index...>) {
  return {constant<index>...};
}

}  // namespace

const NamedFormat* find_named_format(std::string_view name) {
  const auto* found =
      std::find_if(k_formats.begin(), k_formats.end(), [&](const NamedFormat& format) { return format.name == name; });
  return found == k_formats.end() ? nullptr : found;
}

std::span<const Declaration> format_functions() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    out.reserve(k_formats.size());
    for (const auto& format : k_formats) out.push_back("format." + std::string(format.name));
    return out;
  }();
  static const std::vector<Declaration> all = [] {
    constexpr auto functions = constants(std::make_index_sequence<k_formats.size()>());
    std::vector<Declaration> declarations = {
        {"format.named", "format-named", false, "string", "optional(format)", named},
        {"validate", "format-validate", true, "format, string", "optional(list(string))", validate}};
    for (std::size_t i = 0; i < functions.size(); ++i) {
      declarations.push_back({names[i], "format-constant", false, "", "format", functions[i]});
    }
    return declarations;
  }();
  return all;
}

}  // namespace mlk::inline v0::cel
