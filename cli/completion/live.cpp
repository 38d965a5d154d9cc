#include "cli/completion/live.hpp"

#include "cli/completion/cache.hpp"
#include "cli/completion/question.hpp"
#include "commands/context.hpp"

#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/kube/kubeconfig.hpp>
#include <mlk/placement/catalogue.hpp>
#include <mlk/process/process.hpp>
#include <mlk/project/load.hpp>
#include <mlk/validation/schema.hpp>

#include <algorithm>

namespace mlk::cli {
namespace {

constexpr Milliseconds k_fresh{3000};     // no need to ask again
constexpr Milliseconds k_silent{15'000};  // a server that gave no answer is left alone
constexpr Milliseconds k_usable{60'000};  // taken at once, asked again behind
constexpr Milliseconds k_patience{220};   // of somebody who pressed Tab, less what starting takes
constexpr Milliseconds k_look_again{2};

Milliseconds age_of(const CachedAnswer& answer, const Clock& clock) {
  return std::chrono::duration_cast<Milliseconds>(clock.system() - answer.asked);
}

/// Whether the cache's answer is young enough.
bool is_good_for(const std::optional<CachedAnswer>& answer, Milliseconds longest, const Clock& clock) {
  if (!answer) return false;
  const Milliseconds age = age_of(*answer, clock);
  return age >= Milliseconds(-1000) && age < longest;
}

void start_refresh(const Question& question, const commands::Context& context) {
  if (context.program().empty()) return;
  // Nothing that a plugin does back there may open a window or ask.
  const process::Environment env = process::environment_with(
      {{"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}, {"BROWSER", "false"}, {"KUBECONFIG", absolute_kubeconfig(context)}});
  static_cast<void>(process::spawn_detached(refresh_command(question, context.program()), env));
}

std::vector<Candidate> ask(const Question& question, commands::Context& context) {
  const CompletionCache cache(cache_folder(context));
  const std::string key = question.key();
  std::optional<CachedAnswer> known = cache.find(key);
  if (is_good_for(known, known && known->is_failed ? k_silent : k_fresh, context.clock())) return known->candidates;
  const SystemTime before = known ? known->asked : SystemTime{};
  start_refresh(question, context);
  if (is_good_for(known, k_usable, context.clock()) && !known->is_failed) return known->candidates;
  const SteadyTime until = context.clock().steady() + k_patience;
  while (context.clock().steady() < until) {
    context.clock().sleep_for(k_look_again, {});
    if (auto now = cache.find(key); now && now->asked != before) return now->candidates;
  }
  return known ? known->candidates : std::vector<Candidate>{};
}

std::vector<Candidate> contexts(const Target& target, const commands::Context& context) {
  std::vector<Candidate> found;
  const auto all = kube::list_contexts(kube_sources(target.kubeconfig, context));
  if (!all) return found;
  for (const kube::ContextInfo& info : *all) {
    found.push_back({info.name, info.server + (info.is_current ? " (current)" : "")});
  }
  return found;
}

std::string project_text(const Target& target, const commands::Context& context) {
  const std::filesystem::path file = context.resolve(target.file.empty() ? "mlk.yaml" : target.file);
  return read_file(file).value_or("");
}

/// Sections of one kind by their bare names ("finetune"), or of all kinds as "job/finetune" for an empty kind.
std::vector<Candidate> sections(const std::string& text, std::string_view kind) {
  std::vector<Candidate> found;
  const std::string prefix = std::string(kind) + "/";
  for (const std::string& name : project::section_names(text)) {
    if (kind.empty()) {
      found.push_back({name, ""});
    } else if (name.starts_with(prefix)) {
      found.push_back({name.substr(prefix.size()), "of mlk.yaml"});
    }
  }
  return found;
}

std::vector<Candidate> ask_about(Source source, const Target& target, std::string_view current,
                                 commands::Context& context) {
  const auto question = make_question(source, target, current, project_text(target, context), context);
  return question ? ask(*question, context) : std::vector<Candidate>{};
}

/// Kept by the bare names, since all schemes mean the same image; the one that was typed stands before each.
std::vector<Candidate> image_tags(const Target& target, std::string_view current, commands::Context& context) {
  std::vector<Candidate> found = ask_about(Source::image_tags, target, current, context);
  for (Candidate& one : found) one.value.insert(0, image_scheme(current));
  return found;
}

/// Those of the cluster, and those that the kubeconfig names: who may not list namespaces still has one.
std::vector<Candidate> namespaces(const Target& target, std::string_view current, commands::Context& context) {
  std::vector<Candidate> found = ask_about(Source::namespaces, target, current, context);
  const auto all = kube::list_contexts(kube_sources(target.kubeconfig, context));
  if (!all) return found;
  for (const kube::ContextInfo& info : *all) {
    const bool is_ours = target.context.empty() ? info.is_current : info.name == target.context;
    const Candidate named{info.namespace_name, ""};
    if (!is_ours || named.value.empty() || std::find(found.begin(), found.end(), named) != found.end()) continue;
    found.push_back(named);
  }
  return found;
}

std::vector<Candidate> gpu_models() {
  std::vector<Candidate> found;
  for (const placement::GpuModel& model : placement::gpu_models()) {
    found.push_back({std::string(model.name), std::string(model.title)});
  }
  return found;
}

std::vector<Candidate> schema_systems(const commands::Context& context) {
  std::vector<Candidate> found;
  const auto catalogue =
      validation::schema::load_catalogue([&context](const std::string& name) { return context.env(name); });
  if (!catalogue) return found;
  for (const auto& system : catalogue->systems())
    found.push_back({std::string(system.name), std::string(system.module)});
  return found;
}

}  // namespace

std::vector<Candidate> live_candidates(Source source, const Target& target, std::string_view current,
                                       commands::Context& context) {
  switch (source) {
    case Source::contexts:
      return contexts(target, context);
    case Source::environments: {
      std::vector<Candidate> found;
      for (std::string& name : project::environment_names(project_text(target, context))) {
        found.push_back({std::move(name), ""});
      }
      return found;
    }
    case Source::sections:
      return sections(project_text(target, context), "");
    case Source::job_sections:
      return sections(project_text(target, context), "job");
    case Source::service_sections:
      return sections(project_text(target, context), "service");
    case Source::model_sections:
      return sections(project_text(target, context), "model");
    case Source::gpu_models:
      return gpu_models();
    case Source::schema_systems:
      return schema_systems(context);
    case Source::namespaces:
      return namespaces(target, current, context);
    case Source::image_tags:
      return image_tags(target, current, context);
    case Source::live_jobs:
    case Source::live_services:
      return ask_about(source, target, current, context);
    case Source::nothing:
    case Source::files:
    case Source::directories:
      break;
  }
  return {};
}

}  // namespace mlk::cli
