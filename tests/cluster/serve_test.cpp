#include "bed.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <set>
#include <thread>

using namespace mlk;
using namespace std::chrono_literals;

namespace {

/// A user of mlk with a service of four replicas in a namespace of its own.
class Shop {
 public:
  explicit Shop(const test::Bed& bed, const std::string& expose = {}, const std::string& more = {})
      : m_bed(bed), m_namespace(test::unique_name("serve")), m_mlk(bed.admin_kubeconfig()) {
    bed.make_namespace(m_namespace);
    m_mlk.write("mlk.yaml", "mlk: v1\nname: shop\nnamespace: " + m_namespace + R"(
models:
  reviews: {source: ./reviews, image: registry.example.com/shop/reviews}
services:
  sentiment:
    model: reviews
    engine: {name: custom, image: "registry.example.com/shop/server:1.0", command: [serve], port: 8080}
    gpus: 1
    scale: 4
    env: {KWOK_TEST_READY_AFTER: 200ms}
)" + (expose.empty() ? "" : "    expose: " + expose + "\n") +
                                more + R"(    rollout:
      strategy: canary
      progress-deadline: 15s
      steps: [{weight: 25%, pause: 300ms}, {weight: 50%, pause: 300ms}]
)");
  }
  ~Shop() { m_bed.kubectl({"delete", "namespace", m_namespace, "--wait=false"}); }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  const test::Mlk& mlk() const { return m_mlk; }
  const std::string& space() const { return m_namespace; }

  static std::string model(char version) { return "@sha256:" + std::string(64, version); }

  test::Program::Start rollout(char version, const std::vector<std::string>& more = {},
                               const std::string& kubeconfig = {}) const {
    std::vector<std::string> args = {"serve", "rollout", "sentiment", "--model", model(version)};
    args.insert(args.end(), more.begin(), more.end());
    auto start = m_mlk.start(args);
    // Short, so that a driver that was killed is followed soon.
    start.env.emplace_back("MLK_LEASE_DURATION", "2s");
    if (!kubeconfig.empty()) {
      for (auto& [name, value] : start.env) {
        if (name == "KUBECONFIG") value = kubeconfig;
      }
    }
    return start;
  }

  document::Node get(const std::string& what) const {
    const auto got = m_bed.kubectl({"get", what, "-n", m_namespace, "-o", "json"});
    auto node = document::read_json(got.out);
    REQUIRE(node);
    return *std::move(node);
  }

  /// The revision that serves, with what the whole service has to be like when nothing is under way.
  void check_at_rest(char version) const {
    const auto deployments = get("deployments");
    REQUIRE(deployments["items"].size() == 1);
    const auto& deployment = deployments["items"][std::size_t{0}];
    CHECK(deployment["spec"]["replicas"].int_or(0) == 4);
    CHECK(deployment["status"]["availableReplicas"].int_or(0) == 4);
    const std::string digest =
        deployment["spec"]["template"]["metadata"]["annotations"]["mlk.dev/model-digest"].string_or();
    CHECK(digest == "sha256:" + std::string(64, version));
    const auto services = get("services");
    CHECK(services["items"].size() == 1);
    const auto route = m_bed.kubectl(
        {"get", "httproutes", "-n", m_namespace, "-o", "jsonpath={.items[*].spec.rules[*].backendRefs[*].name}"});
    CHECK((route.out.empty() || route.out == "sentiment"));
  }

  std::vector<std::string> outcomes() const {
    const auto history = m_mlk.run({"serve", "history", "sentiment", "-o", "json"});
    CAPTURE(history.err);
    const auto report = document::read_json(history.out);
    REQUIRE(report);
    std::vector<std::string> all;
    for (const auto& revision : (*report)["revisions"].items()) all.push_back(revision["outcome"].string_or());
    return all;
  }

 private:
  const test::Bed& m_bed;
  std::string m_namespace;
  test::Mlk m_mlk;
};

