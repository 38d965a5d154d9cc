#include "reader.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

#include <fmt/format.h>

namespace mlk::project {

using document::Node;

Reader::Step::Step(Reader& reader, std::string_view key, const Place& place) : m_reader(reader) {
  m_reader.m_path.emplace_back(std::in_place_type<std::string>, key);
  m_reader.m_places.push_back(&place);
}

Reader::Step::Step(Reader& reader, std::size_t index, const Place& place) : m_reader(reader) {
  m_reader.m_path.emplace_back(std::in_place_type<std::size_t>, index);
  m_reader.m_places.push_back(&place);
}

Reader::Step::~Step() {
  m_reader.m_path.pop_back();
  m_reader.m_places.pop_back();
}

Diagnostic& Reader::error(std::string code, const Place& place, std::string message, std::string fix) {
  Diagnostic problem;
  problem.code = std::move(code);
  problem.place = place.file != nullptr ? place : this->place();
  problem.path = path();
  problem.message = std::move(message);
  problem.fix = std::move(fix);
  return m_diagnostics.emplace_back(std::move(problem));
}

void Reader::wrong_kind(std::string_view wanted, const Node& node) {
  if (is_opaque(node)) return;
  std::string message = fmt::format("{} is wanted here, not {}", wanted, describe(node.kind()));
  if (node.is_null()) message = fmt::format("{} is wanted here, and nothing is given", wanted);
  error("project-type", node.place(), std::move(message));
}

void Reader::wrong_value(const Node& node, const Error& error) {
  if (is_opaque(node)) return;
  const bool is_private = m_expanded.contains(path());
  auto& problem = this->error("project-value", node.place(),
                              is_private ? fmt::format("{} doesn't fit here", quote(node)) : error.what, error.fix);
  if (!is_private) problem.why = error.why;
}

std::string Reader::quote(const Node& node) const {
  const auto found = m_expanded.find(path());
  if (found != m_expanded.end()) return fmt::format("what '{}' expands to", found->second);
  return fmt::format("'{}'", printable(node.scalar_text()));
}

bool Reader::is_opaque(const Node& node) const {
  return m_is_unexpanded && node.as_string().value_or("").find("${env:") != std::string_view::npos;
}

Node Reader::resolved(const Node& node) const {
  if (!node.is_string() || !m_expanded.contains(path())) return node;
  auto documents = document::read_yaml(*node.as_string(), "", document::Schema::core);
  if (documents.nodes.size() != 1 || !documents.diagnostics.empty()) return node;
  Node value = std::move(documents.nodes.front());
  if (value.is_mapping() || value.is_sequence()) return node;
  value.set_place(node.place());
  return value;
}

}  // namespace mlk::project
