#pragma once

#include <mlk/cel/issue.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

/// Collects the mistakes of one expression; after 30 the rest is dropped, for whoever writes hostile input reads none.
class Issues {
 public:
  explicit Issues(std::string_view source) : m_source(source) {}

  void add(std::uint32_t offset, std::string message);
  bool empty() const noexcept { return m_list.empty(); }
  /// In the order of the text.
  std::vector<Issue> take();

 private:
  std::string_view m_source;
  std::vector<Issue> m_list;
};

}  // namespace mlk::inline v0::cel
