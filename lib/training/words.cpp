#include "words.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::training {

namespace {
constexpr std::size_t k_longest_message = 500;
}

std::string fit_message(std::string_view text) {
  std::string fit(trim(text));
  std::replace(fit.begin(), fit.end(), '\n', ' ');
  if (fit.size() <= k_longest_message) return printable(fit);
  std::size_t end = k_longest_message;
  // Not in the middle of a character.
  while (end > 0 && (static_cast<unsigned char>(fit[end]) & 0xC0U) == 0x80U) --end;
  return printable(fit.substr(0, end)) + "…";
}

std::string counted(std::int64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

}  // namespace mlk::training
