#include "images.hpp"
#include "patch.hpp"
#include "pod.hpp"
#include "values.hpp"

#include <mlk/workload/job.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <array>

/// The `job` backend: batch/v1 Job with a headless Service.
namespace mlk::workload {
namespace {

using document::Node;
using project::JobBackend;

constexpr std::size_t k_longest_host_name = 63;

/// What can't be said with a plain Job in this version, each at its line.
void check_backend(const project::Job& job, const project::Lock& lock, Problems& problems) {
  JobBackend backend = *job.backend;
  std::string given(project::to_string(backend));
  if (backend == JobBackend::automatic) {
    const auto locked = lock.backends.find("job/" + *job.name);
    given = locked == lock.backends.end() ? "job" : locked->second;
  }
  if (given == "job") return;
  problems.error("backend-unsupported", job.backend.place.is_known() ? job.backend.place : job.place, "backend",
                 fmt::format("backend '{}' isn't in this version", given), "jobs are generated as batch/v1 Jobs so far",
                 "write 'backend: job' or 'backend: auto'");
}

void check_restarts(const project::Job& job, Problems& problems) {
  if (*job.nodes <= 1 || *job.restarts == 0) return;
  problems.error("restarts-gang", job.restarts.place, "restarts",
                 fmt::format("'restarts: {}' on {} nodes can't be kept by backend 'job'", *job.restarts, *job.nodes),
                 "a Job starts single pods anew, never the whole gang, so the ranks that are still running would wait "
                 "for one that knows nothing of them",
                 "leave 'restarts' out, or use backend 'jobset', which restarts all ranks together, when this version "
                 "is followed by one that has it; 'nodes: 1' with 'restarts' works here");
}

void check_names(const project::Job& job, const std::string& name, Problems& problems) {
  const std::string last_host = fmt::format("{}-{}", name, *job.nodes - 1);
  if (last_host.size() > k_longest_host_name) {
    problems.error("name-too-long", job.name.place, "",
                   fmt::format("'{}' is too long: the last pod's host name '{}' has {} characters", name, last_host,
                               last_host.size()),
                   fmt::format("a host name has at most {}", k_longest_host_name), "shorten the job's name");
  }
  if (*job.nodes > 1 && (name.empty() || name.front() < 'a' || name.front() > 'z')) {
    problems.error("name-service", job.name.place, "", fmt::format("'{}' can't be the name of a Service", name),
                   "the pods of several nodes find each other through one, and its name begins with a letter",
                   "begin the job's name with a letter");
  }
}

void check(const project::Job& job, const project::Lock& lock, const std::string& name, Problems& problems) {
  check_backend(job, lock, problems);
  check_restarts(job, problems);
  check_names(job, name, problems);
  if (job.image->empty()) {
    problems.error("image-missing", job.place, "image", "the job has no image", "", "give 'image: registry/repo:tag'");
  }
  if (job.code) {
    problems.error("code-unsupported", job.code->place, "code", "'code' isn't in this version",
                   "shipping a folder as a layer on top of the image needs a builder that isn't there yet",
                   "build the code into the image, or mount it from a claim with 'volumes'");
  }
}

std::int64_t processes_of(const project::Job& job, const std::optional<placement::GpuAsk>& gpus) {
  if (job.processes) return job.processes->value;
  return gpus ? gpus->count : 1;
}

Node rendezvous_values(const project::Job& job, const std::string& name, std::int64_t processes) {
  const Place& nodes_place = job.nodes.place;
  const Place processes_place = job.processes ? job.processes->place : (job.pod.gpus ? job.pod.gpus->place : Place{});
  // One node needs no name in DNS.
  const std::string address = *job.nodes > 1 ? fmt::format("{}-0.{}", name, name) : "127.0.0.1";
  const std::string port = std::to_string(*job.port);
  return Node::mapping({{"nodes", located(std::to_string(*job.nodes), nodes_place)},
                        {"processes", located(std::to_string(processes), processes_place)},
                        {"address", located(address, job.name.place)},
                        {"port", located(port, job.port.place)},
                        {"port-number", number_node(job.port)},
                        {"endpoint", located(fmt::format("{}:{}", address, port), job.name.place)}});
}

struct Names {
  std::string name;
  Node namespace_name;
};

Node job_values(const project::Job& job, const Names& names, const JobOptions& options, Node labels) {
  if (!job.queue->empty()) labels.set(k_label_queue, value_node(job.queue));
  Node annotations = Node::mapping();
  if (!options.run_id.empty()) annotations.set(k_annotation_run_id, options.run_id);
  add_missing(annotations, job.pod.annotations);
  const Node name = located(names.name, job.name.place);
  return Node::mapping({{"name", name},
                        {"namespace", names.namespace_name},
                        {"labels", std::move(labels)},
                        {"annotations", or_null(std::move(annotations))},
                        {"nodes", number_node(job.nodes)},
                        {"restarts", number_node(job.restarts)},
                        {"timeout", seconds_node(job.timeout)},
                        {"keep", seconds_node(job.keep)},
                        {"subdomain", *job.nodes > 1 ? name : Node()}});
}

std::vector<Choice> choices_of(const project::Job& job, const Node& image) {
  std::vector<Choice> choices;
  const std::string pinned = image.string_or();
  choices.push_back(
      {"image", pinned, pinned == *job.image ? "as written; 'mlk lock' pins its digest" : "pinned by mlk.lock"});
  const bool is_automatic = *job.backend == JobBackend::automatic;
  choices.push_back(
      {"backend", "job",
       is_automatic ? "batch/v1 is in every cluster, and the only backend of this version for jobs" : "as asked"});
  return choices;
}

/// Everything that the job's templates are filled with.
Node template_values(const project::Project& project, const project::Lock& lock, const project::Job& job,
                     const Names& names, const JobOptions& options, JobObjects& out, Problems& problems) {
  const auto gpus = gpu_ask(job.pod, problems);
  out.processes = processes_of(job, gpus);
  Node labels = section_labels(project, job.pod, k_kind_job, "training", job.name);
  labels.set(k_label_job, located(names.name, job.name.place));
  Volumes volumes(lock);
  if (job.checkpoint) volumes.add(*job.checkpoint);
  PodDefaults defaults;
  defaults.needs_shared_memory = gpus.has_value() || out.processes > 1;

  const Node image = image_node(job.image, lock);
  out.choices = choices_of(job, image);
  Node values = Node::mapping();
  values.set("pod", pod_values(job.pod, gpus, labels, std::move(volumes), defaults));
  values.set("job", job_values(job, names, options, std::move(labels)));
  values.set("rendezvous", rendezvous_values(job, names.name, out.processes));
  values.set("container",
             Node::mapping({{"image", image}, {"command", list_node(job.command)}, {"args", list_node(job.args)}}));
  return values;
}

Result<Node> render_job(const Node& values, templates::Library& library) {
  MLK_TRY(Node object, library.render("job/job", values));
  for (Node& container : object.at({"spec", "template", "spec", "containers"}).items_mutable()) {
    if (Node* env = container.find("env")) keep_last_of_each_name(*env);
  }
  return object;
}

}  // namespace

std::vector<Object> JobObjects::objects() const {
  std::vector<Object> all;
  if (rendezvous) all.push_back({Role::rendezvous_service, *rendezvous});
  all.push_back({Role::job, job});
  return all;
}

Result<JobObjects> generate_job(const project::Project& project, const project::Lock& lock, const project::Job& job,
                                const JobOptions& options, templates::Library& library) {
  Problems problems("jobs." + *job.name);
  Names names{options.name.empty() ? run_name(*job.name, options.suffix) : options.name,
              options.namespace_name.empty() ? text_node(project.namespace_name) : Node(options.namespace_name)};
  check(job, lock, names.name, problems);

  JobObjects out;
  out.name = names.name;
  out.nodes = *job.nodes;
  const Node values = template_values(project, lock, job, names, options, out, problems);
  MLK_TRY(out.job, render_job(values, library));
  std::vector<std::string> kinds = {"Job"};
  if (*job.nodes > 1) {
    MLK_TRY(out.rendezvous, library.render("job/rendezvous", values));
    kinds.emplace_back("Service");
  }
  Patches patches(job.pod.patches, problems);
  if (out.rendezvous) patches.apply(*out.rendezvous, *job.name);
  patches.apply(out.job, *job.name);
  patches.report_unused(kinds);
  if (problems.has_errors()) return std::move(problems).failure();
  out.warnings = std::move(problems).take();
  return out;
}

}  // namespace mlk::workload
