#include "collections.hpp"
#include "functions.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

Cell size(Run&, Args args) { return cell(static_cast<std::int64_t>(cost_size(args[0]))); }

Cell contains(Run&, Args args) { return cell(args[0].view().find(args[1].view()) != std::string_view::npos); }
Cell starts_with(Run&, Args args) { return cell(args[0].view().starts_with(args[1].view())); }
Cell ends_with(Run&, Args args) { return cell(args[0].view().ends_with(args[1].view())); }

Cell matches(Run& run, Args args) {
  std::string why;
  const auto* regex = run.regex(args[1].view(), why);
  if (regex == nullptr) return run.error("error parsing regexp: " + why);
  const auto text = args[0].view();
  return cell(re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex));
}

constexpr std::array k_declarations = {
    Declaration{"size", "size_bytes", false, "bytes", "int", size},
    Declaration{"size", "bytes_size", true, "bytes", "int", size},
    Declaration{"size", "size_list", false, "list(A)", "int", size},
    Declaration{"size", "list_size", true, "list(A)", "int", size},
    Declaration{"size", "size_map", false, "map(A, B)", "int", size},
    Declaration{"size", "map_size", true, "map(A, B)", "int", size},
    Declaration{"size", "size_string", false, "string", "int", size},
    Declaration{"size", "string_size", true, "string", "int", size},
    Declaration{"contains", "contains_string", true, "string, string", "bool", contains},
    Declaration{"endsWith", "ends_with_string", true, "string, string", "bool", ends_with},
    Declaration{"startsWith", "starts_with_string", true, "string, string", "bool", starts_with},
    Declaration{"matches", "matches", false, "string, string", "bool", matches},
    Declaration{"matches", "matches_string", true, "string, string", "bool", matches},
};

}  // namespace

std::span<const Declaration> text_functions() { return k_declarations; }

}  // namespace mlk::inline v0::cel
