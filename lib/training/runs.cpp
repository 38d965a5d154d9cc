#include "words.hpp"

#include <mlk/core/text.hpp>
#include <mlk/training/runs.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::training {

namespace {

constexpr std::size_t k_most_names = 12;

std::string own_selector() { return fmt::format("{}={}", workload::k_label_kind, workload::k_kind_job); }

/// Pods by the label that the Job's controller gives them, whatever a patch did to mlk's own.
std::string pod_selector(const kube::Job& job) { return "batch.kubernetes.io/job-name=" + job.meta.name; }

struct Name {
  std::string run;
  std::string section;
};

Result<std::vector<Name>> list_names(kube::Client& client, std::string_view namespace_name) {
  std::vector<Name> names;
  kube::ListOptions options;
  options.label_selector = own_selector();
  MLK_CHECK(client.list_metadata(kube::types::jobs, namespace_name, options, [&](kube::ObjectMeta&& meta) {
    std::string section(meta.label(workload::k_label_section));
    names.push_back({std::move(meta.name), std::move(section)});
    return true;
  }));
  return names;
}

std::vector<std::string> run_names(const std::vector<Name>& names) {
  std::vector<std::string> runs;
  runs.reserve(names.size());
  for (const Name& name : names) runs.push_back(name.run);
  return runs;
}

Error several(const std::vector<std::string>& runs, std::string what, std::string_view namespace_name) {
  std::vector<std::string> shown(runs.begin(),
                                 runs.begin() + static_cast<std::ptrdiff_t>(std::min(runs.size(), k_most_names)));
  std::string list = join(shown, ", ");
  if (runs.size() > shown.size()) list += fmt::format(" and {} more", runs.size() - shown.size());
  return Error(ErrorKind::usage, std::move(what))
      .because(fmt::format("namespace '{}' has {}", namespace_name, list))
      .fixed_by("name one of them");
}

Result<std::string> only_name(kube::Client& client, std::string_view namespace_name) {
  MLK_TRY(const std::vector<Name> names, list_names(client, namespace_name));
  if (names.size() == 1) return names.front().run;
  if (names.size() > 1) return several(run_names(names), "which job? there are several", namespace_name);
  return Error(ErrorKind::not_found, fmt::format("no job in namespace '{}'", namespace_name))
      .fixed_by("name another namespace with -n, or submit one: mlk train submit");
}

/// A name that no Job has: a section's, or a slip of the finger.
Result<std::string> run_of_section(kube::Client& client, std::string_view namespace_name, const std::string& name,
                                   NameMatch match) {
  MLK_TRY(const std::vector<Name> names, list_names(client, namespace_name));
  std::vector<std::string> runs;
  for (const Name& each : names) {
    if (each.section == name) runs.push_back(each.run);
  }
  if (match == NameMatch::exact_or_section && runs.size() == 1) return runs.front();
  if (match == NameMatch::exact_or_section && runs.size() > 1) {
    return several(runs, fmt::format("which run of '{}'? there are several", printable(name)), namespace_name);
  }
  Error error(ErrorKind::not_found, fmt::format("no job '{}' in namespace '{}'{}", printable(name), namespace_name,
                                                did_you_mean(name, run_names(names))));
  if (!runs.empty()) {
    error.why = fmt::format("'{}' is a section of mlk.yaml; its runs are {}", printable(name), join(runs, ", "));
  }
  return std::move(error).fixed_by(fmt::format("see what is there: mlk train list -n {}", namespace_name));
}

ListedRun listed(kube::Job&& job) {
  ListedRun run;
  run.state = state_of(job);
  if (const kube::Condition* failed = kube::find_condition(job.conditions, "Failed");
      failed != nullptr && failed->is_true()) {
    run.reason = fit_message(failed->reason);
    run.ended = failed->changed;
  }
  if (run.state == RunState::complete) run.ended = job.completed;
  run.section = job.meta.label(workload::k_label_section);
  run.nodes = job.completions.value_or(job.parallelism.value_or(1));
  run.ready = job.ready;
  run.created = job.meta.created;
  run.started = job.started;
  run.name = std::move(job.meta.name);
  run.namespace_name = std::move(job.meta.namespace_name);
  return run;
}

/// The Services of a run: those that it owns go with it, others have to be named.
struct Services {
  std::vector<std::string> owned;
  std::vector<kube::ObjectMeta> others;
};

Result<Services> services_of(kube::Client& client, const kube::Job& job) {
  Services services;
  kube::ListOptions options;
  options.label_selector = workload::run_selector(job.meta.name);
  MLK_CHECK(client.list_metadata(kube::types::services, job.meta.namespace_name, options, [&](kube::ObjectMeta&& meta) {
    const bool is_owned = std::any_of(meta.owners.begin(), meta.owners.end(),
                                      [&](const kube::OwnerReference& owner) { return owner.uid == job.meta.uid; });
    if (is_owned) {
      services.owned.push_back(std::move(meta.name));
    } else {
      services.others.push_back(std::move(meta));
    }
    return true;
  }));
  return services;
}

Result<void> wait_until_gone(kube::Client& client, const kube::Job& job, std::optional<Milliseconds> timeout) {
  bool is_gone = false;
  std::optional<Error> ended;
  kube::WatchOptions options;
  options.name = job.meta.name;
  bool is_there = false;
  kube::WatchHandler handler;
  handler.on_event = [&](const kube::WatchEvent& event) {
    if (event.type == kube::WatchEventType::synced) {
      is_gone = is_gone || !is_there;
      return;
    }
    if (event.object["metadata"]["uid"].as_string() != job.meta.uid) return;
    is_there = event.type != kube::WatchEventType::deleted;
    is_gone = is_gone || !is_there;
  };
  handler.on_end = [&](const Error& error) { ended = error; };
  const kube::Watch watch = client.watch(kube::types::jobs, job.meta.namespace_name, options, std::move(handler));
  auto waited = client.run_until([&] { return is_gone || ended; }, timeout);
  if (ended) return *std::move(ended);
  if (!waited && waited.error().kind == ErrorKind::timed_out) {
    return Error(ErrorKind::timed_out, fmt::format("job '{}' is deleted but not gone yet", job.meta.name))
        .because("its pods are still ending, or a finalizer holds it")
        .fixed_by(fmt::format("look on: kubectl get job,pods -n {} -l {}", job.meta.namespace_name, pod_selector(job)));
  }
  return waited;
}

}  // namespace

