#include <mlk/core/text.hpp>
#include <mlk/placement/plan.hpp>

#include <fmt/format.h>

namespace mlk::inline v0::placement {

using document::Node;

namespace {

/// "2 GPUs", "500m cpu", "8Gi memory".
std::string name_amount(std::string_view resource, std::int64_t amount) {
  if (resource == "pods") return fmt::format("{} {}", amount, amount == 1 ? "pod" : "pods");
  if (resource == "nvidia.com/gpu" || resource == "amd.com/gpu") {
    return fmt::format("{} {}", amount, amount == 1 ? "GPU" : "GPUs");
  }
  return fmt::format("{} {}", format_amount(resource, amount), resource);
}

std::string describe_shortage(const Refusal& refusal) {
  const std::int64_t least = refusal.asked - refusal.most_free;
  const std::int64_t most = refusal.asked - refusal.least_free;
  if (least == most) return name_amount(refusal.subject, least) + " short";
  return fmt::format("{} to {} short", format_amount(refusal.subject, least), name_amount(refusal.subject, most));
}

std::string_view kind_name(RefusalKind kind) noexcept {
  switch (kind) {
    case RefusalKind::unschedulable:
      return "unschedulable";
    case RefusalKind::not_ready:
      return "not-ready";
    case RefusalKind::node_name:
      return "node-name";
    case RefusalKind::taint:
      return "taint";
    case RefusalKind::gpu_model:
      return "gpu-model";
    case RefusalKind::affinity:
      return "affinity";
    case RefusalKind::resource:
      return "resource";
    case RefusalKind::quota:
      return "quota";
  }
  return "resource";
}

Node names(const std::vector<std::string>& values) {
  Node list = Node::sequence();
  for (const std::string& value : values) list.push_back(value);
  return list;
}

Node to_document(const Refusal& refusal) {
  const bool has_amounts = refusal.kind == RefusalKind::resource || refusal.kind == RefusalKind::quota;
  const auto amount = [&](std::int64_t value) { return has_amounts ? Node(value) : Node(); };
  return Node::mapping({{"kind", kind_name(refusal.kind)},
                        {"subject", refusal.subject},
                        {"text", describe(refusal)},
                        {"asked", amount(refusal.asked)},
                        {"leastFree", amount(refusal.least_free)},
                        {"mostFree", amount(refusal.most_free)},
                        {"nodes", names(refusal.nodes)}});
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::fits:
      return "fits";
    case Verdict::waits:
      return "waits";
    case Verdict::never:
      return "never";
    case Verdict::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string describe(const Refusal& refusal) {
  switch (refusal.kind) {
    case RefusalKind::unschedulable:
      return "cordoned";
    case RefusalKind::not_ready:
      return "not ready";
    case RefusalKind::node_name:
      return fmt::format("not node '{}'", refusal.subject);
    case RefusalKind::taint:
      return fmt::format("untolerated taint {}", refusal.subject);
    case RefusalKind::gpu_model:
      return refusal.subject.empty() ? "no GPUs" : fmt::format("other GPUs ({})", refusal.subject);
    case RefusalKind::affinity:
      return fmt::format("don't match {}", refusal.subject);
    case RefusalKind::resource:
      return describe_shortage(refusal);
    case RefusalKind::quota:
      break;
  }
  const auto colon = refusal.subject.rfind(": ");
  const std::string_view key = std::string_view(refusal.subject).substr(colon + 2);
  const std::string quota = refusal.subject.substr(0, colon);
  const std::string asked = format_amount(key, refusal.asked);
  const std::string hard = format_amount(key, refusal.most_free);
  if (refusal.asked > refusal.most_free)
    return fmt::format("quota '{}' allows {} {}, {} asked", quota, hard, key, asked);
  return fmt::format("quota '{}' has {} of {} {} left, {} asked", quota, format_amount(key, refusal.least_free), hard,
                     key, asked);
}

std::string describe(const std::vector<Refusal>& refusals) {
  std::string text;
  for (const Refusal& refusal : refusals) {
    if (!text.empty()) text += "; ";
    if (refusal.kind == RefusalKind::quota) {
      text += describe(refusal);
      continue;
    }
    const std::size_t count = refusal.nodes.size();
    text += text.empty() ? fmt::format("{} {}: ", count, count == 1 ? "node" : "nodes") : fmt::format("{}: ", count);
    text += describe(refusal);
  }
  return text;
}

document::Node to_document(const Answer& answer) {
  Node where = Node::sequence();
  for (const Assignment& each : answer.assignments) {
    where.push_back(Node::mapping({{"node", each.node}, {"pods", each.pods}}));
  }
  Node reasons = Node::sequence();
  for (const Refusal& refusal : answer.refusals) reasons.push_back(to_document(refusal));
  return Node::mapping({{"workload", answer.workload},
                        {"verdict", to_string(answer.verdict)},
                        {"wantedPods", answer.wanted},
                        {"placedPods", answer.placed},
                        {"nodes", std::move(where)},
                        {"refusals", std::move(reasons)},
                        {"reason", answer.reason},
                        {"unknown", names(answer.unknown)}});
}

}  // namespace mlk::inline v0::placement
