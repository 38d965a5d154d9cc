#include <mlk/serving/decide.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace mlk;
using namespace mlk::serving;
using namespace std::chrono_literals;

namespace {

/// A cluster that does at once what it is told, as far as the moves go, and makes pods ready on request. What no
/// rollout may do is checked after every move.
struct Cluster {
  Journal journal;
  Snapshot now;
  bool selects_revision = false;
  bool pods_come_up = true;
  int moves = 0;
  std::vector<std::string> seen;

  Cluster(Sharing sharing, std::int64_t replicas, std::vector<JournalStep> steps) {
    journal.stable = {"old", 1};
    journal.target = {"new", 2};
    journal.sharing = sharing;
    journal.replicas = replicas;
    journal.steps = std::move(steps);
    selects_revision = sharing != Sharing::replicas;
    now.stable = {.hash = "old", .exists = true, .wanted = replicas, .current = replicas, .ready = replicas};
    now.target.hash = "new";
    now.service_revision = selects_revision ? "old" : "";
  }

  std::int64_t serving_pods() const {
    if (!selects_revision) return now.stable.ready + now.target.ready;
    const auto& selected = now.service_revision == "new" ? now.target : now.stable;
    if (now.canary_percent && *now.canary_percent == 100) return now.target.ready;
    return selected.ready;
  }

  void apply(const Move& next) {
    if (std::holds_alternative<move::Prepare>(next)) {
      now.target.exists = true;
      now.leftovers.clear();
      seen.emplace_back("prepare");
    } else if (const auto* scale = std::get_if<move::Scale>(&next)) {
      auto& state = scale->is_target ? now.target : now.stable;
      state.wanted = scale->replicas;
      state.ready = std::min(state.ready, state.wanted);
      seen.push_back((scale->is_target ? "target " : "stable ") + std::to_string(scale->replicas));
    } else if (const auto* weigh = std::get_if<move::Weigh>(&next)) {
      now.canary_percent = weigh->canary_percent;
      seen.push_back("weigh " + (weigh->canary_percent ? std::to_string(*weigh->canary_percent) : "off"));
    } else if (const auto* swap = std::get_if<move::Swap>(&next)) {
      now.service_revision = swap->to_target ? "new" : "old";
      seen.push_back("select " + now.service_revision);
    } else if (std::holds_alternative<move::MoveAutoscaler>(next)) {
      now.has_autoscaler = false;
      seen.emplace_back("autoscaler");
    } else if (const auto* settle = std::get_if<move::Settle>(&next)) {
      (settle->on_target ? now.stable : now.target) = {};
      journal.phase = settle->on_target ? Phase::finished : Phase::undone;
      seen.emplace_back("settle");
    } else if (std::holds_alternative<move::Remove>(next)) {
      now.target = {};
      journal.phase = Phase::failed;
      seen.emplace_back("remove");
    } else if (const auto* record = std::get_if<move::Record>(&next)) {
      journal = record->journal;
    }
  }

  /// Drives to an end, or to a wait that nothing but somebody's word ends.
  void run() {
    for (; moves < 200 && !is_end(journal.phase); ++moves) {
      const Move next = decide(journal, now, selects_revision);
      if (const auto* wait = std::get_if<move::Wait>(&next)) {
        if (wait->at_most) {
          journal.paused_for += *wait->at_most;
        } else if (pods_come_up && now.target.ready < now.target.wanted) {
          ++now.target.ready;
        } else if (now.stable.ready < now.stable.wanted) {
          ++now.stable.ready;
        } else {
          return;
        }
      } else {
        apply(next);
      }
      CHECK(serving_pods() >= std::min(journal.replicas, std::int64_t{1}));
    }
  }
};

const std::vector<JournalStep> k_canary = {{Percent(25), 1s, false}, {Percent(50), 1s, false}};

}  // namespace

TEST_CASE("decide: a canary by route goes up its steps, moves all traffic and settles", "[serving][decide]") {
  Cluster cluster(Sharing::route, 4, k_canary);
  cluster.run();
  CHECK(cluster.journal.phase == Phase::finished);
  CHECK(cluster.seen == std::vector<std::string>{"prepare", "target 1", "weigh 25", "target 2", "weigh 50", "target 4",
                                                 "weigh 100", "select new", "weigh off", "stable 0", "settle"});
}

TEST_CASE("decide: a canary by numbers of pods takes old ones away only when new ones are ready", "[serving][decide]") {
  Cluster cluster(Sharing::replicas, 4, k_canary);
  cluster.run();
  CHECK(cluster.journal.phase == Phase::finished);
  CHECK(cluster.seen == std::vector<std::string>{"prepare", "target 1", "stable 3", "target 2", "stable 2", "target 4",
                                                 "stable 0", "settle"});
}

TEST_CASE("decide: blue-green switches at once, with both sides whole", "[serving][decide]") {
  Cluster cluster(Sharing::swap, 3, {{.weight = Percent(0)}});
  cluster.run();
  CHECK(cluster.journal.phase == Phase::finished);
  CHECK(cluster.seen == std::vector<std::string>{"prepare", "target 3", "select new", "stable 0", "settle"});
}

