#include "syntax.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::templates::syntax {
namespace {

using document::Entry;
using document::Node;

constexpr std::array k_directives = {k_if, k_then, k_else, k_each, k_as, k_do, k_merge};

bool is_known(std::string_view key) noexcept {
  return std::find(k_directives.begin(), k_directives.end(), key) != k_directives.end();
}

class Checker {
 public:
  void visit(const Node& node, bool is_item) {
    if (node.is_string()) return scalar(node);
    for (const Node& item : node.items()) visit(item, true);
    if (!node.is_mapping()) return;
    keys(node, is_item);
    for (const Entry& entry : node.entries()) {
      if (entry.key == k_if || entry.key == k_each || entry.key == k_as) continue;
      if (entry.key == k_merge) {
        merged(entry.value);
      } else {
        // What stands under $then, $else and $do in a list is spliced into that list.
        visit(entry.value, is_item && is_directive(entry.key));
      }
    }
  }

  std::vector<Diagnostic> take() && { return std::move(m_found); }

 private:
  void report(std::string_view code, const Place& place, std::string message, std::string fix) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.place = place;
    diagnostic.message = std::move(message);
    diagnostic.fix = std::move(fix);
    m_found.push_back(std::move(diagnostic));
  }

  void scalar(const Node& node) {
    const std::string_view text = *node.as_string();
    if (text.find("{{") == std::string_view::npos) return;
    if (const auto path = placeholder(text); path && is_path(*path)) return;
    report(
        "template-placeholder", node.place(), fmt::format("'{}' isn't wholly a placeholder", text),
        "write '{{path}}' alone, names joined by dots; a text with something around a value is made by whoever gives "
        "the values");
  }

  void path(const Node& node, std::string_view key) {
    if (node.is_string() && is_path(*node.as_string())) return;
    report("template-placeholder", node.place(), fmt::format("'{}' takes a path", key),
           fmt::format("write names joined by dots, without braces: '{}: service.port'", key));
  }

  void merged(const Node& node) {
    if (node.is_string()) return path(node, k_merge);
    if (node.is_mapping()) return visit(node, false);
    for (const Node& item : node.items()) merged(item);
    if (!node.is_sequence()) path(node, k_merge);
  }

  void keys(const Node& node, bool is_item) {
    std::size_t plain = 0;
    for (const Entry& entry : node.entries()) {
      if (entry.key.find("{{") != std::string::npos) {
        report("template-placeholder", entry.key_place, fmt::format("a placeholder can't be a key: '{}'", entry.key),
               "give a map as a value and bring its entries in with '$merge: path'");
      }
      if (!is_directive(entry.key)) {
        ++plain;
      } else if (!is_known(entry.key)) {
        const std::vector<std::string> known(k_directives.begin(), k_directives.end());
        report("template-key", entry.key_place,
               fmt::format("unknown key '{}'{}", entry.key, did_you_mean(entry.key, known)),
               "keys that begin with '$' are: " + join(known, ", "));
      }
    }
    condition(node, plain);
    loop(node, is_item, plain);
    if (const Node* merge = node.find(k_merge); merge != nullptr && is_item && node.size() == 1) {
      if (merge->is_mapping())
        report("template-key", merge->place(), "a list takes items, not the entries of a map", "");
    }
  }

  void condition(const Node& node, std::size_t plain) {
    const Node* asked = node.find(k_if);
    const bool has_branch = node.find(k_then) != nullptr || node.find(k_else) != nullptr;
    if (asked != nullptr) path(*asked, k_if);
    if (has_branch && asked == nullptr) {
      report("template-key", node.place(), "'$then' and '$else' need '$if' beside them", "");
    }
    if (has_branch && (plain > 0 || node.find(k_merge) != nullptr || node.find(k_do) != nullptr)) {
      report("template-key", node.place(), "other keys beside '$then' or '$else' would be lost",
             "put them under '$then'");
    }
  }

  void loop(const Node& node, bool is_item, std::size_t plain) {
    const Node* each = node.find(k_each);
    const Node* name = node.find(k_as);
    if (each == nullptr) {
      if (name != nullptr || node.find(k_do) != nullptr) {
        report("template-key", node.place(), "'$as' and '$do' need '$each' beside them", "");
      }
      return;
    }
    path(*each, k_each);
    if (!is_item) {
      report("template-key", each->place(), "'$each' stands only in an item of a list",
             "for the entries of a map use '$merge: path'");
    }
    if (name != nullptr && (!name->is_string() || !is_path(*name->as_string()) ||
                            name->as_string()->find('.') != std::string_view::npos)) {
      report("template-key", name->place(), "'$as' takes one name", "");
    }
    if (node.find(k_do) != nullptr && (plain > 0 || node.find(k_merge) != nullptr)) {
      report("template-key", node.place(), "other keys beside '$do' would be lost", "put them under '$do'");
    }
  }

  std::vector<Diagnostic> m_found;
};

}  // namespace

bool is_directive(std::string_view key) noexcept { return key.starts_with('$'); }

bool is_path(std::string_view text) noexcept {
  bool is_start = true;
  for (const char c : text) {
    const bool is_name =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!is_name && (c != '.' || is_start)) return false;
    is_start = c == '.';
  }
  return !is_start;
}

std::optional<std::string_view> placeholder(std::string_view text) noexcept {
  if (!text.starts_with("{{") || !text.ends_with("}}") || text.size() < 5) return std::nullopt;
  return trim(text.substr(2, text.size() - 4));
}

std::vector<Diagnostic> check(const Node& tree) {
  Checker checker;
  checker.visit(tree, false);
  return std::move(checker).take();
}

}  // namespace mlk::templates::syntax
