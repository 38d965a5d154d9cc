#pragma once

#include "finder.hpp"

#include <mlk/document/arena.hpp>

#include <string>
#include <string_view>

namespace mlk::inline v0::validation {

/// What walks an object beside what it ought to look like. Nothing is built for the many values that are right: where
/// one stands and its path are worked out when it is wrong.
class Walker {
 public:
  Walker(document::View object, Finder& finder) : m_object(object), m_finder(finder) {}

 protected:
  void report(std::string_view code, document::View node, Finder::Words words);
  /// At the key instead of its value.
  void report_key(std::string_view code, const document::EntryView& entry, Finder::Words words);
  void wrong_type(document::View node, std::string_view wanted);
  /// "'replicas'", "item 3", "the object".
  std::string name_of(document::View node) const;
  document::View object() const noexcept { return m_object; }

 private:
  document::View m_object;
  Finder& m_finder;
};

}  // namespace mlk::inline v0::validation
