#include "engine.hpp"

#include "images.hpp"
#include "pod.hpp"

#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::workload {
namespace {

using document::Node;
using project::Delivery;
using project::EngineName;

constexpr std::string_view k_model_folder = "/models";
constexpr std::int64_t k_probe_period = 10;

bool has_flag(const project::TextList& args, std::initializer_list<std::string_view> flags) {
  return std::any_of(args.begin(), args.end(), [&](const project::Text& arg) {
    return std::any_of(flags.begin(), flags.end(), [&](std::string_view flag) {
      return *arg == flag || arg->starts_with(std::string(flag) + "=");
    });
  });
}

void check_delivery(const project::Service& service, Problems& problems, std::vector<Choice>& choices) {
  if (*service.deliver == Delivery::automatic) {
    choices.push_back({"deliver", "image-volume",
                       "Kubernetes 1.35 mounts an image as a read-only volume: nothing is copied, and the nodes' image "
                       "cache keeps it"});
    return;
  }
  if (*service.deliver == Delivery::image_volume) return;
  problems.error("deliver-unsupported", service.deliver.place, "deliver",
                 fmt::format("'deliver: {}' isn't in this version", project::to_string(*service.deliver)),
                 "models are delivered as image volumes so far",
                 "write 'deliver: image-volume' or leave it out; it needs Kubernetes 1.35 and containerd 2.1");
}

/// The image of a model of the project: packed and locked, or a reference that says its digest itself.
Node model_image(const project::Model& model, const project::Lock& lock, const Place& place, Problems& problems) {
  if (const auto found = lock.models.find(*model.name); found != lock.models.end()) {
    if (found->second.image.starts_with("oci:") && !found->second.image.starts_with("oci://")) {
      problems.error("model-local", place, "model",
                     fmt::format("model '{}' is only in the local layout '{}'", *model.name, found->second.image),
                     "the cluster's nodes pull from a registry",
                     fmt::format("run 'mlk model push' for it, with 'models.{}.image' naming a registry", *model.name));
    }
    return located(fmt::format("{}@{}", found->second.image, found->second.digest), model.image.place);
  }
  const std::string& source = *model.source;
  if (source.starts_with("oci://") && source.find("@sha256:") != std::string::npos) {
    return located(source.substr(6), model.source.place);
  }
  problems.error("model-unlocked", place, "model",
                 fmt::format("model '{}' isn't packed: mlk.lock has no digest for it", *model.name),
                 "pods mount a model by its digest, so that each revision keeps the weights it was tried with",
                 fmt::format("run 'mlk model pack {0}', or 'mlk lock' where it was pushed already", *model.name));
  return {};
}

/// "/models/x.gguf" where the source is one file.
Node model_file(const project::Model& model) {
  const std::string& source = *model.source;
  if (!source.ends_with(".gguf")) return {};
  const auto slash = source.rfind('/');
  const std::string file = slash == std::string::npos ? source : source.substr(slash + 1);
  return located(fmt::format("{}/{}", k_model_folder, file), model.source.place);
}

std::string digest_in(const Node& image) {
  const std::string text = image.string_or();
  const auto at = text.find("@sha256:");
  return at == std::string::npos ? std::string() : text.substr(at + 1);
}

/// The engine's image: of the section, of the lock, of the engine's template.
Node engine_image(const project::Engine& engine, const project::Lock& lock, const Node& defaults, bool has_gpus,
                  std::vector<Choice>& choices) {
  const std::string name(project::to_string(*engine.name));
  if (!engine.image->empty()) return image_node(engine.image, lock);
  const Node* cpu_image = has_gpus ? nullptr : defaults.find("cpu-image");
  const Node& chosen = cpu_image != nullptr ? *cpu_image : defaults["image"];
  const auto locked = lock.engines.find(cpu_image != nullptr ? name + "-cpu" : name);
  if (locked != lock.engines.end()) {
    choices.push_back({"engine", locked->second, "pinned by mlk.lock"});
    return located(locked->second, engine.name.place);
  }
  if (chosen.is_null()) return {};
  const std::string pinned = pinned_image(chosen.string_or(), lock);
  choices.push_back({"engine", pinned,
                     fmt::format("mlk's default for '{}'{}; 'mlk lock' pins its digest", name,
                                 cpu_image != nullptr ? " without a GPU" : "")});
  Node image(pinned);
  image.set_place(chosen.place());
  return image;
}

void check_engine(const project::Service& service, const Node& image, const ServedModel& model, Problems& problems) {
  const project::Engine& engine = service.engine;
  const Place place = engine.name.place.is_known() ? engine.name.place : service.place;
  if (image.is_null()) {
    problems.error("image-missing", place, "engine.image",
                   fmt::format("engine '{}' has no image", project::to_string(*engine.name)), "",
                   "write it in the long form: 'engine: {name: custom, image: registry/repo:tag, port: 8080}'");
  }
  const bool needs_file = *engine.name == EngineName::llama_cpp && engine.command.empty();
  if (needs_file && model.file.is_null() && !has_flag(engine.args, {"-m", "--model", "-hf", "--hf-repo"})) {
    problems.error("engine-file", place, "engine.args", "llama.cpp isn't told which GGUF file to load",
                   "it loads one file, and the model's folder may hold several",
                   fmt::format("write 'engine: {{name: llama.cpp, args: [-m, {}/<file>.gguf]}}'", k_model_folder));
  }
}

Node http_action(const Node& path) {
  return Node::mapping({{"httpGet", Node::mapping({{"path", path}, {"port", k_http_port}})}});
}

Node tcp_action() { return Node::mapping({{"tcpSocket", Node::mapping({{"port", k_http_port}})}}); }

Node probe_values(const project::Probes& probes, const Node& defaults, std::int64_t& startup_seconds) {
  const Node* engine_ready = defaults.find("ready");
  const Node* engine_live = defaults.find("live");
  Node ready = engine_ready != nullptr ? http_action(*engine_ready) : tcp_action();
  if (!probes.path->empty()) ready = http_action(value_node(probes.path));
  Node period = probes.period ? seconds_node(probes.period) : Node(k_probe_period);
  startup_seconds = defaults["startup-seconds"].int_or(startup_seconds);
  Place startup_place = defaults["startup-seconds"].place();
  if (probes.startup) {
    const Node seconds = seconds_node(probes.startup);
    startup_seconds = seconds.int_or(startup_seconds);
    startup_place = seconds.place();
  }
  const std::int64_t every = std::max<std::int64_t>(period.int_or(k_probe_period), 1);
  const Node failures = located(std::max<std::int64_t>((startup_seconds + every - 1) / every, 1), startup_place);
  return Node::mapping({{"startup-action", ready},
                        {"ready-action", std::move(ready)},
                        {"live-action", engine_live != nullptr ? http_action(*engine_live) : tcp_action()},
                        {"period", std::move(period)},
                        {"live-period", k_probe_period},
                        {"startup-failures", failures}});
}

}  // namespace

