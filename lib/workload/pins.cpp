#include <mlk/workload/pins.hpp>

#include <fmt/format.h>

namespace mlk::workload {
namespace {

void add_image(Pins& pins, const project::Text& image) {
  if (!image->empty() && image->find('@') == std::string::npos) pins.images.insert(*image);
}

void add_volumes(Pins& pins, const project::PodSettings& pod) {
  for (const project::Volume& volume : pod.volumes) {
    if (volume.kind == project::VolumeKind::image) add_image(pins, volume.source);
  }
}

Result<void> add_engine(Pins& pins, const project::Service& service, templates::Library& library) {
  if (!service.engine.image->empty()) {
    add_image(pins, service.engine.image);
    return {};
  }
  const std::string name(project::to_string(*service.engine.name));
  MLK_TRY(const templates::Template* engine, library.find("engine/" + name));
  const bool has_gpus = service.pod.gpus && service.pod.gpus->value.count.count > 0;
  const document::Node& cpu_image = engine->tree()["cpu-image"];
  if (!has_gpus && !cpu_image.is_null()) {
    pins.engines[name + "-cpu"] = cpu_image.string_or();
  } else if (const document::Node& image = engine->tree()["image"]; !image.is_null()) {
    pins.engines[name] = image.string_or();
  }
  return {};
}

}  // namespace

Result<Pins> find_pins(const project::Project& project, templates::Library& library) {
  Pins pins;
  for (const project::Job& job : project.jobs) {
    add_image(pins, job.image);
    add_volumes(pins, job.pod);
    if (*job.backend == project::JobBackend::automatic) pins.backends["job/" + *job.name] = "job";
  }
  for (const project::Service& service : project.services) {
    add_volumes(pins, service.pod);
    MLK_CHECK(add_engine(pins, service, library));
    if (*service.backend == project::ServiceBackend::automatic) {
      pins.backends["service/" + *service.name] = "deployment";
    }
  }
  return pins;
}

}  // namespace mlk::workload
