#pragma once

#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mlk::inline v0::document {

/// Keys and indexes from the root down.
using PathStep = std::variant<std::string, std::size_t>;
using Path = std::vector<PathStep>;

/// "spec.containers[0].resources.limits['nvidia.com/gpu']"
MLK_API std::string format_path(const Path& path);
MLK_API Result<Path> parse_path(std::string_view text);
/// The node at a path, or a null pointer.
MLK_API const Node* find_path(const Node& root, const Path& path) noexcept;
MLK_API const Node* find_path(const Node& root, std::string_view path);

/// Puts `over` on top of `base`: maps merge, lists are replaced, null removes the key. Places come along.
MLK_API void overlay(Node& base, const Node& over);

/// One place where two trees differ; a side that has nothing there is a null pointer.
struct Difference {
  Path path;
  const Node* before = nullptr;
  const Node* after = nullptr;
};
MLK_API std::vector<Difference> compare(const Node& before, const Node& after);

/// A unified diff of two texts, with `context` lines around each change; empty when they are the same.
MLK_API std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                                 std::string_view after_name, std::size_t context = 3);

/// What a kubectl jsonpath template prints for a node: "{.items[*].metadata.name}", with ranges, filters, slices,
/// quoted keys and text; a mistake in the template is an error at its column.
MLK_API Result<std::string> eval_jsonpath(const Node& root, std::string_view expression);

/// RFC 6902. An operation that can't be applied is an error that names its number and path.
MLK_API Result<void> apply_json_patch(Node& root, const Node& operations);

}  // namespace mlk::inline v0::document
