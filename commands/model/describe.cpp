#include "commands/model/describe.hpp"

#include "cli/report.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mlk::commands {

using document::Node;

std::string count_text(std::uint64_t count) {
  constexpr std::pair<double, const char*> k_steps[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}};
  for (const auto& [step, unit] : k_steps) {
    if (static_cast<double>(count) >= step) return fmt::format("{:.1f} {}", static_cast<double>(count) / step, unit);
  }
  return std::to_string(count);
}

std::string facts_text(const model::Facts& facts) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view text) {
    if (!text.empty()) parts.push_back(printable(text));
  };
  add(facts.architecture.empty() ? facts.model_type : facts.architecture);
  add(to_string(facts.format));
  if (facts.parameters) add(count_text(*facts.parameters) + " parameters");
  add(facts.dtype);
  add(facts.quantization);
  add(facts.license);
  return parts.empty() ? "of a kind that isn't known" : join(parts, " · ");
}

Node facts_record(const model::Facts& facts) {
  const auto number = [](const std::optional<std::uint64_t>& value) {
    return value ? Node(static_cast<std::int64_t>(*value)) : Node();
  };
  Node by_dtype = Node::mapping();
  for (const auto& [dtype, count] : facts.parameters_by_dtype) by_dtype.set(dtype, static_cast<std::int64_t>(count));
  return Node::mapping({{"format", cli::or_null(to_string(facts.format))},
                        {"architecture", cli::or_null(facts.architecture)},
                        {"type", cli::or_null(facts.model_type)},
                        {"dtype", cli::or_null(facts.dtype)},
                        {"quantization", cli::or_null(facts.quantization)},
                        {"parameters", number(facts.parameters)},
                        {"parametersByDtype", facts.parameters_by_dtype.empty() ? Node() : std::move(by_dtype)},
                        {"contextLengthTokens", number(facts.context_length)},
                        {"license", cli::or_null(facts.license)},
                        {"weightSizeBytes", static_cast<std::int64_t>(facts.weight_size)}});
}

model::Facts facts_of(const oci::Annotations& annotations) {
  const auto text = [&](const char* key) {
    const auto found = annotations.find(std::string("dev.mlk.model.") + key);
    return found == annotations.end() ? std::string() : found->second;
  };
  const auto number = [&](const char* key) -> std::optional<std::uint64_t> {
    const auto digits = text(key);
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return !digits.empty() && code == std::errc() && end == digits.data() + digits.size() ? std::optional(value)
                                                                                          : std::nullopt;
  };
  model::Facts out;
  for (int format = 0; format <= static_cast<int>(model::Format::flax); ++format) {
    if (to_string(static_cast<model::Format>(format)) == text("format"))
      out.format = static_cast<model::Format>(format);
  }
  out.architecture = text("architecture");
  out.model_type = text("type");
  out.dtype = text("dtype");
  out.quantization = text("quantization");
  out.license = text("license");
  out.parameters = number("parameters");
  out.context_length = number("context-length");
  out.weight_size = number("weight-size").value_or(0);
  return out;
}

std::string fields_text(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::size_t width = 0;
  for (const auto& field : fields) width = std::max(width, field.first.size());
  std::vector<std::string> lines;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) lines.push_back("  " + name + std::string(width - name.size() + 2, ' ') + printable(value));
  }
  return join(lines, "\n");
}

}  // namespace mlk::commands
