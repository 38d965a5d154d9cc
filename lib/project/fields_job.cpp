#include "codecs.hpp"

namespace mlk::project {

const Fields<Model>& fields_of(const Model*) {
  static const Fields<Model> fields = {
      field("source", &Model::source, "Folder beside mlk.yaml, or a reference such as oci://registry/repository:tag",
            {.format = Format::not_empty}),
      field("image", &Model::image, "Where pack puts it: registry/repository, with a tag or without",
            {.format = Format::image}),
  };
  return fields;
}

const Fields<Job>& fields_of(const Job*) {
  static const Fields<Job> fields = [] {
    Fields<Job> list = {
        field("image", &Job::image, "Container image", {.is_required = true, .format = Format::image}),
        field("code", &Job::code, "Folder that is shipped as one layer on top of the image"),
        field("command", &Job::command, "What runs, as a list of words; the image's own by default"),
        field("args", &Job::args, "Arguments behind the command"),
        field("nodes", &Job::nodes, "Number of pods, one a node", {.default_text = "1", .min = 1, .max = 10000}),
        field("processes", &Job::processes, "Processes on each node; one a GPU by default", {.min = 1, .max = 1024}),
        field("queue", &Job::queue, "Queue (Kueue LocalQueue or Volcano queue) that admits it",
              {.format = Format::subdomain}),
        field("backend", &Job::backend, "What runs it in the cluster", {.default_text = "auto"}),
        field("checkpoint", &Job::checkpoint, "Volume for checkpoints: {claim: runs, at: /ckpt}"),
        field("restarts", &Job::restarts, "Restarts of the whole gang", {.default_text = "0", .min = 0, .max = 1000}),
        field("timeout", &Job::timeout, "Longest run time of the whole job, such as 12h"),
        field("keep", &Job::keep, "How long it stays in the cluster after it ended, such as 7d"),
        field("port", &Job::port, "Port of the rendezvous", {.default_text = "29500", .min = 1, .max = 65535}),
    };
    add_fields_of(list, &Job::pod);
    return list;
  }();
  return fields;
}

}  // namespace mlk::project
