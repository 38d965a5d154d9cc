#include <mlk/serving/journal.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::serving;
using namespace std::chrono_literals;

namespace {

Journal example() {
  Journal journal;
  journal.stable = {"b7k2xq94zd", 8};
  journal.target = {"x7k2bq94zd", 9};
  journal.sharing = Sharing::route;
  journal.strategy = "canary";
  journal.replicas = 4;
  journal.steps = {{Percent(25), 2min, false}, {Percent(50), 0ms, true}};
  journal.step = 1;
  journal.phase = Phase::pausing;
  journal.paused_for = 1500ms;
  journal.is_held = true;
  journal.request = Request::promote;
  journal.reason = "pod \"x\": because";
  return journal;
}

document::Node with(std::string_view key, document::Node value) {
  auto map = to_config_map(example(), "sentiment", "nlp", "");
  std::string text = map["data"]["journal"].string_or();
  const std::string from = "\"" + std::string(key) + "\":";
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  const auto end = text.find_first_of(",}", at + from.size());
  text.replace(at, end - at, from + (value.is_string() ? "\"" + value.string_or() + "\"" : value.scalar_text()));
  map.at("data").set("journal", text);
  return map;
}

}  // namespace

TEST_CASE("journal: what is written reads back", "[serving][journal]") {
  const auto map = to_config_map(example(), "sentiment", "nlp", "42");
  CHECK(map["metadata"]["name"].string_or() == "sentiment-rollout");
  CHECK(map["metadata"]["resourceVersion"].string_or() == "42");
  const auto read = read_journal(map);
  REQUIRE(read);
  CHECK(*read == example());
  CHECK(read->steps[0].pause == 2min);
  CHECK(read->reason == example().reason);
}

TEST_CASE("journal: it holds references and numbers, no manifests", "[serving][journal]") {
  const auto map = to_config_map(example(), "sentiment", "nlp", "");
  CHECK(map["data"].size() == 1);
  CHECK(map["data"]["journal"].string_or().find("image") == std::string::npos);
}

TEST_CASE("journal: what mlk wouldn't have written is refused", "[serving][journal]") {
  const auto [key, value] = GENERATE(table<std::string, document::Node>({{"format", 2},
                                                                         {"hash", "../x"},
                                                                         {"number", -1},
                                                                         {"sharing", "magic"},
                                                                         {"phase", "dancing"},
                                                                         {"replicas", -1},
                                                                         {"replicas", 1e9},
                                                                         {"step", 3},
                                                                         {"weight", 101},
                                                                         {"pauseMs", -5},
                                                                         {"pausedMs", "x"},
                                                                         {"held", 1},
                                                                         {"request", "rm -rf"}}));
  CAPTURE(key);
  const auto read = read_journal(with(key, value));
  REQUIRE_FALSE(read);
  CHECK(read.error().what.find("sentiment-rollout") != std::string::npos);
  CHECK_FALSE(read.error().fix.empty());
}

TEST_CASE("journal: a ConfigMap without one is refused", "[serving][journal]") {
  CHECK_FALSE(read_journal(document::Node::mapping()));
  auto map = to_config_map(example(), "sentiment", "nlp", "");
  map.at("data").set("journal", "{");
  CHECK_FALSE(read_journal(map));
  map.at("data").set("journal", "[]");
  CHECK_FALSE(read_journal(map));
}