void come_up(const Shop& shop) {
  const auto first = test::run_program(shop.rollout('a'));
  CAPTURE(first.out, first.err);
  REQUIRE(first.code == 0);
}

}  // namespace

TEST_CASE("serve: three versions, one by canary, one undone by itself, all in the history", "[cluster][serve]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  come_up(shop);
  shop.check_at_rest('a');

  const auto second = test::run_program(shop.rollout('b'));
  CAPTURE(second.err);
  REQUIRE(second.code == 0);
  CHECK(second.err.find("canary 1/2") != std::string::npos);
  CHECK(second.err.find("canary 2/2") != std::string::npos);
  shop.check_at_rest('b');

  const auto third = test::run_program(shop.rollout('c', {"--set", "services.sentiment.env.KWOK_TEST_STATE=not-ready",
                                                          "--set", "services.sentiment.rollout.progress-deadline=3s"}));
  CAPTURE(third.err);
  CHECK(third.code == 7);
  CHECK(third.err.find("no progress for 3 s") != std::string::npos);
  shop.check_at_rest('b');
  CHECK(shop.outcomes() == std::vector<std::string>{"undone", "done", "done"});

  const auto again = test::run_program(shop.rollout('b'));
  CHECK(again.code == 0);
  shop.check_at_rest('b');
}

TEST_CASE("serve: with a gateway the route's weights go 25, 50, 100 and end with the stable service",
          "[cluster][serve]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed, "{gateway: infra/public, host: shop.example.com, auth: none}");
  come_up(shop);
  test::Program rollout(shop.rollout('b'));
  std::vector<std::string> seen;
  while (rollout.is_running()) {
    const auto got = bed.kubectl(
        {"get", "httproute", "sentiment", "-n", shop.space(), "-o", "jsonpath={.spec.rules[0].backendRefs[*].weight}"});
    if (seen.empty() || seen.back() != got.out) seen.push_back(got.out);
  }
  CAPTURE(rollout.err(), seen);
  CHECK(rollout.wait()->code == 0);
  CHECK(std::find(seen.begin(), seen.end(), "75 25") != seen.end());
  CHECK(std::find(seen.begin(), seen.end(), "50 50") != seen.end());
  shop.check_at_rest('b');
}

TEST_CASE("serve: a first rollout that fails leaves no pods behind", "[cluster][serve]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  const auto failed =
      test::run_program(shop.rollout('a', {"--set", "services.sentiment.env.KWOK_TEST_STATE=crash-loop", "--set",
                                           "services.sentiment.rollout.progress-deadline=3s"}));
  CAPTURE(failed.err);
  CHECK(failed.code == 6);
  CHECK(shop.get("deployments")["items"].empty());
  come_up(shop);
  shop.check_at_rest('a');
}

TEST_CASE("serve: killed at twenty moments of a canary, the next run goes on to the right end",
          "[cluster][serve][journal]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed, "{gateway: infra/public, host: shop.example.com, auth: none}");
  come_up(shop);
  std::mt19937 random(20260131);
  std::uniform_int_distribution<int> moment(20, 1200);
  char version = 'b';
  int kills = 0;
  while (kills < 20) {
    test::Program rollout(shop.rollout(version));
    if (rollout.wait(std::chrono::milliseconds(moment(random) + (kills % 4) * 700))) {
      CAPTURE(rollout.err());
      REQUIRE(rollout.wait()->code == 0);
      shop.check_at_rest(version);
      version = version == 'b' ? 'c' : 'b';
      continue;
    }
    rollout.signal(SIGKILL);
    rollout.wait();
    ++kills;
  }
  const auto last = test::run_program(shop.rollout(version));
  CAPTURE(last.err);
  REQUIRE(last.code == 0);
  shop.check_at_rest(version);
}

