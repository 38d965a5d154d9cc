#include "rule_groups.hpp"

#include <mlk/core/quantity.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::validation {

namespace {

void check_limit_missing(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    for (const Container& container : pods.containers) {
      const Spot resources = container.spot["resources"];
      for (const Spot& request : resources["requests"].children()) {
        if (!is_extended_resource(request.key()) || !resources["limits"][request.key()].is_null()) continue;
        finder.report("gpu-limit-missing", request,
                      {fmt::format("container '{}' requests {} without a limit", container.name(), request.key()),
                       {},
                       fmt::format("add limits: {{{}: {}}}", request.key(), request.text())});
      }
    }
  }
}

void check_request_differs(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    for (const Container& container : pods.containers) {
      const Spot resources = container.spot["resources"];
      for (const Spot& request : resources["requests"].children()) {
        const Spot limit = resources["limits"][request.key()];
        if (!is_extended_resource(request.key()) || limit.is_null()) continue;
        const auto asked = parse_quantity_milli(request.text());
        const auto allowed = parse_quantity_milli(limit.text());
        if (!asked || !allowed || *asked == *allowed) continue;
        finder.report_with("gpu-req-ne-limit", request, limit, "the limit",
                           {fmt::format("container '{}' requests {} {} but its limit is {}", container.name(),
                                        request.text(), request.key(), limit.text()),
                            {},
                            fmt::format("give both the same number, or leave the request out")});
      }
    }
  }
}

void check_fractional(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    for (const Container& container : pods.containers) {
      for (const std::string_view side : {"requests", "limits"}) {
        for (const Spot& quantity : container.spot["resources"][side].children()) {
          if (!is_extended_resource(quantity.key())) continue;
          const auto milli = parse_quantity_milli(quantity.text());
          if (!milli || *milli % 1000 == 0) continue;
          finder.report(
              "gpu-fractional", quantity,
              {fmt::format("container '{}' asks for {} {}", container.name(), quantity.text(), quantity.key()),
               {},
               {}});
        }
      }
    }
  }
}

bool mounts_shm(const PodSet& pods, const Container& container) {
  for (const Spot& mount : container.spot["volumeMounts"].children()) {
    const std::string path = mount["mountPath"].text();
    if (path != "/dev/shm" && path != "/dev/shm/") continue;
    for (const Spot& volume : pods.spec["volumes"].children()) {
      if (volume["name"].text() != mount["name"].text()) continue;
      // Anything but a plain emptyDir on disk is somebody's choice.
      return volume["emptyDir"].is_null() || volume.at({"emptyDir", "medium"}).text() == "Memory";
    }
  }
  return false;
}

/// Several GPUs talk through NCCL, and training jobs load data in worker processes; both use /dev/shm.
void check_shm(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    if (pods.spec["hostIPC"].node().bool_or(false)) continue;
    for (const Container& container : pods.containers) {
      const auto uses = gpu_uses(container);
      if (uses.empty() || container.is_init || mounts_shm(pods, container)) continue;
      std::int64_t gpus = 0;
      for (const DeviceUse& use : uses) gpus += use.count;
      if (gpus < 2 && !pods.is_job()) continue;
      finder.report("shm-missing", uses.front().spot,
                    {fmt::format("container '{}' uses {} {} with the default 64 MiB of /dev/shm", container.name(),
                                 gpus, gpus == 1 ? "GPU" : "GPUs"),
                     {},
                     {}});
    }
  }
}

std::string taint_key(std::string_view resource) {
  if (resource.starts_with("nvidia.com/")) return "nvidia.com/gpu";
  return std::string(resource);
}

bool is_tolerated(const PodSet& pods, std::string_view key) {
  for (const Spot& toleration : pods.spec["tolerations"].children()) {
    const std::string own = toleration["key"].text();
    if (own == key || (own.empty() && toleration["operator"].text() == "Exists")) return true;
  }
  return false;
}

void check_toleration(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    std::vector<std::string> told;
    for (const Container& container : pods.containers) {
      for (const DeviceUse& use : gpu_uses(container)) {
        const std::string key = taint_key(use.resource);
        if (is_tolerated(pods, key) || std::find(told.begin(), told.end(), key) != told.end()) continue;
        told.push_back(key);
        finder.report("gpu-toleration", use.spot,
                      {fmt::format("the pods ask for {} but don't tolerate the taint '{}'", use.resource, key),
                       {},
                       fmt::format("add tolerations: [{{key: {}, operator: Exists, effect: NoSchedule}}]", key)});
      }
    }
  }
}

