#include <mlk/document/tree.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::document {

namespace {

using Lines = std::vector<std::string_view>;

/// Beyond so many changed lines the shortest script isn't worth its memory: the middle is replaced as a whole.
constexpr int k_most_changes = 4000;

/// Lines with their line breaks, so that a missing last one is a difference.
Lines to_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto length = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

/// One line of the script: ' ' kept, '-' removed, '+' added.
struct Edit {
  char kind = ' ';
  std::string_view line;
};

/// Myers' greedy algorithm on the lines between the common beginning and end. Source: "An O(ND) Difference Algorithm".
class Script {
 public:
  Script(const Lines& before, const Lines& after) : m_before(before), m_after(after) {
    const std::size_t shorter = std::min(before.size(), after.size());
    while (m_head < shorter && before[m_head] == after[m_head]) ++m_head;
    while (m_tail < shorter - m_head && before[before.size() - 1 - m_tail] == after[after.size() - 1 - m_tail])
      ++m_tail;
  }

  std::vector<Edit> edits() {
    std::vector<Edit> out;
    for (std::size_t i = 0; i < m_head; ++i) out.push_back({' ', m_before[i]});
    const auto middle = search();
    out.insert(out.end(), middle.rbegin(), middle.rend());
    for (std::size_t i = m_before.size() - m_tail; i < m_before.size(); ++i) out.push_back({' ', m_before[i]});
    return out;
  }

 private:
  int rows() const { return static_cast<int>(m_before.size() - m_head - m_tail); }
  int columns() const { return static_cast<int>(m_after.size() - m_head - m_tail); }
  std::string_view row(int i) const { return m_before[m_head + static_cast<std::size_t>(i)]; }
  std::string_view column(int i) const { return m_after[m_head + static_cast<std::size_t>(i)]; }

  /// The furthest x on each diagonal after `d` changes; kept for every d, to walk back.
  using Frontier = std::vector<int>;
  static std::size_t slot(int diagonal, int d) {
    const int at = diagonal + d;
    return static_cast<std::size_t>(at);
  }

  static bool goes_down(const Frontier& last, int diagonal, int d) {
    return diagonal == -d || (diagonal != d && last[slot(diagonal - 1, d - 1)] < last[slot(diagonal + 1, d - 1)]);
  }

  std::vector<Edit> search() {
    std::vector<Frontier> trace;
    for (int d = 0; d <= std::min(rows() + columns(), k_most_changes); ++d) {
      Frontier frontier(static_cast<std::size_t>(2 * d + 1));
      for (int diagonal = -d; diagonal <= d; diagonal += 2) {
        int x = 0;
        if (d > 0) {
          const Frontier& last = trace.back();
          // The parity of diagonals alternates, so the slots beside this one belong to the last round.
          x = goes_down(last, diagonal, d) ? last[slot(diagonal + 1, d - 1)] : last[slot(diagonal - 1, d - 1)] + 1;
        }
        while (x < rows() && x - diagonal < columns() && x - diagonal >= 0 && row(x) == column(x - diagonal)) ++x;
        frontier[slot(diagonal, d)] = x;
        if (x >= rows() && x - diagonal >= columns()) {
          trace.push_back(std::move(frontier));
          return walk_back(trace);
        }
      }
      trace.push_back(std::move(frontier));
    }
    return replace_all();
  }

  std::vector<Edit> walk_back(const std::vector<Frontier>& trace) const {
    std::vector<Edit> reversed;
    int x = rows();
    int y = columns();
    for (int d = static_cast<int>(trace.size()) - 1; d > 0; --d) {
      const Frontier& last = trace[static_cast<std::size_t>(d - 1)];
      const int diagonal = x - y;
      const bool is_down = goes_down(last, diagonal, d);
      const int from_x = is_down ? last[slot(diagonal + 1, d - 1)] : last[slot(diagonal - 1, d - 1)];
      const int from_y = from_x - (is_down ? diagonal + 1 : diagonal - 1);
      const int start_x = is_down ? from_x : from_x + 1;
      for (; x > start_x; --x, --y) reversed.push_back({' ', row(x - 1)});
      reversed.push_back(is_down ? Edit{'+', column(from_y)} : Edit{'-', row(from_x)});
      x = from_x;
      y = from_y;
    }
    for (; x > 0; --x) reversed.push_back({' ', row(x - 1)});
    return reversed;
  }

  std::vector<Edit> replace_all() const {
    std::vector<Edit> reversed;
    for (int i = columns(); i > 0; --i) reversed.push_back({'+', column(i - 1)});
    for (int i = rows(); i > 0; --i) reversed.push_back({'-', row(i - 1)});
    return reversed;
  }

  const Lines& m_before;
  const Lines& m_after;
  std::size_t m_head = 0;
  std::size_t m_tail = 0;
};

/// "7,3", "7", or "6,0" for no lines after line 6.
std::string format_range(std::size_t first, std::size_t count) {
  if (count == 1) return fmt::format("{}", first);
  return fmt::format("{},{}", count == 0 ? first - 1 : first, count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name, std::size_t context) {
  if (before == after) return {};
  const Lines before_lines = to_lines(before);
  const Lines after_lines = to_lines(after);
  const std::vector<Edit> edits = Script(before_lines, after_lines).edits();
  std::string out = fmt::format("--- {}\n+++ {}\n", before_name, after_name);
  const auto is_change = [](const Edit& e) { return e.kind != ' '; };
  std::size_t line_before = 1;
  std::size_t line_after = 1;
  std::size_t at = 0;
  const auto advance_to = [&](std::size_t end) {
    for (; at < end; ++at) {
      if (edits[at].kind != '+') ++line_before;
      if (edits[at].kind != '-') ++line_after;
    }
  };
  auto change = std::find_if(edits.begin(), edits.end(), is_change);
  while (change != edits.end()) {
    const auto first = static_cast<std::size_t>(change - edits.begin());
    std::size_t last = first;
    for (std::size_t i = first; i < edits.size() && i <= last + 2 * context + 1; ++i) {
      if (is_change(edits[i])) last = i;
    }
    advance_to(first - std::min(first - at, context));
    const std::size_t end = std::min(last + context + 1, edits.size());
    std::string body;
    const std::size_t hunk_before = line_before;
    const std::size_t hunk_after = line_after;
    for (std::size_t i = at; i < end; ++i) {
      body += edits[i].kind;
      body += edits[i].line;
      if (!edits[i].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
    }
    advance_to(end);
    out += fmt::format("@@ -{} +{} @@\n{}", format_range(hunk_before, line_before - hunk_before),
                       format_range(hunk_after, line_after - hunk_after), body);
    change = std::find_if(edits.begin() + static_cast<std::ptrdiff_t>(end), edits.end(), is_change);
  }
  return out;
}

}  // namespace mlk::inline v0::document
