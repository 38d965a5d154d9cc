#include "source_text.hpp"

#include <mlk/document/reader.hpp>

#include <fmt/format.h>
#include <simdjson.h>

namespace mlk::inline v0::document {

namespace {

Node convert(const simdjson::dom::element& element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY: {
      const simdjson::dom::array array = element.get_array().value_unsafe();
      std::vector<Node> items;
      items.reserve(array.size());
      for (const auto child : array) items.push_back(convert(child));
      return Node::sequence(std::move(items));
    }
    case element_type::OBJECT: {
      const simdjson::dom::object object = element.get_object().value_unsafe();
      Node node = Node::mapping();
      auto& entries = node.entries_mutable();
      entries.reserve(object.size());
      for (const auto field : object) entries.push_back({std::string(field.key), {}, convert(field.value)});
      return node;
    }
    case element_type::STRING:
      return Node(element.get_string().value_unsafe());
    case element_type::INT64:
      return Node(element.get_int64().value_unsafe());
    case element_type::UINT64:
      return Node(static_cast<double>(element.get_uint64().value_unsafe()));
    case element_type::DOUBLE:
      return Node(element.get_double().value_unsafe());
    case element_type::BOOL:
      return Node(element.get_bool().value_unsafe());
    case element_type::NULL_VALUE:
      break;
  }
  return Node();
}

}  // namespace

Result<Node> read_json(std::string_view text) {
  simdjson::dom::parser parser;
  if (const auto error = parser.allocate(0, k_max_depth)) {
    return Error(ErrorKind::failed, "the JSON can't be read").because(simdjson::error_message(error));
  }
  simdjson::dom::element root;
  const simdjson::error_code error = parser.parse(text.data(), text.size()).get(root);
  if (error == simdjson::SUCCESS) return convert(root);
  if (error == simdjson::NUMBER_ERROR) {
    // Integers beyond 64 bits: the slower reader takes them as floating numbers.
    Documents documents;
    const auto file = std::make_shared<const std::string>("json");
    const Chunk chunk{text, 0};
    if (read_json_stream(chunk, file, documents) && documents.nodes.size() == 1 && !has_error(documents.diagnostics)) {
      return std::move(documents.nodes.front());
    }
  }
  return Error(ErrorKind::failed, "the JSON can't be read")
      .because(text.empty() ? std::string("the text is empty") : std::string(simdjson::error_message(error)));
}

}  // namespace mlk::inline v0::document
