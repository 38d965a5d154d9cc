#include "codecs.hpp"
#include "gpu_words.hpp"

#include <mlk/placement/catalogue.hpp>

#include <algorithm>

namespace mlk::project {

using document::Node;

namespace {

constexpr std::string_view k_grammar =
    R"(write 8, h100:8, h100/1g.10gb:1, ">=40GB:1", or {model, count, slice, memory, share, vendor})";

GpuRequest from_ask(const placement::GpuAsk& ask) {
  GpuRequest request;
  request.count = GpuCount(ask.count);
  request.model = ask.model;
  request.slice = ask.slice;
  request.memory = ask.memory;
  if (!ask.model.empty()) request.vendor = ask.vendor;
  return request;
}

/// "h100/1g.10gb:8" of the long form's words, so that both forms are judged by the same catalogue.
std::string short_form(const GpuRequest& request) {
  std::string text = request.model;
  if (!request.slice.empty()) text += "/" + request.slice;
  if (text.empty()) return std::to_string(request.count.count);
  return fmt::format("{}:{}", text, request.count.count);
}

}  // namespace

Result<GpuRequest> parse_gpus(std::string_view text) {
  const auto whole = trim(text);
  const bool has_count =
      whole.find(':') != std::string_view::npos || whole.find_first_not_of("0123456789") == std::string_view::npos;
  if (whole.empty() || !has_count) {
    return Error(ErrorKind::usage, fmt::format("gpus '{}' says no number of GPUs", printable(whole)))
        .fixed_by(std::string(k_grammar));
  }
  auto ask = placement::parse_gpu_ask(whole);
  if (!ask) {
    Error error = std::move(ask).error();
    if (error.fix.empty()) error.fix = k_grammar;
    return error;
  }
  return from_ask(*ask);
}

std::string format_gpus(const GpuRequest& request) {
  std::string text = short_form(request);
  if (request.model.empty() && request.slice.empty() && request.memory) {
    placement::GpuAsk ask;
    ask.count = request.count.count;
    ask.memory = request.memory;
    text = placement::to_string(ask);
  } else if (request.memory) {
    text += fmt::format(" (at least {})", format_bytes(*request.memory));
  }
  if (request.sharing != GpuSharing::none) text += fmt::format(" ({})", word_for(request.sharing));
  if (request.model.empty() && !request.vendor.empty()) text += fmt::format(" ({})", request.vendor);
  return text;
}

void Codec<GpuRequest>::read(const Node& given, Reader& reader, GpuRequest& out) {
  if (reader.is_opaque(given)) return;
  const Node node = reader.resolved(given);
  if (node.is_mapping()) {
    GpuWords words;
    const std::size_t before = reader.diagnostics().size();
    MapCodec<GpuWords>::read(node, reader, words);
    if (reader.diagnostics().size() != before) return;
    out.count = GpuCount(*words.count);
    out.model = *words.model;
    std::transform(out.model.begin(), out.model.end(), out.model.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    out.slice = *words.slice;
    if (words.memory) out.memory = words.memory->value;
    out.sharing = *words.share;
    out.vendor = *words.vendor;
    if (out.model.empty() && !out.slice.empty()) {
      reader.error("project-missing", words.slice.place, "a slice wants the model that it is cut from");
    } else if (!out.model.empty()) {
      auto checked = placement::parse_gpu_ask(short_form(out));
      if (!checked) return reader.wrong_value(given, checked.error());
      if (out.vendor.empty()) out.vendor = checked->vendor;
    }
    return;
  }
  if (node.is_null() || node.is_sequence() || node.kind() == document::Kind::boolean) {
    return reader.wrong_kind("a number of GPUs, or model:number", given);
  }
  auto request = parse_gpus(node.scalar_text());
  if (!request) return reader.wrong_value(given, request.error());
  out = *request;
}

Node Codec<GpuRequest>::schema(SchemaMode mode) {
  return Node::mapping(
      {{"anyOf", Node::sequence({Node::mapping({{"type", "integer"}, {"minimum", 0}}),
                                 Node::mapping({{"type", "string"}, {"pattern", ":[0-9]+$|^[0-9]+$|\\$\\{env:"}}),
                                 MapCodec<GpuWords>::schema(mode)})}});
}

}  // namespace mlk::project
