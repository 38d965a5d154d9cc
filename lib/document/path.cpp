#include <mlk/document/tree.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mlk::inline v0::document {

namespace {

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '$';
  });
}

Error bad_path(std::string_view text, std::size_t at, std::string_view reason) {
  return Error(ErrorKind::usage, fmt::format("'{}' is no path: {} at character {}", text, reason, at + 1))
      .fixed_by("write for example spec.containers[0].resources.limits['nvidia.com/gpu']");
}

/// What stands between brackets: an index, or a key in quotes, in which a backslash takes the next character as it is.
Result<PathStep> parse_bracket(std::string_view text, std::size_t& at) {
  const std::size_t begin = at++;
  if (at < text.size() && (text[at] == '\'' || text[at] == '"')) {
    const char quote = text[at++];
    std::string key;
    for (; at < text.size() && text[at] != quote; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      key += text[at];
    }
    if (at + 1 >= text.size() || text[at + 1] != ']') return bad_path(text, begin, "a quoted key that isn't closed");
    at += 2;
    return PathStep(std::move(key));
  }
  std::size_t index = 0;
  const auto [end, status] = std::from_chars(text.data() + at, text.data() + text.size(), index);
  if (status != std::errc() || end == text.data() + text.size() || *end != ']') {
    return bad_path(text, begin, "an index that is no number");
  }
  at = static_cast<std::size_t>(end - text.data()) + 1;
  return PathStep(index);
}

}  // namespace

std::string format_path(const Path& path) {
  std::string out;
  for (const auto& step : path) {
    if (const auto* index = std::get_if<std::size_t>(&step)) {
      out += fmt::format("[{}]", *index);
      continue;
    }
    const auto& key = *std::get_if<std::string>(&step);
    if (is_plain_key(key)) {
      if (!out.empty()) out += '.';
      out += key;
      continue;
    }
    out += "['";
    for (const char c : key) {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
    out += "']";
  }
  return out;
}

Result<Path> parse_path(std::string_view text) {
  Path path;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '[') {
      MLK_TRY(auto step, parse_bracket(text, at));
      path.push_back(std::move(step));
      continue;
    }
    if (text[at] == '.') {
      if (path.empty() || ++at == text.size()) return bad_path(text, at, "a point with no key");
    } else if (!path.empty()) {
      return bad_path(text, at, "no point before the key");
    }
    const std::size_t end = std::min(text.find_first_of(".[", at), text.size());
    if (end == at) return bad_path(text, at, "an empty key");
    path.emplace_back(std::string(text.substr(at, end - at)));
    at = end;
  }
  return path;
}

const Node* find_path(const Node& root, const Path& path) noexcept {
  const Node* node = &root;
  for (const auto& step : path) {
    if (const auto* index = std::get_if<std::size_t>(&step)) {
      node = *index < node->items().size() ? &node->items()[*index] : nullptr;
    } else {
      node = node->find(*std::get_if<std::string>(&step));
    }
    if (node == nullptr) return nullptr;
  }
  return node;
}

const Node* find_path(const Node& root, std::string_view path) {
  const auto parsed = parse_path(path);
  return parsed ? find_path(root, *parsed) : nullptr;
}

}  // namespace mlk::inline v0::document
