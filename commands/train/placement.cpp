#include "commands/train/placement.hpp"

#include <mlk/core/text.hpp>
#include <mlk/placement/catalogue.hpp>
#include <mlk/placement/workload.hpp>
#include <mlk/platform/inventory.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mlk::commands::train {

namespace {

using placement::Verdict;

Result<placement::Workload> read_workload(const document::Node& job, const std::string& namespace_name) {
  MLK_TRY(auto workloads, placement::read_workloads({job}));
  if (workloads.size() != 1) return Error(ErrorKind::failed, "the Job has no pods to place");
  placement::Workload workload = std::move(workloads.front());
  if (workload.name_space.empty()) workload.name_space = namespace_name;
  return workload;
}

/// The same job on other GPUs, as `gpus:` would ask for them.
Result<placement::Workload> on_other_gpus(const document::Node& job, const std::string& namespace_name,
                                          const placement::GpuAsk& ask) {
  document::Node other = job;
  document::Node terms = placement::gpu_affinity(ask);
  document::Node& affinity = other.at({"spec", "template", "spec", "affinity", "nodeAffinity"});
  affinity.at({"requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"}) = std::move(terms);
  return read_workload(other, namespace_name);
}

/// How many whole GPUs a pod asks for; 0 for none, and for slices.
std::int64_t whole_gpus(const placement::Workload& workload) {
  return placement::amount(workload.pod.requests, "nvidia.com/gpu");
}

std::vector<std::string> find_alternatives(const placement::Inventory& inventory, const document::Node& job,
                                           const placement::Workload& workload, const std::string& section) {
  std::vector<std::string> found;
  const std::int64_t gpus = whole_gpus(workload);
  if (gpus == 0 || section.empty()) return found;
  std::set<std::string> tried;
  for (const placement::GpuPool& pool : placement::gpu_pools(inventory)) {
    const placement::GpuModel* model = placement::find_gpu_model(pool.model);
    if (model == nullptr || pool.resource != "nvidia.com/gpu" || !tried.insert(pool.model).second) continue;
    placement::GpuAsk ask;
    ask.model = pool.model;
    ask.count = gpus;
    ask.vendor = std::string(model->vendor);
    auto other = on_other_gpus(job, workload.name_space, ask);
    if (!other) continue;
    other->replicas = workload.replicas;
    const auto answers = placement::plan(inventory, {*other});
    if (answers.empty() || answers.front().verdict != Verdict::fits) continue;
    found.push_back(fmt::format("{} would take it now: --set jobs.{}.gpus={}:{}",
                                pool.pool.empty() ? std::string(model->title) : fmt::format("pool '{}'", pool.pool),
                                section, pool.model, gpus));
  }
  return found;
}

}  // namespace

Result<placement::Answer> plan_job(kube::Client& client, const document::Node& job, const std::string& namespace_name) {
  MLK_TRY(const placement::Workload workload, read_workload(job, namespace_name));
  MLK_TRY(const placement::Inventory inventory, platform::read_inventory(client, namespace_name));
  auto answers = placement::plan(inventory, {workload});
  if (answers.empty()) return Error(ErrorKind::failed, "the plan is empty");
  return std::move(answers.front());
}

Result<Judged> judge_pending(kube::Client& client, const document::Node& job, const std::string& namespace_name,
                             const std::string& section, std::int64_t pending) {
  MLK_TRY(placement::Workload workload, read_workload(job, namespace_name));
  MLK_TRY(placement::Inventory inventory, platform::read_inventory(client, namespace_name));
  workload.replicas = pending;
  // A quota has counted these pods already: they were created.
  inventory.quotas.clear();
  Judged judged;
  auto answers = placement::plan(inventory, {workload});
  if (answers.empty()) return Error(ErrorKind::failed, "the plan is empty");
  judged.answer = std::move(answers.front());
  if (judged.answer.verdict != Verdict::fits) {
    judged.alternatives = find_alternatives(inventory, job, workload, section);
  }
  return judged;
}

}  // namespace mlk::commands::train
