#include <mlk/core/text.hpp>
#include <mlk/model/ignore.hpp>

#include <algorithm>

namespace mlk::model {

namespace {

/// What never belongs to a model: version control, secrets, caches, and mlk's own files, which change with a pack.
constexpr std::string_view k_always[] = {
    ".git",      ".hg/",         ".svn/",      ".gitattributes", ".gitignore",   ".gitmodules",
    ".env",      ".env.*",       ".cache/",    ".venv/",         "__pycache__/", ".ipynb_checkpoints/",
    ".DS_Store", "*.incomplete", ".mlkignore", "/mlk.yaml",      "/mlk.lock",    "/.mlk/",
};

/// "[abc]", "[a-z]", "[!a]" at the front of the pattern: whether it takes the character. `end` is where it closes, 0
/// when it doesn't close.
bool matches_class(std::string_view pattern, char c, std::size_t& end) {
  std::size_t i = 1;
  const bool is_negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (is_negated) ++i;
  bool is_in = false;
  const auto first = i;
  for (; i < pattern.size() && (pattern[i] != ']' || i == first); ++i) {
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      is_in = is_in || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 2;
    } else {
      is_in = is_in || pattern[i] == c;
    }
  }
  end = i < pattern.size() ? i + 1 : 0;
  return is_in != is_negated && c != '/';
}

/// Whether one step of the pattern, other than a star, takes the character; `used` is how long that step is.
bool takes(std::string_view pattern, char c, std::size_t& used) {
  used = 1;
  if (pattern[0] == '?') return c != '/';
  if (pattern[0] == '[') {
    std::size_t end = 0;
    const bool is_match = matches_class(pattern, c, end);
    if (end != 0) {
      used = end;
      return is_match;
    }
  }
  if (pattern[0] == '\\' && pattern.size() > 1) {
    used = 2;
    return pattern[1] == c;
  }
  return pattern[0] == c;
}

/// Matches without recursion: only the last star of each sort is ever tried again, so the cost is bounded by the
/// product of the lengths.
bool glob(std::string_view pattern, std::string_view text) {
  constexpr auto k_none = std::string_view::npos;
  std::size_t p = 0, t = 0, star = k_none, star_text = 0, deep = k_none, deep_text = 0;
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern.substr(p).starts_with("**")) {
      p += 2;
      if (p < pattern.size() && pattern[p] == '/') ++p;  // "**/x" is also "x"
      deep = p;
      deep_text = t;
      star = k_none;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    std::size_t used = 0;
    if (t < text.size() && p < pattern.size() && takes(pattern.substr(p), text[t], used)) {
      p += used;
      ++t;
    } else if (star != k_none && star_text < text.size() && text[star_text] != '/') {
      t = ++star_text;
      p = star;
    } else if (deep != k_none && deep_text < text.size()) {
      t = ++deep_text;
      p = deep;
      star = k_none;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

IgnoreRules::IgnoreRules(std::string_view text) {
  for (const auto line : k_always) add(line);
  for (const auto& line : split(text, '\n')) add(line);
}

void IgnoreRules::add(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.starts_with('#')) return;
  Rule rule;
  if (line.starts_with('!')) {
    rule.takes_in = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.folders_only = true;
    line.remove_suffix(1);
  }
  rule.anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return;
  rule.pattern = std::string(line);
  m_rules.push_back(std::move(rule));
}

bool IgnoreRules::matches(std::string_view path, bool is_folder) const {
  const auto name = path.substr(path.rfind('/') + 1);
  const auto rule = std::find_if(m_rules.rbegin(), m_rules.rend(), [&](const Rule& r) {
    return (is_folder || !r.folders_only) && glob(r.pattern, r.anchored ? path : name);
  });
  return rule != m_rules.rend() && !rule->takes_in;
}

}  // namespace mlk::model