constexpr RuleEntry k_rules[] = {
    {{"gpu-limit-missing", Severity::error, "gpu", "a GPU or another device is requested without a limit",
      "extended resources can't be overcommitted: the API server refuses a request that has no limit",
      "set the limit; the request then defaults to it", "Kubernetes, core validation: ValidateContainerResources",
      R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists}]
  containers:
  - name: main
    image: registry.example.com/train:1.4
    resources: {requests: {nvidia.com/gpu: 1}}
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists}]
  containers:
  - name: main
    image: registry.example.com/train:1.4
    resources: {limits: {nvidia.com/gpu: 1}}
)"},
     check_limit_missing},
    {{"gpu-req-ne-limit", Severity::error, "gpu", "a device's request differs from its limit",
      "extended resources can't be overcommitted: the API server refuses a request that isn't equal to the limit",
      "give both the same number, or leave the request out", "Kubernetes, core validation: ValidateContainerResources",
      R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists}]
  containers:
  - name: main
    image: registry.example.com/train:1.4
    resources:
      requests: {nvidia.com/gpu: 1}
      limits: {nvidia.com/gpu: 2}
    volumeMounts: [{name: shm, mountPath: /dev/shm}]
  volumes: [{name: shm, emptyDir: {medium: Memory, sizeLimit: 1Gi}}]
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists}]
  containers:
  - name: main
    image: registry.example.com/train:1.4
    resources:
      requests: {nvidia.com/gpu: 2}
      limits: {nvidia.com/gpu: 2}
    volumeMounts: [{name: shm, mountPath: /dev/shm}]
  volumes: [{name: shm, emptyDir: {medium: Memory, sizeLimit: 1Gi}}]
)"},
     check_request_differs},
    {{"gpu-fractional", Severity::error, "gpu", "a fraction of a GPU or another device is asked for",
      "extended resources are whole numbers: the API server refuses fractions",
      "ask for a whole one, for a MIG slice such as nvidia.com/mig-1g.10gb, or for a shared GPU where the cluster has "
      "them",
      "Kubernetes, core validation: ValidateResourceQuantityValue",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists}]
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    resources: {limits: {nvidia.com/gpu: 500m}}
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists}]
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    resources: {limits: {nvidia.com/gpu: 1}}
)"},
     check_fractional},
    {{"shm-missing", Severity::warning, "gpu", "several GPUs, or training, with the default /dev/shm",
      "a container's /dev/shm is 64 MiB; NCCL between GPUs and PyTorch's data loaders need more and fail with a bus "
      "error",
      "mount an emptyDir with medium: Memory and a sizeLimit at /dev/shm; it counts against the memory limit",
      "NVIDIA/nccl#525, pytorch/torchx#428",
      R"(apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  template:
    spec:
      restartPolicy: Never
      tolerations: [{key: nvidia.com/gpu, operator: Exists}]
      containers:
      - name: main
        image: registry.example.com/train:1.4
        resources: {limits: {nvidia.com/gpu: 8}}
)",
      R"(apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  template:
    spec:
      restartPolicy: Never
      tolerations: [{key: nvidia.com/gpu, operator: Exists}]
      containers:
      - name: main
        image: registry.example.com/train:1.4
        resources: {limits: {nvidia.com/gpu: 8}}
        volumeMounts: [{name: shm, mountPath: /dev/shm}]
      volumes: [{name: shm, emptyDir: {medium: Memory, sizeLimit: 16Gi}}]
)"},
     check_shm},
    {{"gpu-toleration", Severity::warning, "gpu",
      "GPUs are asked for, but the usual taint of GPU nodes isn't tolerated",
      "GPU nodes mostly carry a taint named after the resource, and only some clouds tolerate it by themselves: the "
      "pods stay pending",
      "tolerate the taint that is named after the resource",
      "Azure/AKS#1449; Kubernetes, ExtendedResourceToleration admission",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    resources: {limits: {nvidia.com/gpu: 1}}
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    resources: {limits: {nvidia.com/gpu: 1}}
)"},
     check_toleration},
};

}  // namespace

std::span<const RuleEntry> gpu_rules() noexcept { return k_rules; }

}  // namespace mlk::inline v0::validation
