#pragma once

#include <mlk/core/diagnostic.hpp>
#include <mlk/document/node.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What `$` keys and placeholders look like: shared by reading and filling in.
namespace mlk::templates::syntax {

inline constexpr std::string_view k_if = "$if";
inline constexpr std::string_view k_then = "$then";
inline constexpr std::string_view k_else = "$else";
inline constexpr std::string_view k_each = "$each";
inline constexpr std::string_view k_as = "$as";
inline constexpr std::string_view k_do = "$do";
inline constexpr std::string_view k_merge = "$merge";
inline constexpr std::string_view k_default_item = "item";

/// Whether it is one of the keys above, or looks as if it were meant to be one.
bool is_directive(std::string_view key) noexcept;

/// A dotted path: names of [A-Za-z0-9_-], joined by dots.
bool is_path(std::string_view text) noexcept;

/// The path inside "{{path}}" (blanks inside the braces allowed), or nothing.
std::optional<std::string_view> placeholder(std::string_view text) noexcept;

/// Everything that is wrong with the `$` keys and placeholders of a tree.
std::vector<Diagnostic> check(const document::Node& tree);

}  // namespace mlk::templates::syntax
