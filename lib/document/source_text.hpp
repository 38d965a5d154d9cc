#pragma once

#include <mlk/core/diagnostic.hpp>
#include <mlk/document/node.hpp>
#include <mlk/document/reader.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mlk::inline v0::document {

/// Deeper than this is refused: libyaml's cost at every token grows with the depth, and nobody nests by hand so far.
inline constexpr std::size_t k_max_depth = 512;

using FileName = std::shared_ptr<const std::string>;

/// One document of a file: its text, and on which line (from 0) of the file it begins.
struct Chunk {
  std::string_view text;
  std::uint32_t first_line = 0;
};

/// A position in a chunk, moved forward only: the column counts characters, so a long line is counted once.
class Position {
 public:
  Position(std::string_view text, std::uint32_t first_line) : m_text(text), m_line(first_line) {}

  void move_to(std::size_t offset) noexcept {
    for (; m_offset < offset && m_offset < m_text.size(); ++m_offset) {
      const char c = m_text[m_offset];
      if (c == '\n') {
        ++m_line;
        m_column = 0;
      } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
        ++m_column;
      }
    }
  }
  std::uint32_t line() const noexcept { return m_line + 1; }
  std::uint32_t column() const noexcept { return m_column + 1; }

 private:
  std::string_view m_text;
  std::size_t m_offset = 0;
  std::uint32_t m_line;
  std::uint32_t m_column = 0;
};

/// Finds a key among the entries of a mapping that grows: small ones are searched, large ones get an index.
class KeyIndex {
 public:
  /// The entry's number, or the number of entries where there is none.
  std::size_t find(const std::vector<Entry>& entries, const std::string& key) {
    constexpr std::size_t k_searched = 16;
    std::size_t at = 0;
    if (entries.size() <= k_searched) {
      while (at < entries.size() && entries[at].key != key) ++at;
      return at;
    }
    for (at = m_index.size(); at < entries.size(); ++at) m_index.emplace(entries[at].key, at);
    const auto found = m_index.find(key);
    return found != m_index.end() ? found->second : entries.size();
  }

 private:
  std::unordered_map<std::string, std::size_t> m_index;
};

std::string_view without_byte_order_mark(std::string_view text);

/// Splits as Kubernetes does, before any parsing: so a document that is broken doesn't hide the next one. Chunks of
/// white space are left out.
std::vector<Chunk> split_documents(std::string_view text, const FileName& file, Schema schema,
                                   std::vector<Diagnostic>& diagnostics);

/// Reads what stands between two separators: a YAML document or a JSON stream.
void read_chunk(const Chunk& chunk, const FileName& file, Schema schema, Documents& out);

/// Reads the objects of a JSON stream. False, with nothing added, where the first of them is no JSON: then the text may
/// be YAML in flow style.
bool read_json_stream(const Chunk& chunk, const FileName& file, Documents& out);

/// Reads the one YAML document of a chunk.
void read_yaml_chunk(const Chunk& chunk, const FileName& file, Schema schema, Documents& out);

}  // namespace mlk::inline v0::document
