#include "proto_read.hpp"

namespace mlk::kube::proto {
namespace {

using protozero::pbf_reader;

OwnerReference read_owner(pbf_reader owner) {
  OwnerReference out;
  while (owner.next()) {
    switch (owner.tag()) {
      case 1:
        out.kind = text(owner);
        break;
      case 3:
        out.name = text(owner);
        break;
      case 4:
        out.uid = text(owner);
        break;
      case 5:
        out.api_version = text(owner);
        break;
      case 6:
        out.is_controller = owner.get_bool();
        break;
      default:
        owner.skip();
    }
  }
  return out;
}

void read_job_spec(pbf_reader spec, Job& job) {
  while (spec.next()) {
    switch (spec.tag()) {
      case 1:
        job.parallelism = spec.get_int32();
        break;
      case 2:
        job.completions = spec.get_int32();
        break;
      case 7:
        job.backoff_limit = spec.get_int32();
        break;
      case 9:
        job.completion_mode = text(spec);
        break;
      case 10:
        job.suspended = spec.get_bool();
        break;
      default:
        spec.skip();
    }
  }
}

void read_job_status(pbf_reader status, Job& job) {
  while (status.next()) {
    switch (status.tag()) {
      case 1:
        job.conditions.push_back(read_condition(status.get_message()));
        break;
      case 2:
        job.started = time(status);
        break;
      case 3:
        job.completed = time(status);
        break;
      case 4:
        job.active = status.get_int32();
        break;
      case 5:
        job.succeeded = status.get_int32();
        break;
      case 6:
        job.failed = status.get_int32();
        break;
      case 7:
        job.completed_indexes = text(status);
        break;
      case 9:
        job.ready = status.get_int32();
        break;
      case 10:
        job.failed_indexes = text(status);
        break;
      default:
        status.skip();
    }
  }
}

Taint read_taint(pbf_reader taint) {
  Taint out;
  while (taint.next()) {
    switch (taint.tag()) {
      case 1:
        out.key = text(taint);
        break;
      case 2:
        out.value = text(taint);
        break;
      case 3:
        out.effect = text(taint);
        break;
      default:
        taint.skip();
    }
  }
  return out;
}

void read_node_spec(pbf_reader spec, Node& node) {
  while (spec.next()) {
    switch (spec.tag()) {
      case 4:
        node.unschedulable = spec.get_bool();
        break;
      case 5:
        node.taints.push_back(read_taint(spec.get_message()));
        break;
      default:
        spec.skip();
    }
  }
}

void read_node_info(pbf_reader info, Node& node) {
  while (info.next()) {
    switch (info.tag()) {
      case 5:
        node.os_image = text(info);
        break;
      case 6:
        node.container_runtime = text(info);
        break;
      case 7:
        node.kubelet_version = text(info);
        break;
      case 10:
        node.architecture = text(info);
        break;
      default:
        info.skip();
    }
  }
}

void read_node_status(pbf_reader status, Node& node) {
  while (status.next()) {
    switch (status.tag()) {
      case 1:
        add_quantity(node.capacity, status);
        break;
      case 2:
        add_quantity(node.allocatable, status);
        break;
      case 4:
        node.conditions.push_back(read_condition(status.get_message()));
        break;
      case 7:
        read_node_info(status.get_message(), node);
        break;
      default:
        status.skip();
    }
  }
}

}  // namespace

ObjectMeta read_meta(pbf_reader meta) {
  ObjectMeta out;
  while (meta.next()) {
    switch (meta.tag()) {
      case 1:
        out.name = text(meta);
        break;
      case 3:
        out.namespace_name = text(meta);
        break;
      case 5:
        out.uid = text(meta);
        break;
      case 6:
        out.resource_version = text(meta);
        break;
      case 7:
        out.generation = meta.get_int64();
        break;
      case 8:
        out.created = time(meta);
        break;
      case 9:
        out.deleted = time(meta);
        break;
      case 11:
        add_pair(out.labels, meta);
        break;
      case 12:
        add_pair(out.annotations, meta);
        break;
      case 13:
        out.owners.push_back(read_owner(meta.get_message()));
        break;
      default:
        meta.skip();
    }
  }
  return out;
}

Condition read_condition(pbf_reader condition) {
  Condition out;
  while (condition.next()) {
    switch (condition.tag()) {
      case 1:
        out.type = text(condition);
        break;
      case 2:
        out.status = text(condition);
        break;
      case 4:
        out.changed = time(condition);
        break;
      case 5:
        out.reason = text(condition);
        break;
      case 6:
        out.message = text(condition);
        break;
      default:
        condition.skip();
    }
  }
  return out;
}

Job read_job(pbf_reader job) {
  Job out;
  while (job.next()) {
    switch (job.tag()) {
      case 1:
        out.meta = read_meta(job.get_message());
        break;
      case 2:
        read_job_spec(job.get_message(), out);
        break;
      case 3:
        read_job_status(job.get_message(), out);
        break;
      default:
        job.skip();
    }
  }
  return out;
}

Node read_node(pbf_reader node) {
  Node out;
  while (node.next()) {
    switch (node.tag()) {
      case 1:
        out.meta = read_meta(node.get_message());
        break;
      case 2:
        read_node_spec(node.get_message(), out);
        break;
      case 3:
        read_node_status(node.get_message(), out);
        break;
      default:
        node.skip();
    }
  }
  return out;
}

}  // namespace mlk::kube::proto