ServedModel served_model(const project::Project& project, const project::Lock& lock, const project::Service& service,
                         const std::string& given_image, Problems& problems, std::vector<Choice>& choices) {
  ServedModel served;
  if (service.model->empty() && given_image.empty()) return served;
  check_delivery(service, problems, choices);
  served.name = service.model->empty() ? value_node(service.name) : value_node(service.model);
  served.path = k_model_folder;
  const project::Model* model = project.find_model(*service.model);
  if (model != nullptr) served.file = model_file(*model);
  if (!given_image.empty()) {
    served.image = given_image;
  } else if (model == nullptr) {
    problems.error("model-unknown", service.model.place, "model",
                   fmt::format("no model is called '{}'", *service.model), "", "add it under 'models:'");
  } else {
    served.image = model_image(*model, lock, service.model.place, problems);
  }
  served.digest = digest_in(served.image);
  return served;
}

Result<Server> server_of(const project::Service& service, const project::Lock& lock, const ServedModel& model,
                         const std::optional<placement::GpuAsk>& gpus, templates::Library& library, Problems& problems,
                         std::vector<Choice>& choices) {
  const project::Engine& engine = service.engine;
  const std::string name = fmt::format("engine/{}", project::to_string(*engine.name));
  Node values = Node::mapping();
  values.set("model", Node::mapping({{"name", model.name}, {"path", model.path}, {"file", model.file}}));
  values.set("gpus", gpu_values(gpus, service.pod.gpus ? service.pod.gpus->place : Place{}));
  MLK_TRY(const templates::Template* found, library.find(name));
  // The port's number stands in the template itself, unless the section gives one.
  const Node port = engine.port ? number_node(*engine.port) : found->tree()["port"];
  Node port_text(port.scalar_text());
  port_text.set_place(port.place());
  values.set("port", Node::mapping({{"number", port}, {"text", std::move(port_text)}}));
  MLK_TRY(const Node defaults, found->render(values));

  Server server;
  const Node image = engine_image(engine, lock, defaults, gpus.has_value(), choices);
  check_engine(service, image, model, problems);
  Node args = Node::sequence();
  if (engine.command.empty()) args = defaults["args"];
  for (const project::Text& arg : engine.args) args.push_back(value_node(arg));
  server.container =
      Node::mapping({{"image", image},
                     {"command", engine.command.empty() ? defaults["command"] : list_node(engine.command)},
                     {"args", or_null(std::move(args))}});
  const Node& metrics_port = defaults["metrics-port"];
  server.engine = Node::mapping({{"port", port},
                                 {"metrics-port", metrics_port},
                                 {"has-metrics-port", !metrics_port.is_null() && !(metrics_port == port)},
                                 {"env", or_null(defaults["env"])}});
  server.user = defaults["user"].int_or(server.user);
  server.probes = probe_values(service.probes, defaults, server.startup_seconds);
  return server;
}

}  // namespace mlk::workload
