#include "sample_run.hpp"

#include <mlk/training/explain.hpp>
#include <mlk/training/follow.hpp>
#include <mlk/training/submit.hpp>

#include <algorithm>

using namespace mlk::training;
using mlk::ErrorKind;

TEST_CASE("ending: a complete run is no failure", "[training][ending]") {
  auto job = sample::job();
  job.conditions = {{"Complete", "True", "", "", sample::at(5)}};
  CHECK_FALSE(failure_of({derive_run(job, {}), {}, {}}));
}

TEST_CASE("ending: a failed run says who failed first, when, and where to read on", "[training][ending]") {
  const Run run = derive_run(sample::failed_job(6), {sample::ended(1, 2, 5, "Error")});
  const auto error = failure_of({run, {}, {}});
  REQUIRE(error);
  CHECK(error->kind == ErrorKind::workload_failed);
  CHECK(error->what ==
        "job 'tune-x7k2' failed: rank 1 failed first: exit code 2 in pod tune-x7k2-1-abcde on gpu-a-02 at "
        "2026-11-21T06:30:05Z");
  CHECK(error->why == "Job has reached the specified backoff limit");
  CHECK(error->fix == "read its log: mlk train logs tune-x7k2 --rank 1");
}

TEST_CASE("ending: a rank that ran out of memory is told to ask for more", "[training][ending]") {
  const Run run = derive_run(sample::failed_job(6), {sample::ended(1, 137, 5, "OOMKilled")});
  const auto error = failure_of({run, {}, {}});
  REQUIRE(error);
  CHECK(error->fix == "raise 'jobs.tune.resources.memory' in mlk.yaml, or make the work of a rank smaller");
}

TEST_CASE("ending: what was given up on keeps its exit code", "[training][ending]") {
  const auto kind = GENERATE(ObstacleKind::unschedulable, ObstacleKind::image, ObstacleKind::quota);
  Obstacle obstacle;
  obstacle.kind = kind;
  obstacle.reason = "a reason";
  obstacle.message = "in words";
  const auto error = failure_of({derive_run(sample::job(), {}), obstacle, {}});
  REQUIRE(error);
  CHECK(error->kind == (kind == ObstacleKind::unschedulable ? ErrorKind::never_fits : ErrorKind::workload_failed));
  CHECK(error->why == "in words");
  CHECK(error->fix.find("mlk train delete tune-x7k2") != std::string::npos);
}

TEST_CASE("submit: a run id always gives the same suffix, and another id another one", "[training][submit]") {
  CHECK(suffix_of("pipeline-1") == suffix_of("pipeline-1"));
  CHECK(suffix_of("pipeline-1") != suffix_of("pipeline-2"));
  CHECK(suffix_of("").size() == 8);
}

TEST_CASE("submit: a random suffix fits into a name and spells nothing", "[training][submit]") {
  const auto suffix = random_suffix();
  REQUIRE(suffix);
  CHECK(suffix->size() == 4);
  CHECK(std::all_of(suffix->begin(), suffix->end(), [](char c) {
    return std::string_view("bcdfghjklmnpqrstvwxz2456789").find(c) != std::string_view::npos;
  }));
}

TEST_CASE("logs: ranks are chosen one by one or all", "[training][logs]") {
  LogChoice choice;
  CHECK(choice.is_empty());
  choice.ranks = {2};
  CHECK(choice.has(2));
  CHECK_FALSE(choice.has(0));
  choice.all_ranks = true;
  CHECK(choice.has(0));
}

