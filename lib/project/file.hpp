#pragma once

#include <mlk/project/project.hpp>

#include <string>
#include <utility>
#include <vector>

namespace mlk::project {

struct Cluster {
  Text context;
};

struct PrometheusRef {
  ObjectRef service;
  std::int64_t port = 9090;
};

struct Metrics {
  Maybe<PrometheusRef> prometheus;
};

/// mlk.yaml as its table reads it; Project is what the rest of the program sees.
struct File {
  Text version;
  Text name;
  Text namespace_name;
  Text default_environment;
  Cluster cluster;
  std::vector<std::pair<std::string, Model>> models;
  std::vector<std::pair<std::string, Job>> jobs;
  std::vector<std::pair<std::string, Service>> services;
  Metrics metrics;
};

}  // namespace mlk::project
