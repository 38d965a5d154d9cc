#include "source_text.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

#include <fmt/format.h>

namespace mlk::inline v0::document {

namespace {

constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

/// Whether only comments, directives and empty lines stand here: what may come before the first `---`.
bool is_preamble(std::string_view text) {
  for (const auto& line : split(text, '\n')) {
    const auto content = trim(line);
    if (!content.empty() && content[0] != '#' && content[0] != '%') return false;
  }
  return true;
}

std::vector<Chunk> split_at_separators(std::string_view text, const FileName& file,
                                       std::vector<Diagnostic>& diagnostics) {
  std::vector<Chunk> chunks;
  std::size_t chunk_begin = 0;
  std::uint32_t chunk_line = 0;
  std::uint32_t line = 0;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto content = text.substr(at, end - at);
    if (content.starts_with("---")) {
      chunks.push_back({text.substr(chunk_begin, at - chunk_begin), chunk_line});
      chunk_begin = std::min(end + 1, text.size());
      chunk_line = line + 1;
      const auto rest = trim(content.substr(3));
      if (!rest.empty() && rest[0] != '#') {
        Diagnostic problem;
        problem.code = "yaml-separator";
        const auto length = static_cast<std::uint32_t>(display_width(content));
        problem.place = {file, line + 1, 1, line + 1, length + 1};
        problem.message = fmt::format("'{}' separates no documents", printable(content.substr(0, 60)));
        problem.why = "only white space or a comment may follow '---' on its line";
        problem.fix = "put what follows '---' on a line of its own";
        diagnostics.push_back(std::move(problem));
      }
    }
    at = end + 1;
  }
  chunks.push_back({text.substr(chunk_begin), chunk_line});
  return chunks;
}

std::string count_of_documents(std::size_t count) {
  return count == 0 ? std::string("is empty") : fmt::format("has {} documents", count);
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with(k_byte_order_mark) ? text.substr(k_byte_order_mark.size()) : text;
}

std::vector<Chunk> split_documents(std::string_view text, const FileName& file, Schema schema,
                                   std::vector<Diagnostic>& diagnostics) {
  std::vector<Chunk> chunks = split_at_separators(text, file, diagnostics);
  if (schema == Schema::core && is_preamble(chunks.front().text)) chunks.front().text = {};
  std::erase_if(chunks, [](const Chunk& chunk) { return trim(chunk.text).empty(); });
  return chunks;
}

void read_chunk(const Chunk& chunk, const FileName& file, Schema schema, Documents& out) {
  const bool may_be_json = schema == Schema::kubernetes && trim(chunk.text)[0] == '{';
  if (may_be_json && read_json_stream(chunk, file, out)) return;
  read_yaml_chunk(chunk, file, schema, out);
}

Documents read_yaml(std::string_view text, std::string_view file, Schema schema) {
  Documents out;
  const auto name = std::make_shared<const std::string>(file);
  for (const Chunk& chunk : split_documents(without_byte_order_mark(text), name, schema, out.diagnostics)) {
    read_chunk(chunk, name, schema, out);
  }
  return out;
}

Result<Node> read_yaml_one(std::string_view text, std::string_view file, Schema schema) {
  Documents documents = read_yaml(text, file, schema);
  if (has_error(documents.diagnostics)) {
    const auto& first = documents.diagnostics.front();
    return Error(ErrorKind::failed, fmt::format("{} can't be read: {}", file, first.message))
        .because(first.why)
        .fixed_by(first.fix)
        .with(std::move(documents.diagnostics));
  }
  if (documents.nodes.size() != 1) {
    return Error(ErrorKind::failed, fmt::format("{} {}", file, count_of_documents(documents.nodes.size())))
        .because("exactly one YAML document is wanted here");
  }
  return std::move(documents.nodes.front());
}

}  // namespace mlk::inline v0::document