TEST_CASE("decide: a first rollout has no steps, and nothing to go back to", "[serving][decide]") {
  Cluster cluster(Sharing::replicas, 2, k_canary);
  cluster.journal.stable = {};
  cluster.now.stable = {};
  SECTION("it comes up whole") {
    cluster.journal.replicas = 2;
    Move next = decide(cluster.journal, cluster.now, false);
    CHECK(std::holds_alternative<move::Prepare>(next));
    cluster.apply(next);
    next = decide(cluster.journal, cluster.now, false);
    REQUIRE(std::holds_alternative<move::Record>(next));
    cluster.apply(next);
    CHECK(cluster.journal.phase == Phase::promoting);
    next = decide(cluster.journal, cluster.now, false);
    REQUIRE(std::holds_alternative<move::Scale>(next));
    CHECK(std::get<move::Scale>(next).replicas == 2);
  }
  SECTION("or it is taken away") {
    cluster.journal = with_failure(cluster.journal, "because");
    CHECK(std::holds_alternative<move::Remove>(decide(cluster.journal, cluster.now, false)));
  }
}

TEST_CASE("decide: from any moment a failure leads back to the stable revision", "[serving][decide]") {
  const auto sharing = GENERATE(Sharing::route, Sharing::replicas, Sharing::swap);
  for (int fail_after = 0; fail_after < 25; ++fail_after) {
    Cluster cluster(sharing, 4, sharing == Sharing::swap ? std::vector<JournalStep>{{.weight = Percent(0)}} : k_canary);
    cluster.moves = 200 - fail_after;
    cluster.run();
    if (is_end(cluster.journal.phase)) continue;
    CAPTURE(fail_after, cluster.seen);
    cluster.journal = with_failure(cluster.journal, "pods crash");
    cluster.pods_come_up = false;
    cluster.moves = 0;
    cluster.run();
    CHECK(cluster.journal.phase == Phase::undone);
    CHECK(cluster.journal.reason == "pods crash");
    CHECK(cluster.now.stable.ready == 4);
    CHECK_FALSE(cluster.now.canary_percent);
    CHECK(cluster.now.service_revision == (cluster.selects_revision ? "old" : ""));
  }
}

TEST_CASE("decide: a request to pause holds the next pause, and resume goes on", "[serving][decide]") {
  Cluster cluster(Sharing::route, 4, k_canary);
  cluster.journal.request = Request::pause;
  cluster.journal = with_request_taken(cluster.journal);
  CHECK(cluster.journal.is_held);
  CHECK(cluster.journal.request == Request::none);
  cluster.run();
  CHECK(cluster.journal.phase == Phase::pausing);
  CHECK(cluster.journal.step == 0);
  CHECK(cluster.now.canary_percent == 25);
  cluster.journal.request = Request::resume;
  cluster.journal = with_request_taken(cluster.journal);
  cluster.run();
  CHECK(cluster.journal.phase == Phase::finished);
}

TEST_CASE("decide: a step that waits for promote stands until it comes", "[serving][decide]") {
  auto steps = k_canary;
  steps[0].waits_for_promote = true;
  Cluster cluster(Sharing::route, 4, steps);
  cluster.run();
  CHECK(cluster.journal.phase == Phase::pausing);
  SECTION("promote: to the next step") {
    cluster.journal.request = Request::promote;
    cluster.journal = with_request_taken(cluster.journal);
    CHECK(cluster.journal.step == 1);
    CHECK(cluster.journal.phase == Phase::stepping);
  }
  SECTION("promote --full: to the end") {
    cluster.journal.request = Request::promote_full;
    cluster.journal = with_request_taken(cluster.journal);
    CHECK(cluster.journal.phase == Phase::promoting);
  }
  SECTION("abort: back") {
    cluster.journal.request = Request::abort;
    cluster.journal = with_request_taken(cluster.journal);
    CHECK(cluster.journal.phase == Phase::undoing);
    CHECK(cluster.journal.reason == "aborted by request");
  }
}

TEST_CASE("decide: a service that grew meanwhile isn't promoted to fewer pods", "[serving][decide]") {
  Cluster cluster(Sharing::route, 4, k_canary);
  cluster.journal.phase = Phase::promoting;
  cluster.now.target = {.hash = "new", .exists = true, .wanted = 2, .current = 2, .ready = 2};
  cluster.now.stable.wanted = 9;
  const Move next = decide(cluster.journal, cluster.now, true);
  REQUIRE(std::holds_alternative<move::Scale>(next));
  CHECK(std::get<move::Scale>(next).replicas == 9);
}

TEST_CASE("fault: what can't get better is told from what may", "[serving][decide]") {
  RevisionState target;
  CHECK_FALSE(lasting_fault(target, 1h));
  target.problems = {{"p", "Unschedulable", "0/16 nodes", 0}};
  CHECK_FALSE(lasting_fault(target, 1h));
  target.problems = {{"p", "InvalidImageName", "", 0}};
  CHECK(lasting_fault(target, 0s) == "pod p: InvalidImageName");
  target.problems = {{"p", "ImagePullBackOff", "not found", 0}};
  CHECK_FALSE(lasting_fault(target, 5s));
  CHECK(lasting_fault(target, 20s) == "pod p: ImagePullBackOff: not found");
  target.problems = {{"p", "CrashLoopBackOff", "", 1}};
  CHECK_FALSE(lasting_fault(target, 1h));
  target.problems[0].restarts = 3;
  CHECK(lasting_fault(target, 0s));
}
