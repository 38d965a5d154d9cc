#pragma once

#include "ast.hpp"
#include "issues.hpp"

#include <optional>
#include <string_view>

namespace mlk::inline v0::cel {

/// Syntax that an environment allows beyond the language's core.
struct SyntaxOptions {
  bool bind = false;                ///< cel.bind
  bool quoted_identifiers = false;  ///< a.`b-c`
};

/// Nesting and length that cel-go allows.
inline constexpr std::size_t k_max_depth = 250;
inline constexpr std::size_t k_max_code_points = 100'000;

/// Parses and expands macros; nothing when there are issues.
std::optional<Ast> parse(std::string_view source, const SyntaxOptions& options, Issues& issues);

}  // namespace mlk::inline v0::cel
