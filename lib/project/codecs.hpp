#pragma once

#include "field.hpp"
#include "words.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <type_traits>

namespace mlk::project {

template <>
struct Codec<std::string> : ScalarCodec {
  /// Whole numbers and booleans are taken as text where their text is what the file says.
  static void read(const document::Node& node, Reader& reader, std::string& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<bool> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, bool& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<std::int64_t> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, std::int64_t& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<Bytes> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, Bytes& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<Millicores> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, Millicores& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<Milliseconds> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, Milliseconds& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<Percent> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, Percent& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<CountOrPercent> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, CountOrPercent& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<Limit> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, Limit& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<SecretKey> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, SecretKey& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<ObjectRef> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, ObjectRef& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<GpuRequest> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, GpuRequest& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<RouteAuth> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, RouteAuth& out);
  static document::Node schema(SchemaMode);
};

template <>
struct Codec<ScaleMetric> : ScalarCodec {
  static void read(const document::Node& node, Reader& reader, ScaleMetric& out);
  static document::Node schema(SchemaMode);
};

/// `scale: 3`, or the map.
template <>
struct Codec<Scale> : MapCodec<Scale> {
  static void read(const document::Node& node, Reader& reader, Scale& out);
  static document::Node schema(SchemaMode);
};

/// `engine: vllm`, or the map.
template <>
struct Codec<Engine> : MapCodec<Engine> {
  static void read(const document::Node& node, Reader& reader, Engine& out);
  static document::Node schema(SchemaMode);
};

/// Any tree, kept as it is.
template <>
struct Codec<document::Node> : ScalarCodec {
  static void read(const document::Node& node, Reader&, document::Node& out) { out = node; }
  static document::Node schema(SchemaMode) { return document::Node::mapping(); }
};

/// Says that a word isn't one of an enumeration's.
void report_unknown_word(const document::Node& node, const std::vector<std::string>& known, Reader& reader);
/// {"enum": [...]}
document::Node words_schema(const std::vector<std::string>& known);

template <class E>
requires std::is_enum_v<E>
struct Codec<E> : ScalarCodec {
  static std::vector<std::string> known() {
    std::vector<std::string> out;
    for (const auto& word : words_of(E{})) out.emplace_back(word.text);
    return out;
  }
  static void read(const document::Node& node, Reader& reader, E& out) {
    for (const auto& word : words_of(E{})) {
      if (node.as_string() == word.text) {
        out = word.value;
        return;
      }
    }
    report_unknown_word(node, known(), reader);
  }
  static document::Node schema(SchemaMode) { return words_schema(known()); }
};

/// Splits "a/b" where there is exactly one slash and something on both sides.
std::optional<std::pair<std::string, std::string>> split_pair(std::string_view text);

}  // namespace mlk::project
