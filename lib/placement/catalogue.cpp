#include "catalogue_data.hpp"

#include <mlk/core/text.hpp>
#include <mlk/placement/catalogue.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mlk::inline v0::placement {

using document::Node;

namespace {

constexpr std::string_view k_product_label = "nvidia.com/gpu.product";
constexpr std::string_view k_memory_label = "nvidia.com/gpu.memory";
constexpr std::string_view k_gke_label = "cloud.google.com/gke-accelerator";
constexpr std::string_view k_karpenter_name = "karpenter.k8s.aws/instance-gpu-name";
constexpr std::string_view k_karpenter_memory = "karpenter.k8s.aws/instance-gpu-memory";
constexpr std::int64_t k_most_gpus = 1024;
constexpr std::int64_t k_mebibyte = std::int64_t{1} << 20;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool has(std::span<const std::string_view> values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::string_view label(const Labels& labels, std::string_view key) {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string_view{} : std::string_view(found->second);
}

/// "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED" is an NVIDIA-A100-SXM4-40GB.
std::string_view bare_product(std::string_view product) {
  if (product.ends_with("-SHARED")) product.remove_suffix(7);
  if (const auto mig = product.find("-MIG-"); mig != std::string_view::npos) product = product.substr(0, mig);
  return product;
}

Node requirement(std::string_view key, std::string_view op, const std::vector<std::string>& values) {
  Node list = Node::sequence();
  for (const std::string& value : values) list.push_back(value);
  return Node::mapping({{"key", key}, {"operator", op}, {"values", std::move(list)}});
}

std::vector<std::string> strings(std::span<const std::string_view> values) { return {values.begin(), values.end()}; }

void add_term(Node& terms, std::vector<Node> requirements) {
  if (requirements.empty()) return;
  terms.push_back(Node::mapping({{"matchExpressions", Node::sequence(std::move(requirements))}}));
}

/// The largest whole number of MiB below the asked memory: "Gt" is strict.
std::string below_mib(Bytes memory) { return std::to_string((memory.count + k_mebibyte - 1) / k_mebibyte - 1); }

/// Models of the ask that have the memory it wants, by nominal size (GKE's label tells nothing else).
std::vector<std::string> accelerators_for(const GpuAsk& ask) {
  std::vector<std::string> out;
  for (const GpuModel& model : gpu_models()) {
    if (!ask.model.empty() && model.name != ask.model) continue;
    if (ask.memory && model.memory < *ask.memory) continue;
    for (const std::string_view name : model.accelerators) {
      if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::int64_t> parse_count(std::string_view text, std::string_view whole) {
  std::int64_t count = -1;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{} || end != text.data() + text.size() || count < 0 || count > k_most_gpus) {
    return Error(ErrorKind::failed, fmt::format("gpus '{}': '{}' is no number of GPUs", whole, text))
        .because(fmt::format("whole GPUs are counted, 0 to {}", k_most_gpus))
        .fixed_by("write it as 'h100:8', '8' or '>=40GB:1'");
  }
  return count;
}

Result<void> check_slice(const GpuModel& model, std::string_view slice, std::string_view whole) {
  if (has(model.slices, slice)) return {};
  if (model.slices.empty()) {
    return Error(ErrorKind::failed, fmt::format("gpus '{}': {} can't be cut into MIG slices", whole, model.title))
        .fixed_by(fmt::format("ask for whole ones: '{}:1'", model.name));
  }
  const std::vector<std::string> known = strings(model.slices);
  return Error(ErrorKind::failed, fmt::format("gpus '{}': {} has no MIG slice '{}'{}", whole, model.title, slice,
                                              did_you_mean(slice, known)))
      .because("it can be cut into " + join(known, ", "))
      .fixed_by("name one of these, or ask for whole GPUs");
}

Error unknown_model(std::string_view model, std::string_view whole) {
  std::vector<std::string> known;
  for (const GpuModel& each : gpu_models()) known.emplace_back(each.name);
  return Error(ErrorKind::failed,
               fmt::format("gpus '{}': unknown GPU model '{}'{}", whole, model, did_you_mean(model, known)))
      .because("known are " + join(known, ", "))
      .fixed_by("name one of these, or ask by number or memory: '8', '>=40GB:1'");
}

}  // namespace

std::span<const GpuModel> gpu_models() noexcept { return data::k_models; }

const GpuModel* find_gpu_model(std::string_view name) noexcept {
  const auto same = [name](const GpuModel& model) {
    return std::equal(name.begin(), name.end(), model.name.begin(), model.name.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  };
  const auto found = std::find_if(data::k_models.begin(), data::k_models.end(), same);
  return found == data::k_models.end() ? nullptr : &*found;
}

const GpuModel* gpu_model_of(const Labels& labels) noexcept {
  const std::string_view product = bare_product(label(labels, k_product_label));
  const std::string_view accelerator = label(labels, k_gke_label);
  const std::string_view instance = label(labels, k_karpenter_name);
  const std::string_view memory = label(labels, k_karpenter_memory);
  const GpuModel* best = nullptr;
  for (const GpuModel& model : data::k_models) {
    const bool is_instance =
        has(model.instance_gpus, instance) && (model.instance_memory.empty() || model.instance_memory == memory);
    if (!has(model.products, product) && !has(model.accelerators, accelerator) && !is_instance) continue;
    // "a100-80gb" says more than "a100".
    if (best == nullptr || model.products.size() < best->products.size()) best = &model;
  }
  return best;
}

Result<GpuAsk> parse_gpu_ask(std::string_view text) {
  const std::string_view whole = trim(text);
  GpuAsk ask{.count = 1, .vendor = "nvidia"};
  std::string_view head = whole;
  if (const auto colon = whole.rfind(':'); colon != std::string_view::npos) {
    head = trim(whole.substr(0, colon));
    MLK_TRY(ask.count, parse_count(trim(whole.substr(colon + 1)), whole));
  } else if (!whole.empty() && whole.find_first_not_of("0123456789-+.") == std::string_view::npos) {
    MLK_TRY(ask.count, parse_count(whole, whole));
    return ask;
  }
  if (head.empty()) {
    return Error(ErrorKind::failed, fmt::format("gpus '{}': no GPU named", whole))
        .fixed_by("write it as 'h100:8', '8' or '>=40GB:1'");
  }
  if (head.starts_with(">=")) {
    std::string quantity(trim(head.substr(2)));
    // Kubernetes' quantities end in G or Gi; people write GB and GiB.
    if (quantity.ends_with("B")) quantity.pop_back();
    auto memory = parse_bytes(quantity);
    if (!memory || memory->count <= 0) {
      return Error(ErrorKind::failed, fmt::format("gpus '{}': '{}' is no amount of memory", whole, head))
          .fixed_by("write it as '>=40GB:1'");
    }
    ask.memory = *memory;
    return ask;
  }
  const auto slash = head.find('/');
  const GpuModel* model = find_gpu_model(head.substr(0, slash));
  if (model == nullptr) return unknown_model(head.substr(0, slash), whole);
  ask.model = model->name;
  ask.vendor = model->vendor;
  if (slash != std::string_view::npos) {
    ask.slice = lower(head.substr(slash + 1));
    MLK_CHECK(check_slice(*model, ask.slice, whole));
  }
  return ask;
}

std::string to_string(const GpuAsk& ask) {
  std::string head = ask.model;
  if (!ask.slice.empty()) head += "/" + ask.slice;
  if (head.empty() && ask.memory) {
    constexpr std::int64_t k_gigabyte = 1'000'000'000;
    head = ask.memory->count % k_gigabyte == 0 ? fmt::format(">={}GB", ask.memory->count / k_gigabyte)
                                               : ">=" + format_quantity_bytes(*ask.memory);
  }
  return head.empty() ? std::to_string(ask.count) : fmt::format("{}:{}", head, ask.count);
}

std::string gpu_resource(const GpuAsk& ask) {
  if (!ask.slice.empty()) {
    std::string slice = ask.slice;
    // The device plugin writes the media-engine profile "1g.10gb+me" as "1g.10gb.me": "+" is no resource name.
    std::replace(slice.begin(), slice.end(), '+', '.');
    return "nvidia.com/mig-" + slice;
  }
  if (const GpuModel* model = find_gpu_model(ask.model)) return std::string(model->resource);
  if (ask.vendor == "amd") return "amd.com/gpu";
  if (ask.vendor == "intel") return "gpu.intel.com/xe";
  if (ask.vendor == "habana") return "habana.ai/gaudi";
  return "nvidia.com/gpu";
}

std::string gpu_taint_key(const GpuAsk& ask) {
  // Slices of a GPU stand on nodes that carry the taint of the whole one.
  GpuAsk whole = ask;
  whole.slice.clear();
  return gpu_resource(whole);
}

document::Node gpu_affinity(const GpuAsk& ask) {
  Node terms = Node::sequence();
  const GpuModel* model = find_gpu_model(ask.model);
  if (model == nullptr && !ask.memory) return terms;

  std::vector<Node> discovered;
  std::vector<Node> instance;
  if (model != nullptr) {
    discovered.push_back(requirement(k_product_label, "In", strings(model->products)));
    if (!model->instance_gpus.empty()) {
      instance.push_back(requirement(k_karpenter_name, "In", strings(model->instance_gpus)));
      if (!model->instance_memory.empty()) {
        instance.push_back(requirement(k_karpenter_memory, "In", {std::string(model->instance_memory)}));
      }
    }
  }
  if (ask.memory) {
    discovered.push_back(requirement(k_memory_label, "Gt", {below_mib(*ask.memory)}));
    if (model == nullptr || !instance.empty()) {
      instance.push_back(requirement(k_karpenter_memory, "Gt", {below_mib(*ask.memory)}));
    }
  }
  add_term(terms, std::move(discovered));
  if (const auto accelerators = accelerators_for(ask); !accelerators.empty()) {
    std::vector<Node> gke;
    gke.push_back(requirement(k_gke_label, "In", accelerators));
    add_term(terms, std::move(gke));
  }
  add_term(terms, std::move(instance));
  return terms;
}

document::Node gpu_affinity(std::string_view model) {
  const GpuModel* found = find_gpu_model(model);
  return found == nullptr ? Node::sequence() : gpu_affinity(GpuAsk{.model = std::string(found->name), .count = 1});
}

bool is_gpu_resource(std::string_view resource) noexcept {
  constexpr std::string_view k_known[] = {"nvidia.com/gpu",     "nvidia.com/gpu.shared", "amd.com/gpu",
                                          "gpu.intel.com/i915", "gpu.intel.com/xe",      "habana.ai/gaudi"};
  return resource.starts_with("nvidia.com/mig-") ||
         std::find(std::begin(k_known), std::end(k_known), resource) != std::end(k_known);
}

}  // namespace mlk::inline v0::placement
