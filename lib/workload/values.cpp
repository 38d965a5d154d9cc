#include "values.hpp"

#include <fmt/format.h>

namespace mlk::workload {

using document::Entry;
using document::Node;

void Problems::report(Severity severity, std::string_view code, const Place& place, std::string_view key,
                      std::string message, std::string why, std::string fix) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = code;
  diagnostic.place = place;
  diagnostic.path = key.empty() ? m_section : fmt::format("{}.{}", m_section, key);
  diagnostic.message = std::move(message);
  diagnostic.why = std::move(why);
  diagnostic.fix = std::move(fix);
  m_found.push_back(std::move(diagnostic));
}

void Problems::error(std::string_view code, const Place& place, std::string_view key, std::string message,
                     std::string why, std::string fix) {
  report(Severity::error, code, place, key, std::move(message), std::move(why), std::move(fix));
}

void Problems::warn(std::string_view code, const Place& place, std::string_view key, std::string message,
                    std::string why, std::string fix) {
  report(Severity::warning, code, place, key, std::move(message), std::move(why), std::move(fix));
}

void Problems::add(Error error, const Place& place) {
  if (error.diagnostics.empty()) {
    report(Severity::error, "section", place, "", std::move(error.what), std::move(error.why), std::move(error.fix));
    return;
  }
  for (Diagnostic& diagnostic : error.diagnostics) m_found.push_back(std::move(diagnostic));
}

Error Problems::failure() && {
  std::size_t errors = 0;
  for (const Diagnostic& diagnostic : m_found) errors += diagnostic.severity == Severity::error ? 1 : 0;
  return Error(ErrorKind::failed,
               fmt::format("{} can't be turned into manifests: {} error{}", m_section, errors, errors == 1 ? "" : "s"))
      .with(std::move(m_found));
}

Node located(Node node, const Place& place) {
  if (node.is_sequence()) {
    for (Node& item : node.items_mutable()) item = located(std::move(item), place);
  }
  if (node.is_mapping()) {
    for (Entry& entry : node.entries_mutable()) {
      if (entry.key_place.file == nullptr) entry.key_place = place;
      entry.value = located(std::move(entry.value), place);
    }
  }
  if (node.place().file == nullptr) node.set_place(place);
  return node;
}

Node text_node(const project::Text& text) { return text->empty() ? Node() : value_node(text); }

Node value_node(const project::Text& text) {
  Node node(*text);
  node.set_place(text.place);
  return node;
}

Node list_node(const project::TextList& list) {
  Node node = Node::sequence();
  for (const project::Text& item : list) node.push_back(value_node(item));
  if (!list.empty()) node.set_place(list.front().place);
  return or_null(std::move(node));
}

Node number_node(const project::Located<std::int64_t>& number) {
  Node node(*number);
  node.set_place(number.place);
  return node;
}

Node seconds_node(const project::Maybe<Milliseconds>& duration) {
  if (!duration) return {};
  Node node(static_cast<std::int64_t>((duration->value.count() + 999) / 1000));
  node.set_place(duration->place);
  return node;
}

Node or_null(Node node) { return node.empty() ? Node() : std::move(node); }

}  // namespace mlk::workload