TEST_CASE("serve: a canary that was killed while it failed is undone by the next run", "[cluster][serve][journal]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  come_up(shop);
  const auto bad = [&] {
    return shop.rollout('b', {"--set", "services.sentiment.env.KWOK_TEST_STATE=not-ready", "--set",
                              "services.sentiment.rollout.progress-deadline=2s"});
  };
  for (int i = 0; i < 3; ++i) {
    test::Program rollout(bad());
    rollout.wait(1500ms);
    rollout.signal(SIGKILL);
    rollout.wait();
  }
  const auto last = test::run_program(bad());
  CAPTURE(last.err);
  CHECK(last.code == 7);
  shop.check_at_rest('a');
}

TEST_CASE("serve: a signal leaves a rollout standing without a driver, and the next run goes on",
          "[cluster][serve][signals]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  come_up(shop);
  // The lease as it is for users: were it not given back, the next run would wait for its end.
  const std::vector<std::string> slow = {"--set", "services.sentiment.rollout.steps=[{weight: 25%, pause: 2s}]"};
  const auto rollout = [&] {
    auto start = shop.rollout('b', slow);
    std::erase_if(start.env, [](const auto& variable) { return variable.first == "MLK_LEASE_DURATION"; });
    return start;
  };
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    test::Program program(rollout());
    while (program.err().find("canary 1/1") == std::string::npos && program.is_running()) {
      std::this_thread::sleep_for(20ms);
    }
    program.signal(number);
    const auto ended = program.wait(10s);
    REQUIRE(ended);
    CAPTURE(number, ended->err);
    CHECK(ended->code == 128 + number);
    CHECK(ended->err.find("go on: mlk serve rollout sentiment") != std::string::npos);
    const auto leases = shop.get("leases");
    REQUIRE(leases["items"].size() == 1);
    CHECK(leases["items"][std::size_t{0}]["spec"]["holderIdentity"].string_or().empty());
    const auto status = shop.mlk().run({"serve", "status", "sentiment"});
    CHECK(status.out.find("nobody drives") != std::string::npos);
  }
  const auto last = test::run_program(rollout());
  CAPTURE(last.err);
  CHECK(last.code == 0);
  shop.check_at_rest('b');
  CHECK(shop.outcomes() == std::vector<std::string>{"done", "done"});
}

TEST_CASE("serve: of two that start at once one drives, the other watches to the same end",
          "[cluster][serve][journal]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  come_up(shop);
  test::Program one(shop.rollout('b'));
  test::Program two(shop.rollout('b'));
  const auto first = one.wait();
  const auto second = two.wait();
  REQUIRE(first);
  REQUIRE(second);
  CAPTURE(first->err, second->err);
  // Whoever comes a moment too early to see the other's journal is told who drives.
  CHECK((first->code == 0 || second->code == 0));
  CHECK((first->code == 0 || first->code == 11));
  CHECK((second->code == 0 || second->code == 11));
  shop.check_at_rest('b');
}

TEST_CASE("serve: another target is refused while a rollout is under way, and says who drives",
          "[cluster][serve][journal]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  come_up(shop);
  test::Program one(shop.rollout('b', {"--set", "services.sentiment.env.KWOK_TEST_READY_AFTER=3s"}));
  while (one.err().find("canary 1/2") == std::string::npos && one.is_running()) std::this_thread::sleep_for(20ms);
  const auto other = test::run_program(shop.rollout('c'));
  CAPTURE(other.err, one.err());
  CHECK(other.code == 11);
  CHECK(other.err.find("drives it") != std::string::npos);
  CHECK(one.wait()->code == 0);
  shop.check_at_rest('b');
}

namespace {

struct Write {
  std::string user;
  std::string what;
};

/// Successful writes to a service's objects by users (not by controllers), in order, from the API server's audit log.
std::vector<Write> writes_in(const test::Bed& bed, const std::string& space) {
  std::vector<Write> writes;
  std::ifstream log(bed.folder() / "logs" / "audit.log");
  for (std::string line; std::getline(log, line);) {
    const auto event = document::read_json(line);
    if (!event || (*event)["stage"].string_or() != "ResponseComplete") continue;
    const auto& ref = (*event)["objectRef"];
    const std::string verb = (*event)["verb"].string_or();
    const bool is_write = verb == "patch" || verb == "update" || verb == "create" || verb == "delete";
    const std::string agent = (*event)["userAgent"].string_or();
    if (!is_write || ref["namespace"].string_or() != space || !agent.starts_with("mlk")) continue;
    if ((*event)["responseStatus"]["code"].int_or(500) >= 300) continue;
    writes.push_back({(*event)["user"]["username"].string_or(),
                      verb + " " + ref["resource"].string_or() + "/" + ref["name"].string_or()});
  }
  return writes;
}

}  // namespace

