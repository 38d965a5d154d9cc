#include "commands/init/draft.hpp"

#include <mlk/core/quantity.hpp>
#include <mlk/document/writer.hpp>

#include <fmt/format.h>

#include <array>
#include <set>

namespace mlk::commands::init {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_gigabyte = 1'000'000'000;
constexpr std::size_t k_comment_column = 46;

/// A value as YAML reads it back: bare where it is harmless, else in double quotes.
std::string scalar(const std::string& text) {
  const bool is_harmless =
      !text.empty() &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-:") ==
          std::string::npos &&
      text.find_first_not_of("0123456789._-:") != std::string::npos && !text.ends_with(':');
  return is_harmless ? text : document::write_json(document::Node(text), 0);
}

/// "key: value        # comment", the comments of a block below each other.
std::string line(int depth, const std::string& text, const std::string& comment = {}) {
  std::string whole = std::string(static_cast<std::size_t>(depth) * 2, ' ') + text;
  if (!comment.empty()) {
    whole.resize(std::max(whole.size() + 2, k_comment_column), ' ');
    whole += "# " + comment;
  }
  return whole + "\n";
}

std::string relative_source(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  const std::string text = relative.generic_string();
  if (relative.empty()) return path.generic_string();
  return text == "." || text.starts_with("..") ? text : "./" + text;
}

std::string facts_comment(const FoundModel& model) {
  const model::Facts& facts = model.facts;
  std::vector<std::string> parts;
  if (model.is_triton_repository) parts.emplace_back("Triton model repository");
  if (!facts.architecture.empty()) parts.push_back(facts.architecture);
  if (facts.parameters) {
    const double millions = static_cast<double>(*facts.parameters) / 1e6;
    parts.push_back(millions < 1000 ? fmt::format("{:.1f} M parameters", millions)
                                    : fmt::format("{:.1f} B parameters", millions / 1000));
  }
  if (!facts.dtype.empty()) parts.push_back(facts.dtype);
  if (facts.format != model::Format::none) parts.emplace_back(model::to_string(facts.format));
  if (facts.weight_size > 0) parts.push_back(format_bytes(Bytes(static_cast<std::int64_t>(facts.weight_size))));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string unique(std::set<std::string>& taken, const std::string& wanted) {
  std::string name = wanted;
  for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}-{}", wanted, n);
  return name;
}

std::string header(const DraftOptions& options) {
  std::string text =
      "# yaml-language-server: $schema=mlk.schema.json      (mlk schema export project > mlk.schema.json)\n";
  text += "mlk: v1\n";
  text += "name: " + scalar(options.name) + "\n";
  if (options.namespace_name.empty()) {
    text += line(0, "# namespace: " + options.name, "else the one of your kubeconfig's context");
  } else {
    text += "namespace: " + scalar(options.namespace_name) + "\n";
  }
  return text;
}

std::string models_section(const Survey& survey, const Draft& draft, const DraftOptions& options) {
  std::string text = "\nmodels:\n";
  for (std::size_t i = 0; i < draft.models.size(); ++i) {
    const DraftedModel& model = draft.models[i];
    text += line(1, model.name + ":");
    text += line(2, "source: " + scalar(model.source), facts_comment(survey.models[i]));
    text += line(2, fmt::format("image: {}/{}", options.registry, model.name), "where 'mlk model pack' puts it");
  }
  return text;
}

std::string job_section(const Survey& survey, const std::string& job, const DraftOptions& options) {
  std::string text = "\njobs:\n" + line(1, job + ":");
  const std::string origin = survey.dockerfile
                                 ? "build it from " + relative_source(*survey.dockerfile, options.folder)
                                 : "an image with PyTorch and " + relative_source(*survey.script, options.folder);
  text += line(2, fmt::format("image: {}/trainer:0.1", options.registry), origin);
  text += line(2, fmt::format("command: [torchrun, {}]", scalar(survey.script->filename().string())),
               "torchrun finds nodes and ranks in its environment");
  text += line(2, "nodes: 1", "2 and more find each other by themselves");
  text += line(2, "gpus: 1", "a node; also h100:8 or \">=40GB:1\"");
  text += line(2, "# volumes: [{claim: datasets, at: /data, read-only: true}]");
  text += line(2, "# checkpoint: {claim: runs, at: /ckpt}");
  return text;
}

std::string services_section(const Survey& survey, const Draft& draft, const DraftOptions& options) {
  std::string text = "\nservices:\n";
  for (std::size_t i = 0; i < draft.models.size(); ++i) {
    const DraftedModel& model = draft.models[i];
    const FoundModel& found = survey.models[i];
    text += line(1, model.name + ":");
    text += line(2, "model: " + model.name);
    if (model.engine == "llama.cpp") {
      text += line(2, fmt::format("engine: {{name: llama.cpp, args: [-m, {}]}}", scalar("/models/" + found.gguf_file)));
    } else if (model.engine == "custom") {
      text += line(2, fmt::format("engine: {{name: custom, image: {}/server:0.1, port: 8080}}", options.registry),
                   "your own server; the model is in /models");
    } else {
      text += line(2, "engine: " + model.engine, "also sglang, triton, llama.cpp, mlserver, tgi, custom");
    }
    text += line(2, fmt::format("gpus: \"{}\"", model.gpus), "room for the weights and their use");
    text += line(2, "scale: {min: 1}");
    text += line(
        2, fmt::format("# expose: {{gateway: infra/public, host: {}.example.com, path: /, auth: none}}", model.name));
    text += line(2, "# rollout: {strategy: canary, steps: [{weight: 25%, pause: 2m}, {weight: 50%, pause: 2m}]}");
  }
  return text;
}

}  // namespace

