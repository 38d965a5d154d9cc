#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/init/draft.hpp"
#include "commands/init/survey.hpp"

#include <mlk/core/file.hpp>

#include <fmt/format.h>

#include <filesystem>

namespace mlk::commands {
namespace {

using document::Node;
namespace fs = std::filesystem;

struct InitOptions {
  std::optional<std::string> given_folder;
  std::string file = "mlk.yaml";
  std::optional<std::string> name;
  std::string registry;
  std::string engine;
  std::string namespace_name;
  bool force = false;
};

void add_init(Flags& flags, InitOptions& opt) {
  flags.about(
      "Writes a short, commented mlk.yaml here, for what it finds in a folder: models (Hugging Face, safetensors, "
      "GGUF, ONNX, Triton repositories), a training script, a Dockerfile. Only headers of weights are read.");
  flags.example("mlk init", "look at this folder");
  flags.example("mlk init models/minilm --registry registry.example.com/nlp", "a model's folder, and where images go");
  flags.argument(opt.given_folder, "DIR", "the folder to look at; this one when left out")
      .completes(cli::Source::directories);
  flags.option(opt.file, "--file", "FILE", "file to write (default mlk.yaml)").completes(cli::Source::files);
  flags.option(opt.name, "--name", "NAME", "name of the project; else the folder's");
  flags.option(opt.registry, "--registry", "REGISTRY", "where images go: registry.example.com/nlp");
  flags.option(opt.engine, "--engine", "ENGINE", "what serves the models; else by their format")
      .choices({"vllm", "triton", "sglang", "mlserver", "tgi"});
  flags.option(opt.namespace_name, "-n,--namespace", "NAMESPACE", "namespace to write into the file")
      .completes(cli::Source::namespaces);
  flags.option(opt.force, "--force", "replace the file that is there");
}

/// mlk.yaml inside the model's own folder would become part of the model: .mlkignore leaves it out.
Result<bool> leave_file_out(const fs::path& folder, const fs::path& file) {
  const fs::path ignore = folder / ".mlkignore";
  std::error_code ignored;
  if (fs::exists(ignore, ignored)) return false;
  const std::string name = file.filename().string();
  MLK_CHECK(write_file(ignore, fmt::format("/{}\n/{}.lock\n/.mlk/\n", name, file.stem().string())));
  return true;
}

Node describe(const init::Draft& draft) {
  Node models = Node::sequence();
  for (const init::DraftedModel& model : draft.models) {
    models.push_back(Node::mapping(
        {{"name", model.name}, {"source", model.source}, {"engine", model.engine}, {"gpus", model.gpus}}));
  }
  return models;
}

std::string told(const init::Draft& draft, const std::string& file) {
  std::string text = fmt::format("wrote {}", file);
  for (const init::DraftedModel& model : draft.models) {
    text += fmt::format("\n  model/{0}    {1}\n  service/{0}  {2} on {3}", model.name, model.source, model.engine,
                        model.gpus);
  }
  if (!draft.job.empty()) text += fmt::format("\n  job/{}", draft.job);
  text += draft.models.empty() ? "\nnext: edit it, then 'mlk generate'"
                               : fmt::format("\nnext: 'mlk model pack {}', then 'mlk generate'", draft.models[0].name);
  return text;
}

Result<Report> run_init(Context& ctx, const InitOptions& opt) {
  const fs::path file = ctx.resolve(opt.file);
  std::error_code ignored;
  if (fs::exists(file, ignored) && !opt.force) {
    return Error(ErrorKind::failed, fmt::format("'{}' is there already", opt.file))
        .because("a file that may have been edited isn't replaced unasked")
        .fixed_by("add --force to replace it, or --file to write another one");
  }
  const fs::path root = fs::weakly_canonical(ctx.cwd() / opt.given_folder.value_or("."), ignored);
  MLK_TRY(const init::Survey survey, init::survey(root, ctx.stop()));

  init::DraftOptions options;
  options.folder = fs::weakly_canonical(ctx.cwd() / file, ignored).parent_path();
  options.name = init::safe_name(opt.name.value_or(root.filename().string()));
  options.registry = opt.registry.empty() ? "registry.example.com/" + options.name : opt.registry;
  options.engine = opt.engine;
  options.namespace_name = opt.namespace_name;
  const init::Draft draft = init::draft(survey, options);
  MLK_CHECK(write_file(file, draft.text));

  for (const init::DraftedModel& model : draft.models) {
    if (model.source != ".") continue;
    MLK_TRY(const bool is_written, leave_file_out(options.folder, file));
    if (is_written) ctx.note(fmt::format("wrote .mlkignore, so that {} isn't packed with the model", opt.file));
  }
  if (opt.registry.empty()) {
    ctx.note(fmt::format("images are called '{}/…': give your own registry with --registry, or edit the file",
                         options.registry));
  }
  Report report;
  report.document = record("init");
  report.document.set("file", opt.file)
      .set("name", options.name)
      .set("models", describe(draft))
      .set("job", cli::or_null(draft.job));
  report.prose = told(draft, opt.file);
  report.names = {opt.file};
  return report;
}

}  // namespace

MLK_VERB(init, InitOptions, add_init, run_init);

}  // namespace mlk::commands
