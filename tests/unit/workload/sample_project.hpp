#pragma once

#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>

#include <memory>
#include <string>

/// A project as the loader would make it, put together by hand: each given value stands on a line of its own.
namespace sample {

inline mlk::Place at(std::uint32_t line) {
  static const auto file = std::make_shared<const std::string>("mlk.yaml");
  return {file, line, 3, line, 9};
}

template <class T>
mlk::project::Located<T> given(T value, std::uint32_t line = 1) {
  return {std::move(value), at(line)};
}

inline mlk::project::Text text(std::string value, std::uint32_t line = 1) { return given(std::move(value), line); }

template <class T>
mlk::project::Located<T> by_default(T value) {
  return {std::move(value), {}};
}

inline mlk::project::GpuRequest h100(std::int64_t count) {
  mlk::project::GpuRequest request;
  request.model = "h100";
  request.count = mlk::GpuCount(count);
  return request;
}

/// Two nodes with eight H100 each.
inline mlk::project::Job job() {
  mlk::project::Job job;
  job.name = text("finetune", 8);
  job.image = text("registry.example.com/nlp/trainer:1.4", 9);
  job.command = {text("torchrun", 10), text("train.py", 10), text("--epochs", 10), text("3", 10)};
  job.nodes = given<std::int64_t>(2, 11);
  job.restarts = by_default<std::int64_t>(0);
  job.port = by_default<std::int64_t>(29500);
  job.backend = by_default(mlk::project::JobBackend::automatic);
  job.pod.gpus = given(h100(8), 12);
  job.place = at(8);
  return job;
}

/// A model served by vLLM on one L4 behind a gateway.
inline mlk::project::Service service() {
  mlk::project::Service service;
  service.name = text("sentiment", 20);
  service.model = text("sentiment", 21);
  service.engine.name = given(mlk::project::EngineName::vllm, 22);
  service.deliver = by_default(mlk::project::Delivery::automatic);
  service.nodes = by_default<std::int64_t>(1);
  service.scale.min = given<std::int64_t>(2, 23);
  service.backend = by_default(mlk::project::ServiceBackend::automatic);
  service.rollout.strategy = given(mlk::project::Strategy::canary, 24);
  service.rollout.progress_deadline = by_default(mlk::Milliseconds(600'000));
  mlk::project::GpuRequest l4;
  l4.model = "l4";
  l4.count = mlk::GpuCount(1);
  service.pod.gpus = given(l4, 25);
  service.place = at(20);
  return service;
}

inline mlk::project::Expose expose() {
  mlk::project::Expose expose;
  expose.gateway = given(mlk::project::ObjectRef{"infra", "public"}, 30);
  expose.host = text("nlp.example.com", 31);
  expose.path = text("/sentiment", 32);
  expose.rewrite = given(mlk::project::Rewrite::strip, 33);
  expose.auth = given(mlk::project::RouteAuth{true, std::nullopt}, 34);
  expose.place = at(30);
  return expose;
}

inline mlk::project::Project project() {
  mlk::project::Project project;
  project.file = "mlk.yaml";
  project.name = text("support-nlp", 2);
  project.namespace_name = text("nlp", 3);
  mlk::project::Model model;
  model.name = text("sentiment", 5);
  model.source = text("./models/sentiment", 6);
  model.image = text("registry.example.com/nlp/sentiment", 7);
  project.models = {model};
  project.jobs = {job()};
  project.services = {service()};
  return project;
}

inline mlk::project::Lock lock() {
  mlk::project::Lock lock;
  lock.models["sentiment"] = {"registry.example.com/nlp/sentiment:1", "sha256:" + std::string(64, 'a'), std::nullopt};
  return lock;
}

}  // namespace sample
