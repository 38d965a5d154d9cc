#include "finder.hpp"

#include <mlk/validation/rules.hpp>

#include <algorithm>
#include <cassert>

namespace mlk::inline v0::validation {

void Finder::report(std::string_view code, const Spot& spot, Words words) {
  report(code, spot.root(), spot.path(), spot.place(), std::move(words));
}

void Finder::report(std::string_view code, document::View object, const document::Path& path, const Place& place,
                    Words words) {
  if (std::find(m_options.disabled.begin(), m_options.disabled.end(), code) != m_options.disabled.end()) return;
  const Rule* rule = find_rule(code);
  assert(rule != nullptr && "every code is a rule of the table");
  Diagnostic found;
  found.severity = rule->severity;
  found.code = code;
  found.place = place;
  found.path = document::format_path(path);
  found.object = object_name(object);
  found.message = std::move(words.message);
  found.why = words.why.empty() ? std::string(rule->why) : std::move(words.why);
  found.fix = words.fix.empty() ? std::string(rule->fix) : std::move(words.fix);
  m_found.push_back(std::move(found));
}

void Finder::report_with(std::string_view code, const Spot& spot, const Spot& related, std::string related_message,
                         Words words) {
  const std::size_t before = m_found.size();
  report(code, spot, std::move(words));
  if (m_found.size() > before) m_found.back().related.push_back({related.place(), std::move(related_message)});
}

}  // namespace mlk::inline v0::validation
