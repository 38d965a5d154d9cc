#include <mlk/serving/steps.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::serving;

TEST_CASE("split: with a route the canary comes on top of a whole stable revision", "[serving][steps]") {
  CHECK(split(Sharing::route, 4, Percent(25), true) == Split{1, 4});
  CHECK(split(Sharing::route, 4, Percent(50), true) == Split{2, 4});
  CHECK(split(Sharing::route, 4, Percent(30), true) == Split{2, 4});
  CHECK(split(Sharing::route, 15, Percent(5), true) == Split{1, 15});
  CHECK(split(Sharing::route, 4, Percent(0), true) == Split{0, 4});
  CHECK(split(Sharing::route, 4, Percent(100), true) == Split{4, 4});
}

TEST_CASE("split: without a route both revisions make up the whole, and the share follows", "[serving][steps]") {
  CHECK(split(Sharing::replicas, 4, Percent(25), true) == Split{1, 3});
  CHECK(split(Sharing::replicas, 4, Percent(25), true).share().count == 25);
  CHECK(split(Sharing::replicas, 2, Percent(25), true) == Split{1, 1});
  CHECK(split(Sharing::replicas, 2, Percent(25), true).share().count == 50);
  CHECK(split(Sharing::replicas, 1, Percent(25), true) == Split{1, 1});
  CHECK(split(Sharing::replicas, 10, Percent(99), true) == Split{10, 1});
  CHECK(split(Sharing::replicas, 10, Percent(100), true) == Split{10, 0});
}

TEST_CASE("split: a first revision gets everything, a switch needs both whole", "[serving][steps]") {
  CHECK(split(Sharing::replicas, 3, Percent(25), false) == Split{3, 0});
  CHECK(split(Sharing::swap, 3, Percent(0), true) == Split{3, 3});
}

TEST_CASE("steps: a rolling rollout takes a quarter at a time, or what max-surge says", "[serving][steps]") {
  project::Rollout rollout;
  rollout.strategy.value = project::Strategy::rolling;
  const auto weights = [&](std::int64_t replicas) {
    std::vector<double> found;
    for (const auto& step : steps_of(rollout, Sharing::replicas, replicas)) found.push_back(step.weight.count);
    return found;
  };
  CHECK(weights(1).empty());
  CHECK(weights(4) == std::vector<double>{25, 50, 75});
  CHECK(weights(8) == std::vector<double>{25, 50, 75});
  rollout.max_surge = project::Located<project::CountOrPercent>{{4, {}}, {}};
  CHECK(weights(8) == std::vector<double>{50});
  rollout.max_surge = project::Located<project::CountOrPercent>{{{}, Percent(100)}, {}};
  CHECK(weights(8).empty());
}

TEST_CASE("steps: a canary has those of mlk.yaml, blue-green one of no weight", "[serving][steps]") {
  project::Rollout rollout;
  rollout.strategy.value = project::Strategy::canary;
  rollout.steps.resize(2);
  rollout.steps[0].weight.value = Percent(25);
  rollout.steps[1].weight.value = Percent(50);
  rollout.steps[1].waits_for_promote.value = true;
  const auto steps = steps_of(rollout, Sharing::route, 4);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].weight == Percent(25));
  CHECK(steps[1].waits_for_promote);
  rollout.strategy.value = project::Strategy::blue_green;
  REQUIRE(steps_of(rollout, Sharing::swap, 4).size() == 1);
  CHECK(steps_of(rollout, Sharing::swap, 4)[0].weight == Percent(0));
}

TEST_CASE("surge: the most pods on top of the whole, new ones before old ones go", "[serving][steps]") {
  Journal journal;
  journal.replicas = 4;
  CHECK(surge(journal) == 0);
  journal.stable = {"a", 1};
  journal.sharing = Sharing::replicas;
  journal.steps = {{.weight = Percent(25)}, {.weight = Percent(50)}};
  CHECK(surge(journal) == 2);
  journal.sharing = Sharing::route;
  CHECK(surge(journal) == 4);
  journal.sharing = Sharing::swap;
  journal.steps = {{.weight = Percent(0)}};
  CHECK(surge(journal) == 4);
}