namespace {

const Check* find_check(const Explanation& explanation, std::string_view subject) {
  for (const Check& check : explanation.checks) {
    if (check.subject == subject) return &check;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("explain: pods without a node name what the scheduler and the plan say", "[training][explain]") {
  Evidence evidence;
  evidence.job = sample::job();
  evidence.pods = {sample::unschedulable(0, "0/4 nodes are available: 4 Insufficient nvidia.com/gpu."),
                   sample::unschedulable(1, "0/4 nodes are available: 4 Insufficient nvidia.com/gpu.")};
  mlk::placement::Answer answer;
  answer.verdict = mlk::placement::Verdict::waits;
  answer.reason = "2 pods wait for GPUs in use";
  evidence.answer = answer;
  evidence.alternatives = {"pool 'a100' would take it now: --set jobs.tune.gpus=a100:8"};
  const Explanation explanation = explain(evidence, sample::at(252));
  CHECK(explanation.headline == "tune-x7k2 waits (4 m 12 s): 2 of 2 pods can't be placed");
  const Check* nodes = find_check(explanation, "nodes");
  REQUIRE(nodes != nullptr);
  CHECK(nodes->standing == Standing::in_the_way);
  REQUIRE(nodes->details.size() == 3);
  CHECK(nodes->details[0] == "the scheduler says: 0/4 nodes are available: 4 Insufficient nvidia.com/gpu");
  CHECK(nodes->details[2] == "checked: pool 'a100' would take it now: --set jobs.tune.gpus=a100:8");
}

TEST_CASE("explain: what the rights hide is said to be unknown", "[training][explain]") {
  Evidence evidence;
  evidence.job = sample::job();
  evidence.hidden = {"events in 'nlp' are hidden from you"};
  const Explanation explanation = explain(evidence, sample::at(5));
  const Check* pods = find_check(explanation, "pods");
  REQUIRE(pods != nullptr);
  CHECK(pods->standing == Standing::unknown);
  CHECK(pods->text == "0 of 2 pods created; why is unknown: events in 'nlp' are hidden from you");
}

TEST_CASE("explain: a refused pod names the quota", "[training][explain]") {
  Evidence evidence;
  evidence.job = sample::job();
  evidence.job_events = {sample::refused(
      "Error creating: pods \"x\" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=8, used: "
      "requests.nvidia.com/gpu=0, limited: requests.nvidia.com/gpu=4")};
  const Explanation explanation = explain(evidence, sample::at(5));
  CHECK(explanation.headline == "tune-x7k2 waits (5 s): 2 of 2 pods can't be created");
  const Check* pods = find_check(explanation, "pods");
  REQUIRE(pods != nullptr);
  CHECK(pods->standing == Standing::in_the_way);
  CHECK(pods->text == "0 of 2 pods created: exceeded quota");
  REQUIRE_FALSE(pods->details.empty());
  CHECK(pods->details[0].starts_with("quota 'gpus' allows 4"));
}

TEST_CASE("explain: a failed run is explained by its first failure", "[training][explain]") {
  Evidence evidence;
  evidence.job = sample::failed_job(6);
  evidence.pods = {sample::ended(1, 137, 5, "OOMKilled")};
  const Explanation explanation = explain(evidence, sample::at(60));
  CHECK(explanation.headline == "tune-x7k2 failed (after 7 s)");
  const Check* ranks = find_check(explanation, "ranks");
  REQUIRE(ranks != nullptr);
  CHECK(ranks->text.starts_with("rank 1 failed first: exit code 137 (OOMKilled)"));
}

TEST_CASE("explain: a suspended run waits for its queue", "[training][explain]") {
  Evidence evidence;
  evidence.job = sample::job();
  evidence.job.suspended = true;
  evidence.job.meta.labels.emplace_back("kueue.x-k8s.io/queue-name", "research");
  const Explanation explanation = explain(evidence, sample::at(5));
  REQUIRE_FALSE(explanation.checks.empty());
  CHECK(explanation.checks[0].subject == "queue 'research'");
  CHECK(explanation.checks[0].standing == Standing::in_the_way);
}

TEST_CASE("explain: a run without obstacles is ok in every point", "[training][explain]") {
  Evidence evidence;
  evidence.job = sample::job();
  evidence.pods = {sample::running(0), sample::running(1)};
  const Explanation explanation = explain(evidence, sample::at(5));
  CHECK(std::all_of(explanation.checks.begin(), explanation.checks.end(),
                    [](const Check& check) { return check.standing == Standing::ok; }));
}
