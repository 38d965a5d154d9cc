#include "walker.hpp"

#include <fmt/format.h>

namespace mlk::inline v0::validation {

using document::View;

void Walker::report(std::string_view code, View node, Finder::Words words) {
  m_finder.report(code, Spot::of(m_object, node), std::move(words));
}

void Walker::report_key(std::string_view code, const document::EntryView& entry, Finder::Words words) {
  const Place place = entry.key.place();
  if (!place.is_known()) return report(code, entry.value, std::move(words));
  m_finder.report(code, m_object, entry.value.path_from(m_object), place, std::move(words));
}

std::string Walker::name_of(View node) const {
  const document::Path path = node.path_from(m_object);
  if (path.empty()) return "the object";
  if (const auto* key = std::get_if<std::string>(&path.back())) return fmt::format("'{}'", *key);
  return fmt::format("item {}", std::get<std::size_t>(path.back()));
}

void Walker::wrong_type(View node, std::string_view wanted) {
  Finder::Words words;
  words.message = fmt::format("{} is {}, not {}", name_of(node), describe(node.kind()), wanted);
  const bool is_scalar = !node.is_mapping() && !node.is_sequence();
  if (is_scalar && !node.is_string() && wanted == "a string") {
    words.fix = "put it in quotes";
  } else if (node.is_string() && (wanted == "an integer" || wanted == "a boolean")) {
    words.fix = "write it without quotes";
  }
  report("field-type", node, std::move(words));
}

}  // namespace mlk::inline v0::validation
