#pragma once

#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::document {

struct JsonPathStep;

/// A path, or a literal on one side of a filter.
struct JsonPathExpression {
  bool from_root = false;  ///< `$`; otherwise the current node
  std::vector<JsonPathStep> steps;
  std::optional<Node> literal;
};

enum class Comparison : std::uint8_t { exists, equal, not_equal, less, less_or_equal, greater, greater_or_equal };

struct JsonPathFilter {
  JsonPathExpression left;
  Comparison comparison = Comparison::exists;
  JsonPathExpression right;
};

struct JsonPathSlice {
  std::optional<std::int64_t> begin;
  std::optional<std::int64_t> end;
  std::int64_t step = 1;
  bool is_index = false;  ///< one index: `begin`
};

struct JsonPathStep {
  enum class Type : std::uint8_t { field, wildcard, recursive, slices, keys, filter };
  Type type = Type::field;
  std::string name;               ///< of a field
  std::vector<std::string> keys;  ///< ['a','b']
  std::vector<JsonPathSlice> slices;
  std::shared_ptr<const JsonPathFilter> filter;
};

/// A piece of a template: text, a path, or a range over a path with the pieces inside it.
struct JsonPathPiece {
  enum class Type : std::uint8_t { text, path, range };
  Type type = Type::text;
  std::string text;
  JsonPathExpression path;
  std::vector<JsonPathPiece> body;
};

Result<std::vector<JsonPathPiece>> parse_jsonpath(std::string_view text);

}  // namespace mlk::inline v0::document
