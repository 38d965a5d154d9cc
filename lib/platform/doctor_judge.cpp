#include <mlk/core/quantity.hpp>
#include <mlk/core/text.hpp>
#include <mlk/platform/doctor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace mlk::platform {

namespace {

/// Image volumes with a sub path came with 1.33, behind a feature gate that is on by default from 1.35.
constexpr int k_first_minor = 33;
constexpr int k_default_minor = 35;

struct Version {
  int major = 0;
  int minor = 0;
  auto operator<=>(const Version&) const =
      default;  // NOLINT(modernize-use-nullptr): of what the compiler writes for it
};

/// "v1.36.3", "2.1.4-rc.1": the first two numbers; nothing where it doesn't begin with them.
std::optional<Version> parse_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  Version version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
  if (std::from_chars(major.ptr + 1, end, version.minor).ec != std::errc()) return std::nullopt;
  return version;
}

enum class Mounts : std::uint8_t { yes, no, unknown };

/// Whether a node can mount an image as a volume, by what it says of itself.
Mounts mounts_images(const kube::Node& node) {
  constexpr std::string_view k_containerd = "containerd://";
  const auto kubelet = parse_version(node.kubelet_version);
  if (kubelet && *kubelet < Version{1, k_first_minor}) return Mounts::no;
  if (!node.container_runtime.starts_with(k_containerd)) return Mounts::unknown;
  const auto runtime = parse_version(std::string_view(node.container_runtime).substr(k_containerd.size()));
  if (!runtime) return Mounts::unknown;
  if (*runtime < Version{2, 1}) return Mounts::no;
  // In between the feature gate decides, and nodes don't tell it.
  return kubelet && *kubelet >= Version{1, k_default_minor} ? Mounts::yes : Mounts::unknown;
}

std::string count_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// "12 × containerd://2.1.4, 4 × cri-o://1.33.0"
std::string tally(const std::map<std::string, std::int64_t>& counts) {
  std::vector<std::string> parts;
  parts.reserve(counts.size());
  for (const auto& [name, count] : counts) parts.push_back(fmt::format("{} × {}", count, name));
  return join(parts, ", ");
}

bool is_gpu(std::string_view resource) {
  return resource == "nvidia.com/gpu" || resource.starts_with("nvidia.com/mig-") || resource == "amd.com/gpu" ||
         resource.starts_with("gpu.intel.com/");
}

}  // namespace

Check judge_version(const kube::ServerVersion& version, bool needs_image_volumes) {
  Check check{"cluster", "API server", CheckState::ok, version.text, {}};
  const Version have{version.major, version.minor};
  if (!needs_image_volumes || have >= Version{1, k_default_minor}) return check;
  check.finding = fmt::format(
      "{}, and image volumes, by which pods of this file mount models, are on by default from "
      "1.{}",
      version.text, k_default_minor);
  if (have >= Version{1, k_first_minor}) {
    check.state = CheckState::unknown;
    check.fix = fmt::format("switch the feature gate ImageVolume on in API server and kubelets, or upgrade to 1.{}",
                            k_default_minor);
  } else {
    check.state = CheckState::missing;
    check.fix = fmt::format("upgrade the cluster to Kubernetes 1.{} or later", k_default_minor);
  }
  return check;
}

Check judge_runtimes(const std::vector<kube::Node>& nodes, bool needs_image_volumes) {
  Check check{"nodes", "image volumes", CheckState::ok, {}, {}};
  if (nodes.empty()) {
    check.state = CheckState::missing;
    check.finding = "the cluster has no nodes";
    check.fix = "add nodes; 'mlk cluster nodes' shows them";
    return check;
  }
  std::map<std::string, std::int64_t> runtimes;
  std::size_t able = 0;
  std::size_t unable = 0;
  for (const kube::Node& node : nodes) {
    ++runtimes[node.container_runtime.empty() ? "runtime not told" : node.container_runtime];
    const Mounts mounts = mounts_images(node);
    able += mounts == Mounts::yes ? 1 : 0;
    unable += mounts == Mounts::no ? 1 : 0;
  }
  check.finding = fmt::format("{} of {} mount them: {}", able, count_of(nodes.size(), "node"), tally(runtimes));
  if (able == nodes.size()) return check;
  const std::string needs = fmt::format("they need containerd 2.1 and Kubernetes 1.{} on the node", k_default_minor);
  if (!needs_image_volumes) {
    check.state = unable > 0 ? CheckState::warning : CheckState::unknown;
    check.fix = needs + "; upgrade before you serve models on the others";
  } else if (unable == nodes.size()) {
    check.state = CheckState::missing;
    check.fix = needs + ": upgrade them";
  } else {
    check.state = unable > 0 ? CheckState::warning : CheckState::unknown;
    check.fix = needs + "; upgrade the others, or keep pods off them with 'node-selector'";
  }
  return check;
}

Check judge_gpus(const std::vector<kube::Node>& nodes, bool needs_gpus) {
  std::map<std::string, std::int64_t> models;
  std::size_t carriers = 0;
  std::int64_t total = 0;
  for (const kube::Node& node : nodes) {
    std::int64_t here = 0;
    for (const auto& [resource, quantity] : node.allocatable) {
      const std::int64_t amount = is_gpu(resource) ? parse_quantity(quantity).value_or(0) : 0;
      if (amount <= 0) continue;
      const std::string_view product =
          resource.starts_with("nvidia.com/") ? node.meta.label("nvidia.com/gpu.product") : std::string_view();
      models[product.empty() || resource != "nvidia.com/gpu" ? resource : std::string(product)] += amount;
      here += amount;
    }
    total += here;
    carriers += here > 0 ? 1 : 0;
  }
  Check check{"nodes", "GPUs", CheckState::ok, {}, {}};
  if (total > 0) {
    check.finding = fmt::format("{} on {}", tally(models), count_of(carriers, "node"));
  } else if (needs_gpus) {
    check.state = CheckState::missing;
    check.finding = "no node offers any, and this file asks for some";
    check.fix =
        "install the GPU vendor's device plugin on the nodes that have them; 'mlk cluster gpus' shows them then";
  } else {
    check.finding = "no node offers any, and nothing asks for any";
  }
  return check;
}

Check judge_gateway(const project::ObjectRef& gateway, const std::optional<document::Node>& object) {
  Check check{"gateway", gateway.namespace_name + "/" + gateway.name, CheckState::ok, "is Programmed", {}};
  if (!object) {
    check.state = CheckState::missing;
    check.finding = "there is no such gateway";
    check.fix = "run 'kubectl get gateways -A' and name one of those in 'expose.gateway', or have it made";
    return check;
  }
  const auto conditions = kube::conditions_from((*object)["status"]["conditions"]);
  const kube::Condition* programmed = kube::find_condition(conditions, "Programmed");
  if (programmed != nullptr && programmed->is_true()) return check;
  check.fix = fmt::format("see 'kubectl describe gateway {} -n {}', and whether its controller runs", gateway.name,
                          gateway.namespace_name);
  if (programmed == nullptr || programmed->status == "Unknown") {
    check.state = CheckState::unknown;
    check.finding = "no controller has said yet that it is Programmed";
  } else {
    check.state = CheckState::missing;
    check.finding = fmt::format("isn't Programmed: {}",
                                printable(programmed->message.empty() ? programmed->reason : programmed->message));
  }
  return check;
}

}  // namespace mlk::platform
