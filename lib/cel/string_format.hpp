#pragma once

#include "cell.hpp"
#include "run.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

/// 'text %d'.format([…]), as version 2 of cel-go's string library formats: with the digit grouping and exponents of
/// its English locale.
Cell format_string(Run& run, std::string_view format, const Cell& arguments);

/// One clause of a format: "%.2f" has the verb f and the precision 2.
struct FormatClause {
  char verb = 's';
  std::optional<int> precision;
};

struct FormatPiece {
  std::string_view text;  ///< in front of the clause
  std::optional<FormatClause> clause;
};

/// Takes a format apart; `mistake` is set where it can't be.
std::vector<FormatPiece> parse_format(std::string_view format, std::string& mistake);

}  // namespace mlk::inline v0::cel