Result<void> list_runs(kube::Client& client, std::string_view namespace_name, std::string_view selector,
                       const std::function<void(ListedRun&&)>& each) {
  kube::ListOptions options;
  options.label_selector = own_selector();
  if (!selector.empty()) options.label_selector += fmt::format(",{}", selector);
  MLK_CHECK(client.list_jobs(namespace_name, options, [&](kube::Job&& job) {
    each(listed(std::move(job)));
    return true;
  }));
  return {};
}

Result<kube::Job> find_run(kube::Client& client, std::string_view namespace_name,
                           const std::optional<std::string>& name, NameMatch match) {
  std::string wanted;
  if (name) {
    wanted = name->starts_with("job/") ? name->substr(4) : *name;
  } else {
    MLK_TRY(wanted, only_name(client, namespace_name));
  }
  MLK_TRY(auto object, client.find(kube::types::jobs, namespace_name, wanted));
  if (!object) {
    MLK_TRY(wanted, run_of_section(client, namespace_name, wanted, match));
    MLK_TRY(object, client.find(kube::types::jobs, namespace_name, wanted));
  }
  if (!object) return Error(ErrorKind::not_found, fmt::format("job '{}' has just been deleted", wanted));
  kube::Job job = kube::job_from(*object);
  if (job.meta.label(workload::k_label_kind) != workload::k_kind_job) {
    return Error(ErrorKind::not_found, fmt::format("no training job '{}' in namespace '{}'", wanted, namespace_name))
        .because("there is a Job of that name, but mlk didn't make it")
        .fixed_by(fmt::format("use kubectl for it: kubectl describe job {} -n {}", wanted, namespace_name));
  }
  return job;
}

Result<std::vector<kube::Pod>> list_run_pods(kube::Client& client, const kube::Job& job) {
  std::vector<kube::Pod> pods;
  kube::ListOptions options;
  options.label_selector = pod_selector(job);
  MLK_CHECK(client.list_pods(job.meta.namespace_name, options, [&](kube::Pod&& pod) {
    const kube::OwnerReference* owner = pod.meta.controller();
    // A Job that was deleted and made anew under the same name leaves pods behind for a while.
    if (owner == nullptr || owner->uid == job.meta.uid) pods.push_back(std::move(pod));
    return true;
  }));
  return pods;
}

Result<Run> look(kube::Client& client, const kube::Job& job) {
  MLK_TRY(const std::vector<kube::Pod> pods, list_run_pods(client, job));
  return derive_run(job, pods);
}

Result<std::vector<std::string>> remove_run(kube::Client& client, const kube::Job& job, const RemoveOptions& options) {
  std::vector<std::string> removed = {"job/" + job.meta.name};
  // What goes along is only said, so a missing right to see it is no reason to stop.
  if (const auto pods = list_run_pods(client, job)) {
    for (const kube::Pod& pod : *pods) removed.push_back("pod/" + pod.meta.name);
  }
  Services services;
  if (auto found = services_of(client, job)) services = *std::move(found);
  for (const std::string& name : services.owned) removed.push_back("service/" + name);
  for (const kube::ObjectMeta& meta : services.others) {
    kube::DeleteOptions remove;
    remove.uid = meta.uid;
    remove.dry_run = options.dry_run;
    auto done = client.remove(kube::types::services, job.meta.namespace_name, meta.name, remove);
    if (!done && !kube::is_not_found(done.error())) return std::move(done).error();
    removed.push_back("service/" + meta.name);
  }
  kube::DeleteOptions remove;
  remove.uid = job.meta.uid;
  remove.dry_run = options.dry_run;
  // Foreground: the Job stays until its pods are gone, so that "gone" means all of it.
  remove.propagation = options.wait ? kube::Propagation::foreground : kube::Propagation::background;
  auto done = client.remove(kube::types::jobs, job.meta.namespace_name, job.meta.name, remove);
  if (!done && !kube::is_not_found(done.error())) return std::move(done).error();
  if (options.wait && !options.dry_run) MLK_CHECK(wait_until_gone(client, job, options.timeout));
  return removed;
}

}  // namespace mlk::training
