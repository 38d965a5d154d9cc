#pragma once

#include <mlk/document/node.hpp>

#include <cstdint>
#include <string_view>

// All that CEL reads of a document goes through here, so that another representation of documents means a change here
// and nowhere else.
namespace mlk::inline v0::cel::document_view {

using Node = document::Node;
using Kind = document::Kind;

inline Kind kind(const Node& node) { return node.kind(); }
inline bool is_null(const Node& node) { return node.is_null(); }
inline bool boolean(const Node& node) { return *node.as_bool(); }
inline std::int64_t integer(const Node& node) { return *node.as_int(); }
inline double floating(const Node& node) { return *node.as_double(); }
inline std::string_view string(const Node& node) { return *node.as_string(); }
inline std::size_t size(const Node& node) { return node.size(); }
inline const Node& item(const Node& list, std::size_t index) { return list.items()[index]; }
inline std::string_view key(const Node& map, std::size_t index) { return map.entries()[index].key; }
inline const Node& value(const Node& map, std::size_t index) { return map.entries()[index].value; }
inline const Node* find(const Node& map, std::string_view key) { return map.find(key); }

}  // namespace mlk::inline v0::cel::document_view
