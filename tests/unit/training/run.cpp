#include "sample_run.hpp"

#include <mlk/training/run.hpp>

using namespace mlk::training;
using sample::at;

TEST_CASE("run: without pods it waits, and every rank is absent", "[training][run]") {
  const Run run = derive_run(sample::job(), {});
  CHECK(run.state == RunState::waiting);
  REQUIRE(run.ranks.size() == 2);
  CHECK(run.ranks[1].rank == 1);
  CHECK(run.count(RankState::absent) == 2);
  CHECK(run.section == "tune");
  CHECK_FALSE(run.first_failure);
}

TEST_CASE("run: pods are put at their completion index, whatever their order", "[training][run]") {
  const Run run = derive_run(sample::job(), {sample::running(1), sample::waiting(0, "ContainerCreating", "")});
  CHECK(run.state == RunState::starting);
  CHECK(run.ranks[0].state == RankState::starting);
  CHECK(run.ranks[0].reason == "ContainerCreating");
  CHECK(run.ranks[1].state == RankState::running);
  CHECK(run.ranks[1].node == "gpu-a-02");
  CHECK(run.ranks[1].started == at(2));
}

TEST_CASE("run: it runs when every rank does or did", "[training][run]") {
  CHECK(derive_run(sample::job(), {sample::running(0), sample::running(1)}).state == RunState::running);
  const Run run = derive_run(sample::job(), {sample::running(0), sample::ended(1, 0, 5, "Completed")});
  CHECK(run.state == RunState::running);
  CHECK(run.ranks[1].state == RankState::succeeded);
  CHECK(run.ranks[1].exit_code == 0);
}

TEST_CASE("run: a Job's own end counts more than its pods", "[training][run]") {
  auto job = sample::job();
  job.conditions = {{"Complete", "True", "CompletionsReached", "", at(9)}};
  job.started = at(1);
  job.completed = at(9);
  const Run run = derive_run(job, {});
  CHECK(run.state == RunState::complete);
  CHECK(run.age(at(100)) == std::chrono::seconds(8));
}

TEST_CASE("run: the earliest end that isn't 0 is blamed", "[training][run][cause]") {
  const Run run =
      derive_run(sample::failed_job(6), {sample::ended(0, 1, 5, "Error"), sample::ended(1, 137, 4, "OOMKilled")});
  REQUIRE(run.first_failure);
  CHECK(run.first_failure->rank == 1);
  CHECK(run.first_failure->exit_code == 137);
  CHECK(run.first_failure->reason == "OOMKilled");
  CHECK(run.first_failure->node == "gpu-a-02");
  CHECK(describe(*run.first_failure) ==
        "rank 1 failed first: exit code 137 (OOMKilled) in pod tune-x7k2-1-abcde on gpu-a-02");
}

TEST_CASE("run: of ends in one second the lower rank is blamed", "[training][run][cause]") {
  const Run run = derive_run(sample::failed_job(6), {sample::ended(1, 1, 5, "Error"), sample::ended(0, 1, 5, "Error")});
  REQUIRE(run.first_failure);
  CHECK(run.first_failure->rank == 0);
}

TEST_CASE("run: of ends in one second one that was asked to go isn't blamed", "[training][run][cause]") {
  auto killed = sample::ended(0, 143, 5, "Error");
  killed.meta.deleted = at(35);
  const Run run = derive_run(sample::failed_job(5), {killed, sample::ended(1, 1, 5, "Error")});
  REQUIRE(run.first_failure);
  CHECK(run.first_failure->rank == 1);
}

TEST_CASE("run: what ended after the Job gave up isn't blamed", "[training][run][cause]") {
  auto late = sample::ended(0, 137, 20, "Error");
  late.meta.deleted = at(35);
  // The one that caused it reports no time: a clock that is missing must not hide it.
  auto cause = sample::ended(1, 3, 4, "Error");
  cause.statuses[0].state.finished.reset();
  const Run run = derive_run(sample::failed_job(5), {late, cause});
  REQUIRE(run.first_failure);
  CHECK(run.first_failure->rank == 1);
  CHECK(run.first_failure->exit_code == 3);
}

TEST_CASE("run: an evicted pod that the Job replaced isn't blamed", "[training][run][cause]") {
  auto evicted = sample::ended(0, 137, 3, "Error");
  evicted.meta.uid = "pod-0-first";
  evicted.conditions = {{"DisruptionTarget", "True", "EvictionByEvictionAPI", "", at(3)}};
  auto replacement = sample::running(0);
  replacement.meta.created = at(4);
  const Run run = derive_run(sample::failed_job(9), {evicted, replacement, sample::ended(1, 2, 8, "Error")});
  REQUIRE(run.first_failure);
  CHECK(run.first_failure->rank == 1);
  CHECK(run.ranks[0].state == RankState::running);
  CHECK(run.ranks[0].restarts == 1);
}

TEST_CASE("run: a pod that ended without its container telling is blamed by its own reason", "[training][run][cause]") {
  auto lost = sample::placed(1, "Failed");
  lost.reason = "NodeLost";
  lost.message = "the node went away";
  const Run run = derive_run(sample::failed_job(9), {sample::running(0), lost});
  REQUIRE(run.first_failure);
  CHECK(run.first_failure->rank == 1);
  CHECK_FALSE(run.first_failure->exit_code);
  CHECK(describe(*run.first_failure) == "rank 1 failed first: NodeLost in pod tune-x7k2-1-abcde on gpu-a-02");
}

TEST_CASE("run: when time ran out nobody is blamed who was ended for it", "[training][run][cause]") {
  auto killed = sample::ended(0, 143, 11, "Error");
  killed.meta.deleted = at(40);
  const Run run = derive_run(sample::failed_job(10, "DeadlineExceeded"), {killed});
  CHECK(run.state == RunState::failed);
  CHECK(run.reason == "DeadlineExceeded");
  CHECK_FALSE(run.first_failure);
}

TEST_CASE("run: the latest attempt of a rank is shown, with how many came before", "[training][run]") {
  auto first = sample::ended(0, 1, 3, "Error");
  first.meta.uid = "first";
  auto second = sample::running(0);
  second.meta.created = at(13);
  const Run run = derive_run(sample::job(1), {first, second});
  CHECK(run.ranks[0].state == RankState::running);
  CHECK(run.ranks[0].restarts == 1);
}

TEST_CASE("run: a hostile object makes no harm", "[training][run]") {
  auto job = sample::job();
  job.completions = 2'000'000'000;
  CHECK(derive_run(job, {}).ranks.size() == 100'000);
  job.completions = -5;
  CHECK(derive_run(job, {sample::running(0)}).ranks.empty());
  auto odd = sample::running(0);
  odd.meta.annotations = {{"batch.kubernetes.io/job-completion-index", "99999999999999999999"}};
  CHECK(derive_run(sample::job(), {odd}).ranks[0].pod == odd.meta.name);
  auto loud = sample::ended(0, 1, 3, "\x1b[2Jgone");
  CHECK(derive_run(sample::job(), {loud}).ranks[0].reason.find('\x1b') == std::string::npos);
}

TEST_CASE("run: a list's state needs the Job alone", "[training][run]") {
  auto job = sample::job();
  CHECK(state_of(job) == RunState::waiting);
  job.ready = 1;
  CHECK(state_of(job) == RunState::starting);
  job.ready = 2;
  CHECK(state_of(job) == RunState::running);
  job.ready = 0;
  job.suspended = true;
  CHECK(state_of(job) == RunState::suspended);
  CHECK(state_of(sample::failed_job(1)) == RunState::failed);
}
