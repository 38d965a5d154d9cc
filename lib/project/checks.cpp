#include "checks.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/tree.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mlk::project {

using document::Node;

namespace {

class Checker {
 public:
  explicit Checker(std::vector<Diagnostic>& diagnostics) : m_diagnostics(diagnostics) {}

  void enter(std::string_view kind, const std::string& name) {
    m_section = document::format_path({std::string(kind), name});
  }

  void check_job(const Job& job) { check_pod(job.pod); }

  void check_service(const Service& service, const std::vector<std::string>& models) {
    check_pod(service.pod);
    check_model(service, models);
    check_scale(service.scale);
    check_rollout(service.rollout);
    const auto& disruption = service.disruption;
    if (disruption.max_unavailable && disruption.min_available) {
      error(disruption.min_available->place, "disruption", "max-unavailable and min-available exclude each other",
            "keep one of the two");
    }
  }

 private:
  void error(const Place& place, std::string_view below, std::string message, std::string fix) {
    Diagnostic problem;
    problem.code = "project-value";
    problem.place = place;
    problem.path = fmt::format("{}.{}", m_section, below);
    problem.message = std::move(message);
    problem.fix = std::move(fix);
    m_diagnostics.push_back(std::move(problem));
  }

  void check_pod(const PodSettings& pod) {
    for (const auto& [name, secret] : pod.secrets) {
      const auto twin =
          std::find_if(pod.env.begin(), pod.env.end(), [&n = name](const auto& e) { return e.first == n; });
      if (twin == pod.env.end()) continue;
      error(secret.place, "secrets." + name, fmt::format("'{}' is set by env too", name), "remove one of the two");
    }
    std::set<std::string> paths;
    for (std::size_t i = 0; i < pod.volumes.size(); ++i) check_volume(pod.volumes[i], i, paths);
    for (std::size_t i = 0; i < pod.patches.size(); ++i) {
      const Patch& patch = pod.patches[i];
      if (patch.merge.is_null() != patch.json.is_null()) continue;
      error(patch.place, fmt::format("patch[{}]", i), "a patch has either 'merge' or 'json'",
            "write {kind: Job, merge: {…}} or {kind: Job, json: […]}");
    }
    for (std::size_t i = 0; i < pod.placement.tolerations.size(); ++i) {
      check_toleration(pod.placement.tolerations[i], fmt::format("tolerations[{}]", i));
    }
  }

  void check_volume(const Volume& volume, std::size_t index, std::set<std::string>& paths) {
    const std::string below = fmt::format("volumes[{}]", index);
    if (!volume.source.is_given()) {
      error(volume.place, below, "the volume has no source", "add one of claim, config-map, secret, image or empty");
    }
    if (volume.size && volume.kind != VolumeKind::empty) {
      error(volume.size->place, below + ".size", "only an empty volume has a size here", "remove it");
    }
    if (!volume.at->empty() && !paths.insert(*volume.at).second) {
      error(volume.at.place, below + ".at", fmt::format("two volumes are mounted at '{}'", *volume.at),
            "mount one of them elsewhere");
    }
  }

  void check_toleration(const Toleration& toleration, const std::string& below) {
    if (*toleration.op != "Equal" && *toleration.op != "Exists") {
      error(toleration.op.place, below + ".operator", fmt::format("'{}' is neither Equal nor Exists", *toleration.op),
            {});
    } else if (*toleration.op == "Equal" && toleration.key->empty()) {
      error(toleration.place, below, "'key' is missing",
            "add the taint's key, or write operator: Exists for every taint");
    } else if (*toleration.op == "Exists" && !toleration.value->empty()) {
      error(toleration.value.place, below + ".value", "operator Exists takes no value", "remove it");
    }
    const std::string& effect = *toleration.effect;
    if (!effect.empty() && effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute") {
      error(toleration.effect.place, below + ".effect",
            fmt::format("'{}' is no effect{}", printable(effect),
                        did_you_mean(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"})),
            "write NoSchedule, PreferNoSchedule or NoExecute");
    }
  }

  void check_model(const Service& service, const std::vector<std::string>& models) {
    const std::string& name = *service.model;
    if (!name.empty() && std::find(models.begin(), models.end(), name) == models.end()) {
      error(service.model.place, "model",
            fmt::format("models has no '{}'{}", printable(name), did_you_mean(name, models)),
            models.empty() ? std::string("add a section models") : fmt::format("there are {}", join(models, ", ")));
    }
    const Engine& engine = service.engine;
    if (*engine.name == EngineName::custom && engine.name.is_given() && engine.image->empty()) {
      error(engine.name.place, "engine", "a custom engine needs an image", "write {name: custom, image: …, port: …}");
    }
  }

  void check_scale(const Scale& scale) {
    if (scale.max && scale.max->value < *scale.min) {
      error(scale.max->place, "scale.max", fmt::format("max {} is less than min {}", scale.max->value, *scale.min),
            "raise max, or lower min");
    }
    if (*scale.min == 0 && scale.min.is_given() && scale.wake->empty()) {
      error(scale.min.place, "scale.min", "min: 0 needs 'wake'", "say who starts the first replica: wake: gateway");
    }
    if (!scale.metrics.empty() && scale.max_or_min() <= *scale.min) {
      error(scale.metrics.front().place, "scale.metrics", "there is nothing to scale: max isn't above min",
            "add a max, or remove the metrics");
    }
  }

  void check_rollout(const Rollout& rollout) {
    if (!rollout.steps.empty() && *rollout.strategy != Strategy::canary) {
      error(rollout.steps.front().place, "rollout.steps", "only a canary has steps", "add strategy: canary");
    }
    double last = -1;
    for (std::size_t i = 0; i < rollout.steps.size(); ++i) {
      const double weight = rollout.steps[i].weight->count;
      if (weight <= last) {
        error(rollout.steps[i].weight.place, fmt::format("rollout.steps[{}].weight", i),
              "each step's weight must be above the one before", {});
      }
      last = weight;
    }
    for (std::size_t i = 0; i < rollout.gates.size(); ++i) {
      const Gate& gate = rollout.gates[i];
      const std::string below = fmt::format("rollout.gates[{}]", i);
      if (!gate.max && !gate.min) error(gate.place, below, "a gate needs 'max' or 'min'", {});
      if (!gate.against->empty() && *gate.against != "stable") {
        error(gate.against.place, below + ".against", fmt::format("'{}' is nothing to compare with", *gate.against),
              "write against: stable");
      }
    }
  }

  std::vector<Diagnostic>& m_diagnostics;
  std::string m_section;
};

}  // namespace

void check_file(const File& file, const Node& root, std::vector<Diagnostic>& diagnostics) {
  if (!file.version->empty() && *file.version != "v1") {
    Diagnostic problem;
    problem.code = "project-version";
    problem.place = file.version.place;
    problem.path = "mlk";
    problem.message = fmt::format("this mlk reads version v1 of the file, not '{}'", printable(*file.version));
    problem.fix = "write mlk: v1, or install a newer mlk";
    diagnostics.push_back(std::move(problem));
  }
  std::vector<std::string> models;
  for (const auto& entry : root["models"].entries()) models.push_back(entry.key);
  Checker checker(diagnostics);
  for (const auto& [name, job] : file.jobs) {
    checker.enter("jobs", name);
    checker.check_job(job);
  }
  for (const auto& [name, service] : file.services) {
    checker.enter("services", name);
    checker.check_service(service, models);
  }
}

}  // namespace mlk::project