TEST_CASE("serve: a driver frozen through a takeover writes nothing after it wakes", "[cluster][serve][journal]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed, "{gateway: infra/public, host: shop.example.com, auth: none}");
  come_up(shop);
  std::mt19937 random(7);
  char version = 'b';
  for (int round = 0; round < 3; ++round, ++version) {
    // The frozen one is the limited user, the other the administrator: the audit log tells them apart.
    test::Program frozen(shop.rollout(version, {}, bed.dev_kubeconfig()));
    while (frozen.err().find("revision") == std::string::npos && frozen.is_running()) std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 900));
    if (!frozen.is_running()) continue;
    frozen.signal(SIGSTOP);
    test::Program other(shop.rollout(version));
    while (other.err().find("serves") == std::string::npos && other.is_running()) {
      // It wakes while the other one is in the middle of its work.
      const auto writes = writes_in(bed, shop.space());
      if (!writes.empty() && writes.back().user != "dev") break;
      std::this_thread::sleep_for(50ms);
    }
    std::this_thread::sleep_for(300ms);
    frozen.signal(SIGCONT);
    const auto woken = frozen.wait();
    const auto done = other.wait();
    REQUIRE(woken);
    REQUIRE(done);
    CAPTURE(round, woken->err, done->err);
    CHECK(done->code == 0);
    CHECK((woken->code == 11 || woken->code == 0));
    shop.check_at_rest(version);

    const auto writes = writes_in(bed, shop.space());
    std::vector<std::string> turns;
    for (const auto& write : writes) {
      if (turns.empty() || turns.back() != write.user) turns.push_back(write.user);
    }
    CAPTURE(turns);
    // Each round: the limited user, then the administrator, never back and forth.
    CHECK(turns.size() <= static_cast<std::size_t>(2 * round + 3));
  }
}

TEST_CASE("serve: pause, promote, abort and undo from another place than the driver's", "[cluster][serve]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  come_up(shop);
  auto held = test::run_program(
      shop.rollout('b', {"--set", "services.sentiment.rollout.steps=[{weight: 25%, pause: manual}, {weight: 50%}]"}));
  CAPTURE(held.err);
  REQUIRE(held.code == 8);
  const auto status = shop.mlk().run({"serve", "status", "sentiment"});
  CHECK(status.out.find("canary 1/2") != std::string::npos);
  CHECK(status.out.find("nobody drives") != std::string::npos);
  SECTION("promote goes on to the end") {
    const auto promoted = shop.mlk().run({"serve", "promote", "sentiment"});
    CAPTURE(promoted.err);
    CHECK(promoted.code == 0);
    shop.check_at_rest('b');
    SECTION("and undo goes back") {
      const auto refused = shop.mlk().run({"serve", "undo", "sentiment"});
      CHECK(refused.code == 2);
      CHECK(refused.err.find("--yes") != std::string::npos);
      const auto undone = shop.mlk().run({"serve", "undo", "sentiment", "--yes"});
      CAPTURE(undone.err);
      CHECK(undone.code == 0);
      shop.check_at_rest('a');
    }
  }
  SECTION("abort goes back") {
    const auto aborted = shop.mlk().run({"serve", "abort", "sentiment", "--yes"});
    CAPTURE(aborted.err);
    CHECK(aborted.code == 0);
    shop.check_at_rest('a');
  }
}

