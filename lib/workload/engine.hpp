#pragma once

#include "values.hpp"

#include <mlk/document/node.hpp>
#include <mlk/placement/catalogue.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>
#include <mlk/template/library.hpp>
#include <mlk/workload/bundle.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mlk::workload {

/// The model as a service's pods find it.
struct ServedModel {
  document::Node name;   ///< null where the engine brings its own
  document::Node image;  ///< with its digest
  document::Node path;   ///< folder inside the container
  document::Node file;   ///< the one file, where the source names one
  std::string digest;
};

/// How an image gets to the pods and which one it is; problems where it isn't packed or can't be delivered so.
ServedModel served_model(const project::Project& project, const project::Lock& lock, const project::Service& service,
                         const std::string& model_image, Problems& problems, std::vector<Choice>& choices);

/// What a service's container runs, from the engine's template and what the section says.
struct Server {
  document::Node container;  ///< {image, command, args}
  document::Node engine;     ///< {port, metrics-port, has-metrics-port, env}
  document::Node probes;     ///< {startup-action, ready-action, live-action, period, live-period, startup-failures}
  std::int64_t user = 1000;
  std::int64_t startup_seconds = 600;
};

Result<Server> server_of(const project::Service& service, const project::Lock& lock, const ServedModel& model,
                         const std::optional<placement::GpuAsk>& gpus, templates::Library& library, Problems& problems,
                         std::vector<Choice>& choices);

}  // namespace mlk::workload
