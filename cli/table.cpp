#include "cli/layout.hpp"
#include "cli/printer.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>
#include <numeric>

namespace mlk::cli {
namespace {

constexpr std::size_t k_gap = 3;       // spaces between columns, as kubectl has
constexpr std::size_t k_shortest = 6;  // a column is never cut below this

struct Layout {
  std::vector<std::size_t> columns;  ///< indexes of the columns that are shown
  std::vector<std::size_t> widths;   ///< of each of them
};

/// Text from elsewhere must not move the cursor, and a cell is one line.
std::string cell_text(const Cell& cell, bool is_exact) {
  std::string text = printable(is_exact && !cell.exact.empty() ? cell.exact : cell.text);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::size_t total_width(const Layout& layout) {
  const std::size_t gaps = layout.widths.empty() ? 0 : (layout.widths.size() - 1) * k_gap;
  return std::accumulate(layout.widths.begin(), layout.widths.end(), gaps);
}

/// Shortens the least important columns until the table fits, or nothing more can be taken.
void fit(Layout& layout, const Table& table, std::size_t width) {
  std::vector<std::size_t> order(layout.columns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return table.columns[layout.columns[a]].priority > table.columns[layout.columns[b]].priority;
  });
  for (const std::size_t at : order) {
    const std::size_t total = total_width(layout);
    const Column& column = table.columns[layout.columns[at]];
    if (total <= width || column.priority == 0) return;
    const std::size_t least = std::max(k_shortest, display_width(column.header));
    if (layout.widths[at] <= least) continue;
    layout.widths[at] -= std::min(total - width, layout.widths[at] - least);
  }
}

Layout lay_out(const Table& table, bool is_wide, std::size_t width) {
  Layout layout;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].is_wide && !is_wide) continue;
    std::size_t widest = display_width(table.columns[i].header);
    for (const auto& row : table.rows) {
      if (i < row.size()) widest = std::max(widest, display_width(cell_text(row[i], width == 0)));
    }
    layout.columns.push_back(i);
    layout.widths.push_back(widest);
  }
  if (width != 0 && !is_wide) fit(layout, table, width);
  return layout;
}

void put_cell(std::string& line, const std::string& text, Style style, Align align, std::size_t width, bool is_last,
              bool with_colour) {
  const std::string shown = cut(text, width);
  const std::size_t used = display_width(shown);
  const std::string space(width > used ? width - used : 0, ' ');
  if (align == Align::right) line += space;
  line += paint(shown, style, with_colour);
  if (is_last) return;
  if (align == Align::left) line += space;
  line.append(k_gap, ' ');
}

}  // namespace

std::string format_table(const Table& table, bool is_wide, std::size_t width, bool with_colour) {
  const Layout layout = lay_out(table, is_wide, width);
  std::string text;
  std::string line;
  auto end_line = [&] {
    text += line.substr(0, line.find_last_not_of(' ') + 1);
    text += '\n';
    line.clear();
  };
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    const Column& column = table.columns[layout.columns[i]];
    put_cell(line, column.header, Style::bold, column.align, std::max(layout.widths[i], display_width(column.header)),
             i + 1 == layout.columns.size(), with_colour);
  }
  end_line();
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
      const std::size_t at = layout.columns[i];
      const Cell none;
      const Cell& cell = at < row.size() ? row[at] : none;
      put_cell(line, cell_text(cell, width == 0), cell.style, table.columns[at].align, layout.widths[i],
               i + 1 == layout.columns.size(), with_colour);
    }
    end_line();
  }
  return text;
}

}  // namespace mlk::cli