TEST_CASE("serve: undo refuses what somebody else wrote into the history", "[cluster][serve]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  come_up(shop);
  REQUIRE(test::run_program(shop.rollout('b')).code == 0);
  auto revisions = shop.get("controllerrevisions");
  for (auto& revision : revisions.at("items").items_mutable()) {
    if (revision["revision"].int_or(0) != 1) continue;
    const std::string name = revision["metadata"]["name"].string_or();
    auto& container = revision.at({"data", "deployment", "spec", "template", "spec", "containers"}).items_mutable()[0];
    container.set("image", "evil.example.com/miner:1");
    revision.at("metadata").erase("resourceVersion");
    revision.at("metadata").erase("uid");
    const std::string text = document::write_json(revision);
    REQUIRE(bed.kubectl({"delete", "controllerrevision", name, "-n", shop.space()}).code == 0);
    REQUIRE(bed.kubectl({"create", "-n", shop.space(), "-f", "-"}, text).code == 0);
  }
  const auto undone = shop.mlk().run({"serve", "undo", "sentiment", "--yes"});
  CAPTURE(undone.err);
  CHECK(undone.code == 1);
  CHECK(undone.err.find("isn't the one that its name stands for") != std::string::npos);
  shop.check_at_rest('b');
}

TEST_CASE("serve: the number of pods is the autoscaler's while there is one, and the file's when there is none",
          "[cluster][serve]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed);
  const auto scale = [&shop](const std::string& value) {
    const auto ended = test::run_program(shop.rollout(
        'a', {"--set", "services.sentiment.scale=" + value, "--set", "services.sentiment.resources={cpu: 1}"}));
    CAPTURE(value, ended.err);
    REQUIRE(ended.code == 0);
    return shop.get("deployments")["items"][std::size_t{0}]["spec"]["replicas"].int_or(0);
  };
  CHECK(scale("2") == 2);
  CHECK(scale("3") == 3);
  const std::string elastic = "{min: 2, max: 6, metrics: [{cpu: 70%}]}";
  CHECK(scale(elastic) == 3);
  CHECK(shop.get("horizontalpodautoscalers")["items"].size() == 1);
  const std::string deployment = shop.get("deployments")["items"][std::size_t{0}]["metadata"]["name"].string_or();
  bed.kubectl({"scale", "deployment", deployment, "-n", shop.space(), "--replicas=5"});  // as an autoscaler would
  CHECK(scale(elastic) == 5);
  CHECK(scale("4") == 4);
  CHECK(shop.get("horizontalpodautoscalers")["items"].empty());
}

TEST_CASE("serve: diff shows nothing after a rollout, and delete leaves nothing", "[cluster][serve]") {
  MLK_NEEDS_BED(bed);
  const Shop shop(bed, "{gateway: infra/public, host: shop.example.com, auth: none}");
  come_up(shop);
  REQUIRE(test::run_program(shop.rollout('b')).code == 0);
  const auto diff = shop.mlk().run({"diff", "service/sentiment"});
  CAPTURE(diff.out, diff.err);
  CHECK(diff.code == 0);
  const auto manifests = shop.mlk().run({"generate", "service/sentiment"});
  REQUIRE(manifests.code == 0);
  for (const char* mode : {"--server-side=false", "--server-side=true"}) {
    const auto kubectl =
        bed.kubectl({"diff", mode, "--field-manager=mlk", "-n", shop.space(), "-f", "-"}, manifests.out);
    CAPTURE(mode, kubectl.out, kubectl.err);
    CHECK(kubectl.code == 0);
  }
  const auto gone = shop.mlk().run({"serve", "delete", "sentiment", "--yes"});
  CAPTURE(gone.err);
  CHECK(gone.code == 0);
  CHECK(shop.mlk().run({"serve", "status", "sentiment"}).code == 10);
  const auto left = bed.kubectl(
      {"get", "deploy,svc,pdb,netpol,httproute,controllerrevision,lease", "-n", shop.space(), "-o", "name"});
  CHECK(left.out.empty());
}
