#include "semver.hpp"

#include <algorithm>
#include <charconv>

namespace mlk::inline v0::cel {
namespace {

bool is_numeric(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  if (!is_numeric(text) || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_until(std::string_view& text, char separator) {
  const auto at = std::min(text.find(separator), text.size());
  const auto taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

bool are_identifiers(std::string_view text, bool leading_zeros) {
  const auto dots = std::count(text.begin(), text.end(), '.');
  for (std::ptrdiff_t i = 0; i <= dots; ++i) {
    const auto word = take_until(text, '.');
    const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (word.empty() || !plain) return false;
    if (!leading_zeros && is_numeric(word) && word.size() > 1 && word.front() == '0') return false;
  }
  return true;
}

template <class T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_numeric = is_numeric(a);
  const bool b_numeric = is_numeric(b);
  if (a_numeric != b_numeric) return a_numeric ? -1 : 1;
  // Without leading zeros the longer number is the larger one.
  if (a_numeric && a.size() != b.size()) return three_way(a.size(), b.size());
  return three_way(a, b);
}

}  // namespace

std::optional<Semver> parse_semver(std::string_view text) {
  const auto plus = text.find('+');
  if (plus != std::string_view::npos) {
    if (!are_identifiers(text.substr(plus + 1), true)) return std::nullopt;
    text = text.substr(0, plus);
  }
  std::string_view prerelease;
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    prerelease = text.substr(dash + 1);
    if (!are_identifiers(prerelease, false)) return std::nullopt;
    text = text.substr(0, dash);
  }
  if (std::count(text.begin(), text.end(), '.') != 2) return std::nullopt;
  const auto major = number(take_until(text, '.'));
  const auto minor = number(take_until(text, '.'));
  const auto patch = number(text);
  if (!major || !minor || !patch) return std::nullopt;
  return Semver{*major, *minor, *patch, prerelease};
}

std::optional<std::string> normalize_semver(std::string_view text) {
  if (!text.empty() && text.front() == 'v') text.remove_prefix(1);
  std::string out;
  int parts = 0;
  bool more = true;
  while (more && parts < 3) {
    const auto dot = parts < 2 ? text.find('.') : std::string_view::npos;
    more = dot != std::string_view::npos;
    auto part = text.substr(0, dot);
    if (more) text.remove_prefix(dot + 1);
    if (part.size() > 1) {
      part.remove_prefix(std::min(part.find_first_not_of('0'), part.size()));
      if (part.empty() || part.front() < '0' || part.front() > '9') out += '0';
    }
    out += part;
    out += '.';
    ++parts;
    if (!more && parts < 3 && part.find_first_of("+-") != std::string_view::npos) return std::nullopt;
  }
  for (; parts < 3; ++parts) out += "0.";
  out.pop_back();
  return out;
}

int compare(const Semver& a, const Semver& b) {
  if (a.major != b.major) return three_way(a.major, b.major);
  if (a.minor != b.minor) return three_way(a.minor, b.minor);
  if (a.patch != b.patch) return three_way(a.patch, b.patch);
  if (a.prerelease.empty() != b.prerelease.empty()) return a.prerelease.empty() ? 1 : -1;
  auto left = a.prerelease;
  auto right = b.prerelease;
  while (!left.empty() && !right.empty()) {
    if (const int order = compare_identifiers(take_until(left, '.'), take_until(right, '.')); order != 0) return order;
  }
  return three_way(left.size(), right.size());
}

}  // namespace mlk::inline v0::cel
