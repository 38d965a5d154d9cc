#include "proto_read.hpp"

#include <algorithm>

namespace mlk::kube::proto {
namespace {

using protozero::pbf_reader;

void read_resources(pbf_reader resources, Container& container) {
  while (resources.next()) {
    switch (resources.tag()) {
      case 1:
        add_quantity(container.limits, resources);
        break;
      case 2:
        add_quantity(container.requests, resources);
        break;
      default:
        resources.skip();
    }
  }
}

Container read_container(pbf_reader container, bool is_init) {
  Container out;
  out.is_init = is_init;
  while (container.next()) {
    switch (container.tag()) {
      case 1:
        out.name = text(container);
        break;
      case 2:
        out.image = text(container);
        break;
      case 8:
        read_resources(container.get_message(), out);
        break;
      case 24:
        out.is_sidecar = is_init && text(container) == "Always";
        break;
      default:
        container.skip();
    }
  }
  return out;
}

Toleration read_toleration(pbf_reader toleration) {
  Toleration out;
  while (toleration.next()) {
    switch (toleration.tag()) {
      case 1:
        out.key = text(toleration);
        break;
      case 2:
        out.operation = text(toleration);
        break;
      case 3:
        out.value = text(toleration);
        break;
      case 4:
        out.effect = text(toleration);
        break;
      default:
        toleration.skip();
    }
  }
  return out;
}

std::string read_gate(pbf_reader gate) {
  std::string name;
  while (gate.next()) {
    if (gate.tag() == 1) {
      name = text(gate);
    } else {
      gate.skip();
    }
  }
  return name;
}

void read_spec(pbf_reader spec, Pod& pod) {
  while (spec.next()) {
    switch (spec.tag()) {
      case 2:
        pod.containers.push_back(read_container(spec.get_message(), false));
        break;
      case 3:
        pod.restart_policy = text(spec);
        break;
      case 7:
        add_pair(pod.node_selector, spec);
        break;
      case 10:
        pod.node_name = text(spec);
        break;
      case 16:
        pod.host_name = text(spec);
        break;
      case 19:
        pod.scheduler_name = text(spec);
        break;
      case 20:
        pod.containers.push_back(read_container(spec.get_message(), true));
        break;
      case 22:
        pod.tolerations.push_back(read_toleration(spec.get_message()));
        break;
      case 24:
        pod.priority_class = text(spec);
        break;
      case 25:
        pod.priority = spec.get_int32();
        break;
      case 32:
        add_quantity(pod.overhead, spec);
        break;
      case 38:
        pod.scheduling_gates.push_back(read_gate(spec.get_message()));
        break;
      default:
        spec.skip();
    }
  }
}

void read_waiting(pbf_reader waiting, ContainerState& state) {
  state.phase = ContainerState::Phase::waiting;
  while (waiting.next()) {
    switch (waiting.tag()) {
      case 1:
        state.reason = text(waiting);
        break;
      case 2:
        state.message = text(waiting);
        break;
      default:
        waiting.skip();
    }
  }
}

void read_running(pbf_reader running, ContainerState& state) {
  state.phase = ContainerState::Phase::running;
  while (running.next()) {
    if (running.tag() == 1) {
      state.started = time(running);
    } else {
      running.skip();
    }
  }
}

void read_terminated(pbf_reader terminated, ContainerState& state) {
  state.phase = ContainerState::Phase::terminated;
  while (terminated.next()) {
    switch (terminated.tag()) {
      case 1:
        state.exit_code = terminated.get_int32();
        break;
      case 2:
        state.signal = terminated.get_int32();
        break;
      case 3:
        state.reason = text(terminated);
        break;
      case 4:
        state.message = text(terminated);
        break;
      case 5:
        state.started = time(terminated);
        break;
      case 6:
        state.finished = time(terminated);
        break;
      default:
        terminated.skip();
    }
  }
}

ContainerState read_state(pbf_reader state) {
  ContainerState out;
  while (state.next()) {
    switch (state.tag()) {
      case 1:
        read_waiting(state.get_message(), out);
        break;
      case 2:
        read_running(state.get_message(), out);
        break;
      case 3:
        read_terminated(state.get_message(), out);
        break;
      default:
        state.skip();
    }
  }
  return out;
}

ContainerStatus read_container_status(pbf_reader status, bool is_init) {
  ContainerStatus out;
  out.is_init = is_init;
  while (status.next()) {
    switch (status.tag()) {
      case 1:
        out.name = text(status);
        break;
      case 2:
        out.state = read_state(status.get_message());
        break;
      case 3:
        out.last_state = read_state(status.get_message());
        break;
      case 4:
        out.ready = status.get_bool();
        break;
      case 5:
        out.restarts = status.get_int32();
        break;
      case 6:
        out.image = text(status);
        break;
      default:
        status.skip();
    }
  }
  return out;
}

void read_status(pbf_reader status, Pod& pod) {
  while (status.next()) {
    switch (status.tag()) {
      case 1:
        pod.phase = text(status);
        break;
      case 2:
        pod.conditions.push_back(read_condition(status.get_message()));
        break;
      case 3:
        pod.message = text(status);
        break;
      case 4:
        pod.reason = text(status);
        break;
      case 5:
        pod.host_ip = text(status);
        break;
      case 6:
        pod.pod_ip = text(status);
        break;
      case 7:
        pod.started = time(status);
        break;
      case 8:
        pod.statuses.push_back(read_container_status(status.get_message(), false));
        break;
      case 10:
        pod.statuses.push_back(read_container_status(status.get_message(), true));
        break;
      default:
        status.skip();
    }
  }
}

}  // namespace

Pod read_pod(pbf_reader pod) {
  Pod out;
  while (pod.next()) {
    switch (pod.tag()) {
      case 1:
        out.meta = read_meta(pod.get_message());
        break;
      case 2:
        read_spec(pod.get_message(), out);
        break;
      case 3:
        read_status(pod.get_message(), out);
        break;
      default:
        pod.skip();
    }
  }
  // The wire orders fields by their numbers, which puts init containers last.
  std::stable_partition(out.containers.begin(), out.containers.end(), [](const auto& c) { return c.is_init; });
  std::stable_partition(out.statuses.begin(), out.statuses.end(), [](const auto& s) { return s.is_init; });
  return out;
}

}  // namespace mlk::kube::proto
