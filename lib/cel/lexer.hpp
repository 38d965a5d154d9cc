#pragma once

#include "issues.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

enum class TokenKind : std::uint8_t {
  end,
  identifier,
  quoted_identifier,
  integer,
  unsigned_integer,
  floating,
  string,
  bytes,
  k_true,
  k_false,
  k_null,
  k_in,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  left_paren,
  right_paren,
  dot,
  comma,
  minus,
  exclamation,
  question,
  colon,
  plus,
  star,
  slash,
  percent,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t offset = 0;
  std::string_view text;
};

/// All tokens of a text, the last of kind `end`. What is no token is reported and left out.
std::vector<Token> tokenize(std::string_view source, Issues& issues);

}  // namespace mlk::inline v0::cel
