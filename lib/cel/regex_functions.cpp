#include "functions.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

Cell find(Run& run, Args args) {
  std::string why;
  const auto* regex = run.regex(args[1].view(), why);
  if (regex == nullptr) return run.error("Illegal regex: " + why);
  const auto text = args[0].view();
  re2::StringPiece match;
  if (!regex->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
    return string_cell("");
  }
  return string_cell({match.data(), match.size()});
}

/// As Go: an empty match next to the one before doesn't count.
Cell find_all(Run& run, Args args) {
  std::string why;
  const auto* regex = run.regex(args[1].view(), why);
  if (regex == nullptr) return run.error("Illegal regex: " + why);
  const auto text = args[0].view();
  const auto most = args.size() == 3 ? args[2].integer : -1;
  ListBuilder out(run);
  std::size_t at = 0;
  std::size_t last_end = std::string_view::npos;
  while (at <= text.size() && (most < 0 || static_cast<std::int64_t>(out.size()) < most) && run.step()) {
    re2::StringPiece match;
    if (!regex->Match({text.data(), text.size()}, at, text.size(), re2::RE2::UNANCHORED, &match, 1)) break;
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    const auto end = begin + match.size();
    if (!match.empty() || begin != last_end) out.add(string_cell(text.substr(begin, match.size())));
    last_end = end;
    at = end;
    if (!match.empty()) continue;
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return out.finish();
}

constexpr std::array k_declarations = {
    Declaration{"find", "string_find_string", true, "string, string", "string", find},
    Declaration{"findAll", "string_find_all_string", true, "string, string", "list(string)", find_all},
    Declaration{"findAll", "string_find_all_string_int", true, "string, string, int", "list(string)", find_all},
};

}  // namespace

std::span<const Declaration> regex_functions() { return k_declarations; }

}  // namespace mlk::inline v0::cel
