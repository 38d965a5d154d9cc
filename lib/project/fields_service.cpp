#include "codecs.hpp"

namespace mlk::project {

using document::Node;

namespace {

/// `pause:` is a duration, or `manual`: until somebody promotes.
Field<Step> pause_field() {
  Field<Step> out{
      "pause", "How long to watch before the next step, such as 5m; or manual: until promoted", {}, {}, {}, {}, false};
  out.options.default_text = "0";
  out.read = [](const Node& node, Reader& reader, Step& step) {
    if (node.as_string() == "manual") {
      step.waits_for_promote = {true, node.place()};
      return;
    }
    Codec<Located<Milliseconds>>::read(node, reader, step.pause);
  };
  out.fill = [](Node&) {};
  out.schema = [](SchemaMode mode) {
    Node schema = Codec<Milliseconds>::schema(mode);
    schema.at("anyOf").push_back(Node::mapping({{"const", "manual"}}));
    return schema;
  };
  return out;
}

/// A/B variants are known to the file's grammar, so that they aren't taken for a slip of the pen.
Field<Service> variants_field() {
  Field<Service> out{"variants", "A/B variants; not supported in this version", {}, {}, {}, {}, false};
  out.read = [](const Node& node, Reader& reader, Service&) {
    if (!node.is_sequence()) return reader.wrong_kind("a list", node);
    if (node.empty()) return;
    reader.error("project-unsupported", node.place(), "variants aren't supported in this version of mlk",
                 "make each variant a service of its own");
  };
  out.fill = [](Node&) {};
  out.schema = [](SchemaMode) { return Node::mapping({{"type", "array"}, {"maxItems", 0}}); };
  return out;
}

}  // namespace

const Fields<Engine>& fields_of(const Engine*) {
  static const Fields<Engine> fields = {
      field("name", &Engine::name, "The server", {.is_required = true}),
      field("image", &Engine::image, "Its image; by default the one of mlk's edition or of the lock file",
            {.format = Format::image}),
      field("command", &Engine::command, "What runs, as a list of words; the image's own by default"),
      field("args", &Engine::args, "Arguments behind those that mlk gives"),
      field("port", &Engine::port, "Port that it listens on", {.min = 1, .max = 65535}),
  };
  return fields;
}

const Fields<Scale>& fields_of(const Scale*) {
  static const Fields<Scale> fields = {
      field("min", &Scale::min, "Least number of replicas", {.default_text = "1", .min = 0, .max = 10000}),
      field("max", &Scale::max, "Largest number of replicas; the same as min by default", {.min = 1, .max = 10000}),
      field("metrics", &Scale::metrics, "What it scales by: {queue: 5}, {cpu: 70%}, {memory: 70%}, {gpu: 80%}"),
      field("wake", &Scale::wake, "Who wakes it up from zero: gateway or queue", {.format = Format::not_empty}),
  };
  return fields;
}

const Fields<Expose>& fields_of(const Expose*) {
  static const Fields<Expose> fields = {
      field("gateway", &Expose::gateway, "Gateway, as namespace/name", {.is_required = true}),
      field("listener", &Expose::listener, "Name of one of its listeners; all that match by default",
            {.format = Format::label}),
      field("host", &Expose::host, "Host name of the route", {.format = Format::host}),
      field("path", &Expose::path, "Path prefix of the route", {.default_text = "/", .format = Format::absolute_path}),
      field("rewrite", &Expose::rewrite, "strip: the server sees the path without the prefix",
            {.default_text = "keep"}),
      field("auth", &Expose::auth, "Who may call: {api-key: secret/key}, or none for everybody", {.is_required = true}),
  };
  return fields;
}

const Fields<Step>& fields_of(const Step*) {
  static const Fields<Step> fields = {
      field("weight", &Step::weight, "Share of the requests that the new version gets, such as 25%",
            {.is_required = true}),
      pause_field(),
  };
  return fields;
}

const Fields<Gate>& fields_of(const Gate*) {
  static const Fields<Gate> fields = {
      field("measure", &Gate::measure, "What is measured, such as error-rate or ttft-p95",
            {.is_required = true, .format = Format::measure}),
      field("max", &Gate::max, "Fails above this: 1%, 800ms, 5"),
      field("min", &Gate::min, "Fails below this"),
      field("window", &Gate::window, "Over how long it is measured", {.default_text = "2m"}),
      field("min-requests", &Gate::min_requests, "Undecided with fewer requests", {.default_text = "0", .min = 0}),
      field("against", &Gate::against, "stable: compared with the version that runs"),
  };
  return fields;
}

const Fields<Rollout>& fields_of(const Rollout*) {
  static const Fields<Rollout> fields = {
      field("strategy", &Rollout::strategy, "How a new version comes in", {.default_text = "rolling"}),
      field("driver", &Rollout::driver, "Who drives it", {.default_text = "client"}),
      field("steps", &Rollout::steps, "Of a canary: [{weight: 25%, pause: 5m}]"),
      field("gates", &Rollout::gates, "What must hold for the rollout to go on"),
      field("on-failure", &Rollout::on_failure, "What happens when it fails", {.default_text = "undo"}),
      field("progress-deadline", &Rollout::progress_deadline, "Without progress for so long, it has failed",
            {.default_text = "10m"}),
      field("max-surge", &Rollout::max_surge, "Pods above the wanted number while it runs"),
      field("max-unavailable", &Rollout::max_unavailable, "Pods that may be missing while it runs"),
  };
  return fields;
}

const Fields<Probes>& fields_of(const Probes*) {
  static const Fields<Probes> fields = {
      field("path", &Probes::path, "HTTP path that answers 200 when ready", {.format = Format::absolute_path}),
      field("startup", &Probes::startup, "Longest time that loading the model may take, such as 20m"),
      field("period", &Probes::period, "Time between two probes, such as 10s"),
  };
  return fields;
}

const Fields<Disruption>& fields_of(const Disruption*) {
  static const Fields<Disruption> fields = {
      field("max-unavailable", &Disruption::max_unavailable, "Pods that a drain may take away at once"),
      field("min-available", &Disruption::min_available, "Pods that a drain must leave"),
  };
  return fields;
}

const Fields<Service>& fields_of(const Service*) {
  static const Fields<Service> fields = [] {
    Fields<Service> list = {
        field("model", &Service::model, "Name of a section of models", {.format = Format::section_name}),
        field("engine", &Service::engine, "The server: its name, or {name, image, command, args, port}",
              {.is_required = true}),
        field("deliver", &Service::deliver, "How the model gets to the server", {.default_text = "auto"}),
        field("nodes", &Service::nodes, "Nodes of one replica", {.default_text = "1", .min = 1, .max = 1000}),
        field("scale", &Service::scale, "Replicas: a number, or {min, max, metrics, wake}"),
        field("expose", &Service::expose, "Route through a gateway"),
        field("backend", &Service::backend, "What runs it in the cluster", {.default_text = "auto"}),
        field("rollout", &Service::rollout, "How new versions come in"),
        field("probes", &Service::probes, "How the server says that it is ready; the engine's own by default"),
        field("port", &Service::port, "Port of the Service; 80 by default", {.min = 1, .max = 65535}),
        field("drain", &Service::drain, "Time for open requests before a pod ends, such as 30s"),
        field("disruption", &Service::disruption, "What node drains may take away"),
        variants_field(),
    };
    add_fields_of(list, &Service::pod);
    return list;
  }();
  return fields;
}

}  // namespace mlk::project
