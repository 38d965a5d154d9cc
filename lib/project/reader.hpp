#pragma once

#include <mlk/core/diagnostic.hpp>
#include <mlk/document/node.hpp>
#include <mlk/document/tree.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::project {

/// By path: the text as it stood in the file, of every value that `${env:…}` was expanded in.
using Expanded = std::map<std::string, std::string, std::less<>>;

/// What a reading of mlk.yaml carries along: where it is, what was wrong, and which values came from the environment
/// (those may be secrets and are never quoted).
class Reader {
 public:
  Reader(std::vector<Diagnostic>& diagnostics, const Expanded& expanded)
      : m_diagnostics(diagnostics), m_expanded(expanded) {}

  /// `${env:…}` stands unexpanded in an overlay that isn't applied, and where a variable is missing: such values can't
  /// be judged.
  void set_unexpanded() { m_is_unexpanded = true; }

  /// One step down, for as long as it lives.
  class Step {
   public:
    Step(Reader& reader, std::string_view key, const Place& place);
    Step(Reader& reader, std::size_t index, const Place& place);
    ~Step();
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Reader& m_reader;
  };

  std::string path() const { return document::format_path(m_path); }
  /// Of the key or item that is being read.
  Place place() const { return m_places.empty() ? Place{} : *m_places.back(); }

  Diagnostic& error(std::string code, const Place& place, std::string message, std::string fix = {});
  /// "a list is wanted here, not a string"
  void wrong_kind(std::string_view wanted, const document::Node& node);
  /// An Error of a parser, as a diagnostic at this value.
  void wrong_value(const document::Node& node, const Error& error);

  /// The value in quotes, or where it came from.
  std::string quote(const document::Node& node) const;
  /// Whether the value can't be judged yet.
  bool is_opaque(const document::Node& node) const;
  /// The value, where `${env:…}` gave a text that the field wants as a number or a boolean.
  document::Node resolved(const document::Node& node) const;

  const std::vector<Diagnostic>& diagnostics() const noexcept { return m_diagnostics; }

 private:
  std::vector<Diagnostic>& m_diagnostics;
  const Expanded& m_expanded;
  document::Path m_path;
  std::vector<const Place*> m_places;
  bool m_is_unexpanded = false;
};

}  // namespace mlk::project
