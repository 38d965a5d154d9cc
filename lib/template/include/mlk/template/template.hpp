#pragma once

#include <mlk/core/result.hpp>
#include <mlk/document/node.hpp>

#include <string>
#include <string_view>

namespace mlk::templates {

/// A manifest template: a YAML tree with places for values, never a text that values are pasted into.
///
///   "{{service.port}}"      a scalar that is wholly a path is replaced by the value's node, with its type and its
///                           place; where the value is null, its key or list item is left out
///   $if: path               in a mapping: the mapping is left out where the value is null, false, an empty text, an
///                           empty list or an empty map
///   $then: …  $else: …      beside $if, and then nothing else: what stands there instead
///   $each: path  $as: name  an item of a list: once for each item of the value, which is called `name` (else "item");
///                           with $do, what stands under it is the item; $if is asked for each
///   $merge: path, tree or list of both
///                           in a mapping: its entries come here (a key written out wins over a merged one); as the
///                           only key of a list's item: its items come here
///
/// In a list, a list under $then, $else or $do gives its items one by one. A path that the values don't have is an
/// error at its line and column: a value that may be absent is given as null.
class Template {
 public:
  /// Reads a template. `file` is the name in places and errors. Codes: those of the YAML reader, template-key (an
  /// unknown `$` key, or one in the wrong place) and template-placeholder (text beside a placeholder, a bad path).
  static Result<Template> parse(std::string_view text, std::string_view file);

  /// The template with `values` filled in. Every unknown path and every value of the wrong kind is reported at once
  /// (codes template-path, template-value). What stands in the template keeps its place there, what comes from
  /// `values` keeps its own.
  Result<document::Node> render(const document::Node& values) const;

  const document::Node& tree() const noexcept { return m_tree; }

 private:
  Template(document::Node tree, std::string file) : m_tree(std::move(tree)), m_file(std::move(file)) {}

  document::Node m_tree;
  std::string m_file;
};

}  // namespace mlk::templates