std::string safe_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_letter = lower >= 'a' && lower <= 'z';
    const bool is_digit = lower >= '0' && lower <= '9';
    if (is_letter || (is_digit && !name.empty())) {
      name += lower;
    } else if (!name.empty() && !name.ends_with('-')) {
      name += '-';
    }
  }
  name = name.substr(0, 40);
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "model" : name;
}

std::string engine_for(const FoundModel& model) {
  if (model.is_triton_repository) return "triton";
  if (model.facts.format == model::Format::gguf) return "llama.cpp";
  const bool is_transformer = model.has_config && (model.facts.format == model::Format::safetensors ||
                                                   model.facts.format == model::Format::pytorch);
  return is_transformer ? "vllm" : "custom";
}

std::string gpus_for(const model::Facts& facts) {
  // Weights, a third of them again for activations and cache, and what the driver and the engine take.
  const std::uint64_t needed = facts.weight_size + facts.weight_size / 3 + 2 * k_gigabyte;
  constexpr std::array<std::uint64_t, 4> k_sizes = {16, 24, 40, 80};
  for (const std::uint64_t size : k_sizes) {
    if (needed <= size * k_gigabyte) return fmt::format(">={}GB:1", size);
  }
  std::uint64_t count = 2;
  while (count < 8 && needed > count * 80 * k_gigabyte) count *= 2;
  return fmt::format(">=80GB:{}", count);
}

Draft draft(const Survey& survey, const DraftOptions& options) {
  Draft result;
  std::set<std::string> taken;
  for (const FoundModel& found : survey.models) {
    DraftedModel model;
    model.source = relative_source(found.folder, options.folder);
    const std::string folder_name = model.source == "." ? options.name : found.folder.filename().string();
    model.name = unique(taken, safe_name(folder_name));
    model.engine = options.engine.empty() ? engine_for(found) : options.engine;
    model.gpus = gpus_for(found.facts);
    result.models.push_back(std::move(model));
  }
  if (survey.script) result.job = safe_name(survey.script->stem().string());

  result.text = header(options);
  if (!result.models.empty()) result.text += models_section(survey, result, options);
  if (!result.job.empty()) result.text += job_section(survey, result.job, options);
  if (!result.models.empty()) result.text += services_section(survey, result, options);
  if (result.models.empty() && result.job.empty()) {
    result.text +=
        "\n# Nothing was found to begin with. A training job:\n#\n# jobs:\n#   train:\n"
        "#     image: registry.example.com/nlp/trainer:0.1\n#     command: [torchrun, train.py]\n#     gpus: h100:8\n"
        "#\n# 'mlk init FOLDER' looks at a folder with weights, a training script or a Dockerfile.\n";
  }
  return result;
}

}  // namespace mlk::commands::init
